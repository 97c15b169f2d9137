"""The form of one indicator of a project with its target."""

from typing import Any

from crispy_forms.bootstrap import AppendedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout
from django import forms

from indicators.forms.entry import EntryForm, PointsInput, TextInput
from indicators.models import JUDGED, Combination, Comparator, Indicator
from indicators.schemes import Scheme
from indicators.target_entry import understand
from perfeval.models import User
from perfeval.templatetags.units import max_points
from projects.access import roles_of
from projects.models import Role

FIELDS = (
    "level1",
    "level2",
    "level3",
    "comparator",
    "target",
    "unit",
    "max_points",
    "standard",
    "combination",
    "is_approved",
)


class IndicatorForm(EntryForm):
    """One indicator; level names are proposed from the scheme, others are allowed.

    splits_target: a target typed with its sign and unit (≥50个) goes to their fields.
    """

    splits_target = True

    level1 = forms.CharField(label="一级指标", max_length=50)
    level2 = forms.CharField(label="二级指标", max_length=50, required=False)
    level3 = forms.CharField(label="三级指标", max_length=200)
    comparator = forms.ChoiceField(label="指标性质", choices=Comparator.choices)
    target = forms.CharField(
        label="年度指标值",
        max_length=200,
        required=False,
        help_text="数字、期限或应达到的程度；写成 ≥50个，保存时分到各栏",
    )
    unit = forms.CharField(
        label="度量单位", max_length=20, required=False, help_text="如 个、场、%、万元"
    )
    max_points = PointsInput(label="分值", required=True)
    standard = TextInput(
        label="评分标准",
        rows=4,
        help_text="指标性质为“按评分标准”时必填：写明怎样得分、怎样扣分",
    )
    combination = forms.ChoiceField(
        label="完成值汇总方式",
        choices=Combination.choices,
        help_text="本项目由多个单位实施：全项目的完成值怎样得出",
    )
    is_approved = forms.BooleanField(label="已批复", required=False)

    def __init__(
        self,
        *args: Any,
        user: User,
        scheme: Scheme,
        is_shared: bool = False,
        **kwargs: Any,
    ) -> None:
        """is_shared: whether several units carry the project out."""
        super().__init__(*args, **kwargs)
        if not is_shared:
            del self.fields["combination"]
        self.fields["level1"].widget.attrs["list"] = "level1-names"
        self.fields["level2"].widget.attrs["list"] = "level2-names"
        for name in ("level1", "level2", "level3", "target", "unit"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        with_approval = Role.PERFORMANCE_SECTION in roles_of(user)
        if not with_approval:
            del self.fields["is_approved"]
        self.level1_names = list(scheme.weights[0].level1)
        self.level2_names = level2_names(scheme)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = _layout(set(self.fields))

    def clean(self) -> dict[str, Any]:
        """Take a target typed apart; check 分值 and what a way of scoring needs."""
        data = super().clean() or {}
        chosen = data.get("comparator") or Comparator.QUALITATIVE
        if self.splits_target and data.get("target") and chosen not in JUDGED:
            entry = understand(data["target"], chosen, data.get("unit", ""))
            data |= {"comparator": entry.comparator, "target": entry.target}
            data["unit"] = entry.unit
        points = data.get("max_points")
        if points is not None and not 0 <= points <= 100:
            self.add_error("max_points", "分值应在 0 与 100 之间")
        rubric = data.get("comparator") == Comparator.RUBRIC
        if rubric and not data.get("standard", "").strip():
            self.add_error("standard", "按评分标准给分的指标，请填写评分标准")
        combined = data.get("combination", Combination.LEAD) != Combination.LEAD
        if combined and data.get("comparator") in JUDGED:
            self.add_error(
                "combination", "定性和按评分标准的指标不能汇总，请选“牵头单位填写”"
            )
        return data

    def keep_only(self, name: str) -> None:
        """Leave one field to be filled in: the others are shown as text."""
        kept = {name, "version"} & set(self.fields)
        self.fields = {key: self.fields[key] for key in kept}
        self.helper.layout = _layout(kept)


def level2_names(scheme: Scheme) -> list[str]:
    """Return the level-2 names that a scheme's form or own sheet has, each once."""
    of_form = (name for names in scheme.layout.level2.values() for name in names)
    return list(dict.fromkeys([*of_form, *(item.level2 for item in scheme.items)]))


def stored_values(indicator: Indicator) -> dict[str, Any]:
    """Return what a form shows of a stored indicator."""
    values = {name: getattr(indicator, name) for name in FIELDS}
    if indicator.pk is None:
        return {**values, "max_points": None, "version": 1}
    points = max_points(indicator.max_points)
    return {**values, "max_points": points, "version": indicator.version}


def _layout(names: set[str]) -> Layout:
    """Return the fields of these names in their places."""
    if "level1" not in names:
        return Layout(*sorted(names))
    rest = [name for name in ("combination", "is_approved") if name in names]
    return Layout(
        Fieldset(
            "指标",
            Div(
                "level1",
                "level2",
                Field("level3", wrapper_class="wide"),
                css_class="form-columns",
            ),
        ),
        Fieldset(
            "指标值和分值",
            Div(
                "comparator",
                AppendedText("max_points", "分"),
                "target",
                "unit",
                HTML('{% include "indicators/_indicator_reading.html" %}'),
                Field("standard", wrapper_class="wide"),
                *(Field(name, wrapper_class="wide") for name in rest),
                css_class="form-columns",
            ),
        ),
        "version",
    )

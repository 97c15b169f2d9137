"""The form that asks for a 绩效目标调整, and that of a unit's part of an indicator."""

from typing import Any

from django import forms

from indicators.adjustments import ADJUSTED
from indicators.forms.entry import EntryForm, PointsInput
from indicators.models import Comparator, Indicator, IndicatorResult
from perfeval.conflicts import Conflict, differences
from perfeval.templatetags.units import max_points
from projects.change_forms import TOLD, BasisForm


class AdjustmentForm(BasisForm):
    """New values of an approved indicator, why, and by what document."""

    comparator = forms.ChoiceField(label="调整后指标性质", choices=Comparator.choices)
    target = forms.CharField(label="调整后指标值", max_length=200, required=False)
    unit = forms.CharField(label="调整后度量单位", max_length=20, required=False)
    max_points = PointsInput(label="调整后分值", required=True)
    field_order = [*ADJUSTED, *TOLD]

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        stored = {name: getattr(indicator, name) for name in ADJUSTED}
        points = max_points(indicator.max_points)
        kwargs["initial"] = {**stored, "max_points": points}
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.fields["reason"].label = "调整原因"
        self.fields["document"].label = "批准文号"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.ask_for_basis(data)
        points = data.get("max_points")
        if points is not None and not 0 <= points <= 100:
            self.add_error("max_points", "分值应在 0 与 100 之间")
        same = all(data.get(x) == getattr(self.indicator, x) for x in ADJUSTED)
        if same:
            self.add_error("target", "调整前后没有差别，请填写调整后的指标值或分值")
        return data

    @property
    def new_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ADJUSTED}


class ShareForm(EntryForm):
    """One unit's actual value of one indicator; blank: not yet known."""

    def __init__(
        self,
        *args: Any,
        result: IndicatorResult,
        actual: str,
        version: int,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {"actual": actual, "version": version}
        super().__init__(*args, prefix=f"result{result.pk}", **kwargs)
        self.result = result
        label = result.indicator.level3
        self.fields["actual"] = forms.CharField(
            label=label,
            max_length=100,
            required=False,
            widget=forms.TextInput(
                attrs={"autocomplete": "off", "inputmode": "decimal"}
            ),
        )

    @property
    def unsaved(self) -> Conflict:
        """What is typed in a valid form beside what is stored."""
        return Conflict(differences(self, {"actual": self.initial["actual"]}))

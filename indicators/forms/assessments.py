"""Forms of a self-assessment: one result row, one text."""

from typing import Any

from django import forms

from indicators.forms.entry import EntryForm, PointsInput, TextInput
from indicators.models import (
    SECTION_KEYS,
    Achievement,
    Comparator,
    Indicator,
    IndicatorResult,
    Narrative,
)
from perfeval.numbers import Words, normal_text, read_value


def _label(model: type[IndicatorResult | Narrative], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _length(model: type[IndicatorResult | Narrative], name: str) -> int | None:
    return model._meta.get_field(name).max_length  # type: ignore[union-attr]


# The unit's own points of a measured row are an opinion: the rule's points count.
MEASURED = ("actual", "self_points", "deviation_note")


class ResultForm(EntryForm):
    """What the unit writes in one result row; which fields, follows from the row."""

    def __init__(
        self,
        *args: Any,
        result: IndicatorResult,
        bands: dict[str, str],
        by_money: bool,
        is_combined: bool = False,
        **kwargs: Any,
    ) -> None:
        """bands: points of each achievement in words; by_money: none of its own.

        is_combined: the actual value is made from several units'.
        """
        names = entered_fields(result, by_money=by_money)
        if is_combined:
            names.remove("actual")
        kwargs["initial"] = {
            name: getattr(result, name) for name in (*names, "version")
        }
        kwargs.setdefault("auto_id", f"id_result{result.pk}_%s")
        super().__init__(*args, **kwargs)
        for name in names:
            self.fields[name] = _result_field(name, result, bands)

    def focus(self, name: str = "") -> None:
        """Let a field, the first where there is none of this name, take the focus
        where the form is put into a page."""
        first = next(iter(self.visible_fields()))
        field = self.fields.get(name, first.field)
        field.widget.attrs["autofocus"] = True


def entered_fields(result: IndicatorResult, *, by_money: bool) -> list[str]:
    """Return the columns that the unit fills in a row of this kind."""
    comparator = result.indicator.comparator
    if comparator == Comparator.QUALITATIVE and not by_money:
        return ["achievement", "self_points", "actual", "deviation_note"]
    if comparator == Comparator.RUBRIC:
        points = [] if by_money else ["self_points"]
        return [*points, "basis", "deviation_note"]
    return ["actual", "deviation_note"] if by_money else [*MEASURED]


class MeasuredField(forms.CharField):
    """A figure or a day, however typed: ５０ is kept as 50, words as they are."""

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        is_words = isinstance(read_value(text), Words)
        return text if is_words else normal_text(text)


def _result_field(
    name: str, result: IndicatorResult, bands: dict[str, str]
) -> forms.Field:
    label, length = _label(IndicatorResult, name), _length(IndicatorResult, name)
    indicator = result.indicator
    if name == "achievement":
        return forms.ChoiceField(
            label=label,
            required=False,
            choices=[
                ("", "请选择"),
                *(
                    (key, f"{words}（{bands[key]}）")
                    for key, words in Achievement.choices
                ),
            ],
        )
    if name == "self_points":
        return PointsInput(label=label, help_text=_points_help(indicator))
    if name == "actual" and indicator.comparator != Comparator.QUALITATIVE:
        return MeasuredField(
            label=label,
            required=False,
            max_length=length,
            help_text="只填数字或日期，如 48、2024年11月",
            widget=_Untruncated(attrs={"autocomplete": "off"}),
        )
    rows = {"actual": 2, "basis": 4}.get(name, 3)
    return TextInput(label=label, max_length=length, rows=rows)


def _points_help(indicator: Indicator) -> str:
    if indicator.comparator == Comparator.QUALITATIVE:
        return "在所选达成程度的分数范围内填写；不填按默认计分，须确认"
    if indicator.comparator == Comparator.RUBRIC:
        return f"0 到 {indicator.max_points:f} 分，最多两位小数"
    return (
        "一般不填，按规则自动计分；不同意自动得分时填写，并在下面写明理由。"
        "总分仍按自动得分计，供审核时参考"
    )


class _Untruncated(forms.TextInput):
    """A text field without maxlength: a browser cuts what is pasted without a word."""

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        attrs.pop("maxlength", None)
        return attrs


class NarrativeForm(EntryForm):
    """One text of a self-assessment."""

    def __init__(self, *args: Any, narrative: Narrative, **kwargs: Any) -> None:
        kwargs["initial"] = {"text": narrative.text, "version": narrative.version}
        super().__init__(*args, **kwargs)
        self.narrative = narrative
        self.fields["text"] = TextInput(
            label=narrative.get_key_display(),
            max_length=_length(Narrative, "text"),
            rows=16 if narrative.key in SECTION_KEYS else 5,
        )

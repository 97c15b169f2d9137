"""The text of a cell, as read or as corrected by a person, becomes what is stored."""

from typing import Any

from django.core.exceptions import ValidationError

from indicators.forms.entry import PointsInput
from indicators.models import JUDGED, Comparator, Indicator
from perfeval.amounts import AmountError, read_amount
from perfeval.numbers import SIGNS, Quantity, Words, is_blank, normal_text, read_value
from reports.takeover.proposals import Proposal
from reports.takeover.standing import Standing

LONGEST_SIGN = max(map(len, SIGNS))


class CellError(ValueError):
    """A cell says nothing that can be stored there; the message says why."""


def read_cell(cell: Proposal, standing: Standing) -> dict[str, Any]:
    """Return {field: value} of what a cell says; raise CellError."""
    text = cell.new.replace("\r\n", "\n")
    if cell.kind == "funds":
        return {cell.column: _amount(text, standing)}
    if cell.kind == "indicator" and cell.column == "target":
        return target_fields(text, standing.by_indicator[cell.row].indicator)
    if cell.column in ("self_points", "max_points"):
        return {cell.column: _points(text, is_needed=cell.column == "max_points")}
    if cell.column == "achievement":
        return {cell.column: _achievement(text, standing)}
    return {cell.column: text.strip() if cell.column == "actual" else text}


def _amount(text: str, standing: Standing) -> Any:
    if is_blank(text):
        return None
    try:
        return read_amount(text, standing.money_unit)
    except AmountError as error:
        raise CellError(str(error)) from None


def _points(text: str, *, is_needed: bool) -> Any:
    try:
        points = PointsInput().clean(text)
    except ValidationError as error:
        raise CellError("；".join(error.messages)) from None
    if points is None and is_needed:
        raise CellError("没有填写分值")
    return points


def _achievement(text: str, standing: Standing) -> str:
    word = normal_text(text)
    if is_blank(word):
        return ""
    for band in standing.scheme.bands:
        if word in (*band.words, band.label):
            return band.achievement
    known = "、".join(
        standing.achievement_word(each.achievement) for each in standing.scheme.bands
    )
    raise CellError(f"“{text[:20]}”应为{known}之一")


def target_fields(text: str, indicator: Indicator) -> dict[str, Any]:
    """Return comparator, target and unit of a target as written: ≥50场."""
    value = read_value(text)
    if isinstance(value, Words):
        kept = indicator.comparator if indicator.is_judged else Comparator.QUALITATIVE
        return {"comparator": kept, "target": text.strip(), "unit": ""}
    ours = indicator.comparator
    sign = value.sign or (Comparator.AT_LEAST if ours in JUDGED else ours)
    if isinstance(value, Quantity):
        unit = value.unit or indicator.unit
        return {"comparator": sign, "target": format(value.value, "f"), "unit": unit}
    return {"comparator": sign, "target": _without_sign(text.strip())}


def _without_sign(text: str) -> str:
    ends = (end for end in range(LONGEST_SIGN, 0, -1) if text[:end] in SIGNS)
    return text[next(ends, 0) :].strip()

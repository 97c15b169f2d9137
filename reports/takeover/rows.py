"""One row of a form beside the indicator and the result it was taken for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from indicators.forms.assessments import entered_fields
from indicators.models import Comparator, IndicatorResult
from indicators.models import Indicator as OurIndicator
from indicators.scoring_rules import in_band, plain
from perfeval.numbers import Quantity, Words, is_blank, read_value, with_unit
from reports.document import Indicator
from reports.rendering.annex_parts import SIGNS
from reports.takeover.proposals import Proposal
from reports.takeover.standing import Standing

LONG = ("deviation_note", "basis")


def row_proposals(
    row: Indicator,
    result: IndicatorResult,
    standing: Standing,
    places: Mapping[str, str],
) -> Iterator[Proposal]:
    """Yield what a row says of a result, then of its indicator; blanks say nothing."""
    name = result.indicator.level3
    by_money = result == standing.by_money
    for field in form_fields(result, by_money=by_money):
        new, why = _VALUES[field](row, result, standing)
        if is_blank(new):
            continue
        source = {"achievement": "actual", "self_points": "points"}.get(field, field)
        label = str(result._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
        yield Proposal(
            kind="result",
            row=str(result.pk),
            column=field,
            label=f"{name}·{label}",
            new=new,
            why=why,
            place=places.get(source, ""),
            is_long=field in LONG,
        )
    yield from _of_indicator(row, result, places)


def form_fields(result: IndicatorResult, *, by_money: bool) -> list[str]:
    """Return what a form says of a row: of a measured one its points only follow."""
    names = entered_fields(result, by_money=by_money)
    is_judged = result.indicator.is_judged
    return [name for name in names if is_judged or name != "self_points"]


def _actual(
    row: Indicator, result: IndicatorResult, standing: Standing
) -> tuple[str, str]:
    text, doubt = actual_value(row, result)
    return text, doubt or _percent_doubt(row, result.indicator)


def _percent_doubt(row: Indicator, indicator: OurIndicator) -> str:
    """Return what speaks against a bare 0.968 counted in %: Excel's own 96.8%."""
    if indicator.is_judged or "%" not in (row.unit, indicator.unit):
        return ""
    value = read_value((row.actual or "").strip())
    if not isinstance(value, Quantity) or value.unit or not 0 < value.value <= 1:
        return ""
    bare, meant = plain(value.value), plain(value.value * 100)
    return f"单元格为 {bare}，指标单位是 %：是 {meant}% 请改为 {meant}"


def actual_value(row: Indicator, result: IndicatorResult) -> tuple[str, str]:
    """Return the value without a unit that is the indicator's, and the doubt of it."""
    text = (row.actual or "").strip()
    indicator = result.indicator
    if not text or indicator.is_judged:
        return text, ""
    value = read_value(text)
    if isinstance(value, Words):
        return text, "不是数字或日期，不能自动计分"
    if not isinstance(value, Quantity) or value.sign:
        return text, ""
    unit = value.unit or row.unit
    if unit and indicator.unit and unit != indicator.unit:
        written = text if value.unit else with_unit(text, unit)
        return written, f"单位“{unit}”与指标的度量单位“{indicator.unit}”不同"
    return (plain(value.value), "") if value.unit else (text, "")


def _achievement(
    row: Indicator, result: IndicatorResult, standing: Standing
) -> tuple[str, str]:
    if row.achievement:
        return standing.achievement_word(row.achievement), ""
    words = (row.actual or "").strip()
    for band in standing.scheme.bands:
        if words in band.words:
            return standing.achievement_word(band.achievement), ""
        points = row.points
        if points is not None and in_band(points, band, result.indicator.max_points):
            word = standing.achievement_word(band.achievement)
            return word, f"表中没有写达成程度，按得分 {plain(points)} 分推断"
    return "", ""


def _self_points(
    row: Indicator, result: IndicatorResult, standing: Standing
) -> tuple[str, str]:
    points, most = row.points, result.indicator.max_points
    if points is None:
        return "", ""
    if not 0 <= points <= most:
        return plain(points), f"不在 0 与分值 {most} 之间"
    if result.indicator.comparator != Comparator.QUALITATIVE or result.achievement:
        return plain(points), ""
    word, doubt = _achievement(row, result, standing)
    # Points of a qualitative row count inside the band of its achievement alone.
    is_sure = word and not doubt
    return plain(points), "" if is_sure else "须与达成程度一并采用"


def _deviation_note(
    row: Indicator, result: IndicatorResult, standing: Standing
) -> tuple[str, str]:
    return row.deviation_note, ""


def _basis(
    row: Indicator, result: IndicatorResult, standing: Standing
) -> tuple[str, str]:
    return row.basis or row.actual or "", ""


_VALUES = {
    "actual": _actual,
    "achievement": _achievement,
    "self_points": _self_points,
    "deviation_note": _deviation_note,
    "basis": _basis,
}


def _of_indicator(
    row: Indicator, result: IndicatorResult, places: Mapping[str, str]
) -> Iterator[Proposal]:
    indicator = result.indicator
    cell = Proposal(
        kind="indicator",
        row=str(indicator.pk),
        column="target",
        label=f"{indicator.level3}·年度指标值",
        new=target_text(row),
        place=places.get("target", ""),
    )
    if row.target and indicator.comparator != Comparator.RUBRIC:
        yield cell
    if row.max_points is not None:
        yield replace(
            cell,
            column="max_points",
            label=f"{indicator.level3}·分值",
            new=plain(row.max_points),
            place=places.get("max_points", ""),
        )


def target_text(row: Indicator) -> str:
    """Return a target as people write it: ≥50场."""
    sign = SIGNS.get(row.comparator or "", "")
    return f"{sign}{with_unit(row.target or '', row.unit)}"


def new_row(
    index: int, row: Indicator, standing: Standing, places: Mapping[str, str]
) -> Proposal:
    """Offer a row that none of ours answers to as a new indicator."""
    values = {
        "level1": row.level1,
        "level2": row.level2,
        "level3": row.level3,
        "comparator": row.comparator or _comparator_of(row),
        "target": row.target or "",
        "unit": row.unit,
        "max_points": row.max_points or Decimal(0),
        "standard": row.standard,
    }
    most = "" if row.max_points is None else f"，{plain(row.max_points)} 分"
    return Proposal(
        kind="create",
        row=str(index),
        column="row",
        label=f"新增指标“{row.level3}”",
        new=f"{row.level1}／{row.level2}／{row.level3} {target_text(row)}{most}",
        place=places.get("level3", ""),
        certain=False,
        why="系统中没有找到这一指标",
        values={**values, "row": row},
    )


def _comparator_of(row: Indicator) -> str:
    if row.standard:
        return Comparator.RUBRIC
    is_words = isinstance(read_value(row.target or ""), Words)
    return Comparator.QUALITATIVE if is_words else Comparator.AT_LEAST

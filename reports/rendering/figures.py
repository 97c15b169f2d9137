"""The figures that stand beside the text on a screen, all the document's own."""

from dataclasses import dataclass
from decimal import Decimal

from reports.document import Indicator, ReportDocument
from reports.rendering.annex_parts import execution_ratio


@dataclass(frozen=True)
class Figures:
    """money: (label, amount) in money_unit; level1: (name, points, max_points)."""

    project: str
    code: str
    supervising_department: str
    unit: str
    money: tuple[tuple[str, Decimal], ...]
    money_unit: str
    ratio: Decimal | None
    level1: tuple[tuple[str, Decimal, Decimal], ...]
    total: Decimal | None
    max_total: Decimal | None
    grade: str | None


def report_figures(document: ReportDocument) -> Figures:
    """Return the figures of a document; what it doesn't say is left out."""
    total = document.funds.total
    money = (
        ("年初预算数", total.initial if total else None),
        ("全年预算数", total.adjusted if total else None),
        ("全年执行数", total.executed if total else None),
    )
    project = document.project
    return Figures(
        project=project.name,
        code=project.code,
        supervising_department=project.supervising_department,
        unit=project.unit,
        money=tuple((label, amount) for label, amount in money if amount is not None),
        money_unit=document.funds.unit,
        ratio=execution_ratio(total) if total else None,
        level1=_level1(document.indicators),
        total=document.total,
        max_total=document.max_total,
        grade=document.grade,
    )


def _level1(
    indicators: tuple[Indicator, ...],
) -> tuple[tuple[str, Decimal, Decimal], ...]:
    """Return the sums of each level 1; none where a row is without points."""
    sums: dict[str, list[Decimal]] = {}
    for indicator in indicators:
        if indicator.points is None or indicator.max_points is None:
            return ()
        found = sums.setdefault(indicator.level1, [Decimal(0), Decimal(0)])
        found[0] += indicator.points
        found[1] += indicator.max_points
    return tuple((name, earned, most) for name, (earned, most) in sums.items())

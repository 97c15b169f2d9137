"""The funds of a form beside the funding lines of a project."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from perfeval.amounts import AmountError, to_yuan
from projects.models import AMOUNTS, FundingLine, FundSource
from reports.document import Funds, FundsRow
from reports.takeover.proposals import Proposal
from reports.takeover.standing import Standing


def funds_proposals(
    funds: Funds, standing: Standing, places: Mapping[str, str]
) -> Iterator[Proposal]:
    """Yield the amounts a form names, matched by source."""
    doubled = doubled_sources(funds)
    seen: set[str] = set()
    for index, row in _source_rows(funds, standing):
        if row.source in seen:
            continue
        seen.add(row.source)
        for name in AMOUNTS:
            cell = _amount(funds, row, name, standing)
            if cell is None:
                continue
            if row.source in doubled:
                told = "表中这种资金来源不止一行，这里是第一行，请核对是否应合计"
                cell = replace(cell, why=told)
            yield replace(cell, place=places.get(f"funds.rows[{index}].{name}", ""))


def column_label(name: str) -> str:
    """Return what forms call an amount: 年初预算数."""
    column: Any = FundingLine._meta.get_field(name)
    return str(column.verbose_name)


def doubled_sources(funds: Funds) -> set[str]:
    """Return the sources that a form names in several rows."""
    names = [each.source for each in funds.rows if _says_something(each)]
    return {name for name in names if names.count(name) > 1}


def _source_rows(funds: Funds, standing: Standing) -> Iterator[tuple[int, FundsRow]]:
    """Yield rows of sources; the total alone stands for the only source there is."""
    sources = [(n, x) for n, x in enumerate(funds.rows) if x.source != "total"]
    sources = [pair for pair in sources if _says_something(pair[1])]
    if sources:
        yield from sources
        return
    rows = enumerate(funds.rows)
    total = next(((n, x) for n, x in rows if x.source == "total"), None)
    if total and len(standing.lines) <= 1:
        source = next(iter(standing.lines), FundSource.APPROPRIATION.value)
        yield total[0], replace(total[1], source=source)  # type: ignore[arg-type]


def _says_something(row: FundsRow) -> bool:
    return any(getattr(row, name) for name in AMOUNTS)


def _amount(
    funds: Funds, row: FundsRow, name: str, standing: Standing
) -> Proposal | None:
    value = getattr(row, name)
    if value is None:
        return None
    label = FundSource(row.source).label
    cell = Proposal(
        kind="funds",
        row=row.source,
        column=name,
        label=f"{label}·{column_label(name)}（{standing.money_unit}）",
        new="",
    )
    try:
        text = standing.amount_text(to_yuan(value, funds.unit))
    except AmountError as error:
        return replace(cell, new=format(value, "f"), certain=False, why=str(error))
    is_new = row.source not in standing.lines and bool(standing.lines)
    why = f"系统中没有“{label}”这一来源，采用后新增" if is_new and value else ""
    if is_new and not value:
        return None
    return replace(cell, new=text, why=why)

"""Rows with a column of money for each source become a row for each source."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from perfeval.imports.flow import Plan
from perfeval.imports.reading import Row
from perfeval.imports.tables import PART
from projects.models import AMOUNT_LABELS, AMOUNTS, FundSource
from projects.project_import.money import PartRow, amounts_in, shown
from projects.project_import.tables import SOURCES


def by_source(rows: list[Row], plan: Plan) -> list[Row]:
    """Return the rows, those with columns by source taken apart, with their problems.

    What the columns were taken for is noted: two of them may be one source.
    """
    columns = dict.fromkeys(
        key for row in rows[:1] for key in row.places if PART in key
    )
    if not columns:
        return rows
    plan.notes.append(_told(columns))
    if "source" in rows[0].places:
        reason = "既有“资金来源”列，又按来源分列了金额，不能判断金额属于哪种来源"
        remedy = "只保留一种写法：删去“资金来源”列，或一行只写一种来源"
        plan.problems.append(rows[0].problem("source", reason, remedy))
        return []
    return [part for row in rows for part in _parts(row, plan)]


def _told(columns: Iterable[str]) -> str:
    """Return which column was read as what: “上级资金”“本级资金”记入…."""
    words: dict[tuple[str, FundSource], list[str]] = defaultdict(list)
    for key in columns:
        amount, _, word = key.partition(PART)
        words[amount, SOURCES[word]].append(f"“{word}”")
    told = (
        f"{''.join(each)}{'相加' if len(each) > 1 else ''}"
        f"记入“{source.label}”的{AMOUNT_LABELS[amount]}"
        for (amount, source), each in words.items()
    )
    return f"金额按来源分列：{'；'.join(told)}"


def _parts(row: Row, plan: Plan) -> Iterable[Row]:
    amounts: dict[FundSource, dict[str, Decimal]] = defaultdict(dict)
    places: dict[FundSource, dict[str, int]] = defaultdict(dict)
    for key, value in row.values.items():
        amount, _, word = key.partition(PART)
        if word and isinstance(value, Decimal):
            found = amounts[SOURCES[word]]
            found[amount] = found.get(amount, Decimal(0)) + value
            places[SOURCES[word]].setdefault(amount, row.places[key])
    if not amounts:
        return [row]
    _take_whole(row, amounts, plan)
    own = {
        key: value
        for key, value in row.values.items()
        if PART not in key and key not in AMOUNTS
    }
    at = {key: place for key, place in row.places.items() if PART not in key}
    return [
        PartRow(
            row.number,
            {**own, "source": str(source.label), **amounts[source]},
            replace(
                row.frame,
                places={**at, "source": min(found.values()), **found},
            ),
        )
        for source, found in places.items()
    ]


def _take_whole(
    row: Row, amounts: dict[FundSource, dict[str, Decimal]], plan: Plan
) -> None:
    """Hold the amounts that stand beside their parts against them, or give them away.

    One that has no parts belongs to the only source; to which of several none can say.
    """
    for name, whole in amounts_in(row).items():
        parts = [found[name] for found in amounts.values() if name in found]
        label = AMOUNT_LABELS[name]
        added = sum(parts, Decimal(0))
        if parts and added != whole:
            reason = f"{label}合计 {shown(whole)}，各来源之和是 {shown(added)}"
            problem = row.problem(name, reason, "核对合计和各来源的金额")
        elif not parts and len(amounts) == 1:
            next(iter(amounts.values()))[name] = whole
            continue
        elif not parts and whole:
            reason = f"{label}没有按来源分列，不能判断属于哪种来源"
            remedy = f"把{label}也按来源分列，或删去这一列"
            problem = row.problem(name, reason, remedy)
        else:
            continue
        plan.problems.append(problem)

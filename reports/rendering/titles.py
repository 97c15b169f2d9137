"""The title of a report: made where the document has none, and broken into lines.

GB/T 9704 wants a title in balanced lines that do not break words. There is no
dictionary here: words are known from the document (year, project, unit) and from the
kinds of report; elsewhere a break stands between Han characters, at a small penalty
where a particle or a bracket makes it natural.
"""

import re
from dataclasses import dataclass
from functools import cache

from reports.document import ReportDocument

KIND = "绩效自评报告"
# Ends and beginnings of words that report titles are made of, longest first.
KINDS = (
    "项目支出绩效自评报告",
    "项目绩效自评报告",
    "绩效自评报告",
    "绩效评价报告",
    "自评报告",
    "项目支出绩效自评指标评分表",
    "项目支出绩效自评表",
)
WORDS = (
    "专项资金", "专项经费", "补助资金", "补助经费", "工作经费", "业务经费", "资金",
    "经费", "项目支出", "项目", "绩效", "自评", "报告", "评分表", "工作", "建设",
    "维护", "管理", "服务", "补助",
)  # fmt: skip
YEAR = re.compile(r"[0-9]{4}(?:[-—~至][0-9]{4})?年度?")
UNBROKEN = re.compile(r"[0-9A-Za-z.%‰,:/+-]+|[（(《“‘〔]+.|.[）)》”’〕、，。：；]+")
NEVER_FIRST = "）)》”’〕、，。：；？！…·%‰"
NEVER_LAST = "（(《“‘〔"

KNOWN, PARTICLE, ANYWHERE = 0.0, 0.5, 6.0


def report_title(document: ReportDocument) -> str:
    """Return the document's title, else one of year, project and kind."""
    if document.title.strip():
        return document.title.strip()
    year = f"{document.year}年度" if document.year else ""
    subject = document.project.name or document.project.unit
    return f"{year}{subject}{KIND}"


def title_lines(title: str, document: ReportDocument, capacity: float) -> list[str]:
    """Return the title in as few lines as capacity asks, balanced.

    capacity: full-width characters in a line. The parts joined are the title.
    """
    return balanced_lines(title, _break_costs(title, document), capacity)


def balanced_lines(text: str, costs: dict[int, float], capacity: float) -> list[str]:
    """Return text in as few lines as capacity asks, of nearly equal width.

    costs: {position: cost} of each place where the text may be broken.
    """
    if width(text) <= capacity:
        return [text]
    for count in range(int(-(-width(text) // capacity)), len(costs) + 2):
        if lines := _balanced(text, costs, count, capacity):
            return lines
    return [text]


def width(text: str) -> float:
    """Return how many full-width characters wide a text is; half for ASCII."""
    return sum(0.5 if char < "\u0250" else 1.0 for char in text)


@dataclass(frozen=True)
class _Best:
    cost: float
    breaks: tuple[int, ...]


def _balanced(
    text: str, costs: dict[int, float], count: int, capacity: float
) -> list[str]:
    """Return the text in exactly count lines at least cost, [] if it does not fit."""
    ideal = width(text) / count
    places = [0, *sorted(costs), len(text)]

    @cache
    def best(start: int, lines: int) -> _Best | None:
        found: _Best | None = None
        for end in places:
            if end <= start or (lines == 1 and end != len(text)):
                continue
            line = width(text[start:end])
            if line > capacity:
                break
            rest = _Best(0, ()) if lines == 1 else best(end, lines - 1)
            if rest is None:
                continue
            cost = (line - ideal) ** 2 / 4 + costs.get(end, 0) + rest.cost
            if found is None or cost < found.cost:
                found = _Best(cost, (end, *rest.breaks))
        return found

    chosen = best(0, count)
    if chosen is None:
        return []
    starts = (0, *chosen.breaks[:-1])
    return [text[a:b].strip() for a, b in zip(starts, chosen.breaks, strict=True)]


def _break_costs(title: str, document: ReportDocument) -> dict[int, float]:
    """Return {position: cost} of each place where the title may be broken."""
    costs = {
        place: ANYWHERE
        for place in range(1, len(title))
        if title[place] not in NEVER_FIRST and title[place - 1] not in NEVER_LAST
    }
    for particle in re.finditer("[的和与及、]|关于", title):
        costs[particle.end()] = PARTICLE
    for word in WORDS:
        for found in re.finditer(word, title):
            for place in found.span():
                costs[place] = min(costs.get(place, ANYWHERE), 2.0)
    known = [document.project.name, document.project.unit, document.issuer, *KINDS]
    for words in filter(None, known):
        start = title.find(words)
        if start >= 0:
            costs[start] = costs[start + len(words)] = KNOWN
    for year in YEAR.finditer(title):
        costs[year.end()] = KNOWN
    for piece in UNBROKEN.finditer(title):
        for place in range(piece.start() + 1, piece.end()):
            costs.pop(place, None)
    costs.pop(0, None)
    costs.pop(len(title), None)
    return costs

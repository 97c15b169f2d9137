"""The findings of each text and row while it is written: where they stand, how they
are mended.

What is checked is the text as the report has it, with figures in place of their names;
places are those of the text as it is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indicators.figure_list import figures_of
from indicators.linked_figures import Figures, written_span
from indicators.models import SelfAssessment
from reports.checks.findings import SEVERITY_LABELS, Finding, InText
from reports.findings import Shown, text_of

# The name under which a text links what it should say (figure_list).
LINKED = {
    "initial": "年初预算数",
    "adjusted": "全年预算数",
    "received": "资金到位数",
    "executed": "全年执行数",
    "ratio": "预算执行率",
    "total": "自评得分",
}


@dataclass(frozen=True)
class Mark:
    """A finding at a text; start, end: its characters as written, words: what they are.

    link: the reference to put in their place, value: what that shows; "" without a mend
    in one step. anchor: the place on the self-assessment's page that says otherwise.
    """

    finding: Finding
    start: int = 0
    end: int = 0
    words: str = ""
    link: str = ""
    value: str = ""
    anchor: str = ""

    @property
    def label(self) -> str:
        return SEVERITY_LABELS[self.finding.severity]


@dataclass(frozen=True)
class TextMarks:
    """The findings of one text."""

    key: str
    marks: list[Mark]


def marks_of(assessment: SelfAssessment, found: Sequence[Shown]) -> list[TextMarks]:
    """Return the findings of each text, in the order of the list of findings.

    assessment: loaded with_content(); found: its findings_of().
    """
    figures = figures_of(assessment)
    texts = {str(each.key): each.text for each in assessment.narratives.all()}
    by_key: dict[str, list[Mark]] = {key: [] for key in texts}
    for shown in found:
        key = text_of(shown.finding)
        if key in by_key:
            by_key[key].append(_mark(shown.finding, texts[key], figures))
    return [TextMarks(key, marks) for key, marks in by_key.items()]


def cell_marks(
    assessment: SelfAssessment, found: Sequence[Shown]
) -> list[tuple[str, list[Shown]]]:
    """Return (place, its findings) of each row, the money and the totals that have
    some; a place is named as it is on the self-assessment's page."""
    places: dict[str, list[Shown]] = {}
    for shown in found:
        if shown.anchor and not text_of(shown.finding):
            places.setdefault(shown.anchor, []).append(shown)
    return list(places.items())


def elsewhere(found: Sequence[Shown], marked: Sequence[TextMarks]) -> int:
    """Return how many findings are of the form or the report as a whole."""
    return len(found) - sum(len(each.marks) for each in marked)


def _mark(finding: Finding, text: str, figures: Figures) -> Mark:
    where = finding.where
    if not isinstance(where, InText):
        return Mark(finding)
    start, end, plain = written_span(text, figures, where.start, where.end)
    words = text[start:end]
    if not where.meant:
        return Mark(finding, start, end, words)
    anchor = "totals" if where.meant == "total" else "funds"
    link, value = next(_linked(LINKED[where.meant], figures), ("", ""))
    if not plain:
        link = value = ""
    return Mark(finding, start, end, words, link, value, anchor)


def _linked(name: str, figures: Figures) -> Iterator[tuple[str, str]]:
    for figure in figures.named(name):
        if figure.value:
            yield f"{{{name}}}", figure.value

"""What may be listed as a problem: from the report's own words and from its review.

Proposals only: a person ticks, words anew and lists them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from indicators.models import (
    NarrativeKey,
    ProblemSource,
    ProblemState,
    ReviewRecord,
    SelfAssessment,
)
from indicators.problem_texts import is_mere_assent, problems_in
from indicators.score_sheet import score_of
from perfeval.templatetags.units import points

LONGEST_QUOTE = 4000
# What recheck_steps.py puts before a third party's reason.
OF_THIRD_PARTY = "第三方复核："


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One candidate. quote: what it was taken from, as it stands there."""

    source: ProblemSource
    place: str
    quote: str
    text: str
    measure: str = ""
    is_listed: bool = False

    @property
    def key(self) -> str:
        """A name that stays as long as what it was taken from."""
        told = f"{self.source}/{self.place}/{self.quote}"
        return sha256(told.encode()).hexdigest()[:12]


def proposals_of(assessment: SelfAssessment) -> list[Proposal]:
    """Return the candidates of a self-assessment, loaded with_content() and levels.

    What stands on its list already is marked, by its source and quote.
    """
    standing = assessment.problems.exclude(state=ProblemState.CANCELLED)
    listed = set(standing.values_list("source", "quote"))
    found = {
        each.key: each
        for each in (
            *_from_section(assessment, listed),
            *_from_rows(assessment, listed),
            *_from_opinions(assessment, listed),
        )
    }
    return list(found.values())


Listed = set[tuple[str, str]]


def _from_section(assessment: SelfAssessment, listed: Listed) -> Iterator[Proposal]:
    title, text = _section(assessment)
    for each in problems_in(text):
        yield Proposal(
            source=ProblemSource.SECTION,
            place=title,
            quote=each.text[:LONGEST_QUOTE],
            text=each.text[:LONGEST_QUOTE],
            measure=each.measure[:LONGEST_QUOTE],
            is_listed=(ProblemSource.SECTION, each.text[:LONGEST_QUOTE]) in listed,
        )


def _section(assessment: SelfAssessment) -> tuple[str, str]:
    """Return title and text of the section on problems, as it was sent up last."""
    snapshots = assessment.review_records.order_by("-pk")
    snapshot = snapshots.values_list("snapshot", flat=True).first() or {}
    for each in snapshot.get("sections", []):
        if each["key"] == NarrativeKey.PROBLEMS:
            return each["title"], each["text"]
    for text in assessment.narratives.all():
        if text.key == NarrativeKey.PROBLEMS:
            return str(text), text.text
    return "", ""


def _from_rows(assessment: SelfAssessment, listed: Listed) -> Iterator[Proposal]:
    """Yield the rows to which the review gave other points, with its reason."""
    rows = score_of(assessment).rows
    for result, own in zip(assessment.results.all(), rows, strict=True):
        given, note = result.review_points, result.review_note.strip()
        if given is None or given == own.points or not note:
            continue
        reason = note.removeprefix(OF_THIRD_PARTY) or note
        quote = f"自评 {points(own.points)} 分，复核 {points(given)} 分：{note}"
        quote = quote[:LONGEST_QUOTE]
        yield Proposal(
            source=ProblemSource.ROW,
            place=result.indicator.level3,
            quote=quote,
            text=f"指标“{result.indicator.level3}”：{reason}"[:LONGEST_QUOTE],
            is_listed=(ProblemSource.ROW, quote) in listed,
        )


def _from_opinions(assessment: SelfAssessment, listed: Listed) -> Iterator[Proposal]:
    """Yield what the levels wrote when they passed this edition, beyond a mere yes."""
    names = {each.position: each.name for each in assessment.task.levels.all()}
    passed = ReviewRecord.objects.filter(
        assessment=assessment, action="approve", edition=assessment.edition
    ).exclude(note="")
    for each in passed.order_by("pk").only("level", "note"):
        if is_mere_assent(each.note):
            continue
        yield Proposal(
            source=ProblemSource.OPINION,
            place=names.get(each.level, "审核"),
            quote=each.note,
            text=each.note,
            is_listed=(ProblemSource.OPINION, each.note) in listed,
        )

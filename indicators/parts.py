"""The parts of a self-assessment: what each lacks, who wrote it last, whose it is.

Money, indicator rows, each text and evidence; a part may be given to a person (分工).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from indicators.access import fillable_parts
from indicators.models import (
    EVIDENCE,
    MONEY,
    PART_NAMES,
    ROWS,
    PartAssignment,
    SelfAssessment,
)
from indicators.progress import Gap, gaps_by_part, text_title
from indicators.proofs import proofs_of
from indicators.services import narrative_keys
from perfeval.audit import subject_of
from perfeval.models import AuditEvent, User


@dataclass(frozen=True, kw_only=True)
class PartState:
    """One part; url: where it is filled in; saved_by, saved_at: its last change.

    assignment: to whom it was given, None where to nobody. is_empty: nothing is there.
    workbook: the query that asks for a workbook of this part alone, "" where none is.
    """

    key: str
    name: str
    url: str
    gaps: list[Gap]
    is_empty: bool
    saved_by: User | None
    saved_at: datetime | None
    assignment: PartAssignment | None
    workbook: str
    may_fill: bool

    @property
    def is_done(self) -> bool:
        return not self.gaps

    @property
    def words(self) -> str:
        """The state in a word: what lacks nothing and holds nothing is optional."""
        if self.gaps:
            return "未完成"
        return "可不填" if self.is_empty else "已完成"

    @property
    def state_key(self) -> str:
        """What _status_badge.html colours the state by."""
        if self.gaps:
            return "warning"
        return "" if self.is_empty else "done"


def part_keys(assessment: SelfAssessment) -> list[str]:
    """Return the keys of the parts that the material asks for, in the form's order."""
    texts = [str(each) for each in narrative_keys(assessment.material)]
    return [MONEY, ROWS, *texts, EVIDENCE]


def part_name(assessment: SelfAssessment, key: str) -> str:
    """Return how a part is called: 项目资金, 四、存在问题和建议 …"""
    is_text = key not in (MONEY, ROWS, EVIDENCE)
    return text_title(assessment, key) if is_text else PART_NAMES[key]


def part_states(user: User, assessment: SelfAssessment) -> list[PartState]:
    """Return the parts of a self-assessment loaded with_content()."""
    missing = gaps_by_part(assessment)
    saved = _last_changes(assessment)
    allowed = fillable_parts(user, assessment)
    rows = assessment.assignments.select_related("user")
    given = {each.part: each for each in rows}
    return [
        PartState(
            key=key,
            name=part_name(assessment, key),
            url=part_url(assessment, key),
            gaps=[each for each in missing if each.part == key],
            is_empty=_is_empty(assessment, key),
            saved_by=saved.get(key, (None, None))[0],
            saved_at=saved.get(key, (None, None))[1],
            assignment=given.get(key),
            workbook=_workbook(assessment, key),
            may_fill=key in allowed,
        )
        for key in part_keys(assessment)
    ]


def part_url(assessment: SelfAssessment, key: str) -> str:
    """Return the address of the page on which a part is filled in."""
    if key == MONEY:
        return reverse("projects:funding", args=[assessment.project_id])
    if key == EVIDENCE:
        return reverse("indicators:evidence", args=[assessment.pk])
    if key == ROWS:
        return f"{reverse('indicators:detail', args=[assessment.pk])}#results"
    address = reverse("indicators:narratives", args=[assessment.pk])
    return f"{address}#text-{key}"


def _workbook(assessment: SelfAssessment, key: str) -> str:
    if key in (MONEY, EVIDENCE):
        return ""
    if key == ROWS:
        return "&".join(f"row={each.pk}" for each in assessment.results.all())
    return f"section={key}"


def own_gaps(missing: Collection[Gap], allowed: Collection[str]) -> list[Gap]:
    """Return what is missing in the parts that a person may fill in."""
    return [each for each in missing if each.part in allowed]


def _last_changes(
    assessment: SelfAssessment,
) -> dict[str, tuple[User | None, datetime | None]]:
    """Return {part: (who, when)} of the last change of each part that had any."""
    changes: dict[str, tuple[User | None, datetime | None]] = {
        each.key: (each.saved_by, each.saved_at)
        for each in assessment.narratives.all()
        if each.saved_at
    }
    files = proofs_of(assessment).current
    if files:
        last = max(files, key=lambda each: each.added_at)
        changes[EVIDENCE] = (last.added_by, last.added_at)
    for key, events in (
        (ROWS, _events_of_rows(assessment)),
        (MONEY, _events_of_money(assessment)),
    ):
        event = events.select_related("user").order_by("-pk").first()
        if event:
            changes[key] = (event.user, event.at)
    return changes


def _is_empty(assessment: SelfAssessment, key: str) -> bool:
    if key == MONEY:
        return not assessment.project.funding_lines.all()
    if key == EVIDENCE:
        return not assessment.evidence.all()
    if key == ROWS:
        return not assessment.results.all()
    texts = {each.key: each.text for each in assessment.narratives.all()}
    return not texts.get(key, "").strip()


def _events_of_rows(assessment: SelfAssessment) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        chain__key=assessment.chain, action__in=("result.changed", "share.changed")
    )


def _events_of_money(assessment: SelfAssessment) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        subject=subject_of(assessment.project), action__startswith="funding."
    )

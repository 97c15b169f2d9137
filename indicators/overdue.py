"""What is overdue in a task: unit, person, phone, project, days, and words to send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils import timezone

from indicators.models import EvaluationTask, SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet, effective_due
from perfeval.deadlines import days_left
from perfeval.models import User
from projects.models import Department, Membership, Role


@dataclass(frozen=True, kw_only=True)
class Late:
    """One self-assessment that is overdue; days: calendar days since its due day."""

    assessment: SelfAssessment
    person: str
    phone: str
    days: int

    @property
    def words(self) -> str:
        return f"逾期 {self.days} 天" if self.days else "今天到期，已逾时"


@dataclass(frozen=True, kw_only=True)
class LateUnit:
    """A unit with what it is late with; text: 催办文字, ready to be sent."""

    unit: Department
    rows: list[Late]
    text: str

    @property
    def person(self) -> str:
        return self.rows[0].person

    @property
    def phone(self) -> str:
        return self.rows[0].phone


def late_rows(overdue: SelfAssessmentQuerySet) -> list[Late]:
    """Return what is overdue, by unit, in two queries."""
    ordered = overdue.with_facts().order_by(
        "project__unit__path", effective_due(), "project__code"
    )
    assessments = list(ordered)
    fillers = _fillers({each.project.unit_id for each in assessments})
    now = timezone.now()
    return [_late(each, fillers, now) for each in assessments]


def late_units(task: EvaluationTask, rows: Sequence[Late]) -> list[LateUnit]:
    """Return the same by unit, with the words to send to each."""
    grouped = groupby(rows, key=lambda row: row.assessment.project.unit)
    return [_late_unit(task, unit, list(of_unit)) for unit, of_unit in grouped]


def _fillers(units: set[int]) -> dict[int, User]:
    """Return {unit: its first filler}: whom to ask where a project names nobody."""
    held = Membership.objects.current().filter(
        department__in=units, role=Role.FILLER, user__is_active=True
    )
    ordered = held.select_related("user").order_by("-pk")
    return {each.department_id: each.user for each in ordered}


def _late(assessment: SelfAssessment, fillers: dict[int, User], now: datetime) -> Late:
    project = assessment.project
    filler = fillers.get(project.unit_id)
    person, phone = project.contact, project.phone
    if not person and filler:
        person, phone = str(filler), phone or filler.phone
    return Late(
        assessment=assessment,
        person=person,
        phone=phone,
        days=-days_left(assessment.deadline, now),
    )


def _late_unit(task: EvaluationTask, unit: Department, rows: list[Late]) -> LateUnit:
    return LateUnit(unit=unit, rows=rows, text=reminder(task, unit, rows))


def reminder(task: EvaluationTask, unit: Department, rows: Sequence[Late]) -> str:
    """Return the 催办文字 for one unit: what is late, by how much, whom to ask."""
    named = "、".join(
        f"“{row.assessment.project.shown_name}”（{row.words}）" for row in rows
    )
    asked = "，".join(part for part in (task.contact, task.phone) if part)
    contact = f"如有困难请联系{asked}。" if asked else ""
    return (
        f"{unit}：“{task.title}”尚有 {len(rows)} 个项目未送审：{named}。"
        f"请尽快填报并送审。{contact}"
    )

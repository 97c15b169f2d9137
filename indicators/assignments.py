"""Giving parts of a self-assessment to people (分工), and taking them back."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from indicators.models import PartAssignment, SelfAssessment
from indicators.parts import part_keys, part_name
from indicators.services import lock_open, touch
from perfeval.audit import Change, record_many, subject_of
from perfeval.models import User
from projects.models import BudgetProject, Membership, Role
from projects.querysets import starts_with

# Roles that administer, or judge for another body: no people of the unit.
OUTSIDE = (
    Role.SYSTEM_ADMIN,
    Role.AUDIT_ADMIN,
    Role.THIRD_PARTY,
    Role.SECTION_REVIEWER,
    Role.PERFORMANCE_SECTION,
)


def people_for_parts(project: BudgetProject) -> QuerySet[User]:
    """Return whom parts can be given to: people of the unit, of what stands below it,
    and of the supervising department itself."""
    near = starts_with("department__path", [project.unit.path])
    near |= Q(department=project.supervising_department_id)
    held = Membership.objects.current().filter(near).exclude(role__in=OUTSIDE)
    people = User.objects.filter(is_active=True, pk__in=held.values("user"))
    return people.order_by("name", "pk")


@transaction.atomic
def give_parts(
    user: User | None,
    assessment: SelfAssessment,
    parts: Sequence[str],
    person: User,
    due_on: date,
    note: str = "",
) -> list[PartAssignment]:
    """Give parts to a person until a day; whoever had one has it no longer.

    Raises ClosedError, or ValidationError: not a person of the unit, no such part, a
    day that is over or after the report's due time.
    """
    locked = lock_open(assessment.pk)
    _check(locked, parts, person, due_on)
    held = {each.part: each for each in locked.assignments.select_related("user")}
    rows, changes = [], []
    for part in parts:
        row = held.get(part) or PartAssignment(assessment=locked, part=part)
        before = _told(row) if row.pk else {}
        row.user, row.due_on, row.note = person, due_on, note.strip()
        if _told(row) == before:
            continue
        row.given_by, row.given_at = user, timezone.now()
        row.full_clean()
        row.save()
        rows.append(row)
        name = part_name(assessment, part)
        changes.append(
            Change(
                action="part.given",
                subject=subject_of(row),
                summary=f"把“{name}”分给{person}，{date_format(due_on)}前填完",
                before=before,
                after=_told(row),
            )
        )
    if changes:
        touch(locked)
        record_many(user, changes, chain=locked.chain)
    return rows


@transaction.atomic
def take_back(user: User | None, assignment: PartAssignment) -> None:
    """Take a part back from a person; what was filled in stays. Raises ClosedError."""
    locked = lock_open(assignment.assessment_id)
    name = part_name(assignment.assessment, assignment.part)
    change = Change(
        action="part.taken_back",
        subject=subject_of(assignment),
        summary=f"收回分给{assignment.user}的“{name}”",
        before=_told(assignment),
    )
    assignment.delete()
    touch(locked)
    record_many(user, [change], chain=locked.chain)


def _check(
    assessment: SelfAssessment, parts: Sequence[str], person: User, due_on: date
) -> None:
    problems: dict[str, str] = {}
    if not parts or set(parts) - set(part_keys(assessment)):
        problems["parts"] = "请选择要分出的部分"
    if not people_for_parts(assessment.project).filter(pk=person.pk).exists():
        problems["user"] = "只能分给本单位及主管部门在用的人员"
    last = timezone.localdate(assessment.deadline)
    if due_on < timezone.localdate():
        problems["due_on"] = "完成日期已经过去，请填今天或以后的日期"
    elif due_on > last >= timezone.localdate():
        problems["due_on"] = f"自评的截止日期是 {date_format(last)}，完成日期不能晚于它"
    if problems:
        raise ValidationError(problems)


def _told(row: PartAssignment) -> dict[str, str]:
    return {
        "part": row.part,
        "user": str(row.user),
        "due_on": row.due_on.isoformat(),
        "note": row.note,
    }

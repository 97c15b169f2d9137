"""Writes of departments that exist: changed, renamed, merged; never deleted.

A former name stays valid for its days, so that reports of those years keep it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.formats import date_format

from perfeval.audit import Change, record, record_many, subject_of
from perfeval.models import User
from perfeval.versions import save_versioned
from projects.memberships import move_roles
from projects.models import (
    NOT_REPORTING,
    BudgetProject,
    Department,
    FormerName,
    Membership,
)

# From when a name counts that was never noted: projects go back to this year.
FIRST_DAY = date(2000, 1, 1)
DAY = timedelta(days=1)
LONGEST_PATH = Department._meta.get_field("path").max_length or 0
ROLES_OF_PROJECT = ("unit", "supervising_department", "section")


@transaction.atomic
def update_department(
    user: User | None,
    department: Department,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> bool:
    """Change a department and its place in the tree; return whether anything differed.

    Raises ValidationError, or StaleError where somebody saved meanwhile.
    """
    # What was loaded may be older than a move of what stands above.
    department.refresh_from_db(fields=["path"])
    code = changes.get("code", department.code)
    parent = changes.get("parent", department.parent)
    if parent:
        parent.refresh_from_db(fields=["path"])
    path = path_below(parent, code, department)
    if not changes.get("is_active", True):
        _check_nobody_needs(department)
    before = {name: getattr(department, name) for name in changes}
    old = department.path
    if not save_versioned(department, {**changes, "path": path}, version=version):
        return False
    _move_below(old, path)
    summary = f"修改单位“{department}”"
    _record(user, department, "department.changed", summary, before, changes)
    return True


def path_below(parent: Department | None, code: str, department: Department) -> str:
    """Return a department's path below a parent; raise ValidationError: no place."""
    path = f"{parent.path if parent else ''}{code}/"
    if parent and department.path and parent.path.startswith(department.path):
        raise ValidationError({"parent": "上级单位不能是本单位或本单位的下级"})
    if len(path) > LONGEST_PATH:
        raise ValidationError({"parent": "单位层级过深，请选择更高的上级单位"})
    return path


def _check_nobody_needs(department: Department) -> None:
    """Refuse to close a department with people or bodies in use."""
    if not department.is_active:
        return
    current = Membership.objects.current().filter(department=department)
    reasons = [
        *(["还有在任人员"] if current.exists() else []),
        *(["还有在用的下级单位"] if department.children.filter(is_active=True) else []),
    ]
    if reasons:
        text = f"本单位{'、'.join(reasons)}，不能停用；请先调整，或用“合并到其他单位”"
        raise ValidationError({"is_active": text})


def _move_below(old: str, new: str) -> None:
    """Give what stands below a department the beginning of its new path."""
    if old != new:
        moved = Concat(Value(new), Substr(F("path"), len(old) + 1))
        Department.objects.filter(path__startswith=old).update(path=moved)


def named_since(department: Department) -> date:
    """Return from when the present name counts (uses prefetched former_names)."""
    ends = [former.valid_to for former in department.former_names.all()]
    return max(ends) + DAY if ends else FIRST_DAY


@transaction.atomic
def rename_department(
    user: User | None,
    department: Department,
    name: str,
    since: date,
    *,
    version: int,
) -> None:
    """Give a department a new name from a day on; the former one is kept.

    Raises ValidationError, or StaleError where somebody saved meanwhile.
    """
    former = department.name
    begin = named_since(department)
    if name == former:
        raise ValidationError({"name": "新名称与现名称相同"})
    _check_past(since, "since", "启用日期")
    if since <= begin:
        text = f"现名称自{date_format(begin)}起使用，新名称的启用日期应在这之后"
        raise ValidationError({"since": text})
    save_versioned(department, {"name": name}, version=version)
    kept = FormerName(
        department=department, name=former, valid_from=begin, valid_to=since - DAY
    )
    kept.full_clean()
    kept.save()
    _record(
        user,
        department,
        "department.renamed",
        f"单位“{former}”更名为“{name}”，自{date_format(since)}起",
        {"name": former},
        {"name": name, "since": since},
    )


def _check_past(day: date, field: str, label: str) -> None:
    # Done at once: what is to happen on a later day is done on that day.
    if day > timezone.localdate():
        raise ValidationError({field: f"{label}不能晚于今天，请到当日再办理"})


@dataclass(frozen=True, kw_only=True)
class Merger:
    """What merging a department would move, and what stays with it."""

    roles: list[Membership]
    children: list[Department]
    supervised: list[Department]
    projects: list[BudgetProject]
    staying: int


def merger_of(source: Department, on: date) -> Merger:
    """Return what moves when a department is merged on a day.

    Projects: those of the day's year and later that still report and are not sent up;
    what was sent up and what is older stays with the former body.
    """
    not_over = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    held_roles = Membership.objects.filter(not_over, department=source)
    held = Q(unit=source) | Q(supervising_department=source) | Q(section=source)
    projects = BudgetProject.objects.filter(held)
    running = projects.filter(year__gte=on.year).exclude(status__in=NOT_REPORTING)
    moving = [
        each
        for each in running.prefetch_related("assessments").order_by("year", "code")
        if not any(report.is_sent_up for report in each.assessments.all())
    ]
    return Merger(
        roles=list(held_roles.select_related("user", "department")),
        children=list(source.children.all()),
        supervised=list(source.supervised.all()),
        projects=moving,
        staying=projects.count() - len(moving),
    )


@transaction.atomic
def merge_department(
    user: User | None,
    source: Department,
    target: Department,
    on: date,
    *,
    version: int,
) -> Merger:
    """Merge a department into another from a day on; return what was moved.

    The former body stays, closed and linked, below the one it went into: who works
    there sees its older projects. Raises ValidationError, or StaleError.
    """
    _check_merger(source, target, on)
    merger = merger_of(source, on)
    move_roles(user, merger.roles, target, on)
    for child in merger.children:
        if child.pk != target.pk:
            update_department(user, child, {"parent": target}, version=child.version)
    for each in merger.supervised:
        # Read again: moving it below the target gave it another version.
        row = Department.objects.get(pk=each.pk)
        update_department(user, row, {"section": target}, version=row.version)
    _move_projects(user, source, target, merger.projects)
    _close(source, target, on, version)
    summary = f"单位“{source}”并入“{target}”，自{date_format(on)}起"
    after = {"merged_into": target, "merged_on": on, "projects": len(merger.projects)}
    _record(user, source, "department.merged", summary, {}, after)
    return merger


def _check_merger(source: Department, target: Department, on: date) -> None:
    if not source.is_active:
        raise ValidationError("本单位已停用，不能再合并")
    if target.pk == source.pk or target.path.startswith(source.path):
        text = "不能并入本单位或本单位的下级；请先把该下级调整到其他上级单位"
        raise ValidationError({"target": text})
    if not target.is_active:
        raise ValidationError({"target": "该单位已停用"})
    _check_past(on, "on", "合并日期")


def _close(source: Department, target: Department, on: date, version: int) -> None:
    """Close the merged body and put it below the one it went into."""
    old, path = source.path, path_below(target, source.code, source)
    closed = {
        "is_active": False,
        "merged_into": target,
        "merged_on": on,
        "parent": target,
        "path": path,
    }
    save_versioned(source, closed, version=version)
    _move_below(old, path)


def _move_projects(
    user: User | None,
    source: Department,
    target: Department,
    projects: list[BudgetProject],
) -> None:
    keys = [each.pk for each in projects]
    moving = BudgetProject.objects.filter(pk__in=keys)
    for name in ROLES_OF_PROJECT:
        moving.filter(**{name: source}).update(**{name: target})
    moving.update(version=F("version") + 1)
    record_many(user, list(_moves(source, target, projects)))


def _moves(
    source: Department, target: Department, projects: list[BudgetProject]
) -> Iterator[Change]:
    for each in projects:
        names = [
            name
            for name in ROLES_OF_PROJECT
            if getattr(each, f"{name}_id") == source.pk
        ]
        yield Change(
            action="project.changed",
            subject=subject_of(each),
            summary=f"单位合并：“{source}”并入“{target}”",
            before=dict.fromkeys(names, source.name),
            after=dict.fromkeys(names, target.name),
        )


def _record(
    user: User | None,
    department: Department,
    action: str,
    summary: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    change = Change(
        action=action,
        subject=subject_of(department),
        summary=summary,
        before=_told(before),
        after=_told(after),
    )
    record(user, change)


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as an event keeps them: bodies by their names."""
    return {
        name: value.name if isinstance(value, Department) else value
        for name, value in values.items()
    }

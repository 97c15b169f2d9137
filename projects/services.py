"""Writes of departments and projects, each with its audit event in one transaction."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from perfeval.versions import save_versioned
from projects.models import BudgetProject, Department, FundingLine
from projects.signals import project_changed


@transaction.atomic
def place_department(department: Department, user: User | None = None) -> Department:
    """Save a department; it and all below it get the path that its parent asks."""
    before = Department.objects.filter(pk=department.pk).first()
    above = department.parent.path if department.parent else ""
    department.path = f"{above}{department.code}/"
    department.full_clean()
    department.save()
    if before and before.path != department.path:
        _move_subtree(before.path, department.path)
    record(
        user,
        Change(
            action="department.saved",
            subject=subject_of(department),
            summary=f"保存单位“{department.name}”",
            before={"name": before.name, "path": before.path} if before else {},
            after={"name": department.name, "path": department.path},
        ),
    )
    return department


def _move_subtree(old: str, new: str) -> None:
    Department.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr(F("path"), len(old) + 1))
    )


@transaction.atomic
def create_project(user: User | None, values: Mapping[str, Any]) -> BudgetProject:
    """Create a project; raise ValidationError with every field that is wrong."""
    project = BudgetProject(**values)
    project.full_clean()
    project.save()
    record(user, _project_change("project.created", "新建项目", project, {}, values))
    return project


@transaction.atomic
def update_project(
    user: User | None,
    project: BudgetProject,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> bool:
    """Change fields of a project; return whether any differed.

    Raises ValidationError, or StaleError where somebody saved meanwhile.
    """
    before = {name: getattr(project, name) for name in changes}
    if not save_versioned(project, changes, version=version):
        return False
    record(
        user, _project_change("project.changed", "修改项目", project, before, changes)
    )
    project_changed.send(sender=BudgetProject, project=project)
    return True


@transaction.atomic
def save_funding(
    user: User | None, line: FundingLine, changes: Mapping[str, Any], *, version: int
) -> bool:
    """Create (no pk) or change one funding line, amounts in 元; return whether it did.

    Raises ValidationError, or StaleError where somebody saved meanwhile. What stands
    on the money (the score of a self-assessment) follows in the same transaction.
    """
    if line.pk is None:
        before: dict[str, Any] = {}
        for name, value in changes.items():
            setattr(line, name, value)
        line.full_clean()
        line.save()
    else:
        before = {name: getattr(line, name) for name in changes}
        if not save_versioned(line, changes, version=version):
            return False
    summary = f"修改“{line.get_source_display()}”金额"
    record(user, _funding_change("funding.changed", summary, line, before, changes))
    project_changed.send(sender=FundingLine, project=line.project)
    return True


@transaction.atomic
def delete_funding(user: User | None, line: FundingLine) -> None:
    """Remove a funding source that was entered by mistake."""
    amounts = ("source", "initial", "adjusted", "received", "executed")
    before = {name: getattr(line, name) for name in amounts}
    summary = f"删除资金来源“{line.get_source_display()}”"
    record(user, _funding_change("funding.deleted", summary, line, before, {}))
    line.delete()
    project_changed.send(sender=FundingLine, project=line.project)


def _project_change(
    action: str,
    verb: str,
    project: BudgetProject,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Change:
    return Change(
        action=action,
        subject=subject_of(project),
        summary=f"{verb}“{project.shown_name}”",
        before=_told(before),
        after=_told(after),
    )


def _funding_change(
    action: str,
    summary: str,
    line: FundingLine,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Change:
    # The event belongs to the project's history: that is where a person looks for it.
    return Change(
        action=action,
        subject=subject_of(line.project),
        summary=summary,
        before=_told({**before, "source": line.source}),
        after=_told({**after, "source": line.source}),
    )


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as an event keeps them: rows by their names."""
    return {
        name: str(value) if hasattr(value, "pk") else value
        for name, value in values.items()
    }

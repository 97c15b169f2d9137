"""Writes of departments and projects, each with its audit event in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError, GoneError, StaleError, save_versioned
from projects.access import decides_money
from projects.models import (
    AMOUNT_LABELS,
    EMPTY_IF_CLASSIFIED,
    BudgetProject,
    Department,
    FundingLine,
    ProjectStatus,
)
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
            before=_department_told(before) if before else {},
            after=_department_told(department),
        ),
    )
    return department


def _department_told(department: Department) -> dict[str, Any]:
    kept = ("name", "path", "section", "is_active")
    return _told({name: getattr(department, name) for name in kept})


def _move_subtree(old: str, new: str) -> None:
    Department.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr(F("path"), len(old) + 1))
    )


@transaction.atomic
def create_project(user: User | None, values: Mapping[str, Any]) -> BudgetProject:
    """Create a project; raise ValidationError with every field that is wrong."""
    project = BudgetProject(**values)
    project.full_clean()
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError:
        # The same code was entered in the same moment: now the check sees it.
        project.full_clean()
        raise
    record(user, project_change("project.created", "新建项目", project, {}, values))
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
    is_hidden = changes.get("status") == ProjectStatus.CLASSIFIED
    if is_hidden:
        check_nothing_told(project)
    before = {name: getattr(project, name) for name in changes}
    if not save_versioned(project, changes, version=version):
        return False
    if is_hidden:
        # The event is kept for ever: it must not tell what the project was.
        before = {name: before[name] for name in before.keys() - {*EMPTY_IF_CLASSIFIED}}
        changes = {name: changes[name] for name in before}
    record(
        user, project_change("project.changed", "修改项目", project, before, changes)
    )
    project_changed.send(sender=BudgetProject, project=project)
    return True


@dataclass(frozen=True, kw_only=True)
class FundingEdit:
    """What becomes of one funding line: changes (amounts in 元), None to delete it."""

    line: FundingLine
    changes: Mapping[str, Any] | None
    version: int


@transaction.atomic
def save_all_funding(user: User | None, edits: Sequence[FundingEdit]) -> bool:
    """Save what was edited on the funding page, all or nothing; return whether it did.

    Deletions come first: a source may be deleted and entered anew at once.
    """
    saved = False
    for edit in sorted(edits, key=lambda each: each.changes is not None):
        if edit.changes is None:
            delete_funding(user, edit.line, version=edit.version)
            saved = True
        else:
            written = save_funding(user, edit.line, edit.changes, version=edit.version)
            saved = saved or written
    return saved


@transaction.atomic
def save_funding(
    user: User | None, line: FundingLine, changes: Mapping[str, Any], *, version: int
) -> bool:
    """Create (no pk) or change one funding line, amounts in 元; return whether it did.

    Raises ValidationError, ClosedError (an imported amount, for all but the 绩效科), or
    StaleError where somebody saved meanwhile. What stands on the money (the score of a
    self-assessment) follows in the same transaction.
    """
    _lock_for_funding(line)
    created = line.pk is None
    if not created:
        changes = {**changes, **_without_origin(user, line, changes)}
    before = {} if created else {name: getattr(line, name) for name in changes}
    if created:
        for name, value in changes.items():
            setattr(line, name, value)
        line.full_clean()
        line.save()
    elif not save_versioned(line, changes, version=version):
        return False
    verb = "新增" if created else "修改"
    summary = f"{verb}“{line.get_source_display()}”金额"
    record(user, funding_change("funding.changed", summary, line, before, changes))
    project_changed.send(sender=FundingLine, project=line.project)
    return True


@transaction.atomic
def delete_funding(user: User | None, line: FundingLine, *, version: int) -> None:
    """Remove a funding source; raise StaleError where somebody saved meanwhile."""
    _lock_for_funding(line)
    stored = FundingLine.objects.filter(pk=line.pk).first()
    if stored is None:
        raise GoneError("该资金来源已被他人删除")
    if stored.version != version:
        raise StaleError(stored)
    if stored.imported_amounts and not decides_money(user):
        raise ClosedError(f"“{stored}”的金额是导入的，不能删除；有误时请申请更正")
    if stored.corrections.exists():
        raise ClosedError(f"“{stored}”有更正记录，不能删除；不再使用时请把金额改为 0")
    amounts = ("source", "initial", "adjusted", "received", "executed")
    before = {name: getattr(stored, name) for name in amounts}
    summary = f"删除资金来源“{stored.get_source_display()}”"
    record(user, funding_change("funding.deleted", summary, stored, before, {}))
    stored.delete()
    project_changed.send(sender=FundingLine, project=line.project)


def _without_origin(
    user: User | None, line: FundingLine, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what becomes of imported_amounts where imported ones are typed over.

    Raises ClosedError for who may not.
    """
    stored = FundingLine.objects.filter(pk=line.pk).first()
    if stored is None or not stored.imported_amounts or "imported_amounts" in changes:
        return {}
    typed_over = [
        name
        for name in stored.imported_amounts
        if name in changes and changes[name] != getattr(stored, name)
    ]
    other_source = changes.get("source", stored.source) != stored.source
    if not typed_over and not other_source:
        return {}
    if not decides_money(user):
        labels = "、".join(AMOUNT_LABELS[name] for name in typed_over) or "资金来源"
        raise ClosedError(
            f"“{stored}”的{labels}是导入的，不能直接修改；有误时请在项目页申请更正"
        )
    kept = stored.imported_amounts.items()
    return {"imported_amounts": {key: at for key, at in kept if key not in typed_over}}


def _lock_for_funding(line: FundingLine) -> None:
    """Hold the project, so that two people cannot enter the same source at once."""
    project = BudgetProject.objects.select_for_update().get(pk=line.project_id)
    if project.is_classified:
        raise ValidationError("涉密项目在本系统只登记编码和状态，不填资金")


def check_nothing_told(project: BudgetProject, *, field: str = "status") -> None:
    """Refuse to hide under “涉密” what the system already tells of a project.

    field: the form's name of what is to be mended.
    """
    told = {
        "资金": project.funding_lines.exists(),
        "绩效指标": project.indicators.exists(),
        "绩效自评": project.assessments.exists(),
        "状态变更申请": project.status_changes.exclude(reason="").exists(),
    }
    found = [label for label, is_there in told.items() if is_there]
    if found and not project.is_classified:
        raise ValidationError(
            {
                field: f"本项目在系统中已有{'、'.join(found)}，不能改为“涉密另报”；"
                "请先报告保密管理部门处理"
            }
        )


def project_change(
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


def funding_change(
    action: str,
    summary: str,
    line: FundingLine,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Change:
    # The event belongs to the project's history: that is where a person looks for it.
    return Change(
        action=action,
        subject=f"{BudgetProject._meta.label_lower}:{line.project_id}",
        summary=summary,
        before=_told({**before, **_place(line)}),
        after=_told({**after, **_place(line)}),
    )


def _place(line: FundingLine) -> dict[str, Any]:
    """Return which line it is: its source, and the unit that shares, if any."""
    return {"source": line.source, **({"unit": line.unit} if line.unit else {})}


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as an event keeps them: rows by their names."""
    return {
        name: str(value) if hasattr(value, "pk") else value
        for name, value in values.items()
    }

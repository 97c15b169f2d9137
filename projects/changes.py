"""Changes that a unit asks for and the 绩效科 decides: a project's status."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from perfeval.audit import Change, record, subject_of
from perfeval.files import store_file
from perfeval.models import User
from perfeval.versions import ClosedError
from projects.models import (
    CLASSIFIED_REFUSAL,
    EMPTY_IF_CLASSIFIED,
    BudgetProject,
    ChangeRequest,
    ChangeState,
    ProjectStatus,
    StatusChange,
)
from projects.services import check_nothing_told, create_project, update_project


@transaction.atomic
def request_status(
    user: User,
    project: BudgetProject,
    *,
    to_status: str,
    merged_into: BudgetProject | None = None,
    reason: str = "",
    document: str = "",
    document_date: date | None = None,
    upload: "UploadedFile[Any] | None" = None,
) -> StatusChange:
    """Ask that a project shall not report; its status changes on approval alone.

    Raises ClosedError (it does not report already, or one is waiting), ValidationError.
    """
    locked = BudgetProject.objects.select_for_update().get(pk=project.pk)
    _check_reporting(locked)
    if to_status == ProjectStatus.CLASSIFIED:
        check_nothing_told(locked, field="to_status")
    check_successor(locked, merged_into)
    change = StatusChange(
        project=locked,
        from_status=locked.status,
        to_status=to_status,
        merged_into=merged_into,
        reason=reason,
        document=document,
        document_date=document_date,
        requested_by=user,
        requested_at=timezone.now(),
    )
    change.full_clean()
    if upload:
        change.attachment = store_file(user, upload)
    change.save()
    label = change.get_to_status_display()
    _record(user, change, "status.requested", f"申请将项目改为“{label}”", _told(change))
    return change


@transaction.atomic
def enter_project(user: User | None, values: Mapping[str, Any]) -> BudgetProject:
    """Create a project; one entered as classified waits for the 绩效科's approval.

    Raises ValidationError with every field that is wrong.
    """
    project = create_project(user, values)
    if user is None or not project.is_classified:
        return project
    change = StatusChange(
        project=project,
        from_status=ProjectStatus.NORMAL,
        to_status=ProjectStatus.CLASSIFIED,
        requested_by=user,
        requested_at=timezone.now(),
    )
    change.full_clean()
    change.save()
    _record(user, change, "status.requested", "登记涉密另报项目", _told(change))
    return project


@transaction.atomic
def decide_status(user: User, pk: int, *, approve: bool, note: str) -> StatusChange:
    """Approve a change of status, which is done at once, or refuse it with a note.

    Raises ClosedError (decided already, or the report was sent up), ValidationError.
    """
    waiting = StatusChange.objects.select_for_update(of=("self",))
    change = waiting.select_related("project", "merged_into").get(pk=pk)
    if change.to_status == ProjectStatus.CLASSIFIED:
        # Whatever somebody typed, of a classified project no words are kept.
        note = "" if approve else CLASSIFIED_REFUSAL
    mark_decided(change, user, approve=approve, note=note)
    project = BudgetProject.objects.select_for_update().get(pk=change.project_id)
    if approve and project.status != change.to_status:
        _check_reporting(project)
        check_successor(project, change.merged_into)
        update_project(user, project, _effect(change), version=project.version)
    verb = "同意" if approve else "不同意"
    summary = f"{verb}将项目改为“{change.get_to_status_display()}”"
    told = {"state": change.state, "note": change.decision_note}
    _record(user, change, "status.decided", summary, told)
    return change


@transaction.atomic
def withdraw_status(user: User, pk: int) -> StatusChange:
    """Take back what one asked for oneself, before it is decided.

    Raises ClosedError: decided meanwhile, or the project was entered as classified.
    """
    waiting = StatusChange.objects.select_for_update(of=("self",))
    change = waiting.select_related("project").get(pk=pk)
    _check_undecided(change)
    if change.project.status == change.to_status:
        # It would stay classified, and nobody would be asked whether it is.
        raise ClosedError("该项目登记时即为“涉密另报”，须由绩效科审批，不能撤回")
    mark_withdrawn(change, user)
    summary = f"撤回将项目改为“{change.get_to_status_display()}”的申请"
    _record(user, change, "status.withdrawn", summary, {"state": change.state})
    return change


def mark_withdrawn(change: ChangeRequest, user: User) -> None:
    """Write down that who asked takes it back; the row is locked. Raises ClosedError.

    What the project or the indicator is stays as it is: nothing was changed yet.
    """
    _check_undecided(change)
    change.state = ChangeState.WITHDRAWN
    change.decided_by, change.decided_at = user, timezone.now()
    change.save(update_fields=["state", "decided_by", "decided_at"])


def _check_undecided(change: ChangeRequest) -> None:
    if not change.is_open:
        state = change.get_state_display()
        raise ClosedError(f"该申请已由{change.decided_by}处理（{state}），不能再次处理")


def mark_decided(
    change: ChangeRequest, user: User, *, approve: bool, note: str
) -> None:
    """Write down who decided; the row is locked. Raises ClosedError, ValidationError.

    Nobody decides what they asked for themselves.
    """
    _check_undecided(change)
    if change.requested_by_id == user.pk:
        raise ValidationError("不能审批本人提出的申请，请由绩效科其他人员审批")
    if not approve and not note.strip():
        raise ValidationError({"note": "不同意时请填写审批意见"})
    change.state = ChangeState.APPROVED if approve else ChangeState.REFUSED
    change.decided_by, change.decided_at = user, timezone.now()
    change.decision_note = note.strip()
    change.save(
        update_fields=["state", "decided_by", "decided_at", "decision_note"],
    )


def check_successor(project: BudgetProject, successor: BudgetProject | None) -> None:
    """Refuse to merge a project into one that will not report itself."""
    if successor is None:
        return
    if successor.pk == project.pk:
        raise ValidationError({"merged_code": "项目不能并入自身"})
    if successor.year != project.year:
        raise ValidationError({"merged_code": "只能并入同一年度的项目"})
    if not successor.is_reporting:
        state = successor.get_status_display()
        raise ValidationError({"merged_code": f"该项目已{state}，不能再并入其他项目"})


def _check_reporting(project: BudgetProject) -> None:
    if not project.is_reporting:
        state = project.get_status_display()
        raise ClosedError(f"项目现在是“{state}”，已不再自评；需要恢复时请联系绩效科")
    open_one = project.status_changes.filter(state=ChangeState.REQUESTED).first()
    if open_one:
        label = open_one.get_to_status_display()
        raise ClosedError(f"已有改为“{label}”的申请等待绩效科审批")


def _effect(change: StatusChange) -> dict[str, Any]:
    """Return the fields of the project that an approved change sets."""
    effect: dict[str, Any] = {
        "status": change.to_status,
        "merged_into": change.merged_into,
        "status_reason": change.reason,
    }
    if change.to_status == ProjectStatus.CLASSIFIED:
        effect |= dict.fromkeys(EMPTY_IF_CLASSIFIED, "")
    return effect


def _told(change: StatusChange) -> dict[str, Any]:
    told = {
        "to_status": change.to_status,
        "merged_into": change.merged_into.code if change.merged_into else "",
        "reason": change.reason,
        "document": change.document,
        "document_date": change.document_date,
        "attachment": change.attachment.sha256 if change.attachment else "",
    }
    return {name: value for name, value in told.items() if value}


def _record(
    user: User,
    change: StatusChange,
    action: str,
    summary: str,
    after: Mapping[str, Any],
) -> None:
    # In the project's history: that is where a person looks for it.
    subject = subject_of(change.project)
    before = {"status": change.from_status}
    record(
        user,
        Change(
            action=action, subject=subject, summary=summary, before=before, after=after
        ),
    )

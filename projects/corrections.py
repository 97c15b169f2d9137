"""更正: a wrong imported amount is put right when the 绩效科 agrees, not before."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from perfeval.audit import Change, record, subject_of
from perfeval.files import store_file
from perfeval.models import User
from perfeval.versions import ClosedError
from projects.changes import mark_decided, mark_withdrawn
from projects.models import AmountCorrection, BudgetProject, ChangeState, FundingLine
from projects.services import save_funding
from projects.signals import project_changed

CORRECTED = "（已更正）"


@transaction.atomic
def request_correction(
    user: User,
    line: FundingLine,
    amount: str,
    new_value: Decimal | None,
    *,
    reason: str,
    document: str = "",
    document_date: date | None = None,
    upload: "UploadedFile[Any] | None" = None,
) -> AmountCorrection:
    """Ask for another value (元) of an imported amount; nothing changes until approved.

    Raises ClosedError (not imported, one is waiting, the report was sent up),
    ValidationError.
    """
    locked = _locked(line.pk)
    if amount not in locked.imported_amounts:
        raise ClosedError("该金额不是导入的，可以直接修改，不需要申请更正")
    if locked.corrections.filter(amount=amount, state=ChangeState.REQUESTED).exists():
        raise ClosedError("该金额已有更正申请等待绩效科审批")
    # Whoever listens refuses where the money stands in a report that was sent up.
    project_changed.send(sender=FundingLine, project=locked.project)
    old = getattr(locked, amount)
    if new_value == old:
        raise ValidationError({"new_value": "更正前后没有差别，请填写正确的金额"})
    correction = AmountCorrection(
        line=locked,
        amount=amount,
        old_value=old,
        new_value=new_value,
        reason=reason,
        document=document,
        document_date=document_date,
        requested_by=user,
        requested_at=timezone.now(),
    )
    correction.full_clean()
    if upload:
        correction.attachment = store_file(user, upload)
    correction.save()
    _record(user, correction, "correction.requested", "申请更正")
    return correction


@transaction.atomic
def decide_correction(
    user: User, pk: int, *, approve: bool, note: str
) -> AmountCorrection:
    """Approve a correction, which the money takes at once, or refuse it with a note.

    Raises ClosedError (decided already, the amount changed meanwhile, the report was
    sent up), ValidationError.
    """
    correction = _waiting(pk)
    mark_decided(correction, user, approve=approve, note=note)
    _record(
        user, correction, "correction.decided", "同意更正" if approve else "不同意更正"
    )
    if not approve:
        return correction
    line = _locked(correction.line_id)
    name = correction.amount
    if getattr(line, name) != correction.old_value:
        raise ClosedError("该金额在申请之后已改动，请不同意本申请，由单位重新提出")
    file, at = line.imported_amounts.get(name, ["手工录入", timezone.now().isoformat()])
    origin = {name: [f"{file.removesuffix(CORRECTED)}{CORRECTED}", at]}
    changes = {
        name: correction.new_value,
        "imported_amounts": {**line.imported_amounts, **origin},
    }
    save_funding(user, line, changes, version=line.version)
    return correction


@transaction.atomic
def withdraw_correction(user: User, pk: int) -> AmountCorrection:
    """Take back what one asked for, before it is decided; raise ClosedError."""
    correction = _waiting(pk)
    mark_withdrawn(correction, user)
    _record(user, correction, "correction.withdrawn", "撤回更正申请：")
    return correction


def _waiting(pk: int) -> AmountCorrection:
    rows = AmountCorrection.objects.select_for_update(of=("self",))
    return rows.select_related("line__project").get(pk=pk)


def _locked(pk: int) -> FundingLine:
    """Return a line, held together with its project: money is written in this order."""
    line = FundingLine.objects.select_related("project").get(pk=pk)
    BudgetProject.objects.select_for_update().get(pk=line.project_id)
    return FundingLine.objects.select_related("project").get(pk=pk)


def _record(user: User, correction: AmountCorrection, action: str, verb: str) -> None:
    # In the project's history: that is where a person looks for it.
    basis: Mapping[str, Any] = {
        "reason": correction.reason,
        "document": correction.document,
        "state": correction.state,
        "note": correction.decision_note,
    }
    change = Change(
        action=action,
        subject=subject_of(correction.line.project),
        summary=f"{verb}“{correction.line}”的{correction.get_amount_display()}",
        before={correction.amount: correction.old_value},
        after={correction.amount: correction.new_value, **basis},
    )
    record(user, change)

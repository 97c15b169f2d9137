"""The units that carry out a project together with its lead: add one, take one out."""

from django.core.exceptions import ValidationError
from django.db import transaction

from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from projects.models import BudgetProject, Department, UnitShare
from projects.signals import project_changed


@transaction.atomic
def add_share(user: User | None, project: BudgetProject, unit: Department) -> UnitShare:
    """Let a unit fill in its part of a project; raise ValidationError, ClosedError."""
    locked = BudgetProject.objects.select_for_update().get(pk=project.pk)
    if locked.is_classified:
        raise ValidationError("涉密项目在本系统只登记编码和状态")
    if unit.pk == locked.unit_id:
        raise ValidationError({"code": "该单位是本项目的牵头单位"})
    if not unit.is_active:
        raise ValidationError({"code": f"“{unit}”已停用"})
    share = UnitShare(project=locked, unit=unit)
    if UnitShare.objects.filter(project=locked, unit=unit).exists():
        raise ValidationError({"code": f"“{unit}”已是本项目的参与实施单位"})
    share.full_clean()
    share.save()
    _record(user, share, "share.added", f"增加参与实施单位“{unit}”")
    project_changed.send(sender=UnitShare, project=locked)
    return share


@transaction.atomic
def remove_share(user: User | None, share: UnitShare) -> None:
    """Take a unit out that has filled in nothing; raise ValidationError, ClosedError.

    What a unit filled in is never dropped on the way.
    """
    BudgetProject.objects.select_for_update().get(pk=share.project_id)
    lines = share.project.funding_lines.filter(unit=share.unit)
    results = share.unit.share_results.filter(
        result__assessment__project=share.project
    ).exclude(actual="")
    found = [
        label
        for label, is_there in (
            ("资金", lines.exists()),
            ("指标完成情况", results.exists()),
        )
        if is_there
    ]
    if found:
        raise ValidationError(
            f"“{share.unit}”已填{'和'.join(found)}，请该单位先清空，再移出"
        )
    _record(user, share, "share.removed", f"移出参与实施单位“{share.unit}”")
    project = share.project
    share.delete()
    project_changed.send(sender=UnitShare, project=project)


def _record(user: User | None, share: UnitShare, action: str, summary: str) -> None:
    unit = {"unit": share.unit.name, "code": share.unit.code}
    is_gone = action == "share.removed"
    change = Change(
        action=action,
        subject=subject_of(share.project),
        summary=summary,
        before=unit if is_gone else {},
        after={} if is_gone else unit,
    )
    record(user, change)

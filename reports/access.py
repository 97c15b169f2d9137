"""Who may do what with copies to be published: one question each.

What these functions are asked about has been fetched through
SelfAssessment.visible_to, with_facts().
"""

from django.db.models import QuerySet

from indicators.models import FINAL, SelfAssessment
from perfeval.audit import subject_of
from perfeval.models import AuditEvent, User
from projects.access import holdings_for, roles_for
from projects.models import Role
from reports.models import OUT, Publication

MAKERS = frozenset({Role.FILLER, Role.PERFORMANCE_SECTION})


def makes_copies(user: User, assessment: SelfAssessment) -> bool:
    """Whether a person works on copies to be published: of the own unit, 绩效科."""
    return bool(MAKERS & roles_for(user, assessment.project))


def copies_for(
    user: User, assessment: SelfAssessment
) -> QuerySet[Publication, Publication]:
    """Return the copies a person may see: those that are out, makers all."""
    rows = assessment.publications.all()
    return rows if makes_copies(user, assessment) else rows.filter(state__in=OUT)


def why_not_make(user: User, assessment: SelfAssessment) -> str:
    """Return in one sentence why a person may not begin a copy now, or ""."""
    if not makes_copies(user, assessment):
        return "公开稿由本单位填报人或绩效科编制"
    if assessment.status not in FINAL:
        return f"该自评现在是“{assessment.get_status_display()}”，审定后才能编制公开稿"
    return ""


def why_not_change(user: User, copy: Publication) -> str:
    """Return in one sentence why a person may not change a copy now, or ""."""
    if not makes_copies(user, copy.assessment):
        return "公开稿由本单位填报人或绩效科编制"
    if not copy.is_draft:
        return f"公开稿{copy.get_state_display()}，不能修改"
    return _why_outdated(copy)


def why_not_decide(user: User, copy: Publication) -> str:
    """Return in one sentence why a person may not approve or return a copy, or ""."""
    roles = {Role.PERFORMANCE_SECTION}
    held = holdings_for(user, copy.assessment.project, roles)
    if not held:
        return "公开稿由绩效科批准"
    if not copy.is_sent:
        return f"公开稿{copy.get_state_display()}，不在待批准状态"
    authors = authors_of(copy)
    if user.pk in authors:
        return "不能批准本人编制或送批的公开稿"
    if all(each.user_id in authors for each in held):
        return "不能代编制人批准其本人编制的公开稿"
    return ""


def why_not_take_back(user: User, copy: Publication) -> str:
    """Return in one sentence why a person may not take a sent copy back, or "".

    Who may decide returns it with a reason instead.
    """
    if not makes_copies(user, copy.assessment):
        return "只有编制单位和绩效科可以撤回公开稿"
    if not copy.is_sent:
        return f"公开稿{copy.get_state_display()}，不能撤回"
    if not why_not_decide(user, copy):
        return "公开稿由编制方撤回；审批人请填写意见后退回"
    return ""


def authors_of(copy: Publication) -> set[int]:
    """Return the keys of those who made a copy, changed or sent it."""
    events = AuditEvent.objects.filter(
        chain__key=copy.assessment.chain,
        subject=subject_of(copy),
        action__in=["publication.made", "publication.changed", "publication.sent"],
        user__isnull=False,
    )
    wrote = events.order_by().values_list("user_id", flat=True)
    return {copy.made_by_id, *(key for key in wrote if key)}


def is_outdated(copy: Publication) -> bool:
    """Whether the report was opened again since what a copy is made of was approved."""
    assessment = copy.assessment
    is_final = assessment.status in FINAL
    return not is_final or copy.record.edition != assessment.edition


def _why_outdated(copy: Publication) -> str:
    if is_outdated(copy):
        return "该自评已重新打开，这份公开稿所依据的报告已过时，请作废后重新编制"
    return ""

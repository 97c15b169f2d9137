"""Who may do what with a self-assessment: one question each, answered with bool.

Seeing is SelfAssessmentQuerySet.visible_to; what these functions are asked about has
been fetched through it, with_facts().
"""

from indicators.models import SelfAssessment
from perfeval.models import User
from projects.access import memberships_of, roles_for, roles_of
from projects.models import Department, Role


def may_fill(user: User, assessment: SelfAssessment) -> bool:
    """Whether a person may write results and texts now."""
    is_open = assessment.is_editable and not assessment.is_exempt
    return is_open and Role.FILLER in roles_for(user, assessment.project)


def why_not_fill(user: User, assessment: SelfAssessment) -> str:
    """Return in one sentence why a person may not write here, "" where they may."""
    if may_fill(user, assessment):
        return ""
    if assessment.is_exempt:
        return "免报，不需要填写"
    if not assessment.is_editable:
        return f"{assessment.get_status_display()}，不能修改"
    return "只有本单位填报人可以填写"


def may_run_tasks(user: User) -> bool:
    """Whether a person writes tasks, sends them out and changes what was sent out."""
    return Role.PERFORMANCE_SECTION in roles_of(user)


def may_look_at_tasks(user: User) -> bool:
    """Whether a person sees where a task stands: over all, or in the own department."""
    return bool({Role.PERFORMANCE_SECTION, Role.DEPARTMENT_REVIEWER} & roles_of(user))


def passing_departments(user: User) -> list[Department]:
    """Return the departments for which a person may pass tasks down."""
    return [
        each.department
        for each in memberships_of(user)
        if each.role == Role.DEPARTMENT_REVIEWER
    ]


def may_keep_holidays(user: User) -> bool:
    return bool({Role.PERFORMANCE_SECTION, Role.SYSTEM_ADMIN} & roles_of(user))


def keeps_library(user: User) -> bool:
    """Whether a person keeps the indicator library, or a department's part of it."""
    return bool({Role.PERFORMANCE_SECTION, Role.DEPARTMENT_REVIEWER} & roles_of(user))

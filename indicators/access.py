"""Who may do what with a self-assessment: one question each, answered with bool.

Seeing is SelfAssessmentQuerySet.visible_to; what these functions are asked about has
been fetched through it, with_facts().
"""

from indicators.models import SelfAssessment
from perfeval.models import User
from projects.access import roles_for
from projects.models import Role


def may_fill(user: User, assessment: SelfAssessment) -> bool:
    """Whether a person may write results and texts now."""
    return assessment.is_editable and Role.FILLER in roles_for(user, assessment.project)


def why_not_fill(user: User, assessment: SelfAssessment) -> str:
    """Return in one sentence why a person may not write here, "" where they may."""
    if may_fill(user, assessment):
        return ""
    if not assessment.is_editable:
        return f"{assessment.get_status_display()}，不能修改"
    return "只有本单位填报人可以填写"

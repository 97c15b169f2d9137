"""Who may do what with a self-assessment: one question each, answered with bool.

Seeing is SelfAssessmentQuerySet.visible_to; what these functions are asked about has
been fetched through it, with_facts().
"""

from indicators.models import (
    EVIDENCE,
    FINAL,
    PART_NAMES,
    Problem,
    SelfAssessment,
    Status,
)
from indicators.problem_querysets import LISTING
from indicators.result_use_querysets import DECIDING
from perfeval.models import User
from projects.access import may_view, memberships_of, parts_given, roles_for, roles_of
from projects.models import Department, Role

REVIEWING = frozenset(
    {
        Role.UNIT_REVIEWER,
        Role.DEPARTMENT_REVIEWER,
        Role.SECTION_REVIEWER,
        Role.PERFORMANCE_SECTION,
    }
)


def may_fill(user: User, assessment: SelfAssessment) -> bool:
    """Whether a person may write results and texts now."""
    is_open = assessment.is_editable and not assessment.is_exempt
    return is_open and Role.FILLER in roles_for(user, assessment.project)


def may_fill_part(user: User, assessment: SelfAssessment, part: str) -> bool:
    """Whether a person may write one part now: a filler any, others what was given."""
    is_open = assessment.is_editable and not assessment.is_exempt
    return is_open and writes_part(user, assessment, part)


def writes_part(user: User, assessment: SelfAssessment, part: str) -> bool:
    """Whether a person writes one part, whatever the state of the self-assessment."""
    is_filler = Role.FILLER in roles_for(user, assessment.project)
    return is_filler or part in parts_of(user, assessment)


def fillable_parts(user: User, assessment: SelfAssessment) -> frozenset[str]:
    """Return the keys of the parts that a person may write now."""
    if not assessment.is_editable or assessment.is_exempt:
        return frozenset()
    if Role.FILLER in roles_for(user, assessment.project):
        return frozenset(PART_NAMES)
    return parts_of(user, assessment)


def parts_of(user: User, assessment: SelfAssessment) -> frozenset[str]:
    """Return the parts that were given to a person in a self-assessment."""
    given = parts_given(user)
    return frozenset(each.part for each in given if each.assessment_id == assessment.pk)


def may_give_parts(user: User, assessment: SelfAssessment) -> bool:
    """Whether a person says who fills in what: the fillers of the unit."""
    return may_fill(user, assessment)


def may_supersede(user: User, assessment: SelfAssessment) -> bool:
    """Whether a person may replace evidence: until the report is approved."""
    is_open = assessment.status not in FINAL and not assessment.is_exempt
    return is_open and writes_part(user, assessment, EVIDENCE)


def why_not_fill(user: User, assessment: SelfAssessment) -> str:
    """Return in one sentence why a person may not write here, "" where they may."""
    return "" if may_fill(user, assessment) else _why_closed(assessment)


def why_not_fill_part(user: User, assessment: SelfAssessment, part: str) -> str:
    """Return in one sentence why a person may not write a part, "" where they may."""
    if may_fill_part(user, assessment, part):
        return ""
    return _why_closed(assessment)


def _why_closed(assessment: SelfAssessment) -> str:
    if assessment.is_exempt:
        return "免报，不需要填写"
    if not assessment.is_editable:
        return f"{assessment.get_status_display()}，不能修改"
    return "只有本单位填报人可以填写"


def sees_for_recheck_only(user: User, assessment: SelfAssessment) -> bool:
    """Whether a person sees a self-assessment as its third party and as nothing else.

    Asked of one they see; project: with unit and section.
    """
    if Role.THIRD_PARTY not in roles_of(user):
        return False
    return not may_view(user, assessment.project) and not parts_of(user, assessment)


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


def reviews(user: User) -> bool:
    """Whether a person reviews at any level, and so has a list of what waits."""
    return bool(REVIEWING & roles_of(user))


def listing_role(user: User, assessment: SelfAssessment) -> Role | None:
    """Return the role in which a person lists problems of it, None where in none.

    The highest they hold for its project: 绩效科, 归口业务科室, 主管部门.
    """
    held = roles_for(user, assessment.project)
    return next((each for each in LISTING if each in held), None)


def why_not_list_problems(user: User, assessment: SelfAssessment) -> str:
    """Return in one sentence why a person may not list problems now, "" if they may.

    From the review on; they are sent out once it is approved.
    """
    if listing_role(user, assessment) is None:
        return "问题清单由主管部门、归口业务科室和绩效科的审核人提出"
    if assessment.status not in (Status.IN_REVIEW, *FINAL):
        return f"该自评现在是“{assessment.get_status_display()}”，送审后才能列出问题"
    return ""


def fills_problem(user: User, problem: Problem) -> bool:
    """Whether a person writes what is done about a problem, whatever its state."""
    return Role.FILLER in roles_for(user, problem.assessment.project)


def may_mend(user: User, problem: Problem) -> bool:
    """Whether a person writes what is done about a problem now: fillers of the unit."""
    return problem.is_with_unit and fills_problem(user, problem)


def may_judge(user: User, problem: Problem) -> bool:
    """Whether a person says if a problem is solved: the level that listed it, or the
    绩效科; nobody of what they wrote themselves."""
    held = roles_for(user, problem.assessment.project)
    is_theirs = problem.listed_as in held or Role.PERFORMANCE_SECTION in held
    return is_theirs and problem.saved_by_id != user.pk


def may_decide_use(user: User, assessment: SelfAssessment) -> bool:
    """Whether a person decides what is made of a result: 绩效科, 归口业务科室."""
    return bool(roles_for(user, assessment.project).intersection(DECIDING))


def decides_use(user: User) -> bool:
    """Whether a person decides of any results, whatever their projects."""
    return bool(roles_of(user).intersection(DECIDING))

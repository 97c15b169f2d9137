"""The levels of review that one self-assessment passes through.

The task lists them; one falls away where its body is the one below it: a bureau that is
its own supervising department does not review itself twice.
"""

from indicators.models import SelfAssessment, TaskLevel
from projects.models import BudgetProject, Role


def levels_of(assessment: SelfAssessment) -> list[TaskLevel]:
    """Return its levels in order; uses with_facts() and prefetched task levels.

    A project of no 归口业务科室 has no level of one: nobody could review there.
    """
    project = assessment.project
    kept: list[TaskLevel] = []
    for level in assessment.task.levels.all():
        body = body_of(level, project)
        if level.role == Role.SECTION_REVIEWER and body is None:
            continue
        if kept and body is not None and body == body_of(kept[-1], project):
            continue
        kept.append(level)
    return kept


def body_of(level: TaskLevel, project: BudgetProject) -> int | None:
    """Return the key of the body that reviews at a level, None where it is no one's."""
    bodies = {
        Role.UNIT_REVIEWER: project.unit_id,
        Role.DEPARTMENT_REVIEWER: project.supervising_department_id,
        Role.SECTION_REVIEWER: project.section_id,
    }
    return bodies.get(Role(level.role))


def level_after(assessment: SelfAssessment) -> TaskLevel | None:
    """Return the level above the one at hand, the first where none is at hand yet."""
    above = (each for each in levels_of(assessment) if each.position > assessment.level)
    return next(above, None)


def level_before(assessment: SelfAssessment) -> TaskLevel | None:
    """Return the level below the one at hand, None where the filler stands there."""
    below = [each for each in levels_of(assessment) if each.position < assessment.level]
    return below[-1] if below else None


def last_own_level(assessment: SelfAssessment) -> int:
    """Return the position of the unit's own last level; 0: 送审 is its last step."""
    project = assessment.project
    own = [
        each.position
        for each in levels_of(assessment)
        if body_of(each, project) == project.unit_id
    ]
    return own[-1] if own else 0

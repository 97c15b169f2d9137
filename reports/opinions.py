"""What a level of review says of a report, as its 审核意见 lists it."""

from django.utils import timezone

from indicators.levels import body_of
from indicators.models import SelfAssessment, TaskLevel
from indicators.workflow import Transition
from perfeval.models import User
from perfeval.templatetags.units import points
from projects.access import holdings_for
from projects.models import BudgetProject
from reports.document import Opinion


def opinion_of(
    user: User, assessment: SelfAssessment, step: Transition, note: str
) -> Opinion | None:
    """Return the opinion that a decision is, None for a step that is no decision.

    assessment: as it stands at the level that decides, its review points settled.
    """
    level = assessment.current_level
    if not step.judges or level is None:
        return None
    decision = step.label
    if step.action == "approve" and level.gives_points and assessment.review_total:
        decision += f"，复核得分 {points(assessment.review_total)} 分"
        if assessment.review_grade:
            decision += f"，{assessment.review_grade}"
    return Opinion(
        level=level.name,
        body=_body_name(user, level, assessment.project),
        person=str(user),
        date=timezone.localdate().isoformat(),
        decision=decision,
        text=note.strip(),
    )


def _body_name(user: User, level: TaskLevel, project: BudgetProject) -> str:
    """Return the name of the body that reviews at a level, "" where none is known."""
    body = body_of(level, project)
    named = (project.unit, project.supervising_department, project.section)
    for each in named:
        if each is not None and each.pk == body:
            return each.name
    held = holdings_for(user, project, {level.role})
    return held[0].department.name if held else ""

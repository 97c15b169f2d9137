"""Whom a problem concerns at each step, and what they are told (问题清单与整改)."""

from collections.abc import Sequence

from django.urls import reverse

from indicators.models import Problem, ProblemStep, SelfAssessment
from indicators.recipients import holders
from perfeval.models import User
from perfeval.notices import notify, telling
from projects.models import Role

TO_UNIT = {
    "send_back": "整改结果被退回",
    "confirm": "整改已确认到位",
    "cancel": "问题已撤销，不必整改",
}


def tell_of_list(
    assessment: SelfAssessment, sent: Sequence[Problem], user: User
) -> None:
    """Tell the unit of the problems sent out."""
    with telling(sent):
        name = assessment.project.shown_name
        words = "；".join(str(each) for each in sent)
        notify(
            holders(assessment.project, Role.FILLER) - {user.pk},
            key=f"problems:{assessment.pk}:{sent[0].pk}",
            text=f"“{name}”有 {len(sent)} 项问题需要整改：{words}",
            address=reverse("indicators:assessment_problems", args=[assessment.pk]),
        )


def tell_of_step(step: ProblemStep) -> None:
    """Tell those whose turn it is of a step just taken, not who took it."""
    with telling(step):
        problem = step.problem
        assessment = problem.assessment
        name = f"“{assessment.project.shown_name}”"
        if step.action == "submit":
            people = holders(assessment.project, problem.listed_as)
            text = f"{name}的整改结果已提交，请确认：{problem}"
        else:
            people = holders(assessment.project, Role.FILLER)
            note = f"：{step.note}" if step.note else ""
            text = f"{name}的{TO_UNIT[step.action]}（{problem}）{note}"
        notify(
            people - {step.actor_id},
            key=f"problem-step:{step.pk}",
            text=text,
            address=place_of_problem(problem),
        )


def place_of_problem(problem: Problem) -> str:
    return reverse("indicators:problem", args=[problem.assessment_id, problem.pk])

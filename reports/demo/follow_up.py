"""What follows the demo's approved reports: problems in several states, decisions."""

from datetime import timedelta

from indicators.models import FINAL, Problem, ProblemSource, SelfAssessment
from indicators.problem_proposals import proposals_of
from indicators.rectification import (
    NewProblem,
    judge,
    list_problems,
    save_mending,
    send_out,
)
from indicators.result_use import adopt_suggestions, send_uses
from reports.demo.assessments import Stage

# A report of 2021 whose fourth section names three problems with their measures.
YEAR, PROJECT = 2021, "118001"
MENDED = (
    "下一年度按线上线下培训各占一半测算，预算由23万元核减为16万元，已报局财务部门。",
    "已举办案卷评查专题培训两期，评查案卷60宗，逐案反馈意见并已改正。",
)


def create_follow_up(stage: Stage) -> None:
    """List the problems of one report: confirmed, handed in, not begun; decide on all.

    The decisions of 2021 are sent out, those of the running tasks are not.
    """
    clerk, finance = stage.people["clerk-justice"], stage.people["finance"]
    loaded = SelfAssessment.objects.with_content().prefetch_related("task__levels")
    report = loaded.get(project__year=YEAR, project__code=PROJECT)
    chosen = [
        NewProblem(
            text=each.text,
            source=each.source,
            place=each.place,
            quote=each.quote,
            measure=each.measure,
            due_on=stage.today + timedelta(days=30),
        )
        for each in proposals_of(report)
        if each.source == ProblemSource.SECTION
    ]
    list_problems(finance, report, chosen)
    send_out(finance, report)
    problems = Problem.objects.with_facts().filter(assessment=report).order_by("pk")
    handed_in = list(problems)[: len(MENDED)]
    for problem, result in zip(handed_in, MENDED, strict=True):
        values = {"measure": problem.measure, "person": "邓筱云", "result": result}
        save_mending(clerk, problem, values, version=problem.version, submits=True)
    first = handed_in[0]
    judge(finance, first, "confirm", note="材料齐全，同意。", version=first.version)
    final = SelfAssessment.objects.filter(status__in=FINAL).with_facts().order_by("pk")
    adopted = adopt_suggestions(finance, final).done
    send_uses(finance, [each for each in adopted if each.project.year == YEAR])

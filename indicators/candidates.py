"""Which projects a task is for: who enters, who is 免报, who stays out, and why."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db.models import Exists, OuterRef

from indicators.models import (
    EvaluationTask,
    Indicator,
    Material,
    MaterialRule,
    SelfAssessment,
    TaskExemption,
)
from projects.models import NOT_REPORTING, BudgetProject
from projects.querysets import BudgetProjectQuerySet

Place = Literal["enters", "exempt", "out"]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A project before a task: does it enter, count as 免报 or stay out, and why.

    note: the reason, or what to know of one that enters; proposed: whether the page
    ticks it.
    """

    project: BudgetProject
    place: Place
    material: Material
    note: str = ""
    proposed: bool = True


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The candidates by their place, each list in the order of the projects."""

    enters: list[Candidate]
    exempt: list[Candidate]
    out: list[Candidate]

    @property
    def proposed(self) -> int:
        """How many the page ticks."""
        return sum(each.proposed for each in (*self.enters, *self.exempt))


def preview(task: EvaluationTask, projects: BudgetProjectQuerySet) -> Preview:
    """Tell of each project whether it would be in the task, as exempt or out, and why.

    In a fixed number of queries.
    """
    loaded = projects.select_related("unit", "supervising_department")
    loaded = loaded.prefetch_related("funding_lines")
    has_targets = Exists(Indicator.objects.filter(project=OuterRef("pk")))
    rows = list(loaded.annotate(has_targets=has_targets))
    known = _Known.of(task, [each.pk for each in rows])
    found = [known.candidate(each) for each in rows]
    return Preview(
        enters=[each for each in found if each.place == "enters"],
        exempt=[each for each in found if each.place == "exempt"],
        out=[each for each in found if each.place == "out"],
    )


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What decides on a project: rules, and what of the year was sent out already."""

    task: EvaluationTask
    rules: list[MaterialRule]
    here: set[int]
    recorded: set[int]
    elsewhere: dict[int, str]

    @classmethod
    def of(cls, task: EvaluationTask, projects: Collection[int]) -> "_Known":
        started = SelfAssessment.objects.filter(
            task__year=task.year, project__in=projects
        )
        pairs = list(started.values_list("project_id", "task_id", "task__title"))
        exempt = TaskExemption.objects.filter(task=task, project__in=projects)
        return cls(
            task=task,
            rules=list(task.material_rules.all()),
            here={project for project, where, _ in pairs if where == task.pk},
            recorded=set(exempt.values_list("project_id", flat=True)),
            elsewhere={
                project: title for project, where, title in pairs if where != task.pk
            },
        )

    def candidate(self, project: BudgetProject) -> Candidate:
        place, note = self._place(project)
        return Candidate(
            project=project,
            place=place,
            note=note,
            material=material_for(project, self.rules, self.task),
            proposed=project.pk not in self.elsewhere,
        )

    def _place(self, project: BudgetProject) -> tuple[Place, str]:
        if project.year != self.task.year:
            return "out", f"是{project.year}年度的项目"
        if project.pk in self.here:
            return "out", "已在本任务中"
        if project.status in NOT_REPORTING:
            if project.pk in self.recorded:
                return "out", f"已登记免报：{exemption_reason(project)}"
            return "exempt", exemption_reason(project)
        return "enters", "；".join(self._remarks(project))

    def _remarks(self, project: BudgetProject) -> Iterable[str]:
        if project.pk in self.elsewhere:
            yield f"已在“{self.elsewhere[project.pk]}”中"
        if not getattr(project, "has_targets", True):
            yield "还没有绩效指标"


def exemption_reason(project: BudgetProject) -> str:
    """Return why a project does not report: its status, with what was said of it."""
    words = project.get_status_display()
    return f"{words}（{project.status_reason}）" if project.status_reason else words


def material_for(
    project: BudgetProject, rules: Iterable[MaterialRule], task: EvaluationTask
) -> Material:
    """Return the material of the first rule that fits a project, else the default.

    project: with funding_lines. Its amount is 全年预算数, where unknown 年初预算数.
    """
    fitting = (rule.material for rule in rules if _fits(rule, project))
    return Material(next(fitting, task.default_material))


def _fits(rule: MaterialRule, project: BudgetProject) -> bool:
    if rule.category and rule.category != project.category:
        return False
    return rule.from_amount is None or amount_of(project) >= rule.from_amount


def amount_of(project: BudgetProject) -> Decimal:
    """Return what a project may spend, in 元; 0 where nothing is known of it."""
    adjusted = project.funding_total("adjusted")
    initial = project.funding_total("initial")
    return next((each for each in (adjusted, initial) if each is not None), Decimal(0))

"""What a page offers of the flow: steps as buttons, and why the others are missing."""

from dataclasses import dataclass

from indicators.models import SelfAssessment
from indicators.workflow import Transition, all_steps, standing
from perfeval.models import User


@dataclass(frozen=True, kw_only=True)
class FlowPanel:
    """steps: open now; closed: the person's other steps, each with why not now."""

    steps: list[Transition]
    closed: list[tuple[Transition, str]]
    standing: str

    @property
    def reviews(self) -> bool:
        """Whether a decision is open."""
        return any(step.judges for step in self.steps)

    @property
    def others(self) -> list[Transition]:
        """The open steps with a page of their own: no decisions, no 送审, no 公开."""
        elsewhere = ("submit", "publish")
        return [
            step
            for step in self.steps
            if not step.judges and step.action not in elsewhere
        ]

    @property
    def submits(self) -> bool:
        return any(step.action == "submit" for step in self.steps)


def flow_panel(user: User, assessment: SelfAssessment) -> FlowPanel:
    """Return what a person is offered; assessment: with_facts(), levels prefetched."""
    found = all_steps(user, assessment)
    seals = assessment.task.needs_sealed_scan
    return FlowPanel(
        steps=[step for step, against in found if not against],
        closed=[
            (step, against)
            for step, against in found
            if against and (seals or step.action != "send_up")
        ],
        standing=standing(assessment),
    )

"""The unit in which a project's money is shown and typed: that of its scheme."""

from typing import cast

from perfeval.amounts import MoneyUnit
from projects.models import BudgetProject
from projects.signals import asking_money_unit

USUAL: MoneyUnit = "万元"


def money_unit_of(project: BudgetProject) -> MoneyUnit:
    """Return what a project's scheme says, stored or new; 万元 where none does."""
    answers = asking_money_unit.send(sender=BudgetProject, project=project)
    told = [answer for _, answer in answers if answer]
    return cast(MoneyUnit, told[0]) if told else USUAL

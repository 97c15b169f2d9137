"""What happens to a demo project in its year: two units share it, a target changes."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from indicators.adjustments import request_adjustment
from indicators.models import Combination, Comparator
from indicators.services import save_indicator
from projects.models import BudgetProject, Department
from projects.shares import add_share
from reports.demo.assessments import Stage

# A project nobody has begun with: nothing that is filled in changes by it.
SHARED, PARTNER = "132001001", "132002"
DOCUMENT = "（演示）预算调整批复"


def create_changes(projects: Mapping[str, BudgetProject], stage: Stage) -> None:
    """Let two units share a project, and an adjustment wait for the 绩效科."""
    clerk, project = stage.people["clerk"], projects[SHARED]
    add_share(clerk, project, Department.objects.get(code=PARTNER))
    counted = project.indicators.filter(
        comparator=Comparator.AT_LEAST, level1="产出指标"
    )
    indicator = counted.exclude(unit="%").order_by("position")[0]
    summed = {"combination": Combination.SUM}
    save_indicator(clerk, indicator, summed, version=indicator.version)
    day = date(project.year, 10, 20)
    request_adjustment(
        clerk,
        indicator,
        {
            "comparator": indicator.comparator,
            "target": str(int(Decimal(indicator.target) * 9 // 10)),
            "unit": indicator.unit,
            "max_points": indicator.max_points,
        },
        reason="年中压减一般性支出，相应减少服务数量",
        document=DOCUMENT,
        document_date=day,
    )

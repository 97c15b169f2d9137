"""The importer of targets."""

from indicators.bulk import write_targets
from indicators.target_import.planning import TargetEdit, plan_targets
from indicators.target_import.tables import TARGETS
from perfeval.imports.flow import ChangedMeanwhileError, Importer, Plan
from perfeval.imports.reading import Reading
from perfeval.models import User
from perfeval.versions import ClosedError, StaleError
from projects.project_import.importer import LIMITS, TRAIL


class TargetImporter(Importer):
    """Indicators with their targets, one a row, as the budget system exports them."""

    kind = "targets"
    title = "绩效目标导入"
    intro = (
        "把预算系统导出的绩效目标整表导入，一行一项指标；由绩效科导入的标为“已批复”。"
        "先核对将要发生的变化，再导入。"
    )
    urls = "indicators:target_import"
    tables = (TARGETS,)
    limits = LIMITS
    trail = TRAIL
    own_history = True
    sample = {
        TARGETS.name: [
            [
                *("2024", "440700240000000000101", "产出指标", "数量指标"),
                *("法律援助办案数量", "≥", "50", "件", "50"),
            ],
            [
                *("2024", "440700240000000000101", "效益指标", "社会效益指标"),
                *("群众知晓程度", "定性", "明显提高", "", "30"),
            ],
            [
                *("2024", "440700240000000000101", "满意度指标", "服务对象满意度指标"),
                *("受援人满意度", "", "≥90%", "", "10"),
            ],
        ]
    }

    def plan(self, reading: Reading, user: User | None) -> Plan:
        plan = Plan()
        plan_targets(reading.rows[TARGETS.name], user, plan)
        return plan

    def save(self, user: User | None, plan: Plan) -> set[int]:
        """Write; return the years that the list is about."""
        edits = [x.values for x in plan.lines if isinstance(x.values, TargetEdit)]
        try:
            write_targets(user, [each for each in edits if each.values])
        except (StaleError, ClosedError) as error:
            raise ChangedMeanwhileError from error
        return {each.project.year for each in edits}


TARGET_IMPORTER = TargetImporter()

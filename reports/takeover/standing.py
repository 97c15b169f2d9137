"""What stands in a self-assessment, cell by cell, as people write it."""

from decimal import Decimal
from functools import cached_property

from indicators.figure_list import figures_of
from indicators.linked_figures import Figures, as_plain_text, has_marks, resolve
from indicators.models import Achievement, IndicatorResult, SelfAssessment
from indicators.scheme_store import scheme_of
from indicators.score_sheet import execution_result, score_of
from indicators.scoring_rules import plain
from indicators.services import APPROVED_CLOSED, narrative_keys
from perfeval.amounts import from_yuan
from projects.models import FundingLine
from reports.takeover.proposals import Proposal


class Standing:
    """The cells of one self-assessment, read with_content()."""

    def __init__(self, assessment: SelfAssessment) -> None:
        self.assessment = assessment
        self.project = assessment.project
        self.scheme = scheme_of(assessment.task.scheme)
        self.money_unit = self.scheme.money_unit
        self.results = {str(each.pk): each for each in assessment.results.all()}
        self.by_indicator = {
            str(each.indicator_id): each for each in self.results.values()
        }
        asked = narrative_keys(assessment.material)
        self.narratives = {
            each.key: each for each in assessment.narratives.all() if each.key in asked
        }

    @classmethod
    def of(cls, pk: int) -> "Standing":
        return cls(SelfAssessment.objects.with_content().get(pk=pk))

    @cached_property
    def lines(self) -> dict[str, FundingLine]:
        """The lead's own line of each source."""
        lines = self.project.funding_lines.all()
        return {each.source: each for each in lines if each.unit_id is None}

    @cached_property
    def shared_sources(self) -> set[str]:
        """Sources of which other units have a part."""
        lines = self.project.funding_lines.all()
        return {each.source for each in lines if each.unit_id is not None}

    @cached_property
    def by_money(self) -> IndicatorResult | None:
        """The row whose points follow from the execution ratio, if any."""
        return execution_result(self.assessment)

    def text(self, cell: Proposal) -> str:
        """Return what stands where a proposal writes; "" for nothing."""
        if cell.kind == "result":
            return self._result_text(self.results[cell.row], cell.column)
        if cell.kind == "indicator":
            indicator = self.by_indicator[cell.row].indicator
            is_target = cell.column == "target"
            return indicator.shown_target if is_target else plain(indicator.max_points)
        if cell.kind == "funds":
            line = self.lines.get(cell.row)
            return self.amount_text(getattr(line, cell.column) if line else None)
        if cell.kind == "goal":
            return self.project.goal
        if cell.kind == "text":
            return self.narratives[cell.row].text
        return ""

    def shown_text(self, cell: Proposal) -> str:
        """Return what stands there as a report has it: figures instead of names."""
        text = self.text(cell)
        if cell.kind != "text" or not has_marks(text):
            return text
        return as_plain_text(resolve(text, self._figures))

    @cached_property
    def _figures(self) -> Figures:
        return figures_of(self.assessment, score_of(self.assessment))

    def _result_text(self, result: IndicatorResult, field: str) -> str:
        value = getattr(result, field)
        if field == "achievement":
            return self.achievement_word(value)
        if field == "self_points":
            return "" if value is None else plain(value)
        return str(value)

    def achievement_word(self, value: str) -> str:
        """Return the short word of an achievement as forms write it: 达成."""
        if not value:
            return ""
        bands = [each for each in self.scheme.bands if each.achievement == value]
        words = [word for each in bands for word in each.words]
        return min(words, key=len) if words else Achievement(value).label

    def amount_text(self, yuan: Decimal | None) -> str:
        """Return an amount in the scheme's unit, exact: 13.32."""
        if yuan is None:
            return ""
        return format(from_yuan(yuan, self.money_unit), "f")

    def closed(self, cell: Proposal) -> str:
        """Return why a cell may not be written, "" where it may."""
        if cell.kind == "indicator":
            indicator = self.by_indicator[cell.row].indicator
            return APPROVED_CLOSED if indicator.is_approved else ""
        if cell.kind == "create":
            approved = any(r.indicator.is_approved for r in self.results.values())
            return "本项目的指标已批复，不能新增" if approved else ""
        if cell.kind == "result":
            return self._result_closed(self.results[cell.row], cell.column)
        if cell.kind == "funds":
            return self._funds_closed(cell.row, cell.column)
        return ""

    def _result_closed(self, result: IndicatorResult, field: str) -> str:
        indicator = result.indicator
        if field == "actual" and indicator.is_combined and self.project.shares.all():
            how = indicator.get_combination_display()
            return f"完成值由{how}得出，请在“各单位填报情况”中填写"
        return ""

    def _funds_closed(self, source: str, amount: str) -> str:
        if source in self.shared_sources:
            return "该资金由多个单位分别填写，请在资金页面填写"
        line = self.lines.get(source)
        origin = line.origin_of(amount) if line else ""
        if origin:
            return f"该金额来自{origin}，不能直接修改；有误时请在项目页申请更正"
        return ""

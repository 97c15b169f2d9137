"""What a recheck's page shows: the paper, a card or a line for each row, the totals."""

from dataclasses import dataclass

from indicators.form_tables import ResultRow, result_rows
from indicators.forms.rechecks import RecheckRowForm, RecheckTextForm
from indicators.models import Recheck, RecheckRow, RecheckText, SelfAssessment
from indicators.recheck_entries import (
    OPINION,
    Finding,
    RecheckTotals,
    findings_of,
    recheck_totals,
    rows_of,
    why_not_write,
)
from indicators.recheck_steps import why_not_adopt
from indicators.rechecks import current_recheck
from indicators.scheme_store import scheme_of
from indicators.score_sheet import score_of
from indicators.text_parts import text_parts
from perfeval.models import User
from projects.models import Role

Refused = RecheckRowForm | RecheckTextForm


@dataclass(frozen=True, kw_only=True)
class RowCard:
    """One indicator; form: None where nothing is written now; reason: in words."""

    finding: Finding
    row: ResultRow
    reason: str
    form: RecheckRowForm | None


@dataclass(frozen=True, kw_only=True)
class TextCard:
    """What is said of a section, or of all; form: None where nothing is written now."""

    key: str
    title: str
    text: str
    form: RecheckTextForm | None


@dataclass(frozen=True, kw_only=True)
class RecheckPage:
    """closed: why the person does not write here now, "" where they do."""

    rows: list[RowCard]
    remarks: list[TextCard]
    opinion: TextCard
    totals: RecheckTotals
    closed: str

    @property
    def said(self) -> list[TextCard]:
        """The remarks that say something."""
        return [each for each in self.remarks if each.text.strip()]


def page_of(
    user: User,
    recheck: Recheck,
    assessment: SelfAssessment,
    refused: Refused | None = None,
) -> RecheckPage:
    """Return what the page shows; assessment: with_content().

    refused: a form that came back with what is wrong in it, in its place.
    """
    closed = why_not_write(user, recheck)
    findings = findings_of(recheck, assessment)
    make = _Maker(recheck, assessment, not closed, refused)
    comments = list(assessment.comments.all())
    rows = result_rows(assessment, score_of(assessment), comments)
    return RecheckPage(
        rows=[make.row(*each) for each in zip(findings, rows, strict=True)],
        remarks=[
            make.text(each.narrative.key, each.title)
            for each in text_parts(assessment, comments)
        ],
        opinion=make.text(OPINION, "复核意见", rows=5),
        totals=recheck_totals(recheck, assessment, findings),
        closed=closed,
    )


class _Maker:
    """Makes the cards, each with its form where the person writes."""

    def __init__(
        self,
        recheck: Recheck,
        assessment: SelfAssessment,
        writes: bool,
        refused: Refused | None,
    ) -> None:
        self.recheck, self.writes, self.refused = recheck, writes, refused
        self.reasons = scheme_of(assessment.task.scheme).deduction_reasons
        self.labels = {each.key: each.label for each in self.reasons}
        self.texts = {each.key: each for each in recheck.texts.all()}

    def row(self, finding: Finding, row: ResultRow) -> RowCard:
        form = None
        refused, own = self.refused, finding.row
        if self.writes:
            is_own = isinstance(refused, RecheckRowForm) and (
                refused.row.result_id == own.result_id
            )
            form = refused if is_own else RecheckRowForm(row=own, reasons=self.reasons)
        assert form is None or isinstance(form, RecheckRowForm)
        return RowCard(
            finding=finding,
            row=row,
            reason=self.labels.get(own.reason, own.reason),
            form=form,
        )

    def text(self, key: str, title: str, rows: int = 2) -> TextCard:
        stored = self.texts.get(key) or RecheckText(recheck=self.recheck, key=key)
        form = None
        if self.writes:
            refused = self.refused
            is_own = isinstance(refused, RecheckTextForm) and refused.row.key == key
            made = RecheckTextForm(row=stored, label=label_of(key), rows=rows)
            form = refused if is_own else made
        assert form is None or isinstance(form, RecheckTextForm)
        return TextCard(key=key, title=title, text=stored.text, form=form)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A third party's recheck as the 绩效科 sees it while it reviews.

    rows: those with other points than the unit's own, each with its reason in words.
    """

    recheck: Recheck
    rows: list[tuple[RecheckRow, str]]
    may_adopt: bool


def recheck_beside(user: User, assessment: SelfAssessment) -> Beside | None:
    """Return a recheck handed in, None where there is none, or another level's turn."""
    level = assessment.current_level
    if level is None or level.role != Role.PERFORMANCE_SECTION:
        return None
    found = current_recheck(user, assessment)
    if found is None or not found.is_done:
        return None
    reasons = scheme_of(assessment.task.scheme).deduction_reasons
    labels = {each.key: each.label for each in reasons}
    rows = [
        (each, labels.get(each.reason, each.reason))
        for each in rows_of(found)
        if each.gap
    ]
    may_adopt = why_not_adopt(user, assessment) == ""
    return Beside(recheck=found, rows=rows, may_adopt=may_adopt)


def label_of(key: str) -> str:
    return "复核意见" if key == OPINION else "复核备注"

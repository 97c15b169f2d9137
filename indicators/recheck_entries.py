"""What a third party writes in a recheck, row by row, and what it adds up to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction

from indicators.models import (
    IndicatorResult,
    Recheck,
    RecheckRow,
    RecheckState,
    RecheckText,
    SelfAssessment,
)
from indicators.rechecks import rechecks_as_third_party, why_not_recheck
from indicators.scheme_store import scheme_of
from indicators.schemes import Scheme
from indicators.score_sheet import row_facts, score_of
from indicators.scoring import RowScore, Score, score_reviewed
from perfeval.audit import Change, keeping_rejected, record, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError, save_versioned

OPINION = "opinion"
MOST_REASONS = 2


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One indicator in a recheck; row: not stored yet where nothing was written."""

    result: IndicatorResult
    score: RowScore
    row: RecheckRow

    @property
    def is_touched(self) -> bool:
        """Whether the third party found anything on it, be it in words alone."""
        row = self.row
        return row.points is not None or any((row.actual, row.reason, row.note))

    @property
    def own_points(self) -> Decimal | None:
        """自评得分: once handed in, as it was then."""
        fixed: Decimal | None = self.row.own_points
        return self.score.points if fixed is None else fixed

    @property
    def points(self) -> Decimal | None:
        """复核得分; the unit's own where a row that was looked at has none.

        None while nobody has looked: what is left out counts as recognised only when
        the recheck is handed in, which writes the points down.
        """
        given: Decimal | None = self.row.points
        if given is None and self.is_touched:
            return self.own_points
        return given

    @property
    def gap(self) -> Decimal | None:
        if self.points is None or self.own_points is None:
            return None
        return self.points - self.own_points

    @property
    def lacks(self) -> str:
        """What must be added before it can be handed in, "" where nothing."""
        if self.row.points is None or not self.gap:
            return ""
        if self.row.reason == "other" and not self.row.note.strip():
            return "选了“其他”，请写说明"
        if self.gap < 0 and not self.row.reason:
            return "扣了分，请选择扣分原因"
        if self.gap > 0 and not self.row.note.strip():
            return "加了分，请写说明"
        return ""


@dataclass(frozen=True, kw_only=True)
class RecheckTotals:
    """Both totals: as they stand, once handed in as they were then.

    lacking: what is missing before it can be handed in, in words; unseen: names of rows
    nobody looked at; wide_gap: from how many points a gap is striking; is_begun:
    whether anything was found yet, otherwise there is no total.
    """

    own: Decimal | None
    total: Decimal | None
    grade: str
    wide_gap: Decimal
    is_begun: bool
    lacking: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    @property
    def gap(self) -> Decimal | None:
        if self.own is None or self.total is None:
            return None
        return self.total - self.own

    @property
    def is_wide(self) -> bool:
        return self.gap is not None and abs(self.gap) >= self.wide_gap


def lock_recheck(pk: int) -> Recheck:
    """Return a recheck locked, with what a step says of it."""
    locked = Recheck.objects.select_for_update(of=("self",)).with_facts()
    found: Recheck = locked.get(pk=pk)
    return found


def rows_of(recheck: Recheck) -> models.QuerySet[RecheckRow]:
    return recheck.rows.select_related("result__indicator")


def findings_of(recheck: Recheck, assessment: SelfAssessment) -> list[Finding]:
    """Return every row of the sheet; assessment: with_content()."""
    rows = {row.result_id: row for row in recheck.rows.all()}
    score = score_of(assessment)
    return [
        Finding(
            result=result, score=each, row=rows.get(result.pk) or _new(recheck, result)
        )
        for result, each in zip(assessment.results.all(), score.rows, strict=True)
    ]


def recheck_score(
    assessment: SelfAssessment, own: Score, findings: Sequence[Finding]
) -> Score:
    """Return the sheet's score with the third party's points; execution keeps its."""
    return score_reviewed(
        [row_facts(each.result) for each in findings],
        own,
        [each.row.points for each in findings],
        scheme_of(assessment.task.scheme),
    )


def recheck_totals(
    recheck: Recheck, assessment: SelfAssessment, findings: Sequence[Finding]
) -> RecheckTotals:
    """Return both totals; assessment: with_content(), findings: its findings_of."""
    wide_gap = scheme_of(assessment.task.scheme).wide_gap
    if recheck.is_done:
        return RecheckTotals(
            own=recheck.own_total,
            total=recheck.total,
            grade=recheck.grade,
            wide_gap=wide_gap,
            is_begun=True,
        )
    own = score_of(assessment)
    score = recheck_score(assessment, own, findings)
    is_begun = any(each.is_touched for each in findings)
    return RecheckTotals(
        own=own.total,
        total=score.total if is_begun else None,
        grade=score.grade or "" if is_begun else "",
        wide_gap=wide_gap,
        is_begun=is_begun,
        lacking=what_lacks(recheck, findings),
        unseen=[x.result.indicator.level3 for x in findings if not x.is_touched],
    )


def what_lacks(recheck: Recheck, findings: Sequence[Finding]) -> list[str]:
    """Return what is missing before a recheck can be handed in, in words."""
    lacking = [
        f"“{each.result.indicator.level3}”{each.lacks}"
        for each in findings
        if each.lacks
    ]
    said = {each.key for each in recheck.texts.all() if each.text.strip()}
    return lacking if OPINION in said else [*lacking, "没有写复核意见"]


def main_reason(findings: Sequence[Finding], scheme: Scheme) -> str:
    """Return the reasons that took most points, the heaviest first, in words."""
    labels = {each.key: each.label for each in scheme.deduction_reasons}
    lost: dict[str, Decimal] = {}
    for each in findings:
        if each.gap and each.gap < 0 and each.row.reason:
            lost[each.row.reason] = lost.get(each.row.reason, Decimal(0)) - each.gap
    heaviest = sorted(lost, key=lambda key: -lost[key])[:MOST_REASONS]
    return "；".join(labels.get(key, key) for key in heaviest)


def why_not_write(user: User, recheck: Recheck) -> str:
    """Return why a person may not write in a recheck now, "" where they may.

    recheck: with_facts() and its task's levels.
    """
    if not rechecks_as_third_party(user, recheck):
        return "只有受托的第三方可以填写复核"
    if recheck.state != RecheckState.ASSIGNED:
        return f"复核{recheck.get_state_display()}，不能修改"
    against = why_not_recheck(recheck.assessment)
    return f"报告{against}" if against else ""


def record_row(
    user: User,
    recheck: Recheck,
    result: IndicatorResult,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> RecheckRow:
    """Save what is found on one indicator; return the row as stored.

    version: 1 where nothing was stored when the page was made. Raises ClosedError,
    ValidationError, or StaleError: then what was typed is kept in the audit trail.
    """
    name = f"指标“{result.indicator.level3}”"

    def stored() -> RecheckRow:
        row, _ = RecheckRow.objects.get_or_create(
            recheck=recheck,
            result=result,
            defaults={"max_points": result.indicator.max_points},
        )
        return row

    given, most = changes.get("points"), result.indicator.max_points
    if given is not None and not 0 <= given <= most:
        raise ValidationError({"points": f"复核得分应在 0 与分值 {most:f} 之间"})
    changes = {**changes, "max_points": most}
    return cast(RecheckRow, _write(user, recheck, stored, name, changes, version))


def record_text(
    user: User, recheck: Recheck, key: str, name: str, text: str, *, version: int
) -> RecheckText:
    """Save what is said of a section, or the opinion; as record_row."""

    def stored() -> RecheckText:
        row, _ = RecheckText.objects.get_or_create(recheck=recheck, key=key)
        return row

    changes = {"text": text}
    return cast(RecheckText, _write(user, recheck, stored, name, changes, version))


def _write(
    user: User,
    recheck: Recheck,
    stored: Callable[[], RecheckRow | RecheckText],
    name: str,
    changes: Mapping[str, Any],
    version: int,
) -> RecheckRow | RecheckText:
    with keeping_rejected(
        user,
        "recheck.rejected",
        recheck,
        f"{name}的复核已另有保存，所写内容留在这里",
        changes,
        version=version,
        chain=recheck.assessment.chain,
    ):
        return _saved(user, recheck, stored, name, changes, version)


@transaction.atomic
def _saved(
    user: User,
    recheck: Recheck,
    stored: Callable[[], RecheckRow | RecheckText],
    name: str,
    changes: Mapping[str, Any],
    version: int,
) -> RecheckRow | RecheckText:
    locked = lock_recheck(recheck.pk)
    against = why_not_write(user, locked)
    if against:
        raise ClosedError(against)
    row = stored()
    before = {each: getattr(row, each) for each in changes}
    if save_versioned(row, changes, version=version):
        # A text is saved many times while it is typed: its versions are named.
        is_text = isinstance(row, RecheckText)
        change = Change(
            action="recheck.written",
            subject=subject_of(row),
            summary=f"复核{name}",
            before={"version": version} if is_text else before,
            after={"version": version + 1} if is_text else changes,
        )
        record(user, change, chain=locked.assessment.chain)
    return row


def _new(recheck: Recheck, result: IndicatorResult) -> RecheckRow:
    return RecheckRow(
        recheck=recheck, result=result, max_points=result.indicator.max_points
    )

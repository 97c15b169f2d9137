"""Writing the indicators of many projects at once, each with its audit event."""

from collections.abc import Mapping, Sequence
from typing import Any

from indicators.arrangement import arrange
from indicators.models import EDITABLE, Indicator, IndicatorResult
from indicators.project_scheme import scheme_for
from indicators.services import check_open, rescore
from indicators.target_import.planning import TargetEdit
from perfeval.audit import Change, record_many
from perfeval.models import User
from projects.bulk import AT_ONCE, locked_rows, set_fields, update_rows
from projects.models import BudgetProject


def write_targets(user: User | None, edits: Sequence[TargetEdit]) -> None:
    """Create and change indicators, looked through before, inside a transaction.

    Their rows in open self-assessments follow, and the score. Raises ClosedError,
    StaleError, ValidationError.
    """
    projects = {each.project.pk: each.project for each in edits}
    for project in projects.values():
        check_open(project)
    _change(user, [each for each in edits if each.stored])
    _create(user, [each for each in edits if each.stored is None])
    for project in projects.values():
        arrange(project, scheme_for(project).layout)
        _carry(project)


def _create(user: User | None, edits: Sequence[TargetEdit]) -> None:
    new = []
    for place, edit in enumerate(edits):
        indicator = Indicator(project=edit.project, **edit.values)
        # Behind those that are there, in the order of the list; arrange() counts them.
        indicator.position = min(10_000 + place, 32_000)
        indicator.clean_fields(exclude={"project"})
        new.append(indicator)
    Indicator.objects.bulk_create(new, batch_size=AT_ONCE)
    told = [
        _event("indicator.created", f"导入指标“{each.level3}”", each, {}, edit.values)
        for each, edit in zip(new, edits, strict=True)
    ]
    if told:
        record_many(user, told)


def _change(user: User | None, edits: Sequence[TargetEdit]) -> None:
    rows = locked_rows(Indicator, [each.stored for each in edits if each.stored])
    told = []
    names: set[str] = set()
    for edit in edits:
        assert edit.stored is not None
        row = rows[edit.stored.pk]
        before = {name: getattr(row, name) for name in edit.values}
        set_fields(row, edit.values)
        names |= edit.values.keys()
        summary = f"导入修改指标“{row.level3}”"
        told.append(_event("indicator.changed", summary, row, before, edit.values))
    update_rows(Indicator, list(rows.values()), names)
    if told:
        record_many(user, told)


def _event(
    action: str,
    summary: str,
    row: Indicator,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Change:
    return Change(
        action=action,
        subject=f"{BudgetProject._meta.label_lower}:{row.project_id}",
        summary=summary,
        before=before,
        after=after,
    )


def _carry(project: BudgetProject) -> None:
    """Give the indicators their rows in open self-assessments, and score again."""
    for assessment in project.assessments.filter(status__in=EDITABLE):
        rows = [
            IndicatorResult(
                assessment=assessment, indicator=each, max_points=each.max_points
            )
            for each in Indicator.objects.filter(project=project).exclude(
                results__assessment=assessment
            )
        ]
        IndicatorResult.objects.bulk_create(rows)
        rescore(assessment)

"""What was chosen from a file is written through the services, all of it or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from indicators.models import Indicator, SelfAssessment
from indicators.services import (
    lock_open,
    record_results,
    save_indicator,
    write_narrative,
)
from perfeval.models import User
from perfeval.versions import ClosedError, GoneError, StaleError
from projects.models import BudgetProject, FundingLine
from projects.services import FundingEdit, save_all_funding, update_project
from reports.takeover.proposals import Proposal, TakeoverError
from reports.takeover.rows import row_proposals
from reports.takeover.standing import Standing
from reports.takeover.values import CellError, read_cell

# Money is not held by the lock of a self-assessment: somebody may save it meanwhile.
TRIES = 3


class ConflictError(Exception):
    """Cells were changed after they were shown; cells: with what stands there now."""

    def __init__(self, cells: Sequence[Proposal]) -> None:
        super().__init__("有的内容在核对期间又被修改")
        self.cells = list(cells)


def take_over(
    user: User | None, assessment: SelfAssessment, chosen: Sequence[Proposal]
) -> int:
    """Write the proposals chosen, new as corrected; return how many cells differed.

    One transaction through the services, each with its version and audit event. A cell
    is written only where old, as the person saw it, still stands; else ConflictError.
    Raises TakeoverError with all that cannot be written, and ClosedError.
    """
    for attempt in range(TRIES):
        try:
            return _take_over(user, assessment.pk, chosen)
        except StaleError:
            if attempt == TRIES - 1:
                raise
    raise AssertionError


@transaction.atomic
def _take_over(user: User | None, pk: int, chosen: Sequence[Proposal]) -> int:
    key = SelfAssessment.objects.values_list("project_id", flat=True).get(pk=pk)
    # The project first: whoever saves money holds them in this order.
    BudgetProject.objects.select_for_update().get(pk=key)
    lock_open(pk)
    standing = Standing.of(pk)
    cells = _still_open(chosen, standing)
    writer = _Writer(user, standing)
    for kind, write in writer.steps:
        of_kind = [each for each in cells if each.kind == kind]
        if of_kind:
            write(of_kind)
    if writer.problems:
        raise TakeoverError(writer.problems)
    return len(cells)


def _still_open(chosen: Sequence[Proposal], standing: Standing) -> list[Proposal]:
    """Return what is to be written; raise ConflictError, TakeoverError."""
    conflicts, problems, cells = [], [], []
    for cell in chosen:
        now = standing.text(cell)
        if now == cell.new:
            continue
        if reason := standing.closed(cell):
            problems.append(f"{cell.label}：{reason}")
        elif now != cell.old:
            why = "核对期间又有人修改，请重新选择"
            conflicts.append(replace(cell, old=now, certain=False, why=why))
        else:
            cells.append(cell)
    if conflicts:
        raise ConflictError(conflicts)
    if problems:
        raise TakeoverError(problems)
    return cells


class _Writer:
    """Writes cells by kind; problems: one line for each that a service refuses."""

    def __init__(self, user: User | None, standing: Standing) -> None:
        self._user = user
        self._standing = standing
        self.problems: list[str] = []
        self.steps: list[tuple[str, Callable[[list[Proposal]], None]]] = [
            ("funds", self._funds),
            ("goal", self._goal),
            ("indicator", self._indicators),
            ("create", self._create),
            ("result", self._results),
            ("text", self._texts),
        ]

    def _read(self, cells: Sequence[Proposal]) -> dict[str, Any]:
        """Return the values of one row's cells, {field: value}."""
        values: dict[str, Any] = {}
        for cell in cells:
            try:
                values.update(read_cell(cell, self._standing))
            except CellError as error:
                self.problems.append(f"{cell.label}：{error}")
        return values

    def _try(self, label: str, write: Callable[[], object]) -> bool:
        """Write in a savepoint of its own, so that all refusals are told at once."""
        try:
            with transaction.atomic():
                write()
        except ValidationError as error:
            self.problems += [f"{label}：{text}" for text in error.messages]
        except (ClosedError, GoneError) as error:
            self.problems.append(f"{label}：{error}")
        else:
            return True
        return False

    def _funds(self, cells: list[Proposal]) -> None:
        edits = []
        for source, group in _by_row(cells).items():
            line = self._standing.lines.get(source)
            new = FundingLine(project=self._standing.project, source=source)
            changes = {"source": source, **self._read(group)}
            edits.append(
                FundingEdit(
                    line=line or new,
                    changes=changes,
                    version=line.version if line else 1,
                )
            )
        self._try("资金", lambda: save_all_funding(self._user, edits))

    def _goal(self, cells: list[Proposal]) -> None:
        project = BudgetProject.objects.get(pk=self._standing.project.pk)
        changes = {"goal": cells[0].new}
        self._try(
            cells[0].label,
            lambda: update_project(
                self._user, project, changes, version=project.version
            ),
        )

    def _indicators(self, cells: list[Proposal]) -> None:
        for pk, group in _by_row(cells).items():
            indicator = Indicator.objects.select_related("project").get(pk=pk)
            self._save_indicator(indicator, self._read(group))

    def _save_indicator(self, indicator: Indicator, changes: Mapping[str, Any]) -> bool:
        return self._try(
            f"指标“{indicator.level3 or changes.get('level3', '')}”",
            lambda: save_indicator(
                self._user, indicator, changes, version=indicator.version
            ),
        )

    def _create(self, cells: list[Proposal]) -> None:
        """Create indicators, then fill in what is sure of their rows."""
        project = BudgetProject.objects.get(pk=self._standing.project.pk)
        for cell in cells:
            position = project.indicators.count() + 1
            indicator = Indicator(project=project, position=position)
            values = {k: v for k, v in cell.values.items() if k != "row"}
            if not self._save_indicator(indicator, values):
                continue
            standing = Standing.of(self._standing.assessment.pk)
            result = standing.by_indicator[str(indicator.pk)]
            found = row_proposals(cell.values["row"], result, standing, {})
            own = [x for x in found if x.kind == "result" and not x.why]
            self._save_results(own, standing)

    def _results(self, cells: list[Proposal]) -> None:
        # Read again: an indicator saved just before may have moved its row.
        self._save_results(cells, Standing.of(self._standing.assessment.pk))

    def _save_results(self, cells: Sequence[Proposal], standing: Standing) -> None:
        values = {pk: self._read(group) for pk, group in _by_row(cells).items()}
        try:
            with transaction.atomic():
                self._record(standing, values)
        except (ValidationError, ClosedError, GoneError):
            # One by one, so that each refusal names its row; nothing of it is kept.
            # The rows are read again: those saved before carry a version of their own.
            fresh = Standing.of(standing.assessment.pk)
            for pk, own in values.items():
                label = f"指标“{fresh.results[pk].indicator.level3}”"
                self._try(label, partial(self._record, fresh, {pk: own}))

    def _record(
        self, standing: Standing, values: Mapping[str, Mapping[str, Any]]
    ) -> None:
        entries = [(standing.results[pk], own) for pk, own in values.items()]
        record_results(self._user, standing.assessment, entries)

    def _texts(self, cells: list[Proposal]) -> None:
        for cell in cells:
            narrative = self._standing.narratives[cell.row]
            version = narrative.version
            write = partial(
                write_narrative, self._user, narrative, cell.new, version=version
            )
            self._try(cell.label, write)


def _by_row(cells: Sequence[Proposal]) -> dict[str, list[Proposal]]:
    rows: dict[str, list[Proposal]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    return rows

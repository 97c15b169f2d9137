"""Writing many projects and funding lines at once, each with its audit event.

What calls has checked the rows and holds a transaction; what changed since it looked is
refused as a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from perfeval.audit import record_many
from perfeval.models import User
from perfeval.versions import StaleError
from projects.models import AMOUNTS, BudgetProject, FundingLine
from projects.services import FundingEdit, funding_change, project_change
from projects.signals import project_changed

# Well below what the databases take as parameters of one statement.
AT_ONCE = 5000
Key = TypeVar("Key")
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, kw_only=True)
class ProjectChange:
    """What becomes of the fields of a stored project, read with its version."""

    project: BudgetProject
    changes: Mapping[str, Any]


def in_batches(keys: Sequence[Key], size: int = AT_ONCE) -> Iterator[Sequence[Key]]:
    """Yield the keys in pieces that fit into one statement."""
    for first in range(0, len(keys), size):
        yield keys[first : first + size]


def create_projects(user: User | None, projects: Sequence[BudgetProject]) -> None:
    """Create projects; raise ValidationError or IntegrityError."""
    for each in projects:
        each.clean_fields(exclude=_RELATIONS)
    BudgetProject.objects.bulk_create(projects, batch_size=AT_ONCE)
    told = [
        project_change("project.created", "导入项目", each, {}, _facts(each))
        for each in projects
    ]
    if told:
        record_many(user, told)


_RELATIONS = {"unit", "supervising_department", "section", "merged_into"}


def _facts(project: BudgetProject) -> dict[str, Any]:
    names = ("year", "code", "name", "unit", "supervising_department", "section")
    return {name: getattr(project, name) for name in names}


def change_projects(user: User | None, edits: Sequence[ProjectChange]) -> None:
    """Change fields of stored projects; raise StaleError, ValidationError."""
    rows = locked_rows(BudgetProject, [each.project for each in edits])
    told = []
    names: set[str] = set()
    for edit in edits:
        row = rows[edit.project.pk]
        before = {name: getattr(row, name) for name in edit.changes}
        set_fields(row, edit.changes)
        names |= edit.changes.keys()
        told.append(
            project_change("project.changed", "导入修改项目", row, before, edit.changes)
        )
    update_rows(BudgetProject, list(rows.values()), names)
    if told:
        record_many(user, told)


def write_funding(
    user: User | None, edits: Sequence[FundingEdit], *, source: str, at: datetime
) -> None:
    """Create and change funding lines with amounts that a file (source) brings.

    The amounts are marked as imported. Raises StaleError, ValidationError.
    """
    stored = [each.line for each in edits if each.line.pk]
    rows = locked_rows(FundingLine, stored)
    new: list[FundingLine] = []
    told = []
    for edit in edits:
        changes = edit.changes or {}
        line = rows[edit.line.pk] if edit.line.pk else edit.line
        before = {name: getattr(line, name) for name in changes} if line.pk else {}
        set_fields(line, changes)
        _mark_imported(line, changes, source, at)
        if line.pk is None:
            new.append(line)
        summary = f"导入“{line.get_source_display()}”金额（{source}）"
        told.append(funding_change("funding.changed", summary, line, before, changes))
    for line in new:
        line.clean_fields(exclude={"project", "unit"})
    FundingLine.objects.bulk_create(new, batch_size=AT_ONCE)
    marks = {"imported_amounts", "imported_from", "imported_at"}
    update_rows(FundingLine, list(rows.values()), {*AMOUNTS, *marks})
    if told:
        record_many(user, told)


def _mark_imported(
    line: FundingLine, changes: Mapping[str, Any], source: str, at: datetime
) -> None:
    marks = {name: [source, at.isoformat()] for name in changes if name in AMOUNTS}
    line.imported_amounts = {**line.imported_amounts, **marks}
    line.imported_from, line.imported_at = source[-100:], at


def tell_changed(projects: Sequence[int]) -> None:
    """Tell once of each project with a self-assessment that it changed.

    Its score follows; raises ClosedError where what was sent up is closed.
    """
    for batch in in_batches(projects):
        found = BudgetProject.objects.filter(pk__in=batch, assessments__isnull=False)
        for project in found.distinct():
            project_changed.send(sender=BudgetProject, project=project)


def locked_rows(model: type[Row], rows: Sequence[Row]) -> dict[Any, Row]:
    """Return the stored rows by key, held; raise StaleError where one is another."""
    found: dict[Any, Row] = {}
    for batch in in_batches(sorted(each.pk for each in rows)):
        held = model._default_manager.select_for_update(of=("self",))
        found |= {each.pk: each for each in held.filter(pk__in=batch).order_by("pk")}
    for each in rows:
        stored: Any = found.get(each.pk)
        if stored is None or stored.version != getattr(each, "version"):  # noqa: B009
            raise StaleError(stored or each)
    return found


def set_fields(row: models.Model, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)


def update_rows(model: type[Row], rows: Sequence[Row], names: set[str]) -> None:
    """Save these fields of held rows, each with its next version."""
    if not rows:
        return
    for row in rows:
        relations = {each.name for each in model._meta.fields if each.is_relation}
        row.clean_fields(exclude=relations)
        setattr(row, "version", getattr(row, "version") + 1)  # noqa: B009, B010
    fields = sorted({*names, "version"})
    model._default_manager.bulk_update(rows, fields, batch_size=500)

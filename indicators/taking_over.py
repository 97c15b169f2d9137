"""Writing rows that were proposed and looked through: all of them, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from indicators.arrangement import arrange
from indicators.models import Indicator
from indicators.schemes import Layout
from indicators.services import save_indicator
from perfeval.models import User
from perfeval.versions import GoneError, StaleError
from projects.models import BudgetProject


@dataclass(frozen=True, kw_only=True)
class Taking:
    """One row to write; stored: the indicator it changes, None for a new one."""

    stored: Indicator | None
    values: Mapping[str, Any]
    version: int


class RefusedRowsError(Exception):
    """Rows were refused and nothing was written; problems: {place in the list: why}."""

    def __init__(self, problems: Mapping[int, ValidationError | StaleError]) -> None:
        super().__init__("没有写入")
        self.problems = problems


def take_over(
    user: User, project: BudgetProject, rows: Sequence[Taking], layout: Layout
) -> tuple[int, int]:
    """Write the rows; return how many were added and how many changed.

    Raises RefusedRowsError with all rows that are wrong at once, ClosedError.
    """
    problems: dict[int, ValidationError | StaleError] = {}
    added = changed = 0
    with transaction.atomic():
        start = project.indicators.count()
        for place, row in enumerate(rows):
            position = start + place + 1
            target = row.stored or Indicator(project=project, position=position)
            try:
                with transaction.atomic():
                    wrote = save_indicator(
                        user, target, row.values, version=row.version
                    )
            except (ValidationError, StaleError) as error:
                problems[place] = error
            except GoneError:
                words = "该指标已被他人删除，请取消勾选或重新粘贴"
                problems[place] = ValidationError(words)
            else:
                added += row.stored is None
                changed += row.stored is not None and wrote
        if problems:
            raise RefusedRowsError(problems)
        arrange(project, layout)
    return added, changed

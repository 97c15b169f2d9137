"""A process beside an installation under test: fills it, starts batches, looks at them.

python -m tests.reports.attendant: a line [name, argument, …] comes in, JSON goes out.
Starting a process for each look would take longer than what is looked at.
"""

import json
import sys
from typing import Any

import django


def fill(count: int) -> int:
    """Make so many self-assessments and one who sees them all; return the year."""
    from django.db import transaction

    from projects.models import Role
    from tests import factories

    with transaction.atomic():
        unit = factories.make_department(factories.make_department())
        factories.make_user(Role.PERFORMANCE_SECTION, unit.parent, username="finance")
        task = factories.make_task()
        for _ in range(count):
            factories.make_assessment(factories.make_project(unit), task)
    year: int = task.year
    return year


def start(title: str, count: int) -> int:
    """Start a package of so many reports; return its number."""
    from indicators.models import SelfAssessment
    from reports.batches.report_job import start_reports

    rows = SelfAssessment.objects.visible_to(_person())
    rows = rows.filter(pk__in=rows.order_by("pk")[:count].values("pk"))
    return start_reports(_person(), rows, title, package="zip", suffix="json").pk


def state(pk: int) -> list[Any]:
    """Return a batch's state, message and result, and its items."""
    from reports.models import Batch

    batch = Batch.objects.get(pk=pk)
    items = batch.items.values("state", "attempts", "error", "owner", "file_id")
    return [batch.state, batch.message, batch.result_id, list(items)]


def forget() -> None:
    """Let every lease run out."""
    from django.utils import timezone

    from reports.models import BatchItem

    BatchItem.objects.filter(until__isnull=False).update(until=timezone.now())


def cancel(pk: int) -> bool:
    from reports.batches import queue
    from reports.models import Batch

    return queue.cancel(_person(), Batch.objects.get(pk=pk))


def resume(pk: int) -> bool:
    from reports.batches import queue
    from reports.models import Batch

    return queue.resume(_person(), Batch.objects.get(pk=pk))


def _person() -> Any:
    from perfeval.models import User

    return User.objects.get(username="finance")


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        answer = json.dumps(globals()[name](*arguments))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()

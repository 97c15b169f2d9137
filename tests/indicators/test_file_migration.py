"""What was attached to tasks before is there after the migration, and back again."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("indicators", "0006_withdrawn_changes")]
AFTER = [("indicators", "0009_remove_task_attachment")]


def migrate(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return executor.loader.project_state(target).apps


@pytest.fixture
def back_to_the_newest():
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("back_to_the_newest")
def test_attachments_of_tasks_move_and_come_back():
    before = migrate(BEFORE)
    scheme = before.get_model("indicators", "ScoringScheme").objects.create(
        scheme_id="x", version=1, name="方案", text="", sha256=""
    )
    task = before.get_model("indicators", "EvaluationTask").objects.create(
        year=2024,
        title="自评",
        scheme=scheme,
        opens_at="2025-01-01T00:00Z",
        due_at="2025-02-01T00:00Z",
    )
    files = [
        before.get_model("perfeval", "StoredFile").objects.create(
            sha256=f"{number:064}", name=f"{number}.pdf", size=1, content_type="x"
        )
        for number in (1, 2)
    ]
    for file in files:
        before.get_model("indicators", "TaskAttachment").objects.create(
            task=task, file=file
        )

    after = migrate(AFTER)
    moved = after.get_model("indicators", "EvaluationTask").objects.get()
    names = list(moved.attachments.order_by("pk").values_list("name", flat=True))
    again = migrate(BEFORE)
    rows = again.get_model("indicators", "TaskAttachment").objects.order_by("pk")

    assert names == ["1.pdf", "2.pdf"]
    assert [(each.task_id, each.file_id) for each in rows] == [
        (task.pk, each.pk) for each in files
    ]

"""Every attachment of a task becomes a file of the task, and back."""

from django.db import migrations


def to_files(apps, schema_editor):
    attachments = apps.get_model("indicators", "TaskAttachment")
    files = apps.get_model("indicators", "EvaluationTask").attachments.through
    files.objects.bulk_create(
        files(evaluationtask_id=task, storedfile_id=file)
        for task, file in attachments.objects.order_by("pk").values_list(
            "task_id", "file_id"
        )
    )


def to_attachments(apps, schema_editor):
    attachments = apps.get_model("indicators", "TaskAttachment")
    files = apps.get_model("indicators", "EvaluationTask").attachments.through
    attachments.objects.bulk_create(
        attachments(task_id=task, file_id=file)
        for task, file in files.objects.order_by("pk").values_list(
            "evaluationtask_id", "storedfile_id"
        )
    )
    files.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("indicators", "0007_files_of_tasks")]

    operations = [migrations.RunPython(to_files, to_attachments)]

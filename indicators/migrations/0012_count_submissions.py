"""What was sent up before submissions were counted gets its number."""

from django.db import migrations


def count(apps, schema_editor):
    assessments = apps.get_model("indicators", "SelfAssessment")
    records = apps.get_model("indicators", "ReviewRecord")
    sent = records.objects.filter(action="submit").order_by()
    keys = set(sent.values_list("assessment", flat=True))
    rows = assessments.objects.select_related("task")
    for pk in sorted(keys):
        assessment = rows.get(pk=pk)
        number = 0
        for record in records.objects.filter(assessment=pk).order_by("pk"):
            number += record.action == "submit"
            told = f"{assessment.task.year}-{pk:06}-{number:02}"
            records.objects.filter(pk=record.pk).update(submission=told)
        assessments.objects.filter(pk=pk).update(submissions=number)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0011_flow_of_review")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]

"""What was given to third parties by name alone becomes a recheck of theirs."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

TIME_LEFT = timedelta(days=30)


def move(apps, schema_editor):
    """Give each self-assessment to its first rechecker; one at a time has it."""
    assessment = apps.get_model("indicators", "SelfAssessment")
    recheck = apps.get_model("indicators", "Recheck")
    now, given = timezone.now(), set()
    for row in assessment.recheckers.through.objects.order_by("pk"):
        if row.selfassessment_id in given:
            continue
        given.add(row.selfassessment_id)
        recheck.objects.create(
            assessment_id=row.selfassessment_id,
            person_id=row.user_id,
            due_at=now + TIME_LEFT,
            assigned_at=now,
        )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0020_spot_checks_and_rechecks")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]

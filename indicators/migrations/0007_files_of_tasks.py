"""The files of a task's notice as StoredFile rows of the task itself."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0006_withdrawn_changes"),
        ("perfeval", "0003_people_passwords_and_imports"),
    ]

    operations = [
        # Its name is taken over by the new field.
        migrations.AlterField(
            model_name="taskattachment",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="indicators.evaluationtask",
                verbose_name="任务",
            ),
        ),
        migrations.AddField(
            model_name="evaluationtask",
            name="attachments",
            field=models.ManyToManyField(
                blank=True,
                related_name="+",
                to="perfeval.storedfile",
                verbose_name="附件",
            ),
        ),
    ]

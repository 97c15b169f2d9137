"""The rows that stood between tasks and their files are needed no longer."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("indicators", "0008_move_files_of_tasks")]

    operations = [migrations.DeleteModel(name="TaskAttachment")]

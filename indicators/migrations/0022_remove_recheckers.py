from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("indicators", "0021_move_recheckers")]

    operations = [
        migrations.RemoveField(model_name="selfassessment", name="recheckers")
    ]

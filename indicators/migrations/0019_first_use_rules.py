"""Give a new installation what is usually made of a result, to be changed at will."""

from django.db import migrations

RULES = (
    ("优", "priority", "绩效等级为优，下一年度预算安排时予以优先保障。"),
    ("良", "keep", "绩效等级为良，下一年度预算按既定政策正常安排。"),
    ("中", "reduce", "绩效等级为中，整改到位前压减下一年度预算。"),
    ("差", "stop", "绩效等级为差，下一年度预算不予安排，已安排未使用的资金收回。"),
)


def add(apps, schema_editor):
    rule = apps.get_model("indicators", "UseRule")
    for grade, use, note in RULES:
        rule.objects.get_or_create(
            task=None, grade=grade, defaults={"use": use, "note": note}
        )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0018_rectification_and_result_use")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

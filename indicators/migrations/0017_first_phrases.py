"""Give a new installation phrases to begin with; the office changes them as it likes."""

from django.db import migrations

PHRASES = {
    "approve": (
        "自评内容完整，数据与佐证材料一致，同意。",
        "自评得分客观，偏差原因说明清楚，同意报送。",
        "同意。请在下年度编制绩效目标时细化指标值。",
    ),
    "return": (
        "请补充佐证材料，证明实际完成值。",
        "请说明偏差原因和改进措施，写明责任和时间。",
        "自评得分与预算执行情况不相符，请核实后重新评分。",
        "报告文字与自评表数据不一致，请核对后修改。",
    ),
    "comment": (
        "请注明数据来源。",
        "请写明具体数量和完成时间。",
        "佐证材料不能证明本指标，请更换。",
    ),
}


def add(apps, schema_editor):
    phrase = apps.get_model("indicators", "ReviewPhrase")
    for use, texts in PHRASES.items():
        for position, text in enumerate(texts, start=1):
            phrase.objects.get_or_create(
                use=use, text=text, defaults={"position": position}
            )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0016_remarks_on_passages")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

"""The page of a self-assessment: what it shows to whom, and what it costs."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import ItemComment, Material, SelfAssessment
from indicators.services import record_result, write_narrative
from indicators.workflow import advance
from projects.models import FundingLine, Role
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


def open_page(client, user, assessment):
    client.force_login(user)
    return client.get(reverse("indicators:detail", args=[assessment.pk]))


def text_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def result_of(assessment, unit):
    return assessment.results.get(indicator__unit=unit)


def test_a_filler_sees_rows_points_money_and_where_to_write(client, filler, assessment):
    record_result(filler, result_of(assessment, "场"), {"actual": "48"}, version=1)

    page = text_of(open_page(client, filler, assessment))

    assert "完成值 48 ÷ 指标值 50 × 分值 50 = 48.00" in page
    assert "≥50场" in page
    assert "执行数 13.32 ÷ 全年预算数 23 × 分值 10 = 5.79" in page
    # 48 + 5.79; every row reached: 90 + 5.79.
    assert "53.79" in page
    assert "95.79" in page
    editor = reverse("indicators:narratives", args=[assessment.pk])
    assert f"{editor}#text-problems" in page


def test_levels_are_merged_as_on_the_paper_form(client, filler, unit):
    project = make_project(unit)
    make_indicators(
        project,
        (
            ("产出指标", "数量指标", "场次", ">=", "1", "场", "20"),
            ("效益指标", "社会效益指标", "知晓", ">=", "1", "%", "30"),
            ("产出指标", "数量指标", "人次", ">=", "1", "人", "20"),
            ("产出指标", "质量指标", "合格率", ">=", "1", "%", "20"),
        ),
    )
    assessment = make_assessment(project)

    rows = open_page(client, filler, assessment).context["rows"]

    spans = [
        (row.result.indicator.level3, row.level1_rows, row.level2_rows) for row in rows
    ]
    assert spans == [
        ("场次", 3, 2),
        ("人次", 0, 0),
        ("合格率", 0, 1),
        ("知晓", 1, 1),
    ]


def test_what_is_missing_is_said_in_words_and_linked(client, filler, assessment):
    response = open_page(client, filler, assessment)

    told = [gap.text for gap in response.context["gaps"]]
    assert told == [
        "3 项指标未填实际完成值",
        "1 项指标未选达成程度",
        "第一、二、三、四、五部分为空",
        "年度总体目标实际完成情况为空",
        "未说明预算执行情况（执行率 57.91% 低于 90%）",
    ]
    first = assessment.results.first()
    place = reverse("indicators:result", args=[assessment.pk, first.pk])
    field = f"?field=actual#id_result{first.pk}_actual"
    assert response.context["gaps"][0].url == place + field
    assert f'href="{place}{field}"' in response.content.decode()


def test_a_row_says_once_that_its_value_is_missing(client, filler, assessment):
    page = open_page(client, filler, assessment).content.decode()

    row = page.partition(f'id="result-{assessment.results.first().pk}"')[2]
    assert row.partition("</tr>")[0].count("未填实际完成值") == 1


def test_rows_that_lack_a_reason_or_a_confirmation_are_told(client, filler, assessment):
    quality = assessment.results.get(indicator__comparator="qualitative")
    record_result(filler, result_of(assessment, "场"), {"actual": "48"}, version=1)
    record_result(filler, result_of(assessment, "%"), {"actual": "约九成"}, version=1)
    changes = {"achievement": "partly", "actual": "有所提高"}
    record_result(filler, quality, changes, version=1)

    told = [gap.text for gap in open_page(client, filler, assessment).context["gaps"]]

    assert told[:3] == [
        "1 项指标未说明偏差原因",
        "1 项指标未确认得分",
        "1 项指标不能计分",
    ]


def test_a_complete_one_lacks_nothing(client, filler, assessment):
    quality = assessment.results.get(indicator__comparator="qualitative")
    record_result(filler, result_of(assessment, "场"), {"actual": "50"}, version=1)
    record_result(filler, result_of(assessment, "%"), {"actual": "95"}, version=1)
    changes = {
        "achievement": "met",
        "self_points": Decimal(30),
        "actual": "知晓率比上年提高 12 个百分点",
    }
    record_result(filler, quality, changes, version=1)
    for text in assessment.narratives.exclude(key="remarks"):
        write_narrative(filler, text, "已写", version=1)

    response = open_page(client, filler, assessment)

    assert response.context["gaps"] == []
    assert "要填的内容已齐全" in text_of(response)


def test_texts_show_figures_in_place_of_their_names(client, filler, assessment):
    text = assessment.narratives.get(key="basics")
    write_narrative(filler, text, "由{实施单位}实施，写成{{括号}}。", version=1)

    shown = text_of(open_page(client, filler, assessment))

    assert f"由{assessment.project.unit.name}实施，写成{{括号}}。" in shown
    assert "{实施单位}" not in shown


def test_a_form_alone_shows_no_report_sections(client, filler, unit, task):
    assessment = make_assessment(make_project(unit), task, material=Material.FORM)

    response = open_page(client, filler, assessment)

    keys = [text.narrative.key for text in response.context["texts"]]
    assert keys == ["goal", "funds", "remarks"]
    assert not any("部分为空" in gap.text for gap in response.context["gaps"])


def test_execution_scored_in_a_row_is_not_asked_for_points(client, filler, unit):
    project = make_project(unit)
    make_indicators(
        project,
        (
            ("过程", "资金管理", "支出率", "rubric", "", "", "6"),
            ("投入", "项目立项", "论证充分性", "rubric", "", "", "4"),
        ),
    )
    assessment = make_assessment(project, make_task("guangdong-four"))

    response = open_page(client, filler, assessment)

    row = next(each for each in response.context["rows"] if each.by_money)
    # 57.91 % reaches the step of 50 %.
    assert (row.score.points, row.lacks) == (Decimal("3.00"), ["未说明偏差原因"])
    assert response.context["in_funds"] is False


def test_received_money_has_its_column_where_a_source_names_it(
    client, filler, assessment
):
    before = text_of(open_page(client, filler, assessment))
    FundingLine.objects.update(received=Decimal("200000"))

    after = text_of(open_page(client, filler, assessment))

    assert "到位数" not in before
    assert "到位数" in after
    assert "20.00" in after


def test_a_reviewer_reads_but_is_offered_no_form(
    client, filler, unit_reviewer, assessment
):
    submit(assessment, filler)

    page = text_of(open_page(client, unit_reviewer, assessment))

    assert "审核中（单位审核）" in page
    assert "还需填写" not in page
    result_url = reverse(
        "indicators:result", args=[assessment.pk, assessment.results.first().pk]
    )
    assert result_url not in page


def test_a_returned_one_opens_with_the_opinion_and_its_comments(
    client, filler, unit_reviewer, assessment
):
    version = submit(assessment, filler).version
    advance(
        assessment.pk,
        "send_back",
        unit_reviewer,
        version=version,
        note="请核对第三部分",
        snapshot={},
    )
    on_row = {"indicator": assessment.results.first().indicator}
    for place, text in ((on_row, "写明时间"), ({"narrative_key": "goal"}, "补差距")):
        ItemComment.objects.create(
            assessment=assessment,
            author=unit_reviewer,
            text=text,
            at=timezone.now(),
            **place,
        )

    response = open_page(client, filler, assessment)

    page = text_of(response)
    assert "李审核于" in page
    assert "请核对第三部分" in page
    assert "另有 2 条评语" in page
    assert response.context["rows"][0].comments[0].text == "写明时间"
    goal = next(
        each for each in response.context["texts"] if each.narrative.key == "goal"
    )
    assert goal.comments[0].text == "补差距"


def test_the_chain_says_who_decided_and_where_it_stands(
    client, filler, unit_reviewer, assessment
):
    version = submit(assessment, filler).version
    advance(assessment.pk, "approve", unit_reviewer, version=version, snapshot={})

    steps = open_page(client, filler, assessment).context["steps"]

    assert [(step.name, step.state, step.who) for step in steps] == [
        ("填报", "done", "陈填报 送审"),
        ("单位审核", "done", "李审核 通过"),
        ("主管部门审核", "current", ""),
        ("绩效科复核", "todo", ""),
    ]


def test_a_score_far_above_execution_is_told(client, filler, unit_reviewer, assessment):
    SelfAssessment.objects.filter(pk=assessment.pk).update(total=Decimal("87.91"))

    odd = open_page(client, unit_reviewer, assessment).context["odd"]

    assert odd == "得分率 87.91%，预算执行率只有 57.91%，相差 30 个百分点"


def test_a_score_near_execution_is_not_odd(client, unit_reviewer, assessment):
    SelfAssessment.objects.filter(pk=assessment.pk).update(total=Decimal("87.90"))

    assert open_page(client, unit_reviewer, assessment).context["odd"] == ""


def test_another_units_is_not_there(client, assessment):
    stranger = make_user(Role.FILLER, make_department())

    assert open_page(client, stranger, assessment).status_code == 404


@pytest.mark.parametrize("count", [3, 60])
def test_queries_do_not_grow_with_the_indicators(count, client, filler, unit, task):
    project = make_project(unit)
    rows = [
        ("产出指标", "数量指标", f"指标{number}", ">=", "1", "个", "1")
        for number in range(count)
    ]
    make_indicators(project, rows)
    assessment = make_assessment(project, task)
    client.force_login(filler)

    url = reverse("indicators:detail", args=[assessment.pk])

    assert len(queries_of(client, url)) <= 12


def test_the_notice_has_a_page_of_its_own(client, filler, assessment):
    assessment.task.notice = "请按时填报"
    assessment.task.save()
    client.force_login(filler)
    url = reverse("indicators:notice", args=[assessment.pk])

    page = client.get(url)

    assert (
        url
        in client.get(
            reverse("indicators:detail", args=[assessment.pk])
        ).content.decode()
    )
    assert "请按时填报" in page.content.decode()


def test_the_notice_of_another_unit_is_not_there(client, assessment):
    client.force_login(make_user(Role.FILLER, make_department()))

    page = client.get(reverse("indicators:notice", args=[assessment.pk]))

    assert page.status_code == 404

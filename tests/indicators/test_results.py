"""The form of one result row: saved, refused, saved by somebody else first."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import IndicatorResult
from indicators.services import record_result
from perfeval.models import AuditEvent
from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def quantity(assessment):
    return assessment.results.get(indicator__unit="场")


@pytest.fixture
def quality(assessment):
    return assessment.results.get(indicator__comparator="qualitative")


@pytest.fixture
def client(client, filler):
    client.force_login(filler)
    return client


def url_of(result, name="result"):
    return reverse(f"indicators:{name}", args=[result.assessment_id, result.pk])


def save(client, result, headers=None, **values):
    values = {"version": 1, "actual": "", "deviation_note": "", **values}
    return client.post(url_of(result), values, headers=headers or {})


def stored(result):
    return IndicatorResult.objects.get(pk=result.pk)


def text_of(response):
    return response.content.decode()


def test_without_a_script_the_row_has_a_page_and_leads_back_to_its_place(
    client, quantity
):
    page = client.get(url_of(quantity))
    answer = save(client, quantity, actual="48", deviation_note="两场改在下年度")

    assert page.status_code == 200
    assert "≥50场" in text_of(page)
    detail = reverse("indicators:detail", args=[quantity.assessment_id])
    assert answer.url == f"{detail}#result-{quantity.pk}"
    assert stored(quantity).auto_points == Decimal("48.00")


def test_a_figure_in_full_width_is_kept_as_a_plain_one_and_a_text_as_typed(
    client, quantity
):
    save(client, quantity, actual="４８场", deviation_note="少了２场")

    assert stored(quantity).actual == "48场"
    assert stored(quantity).deviation_note == "少了２场"


def test_over_htmx_the_row_comes_back_with_what_follows_from_it(client, quantity):
    answer = save(client, quantity, HTMX, actual="48", deviation_note="两场改期")

    text = text_of(answer)
    assert answer.status_code == 200
    assert "<html" not in text
    assert f'<tr id="result-{quantity.pk}"' in text
    assert "just-saved" in text
    assert "48.00" in text
    # 48 + 5.79
    assert "53.79" in text
    for part in ("gaps", "totals", "score-fact"):
        assert f'id="{part}"' in text
    assert "已保存，得 48.00 分" in answer.headers["HX-Trigger"].encode().decode(
        "unicode-escape"
    )


def test_over_htmx_the_form_comes_in_place_of_the_row_and_leaves_again(
    client, quantity
):
    form = client.get(url_of(quantity), headers=HTMX)
    row = client.get(url_of(quantity, "result_row"), headers=HTMX)

    assert "<html" not in text_of(form)
    assert 'name="actual"' in text_of(form)
    assert "autofocus" in text_of(form)
    assert 'name="actual"' not in text_of(row)
    assert f'id="result-{quantity.pk}"' in text_of(row)


def test_saving_twice_makes_nothing_twice(client, quantity):
    save(client, quantity, actual="48")

    save(client, quantity, version=2, actual="48")

    assert stored(quantity).version == 2


@pytest.mark.parametrize(
    ("typed", "points"), [("28.5", "28.50"), ("２８．５", "28.50"), ("29分", "29.00")]
)
def test_points_are_read_as_people_write_them(typed, points, client, quality):
    save(client, quality, achievement="met", self_points=typed, actual="明显提高")

    assert stored(quality).self_points == Decimal(points)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("很多", "“很多”不是分数，请只填数字"),
        ("28.555", "“28.555”的小数多于两位"),
        ("23", "应得 24.00—30.00 分"),
        ("31", "自评得分应在 0 与分值 30.00 之间"),
    ],
)
def test_points_that_cannot_stand_are_refused_at_their_field(
    typed, message, client, quality
):
    answer = save(
        client, quality, achievement="met", self_points=typed, actual="知晓率提高"
    )

    text = text_of(answer)
    assert answer.status_code == 422
    assert message in text
    assert f'value="{typed}"' in text
    assert "知晓率提高" in text
    assert f"#id_result{quality.pk}_self_points" in text
    assert stored(quality).self_points is None


def test_the_form_shows_the_points_of_each_level(client, quality):
    text = text_of(client.get(url_of(quality)))

    assert "达成年度指标（24.00—30.00 分）" in text
    assert "部分达成年度指标并具有一定效果（18.00—23.99 分）" in text
    assert "未达成年度指标且效果较差（0.00—17.99 分）" in text


def test_a_rubric_row_asks_for_points_and_their_basis(client, unit):
    project = make_project(unit)
    rows = [("投入", "项目立项", "论证充分性", "rubric", "", "", "4")]
    make_indicators(project, rows)
    result = make_assessment(project, make_task("guangdong-four")).results.get()

    answer = client.post(
        url_of(result),
        {"version": 1, "self_points": "3", "basis": "缺专家论证", "deviation_note": ""},
    )

    assert answer.status_code == 302
    kept = stored(result)
    assert (kept.auto_points, kept.self_points) == (None, Decimal("3.00"))
    assert kept.basis == "缺专家论证"


def test_the_row_of_the_execution_ratio_takes_no_points(client, unit):
    project = make_project(unit)
    make_indicators(project, [("过程", "资金管理", "支出率", "rubric", "", "", "6")])
    result = make_assessment(project, make_task("guangdong-four")).results.get()

    text = text_of(client.get(url_of(result)))

    assert "self_points" not in text
    assert "deviation_note" in text


def test_a_value_that_cannot_be_scored_is_kept_and_said(client, quantity):
    answer = save(client, quantity, HTMX, actual="约50")

    assert stored(quantity).actual == "约50"
    assert "“约50”不是一个确定的数" in text_of(answer)
    assert "不能计分" in text_of(answer)


def test_text_longer_than_the_column_is_refused_and_kept_on_the_page(client, quantity):
    answer = save(client, quantity, deviation_note="长" * 10_001)

    assert answer.status_code == 422
    assert "长" * 10_001 in text_of(answer)


def test_the_browser_is_told_no_maximum_it_would_cut_by(client, quantity):
    assert "maxlength" not in text_of(client.get(url_of(quantity)))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_who_saves_second_sees_both_and_the_second_save_decides(
    headers, client, quantity, filler
):
    changes = {"actual": "48", "deviation_note": "他人写的原因"}
    record_result(None, quantity, changes, version=1)

    first = save(client, quantity, headers, actual="47", deviation_note="我写的原因")
    unchanged = stored(quantity).actual
    second = save(client, quantity, headers, version=2, actual="47")

    text = text_of(first)
    assert first.status_code == 409
    assert "他人已保存的内容" in text
    assert "他人写的原因" in text
    assert "我写的原因" in text
    assert 'name="version" value="2"' in text
    assert unchanged == "48"
    assert second.status_code in (200, 302)
    assert stored(quantity).actual == "47"


def test_what_was_sent_up_takes_no_more_but_keeps_the_typed_text(
    client, quantity, filler
):
    submit(quantity.assessment, filler)

    page = client.get(url_of(quantity))
    answer = save(client, quantity, actual="48")

    assert page.status_code == 302
    assert answer.status_code == 409
    assert "该自评现在是“审核中”，内容不能修改" in text_of(answer)
    assert 'value="48"' in text_of(answer)
    assert stored(quantity).actual == ""


def test_a_reviewer_may_not_write(client, quantity, unit_reviewer):
    client.force_login(unit_reviewer)

    assert client.get(url_of(quantity)).status_code == 403
    assert save(client, quantity, actual="48").status_code == 403
    assert stored(quantity).actual == ""


def test_another_units_row_is_not_there(client, quantity):
    client.force_login(make_user(Role.FILLER, make_department()))

    assert client.get(url_of(quantity)).status_code == 404
    assert save(client, quantity, actual="48").status_code == 404


def test_a_row_of_another_assessment_is_not_there(client, quantity, unit):
    other = make_assessment(make_project(unit))

    url = reverse("indicators:result", args=[other.pk, quantity.pk])

    assert client.get(url).status_code == 404


@pytest.mark.parametrize("version", ["", "x"])
def test_a_form_without_its_version_is_refused(version, client, quantity):
    answer = save(client, quantity, version=version, actual="48")

    assert answer.status_code == 422
    assert stored(quantity).actual == ""


def score(client, result, **values):
    values = {"version": 1, "actual": "", "deviation_note": "", **values}
    url = url_of(result, "result_score") + "?totals=1"
    return client.post(url, values, headers=HTMX)


def test_points_total_and_ceiling_follow_what_is_typed_and_nothing_is_written(
    client, quantity, filler
):
    before = list(AuditEvent.objects.values_list("pk", flat=True))

    answer = score(client, quantity, actual="48")

    text = " ".join(text_of(answer).split())
    assert '得分 <strong class="num">48.00</strong> ／ 分值 50' in text
    assert "完成值 48 ÷ 指标值 50 × 分值 50 = 48.00" in text
    assert "请填写“偏差原因分析及改进措施”：得分 48.00 低于分值 50" in text
    # 48 + 5.79 of the money; every row reached: 90 + 5.79.
    assert "53.79" in text
    assert "95.79" in text
    assert stored(quantity) == quantity
    assert (stored(quantity).actual, stored(quantity).version) == ("", 1)
    assert list(AuditEvent.objects.values_list("pk", flat=True)) == before


def test_typing_what_cannot_stand_is_answered_in_words_not_refused(client, quality):
    unreadable = score(client, quality, achievement="met", self_points="很多")
    outside = score(client, quality, achievement="met", self_points="20")

    assert "“很多”不是分数" in text_of(unreadable)
    # What can be read of the row still counts: the band's default.
    assert "30.00" in text_of(unreadable)
    assert "应得 24.00—30.00 分" in text_of(outside)


def test_own_points_of_a_measured_row_stand_apart_and_ask_for_a_reason(
    client, quantity, assessment
):
    typed = score(client, quantity, actual="48", self_points="50")
    save(client, quantity, actual="50", self_points="46")
    page = client.get(reverse("indicators:detail", args=[assessment.pk]))

    assert "低于分值 50" in text_of(typed)
    row = next(each for each in page.context["rows"] if each.result == quantity)
    # The rule's points count: 50 of 50; the unit's 46 stand beside them.
    assert row.score.points == Decimal("50.00")
    assert row.points_apart == [("自动", Decimal("50.00")), ("自评", Decimal("46.00"))]
    assert "未写不同意自动得分的理由" in row.lacks
    assert page.context["score"].total == Decimal("55.79")


def test_a_grade_is_given_when_every_row_has_points(client, quantity, assessment):
    page = client.get(reverse("indicators:detail", args=[assessment.pk]))

    assert "待定" in text_of(page)
    assert "各项都有得分后给出等级" in text_of(page)
    assert page.context["grade"] == ""


def test_others_do_not_ask_what_a_row_would_score(client, quantity, unit_reviewer):
    stranger = make_user(Role.FILLER, make_department())
    client.force_login(unit_reviewer)
    refused = score(client, quantity, actual="48")
    client.force_login(stranger)
    unseen = score(client, quantity, actual="48")

    assert (refused.status_code, unseen.status_code) == (403, 404)

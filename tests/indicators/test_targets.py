"""The indicator table: its sums, adding, editing, moving, deleting, filling in."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from indicators.arrangement import fill_from_scheme
from indicators.models import Indicator, IndicatorResult
from indicators.schemes import load_scheme
from indicators.services import record_result, save_indicator
from indicators.target_reading import read_target
from indicators.weights import weigh
from perfeval.models import AuditEvent
from perfeval.versions import ClosedError
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


@pytest.fixture
def unit(db):
    return make_department(make_department())


@pytest.fixture
def filler(client, unit):
    user = make_user(Role.FILLER, unit)
    client.force_login(user)
    return user


@pytest.fixture
def project(unit):
    project = make_project(unit)
    make_indicators(project)
    return project


def table(client, project):
    response = client.get(reverse("indicators:targets", args=[project.pk]))
    assert response.status_code == 200
    return response


def entered(**values):
    return {
        "level1": "产出指标",
        "level2": "质量指标",
        "level3": "培训合格率",
        "comparator": ">=",
        "target": "90",
        "unit": "%",
        "max_points": "12.5",
        "standard": "",
        "version": 1,
        **values,
    }


def stored(indicator, **values):
    names = ("level1", "level2", "level3", "comparator", "target", "unit", "standard")
    sent = {name: getattr(indicator, name) for name in (*names, "max_points")}
    return {**sent, "version": indicator.version, **values}


def add(client, project, **values):
    address = reverse("indicators:indicator_add", args=[project.pk])
    return client.post(address, entered(**values))


def at(name, indicator):
    return reverse(f"indicators:{name}", args=[indicator.project_id, indicator.pk])


# --- What the table says


def test_the_table_shows_targets_and_that_the_points_are_right(client, filler, project):
    page = table(client, project).content.decode()

    assert "≥50场" in page
    assert "分值已配齐" in page
    assert "100</span> / 100 分" in page


def rows(**points):
    names = {"output": "产出指标", "benefit": "效益指标", "content": "满意度指标"}
    return [
        Indicator(level1=names.get(key, key), max_points=Decimal(value))
        for key, value in points.items()
    ]


@pytest.mark.parametrize(
    ("points", "words", "total"),
    [
        ({"output": "50", "benefit": "30", "content": "10"}, ["", "", ""], ""),
        ({"output": "50", "benefit": "40"}, ["", ""], ""),
        (
            {"output": "42.5", "benefit": "35"},
            ["还差 7.5 分", "多出 5 分", "还没有指标，应为 10 分"],
            "合计还差 12.5 分",
        ),
        (
            {"output": "50", "benefit": "30", "content": "10", "管理": "5"},
            [
                "",
                "",
                "",
                "不是本方案的一级指标，本方案有：产出指标、效益指标、满意度指标",
            ],
            "合计多出 5 分",
        ),
        (
            {},
            [
                "还没有指标，应为 50 分",
                "还没有指标，应为 30 分",
                "还没有指标，应为 10 分",
            ],
            "合计还差 90 分",
        ),
    ],
    ids=["right", "without satisfaction", "wrong", "foreign level", "empty"],
)
def test_what_is_missing_of_the_points_is_said_in_words(points, words, total):
    weights = weigh(rows(**points), load_scheme("mof-2020"))

    assert [level.words for level in weights.levels] == words
    assert weights.words == total
    assert weights.is_right is (not total)


def test_another_division_that_the_scheme_allows_is_told():
    weights = weigh(rows(output="50", benefit="30"), load_scheme("mof-2020"))

    assert weights.alternatives == ("不设满意度指标时：产出指标 50 分、效益指标 40 分",)


def test_the_scheme_is_that_of_the_self_assessment(client, filler, project):
    make_assessment(project, make_task("guangdong-four"))

    page = table(client, project).content.decode()

    assert "投入—过程—产出—效益评分表" in page
    assert "不是本方案的一级指标" in page


def test_the_table_asks_the_database_no_more_for_more_rows(
    client, filler, project, django_assert_max_num_queries
):
    make_assessment(project, make_task("guangdong-four"))
    fill_from_scheme(None, project, load_scheme("guangdong-four"))

    with django_assert_max_num_queries(12):
        table(client, project)


# --- How a target is read


@pytest.mark.parametrize(
    ("comparator", "target", "unit", "text"),
    [
        (">=", "50", "场", "实际完成值不低于 50 场"),
        (">=", "１,０００", "人次", "实际完成值不低于 1000 人次"),
        (">=", "1.2万人次", "人次", "实际完成值不低于 12000 人次"),
        ("<=", "90-95%", "%", "实际完成值不高于 95 %（指标值为区间，取上限）"),
        ("<=", "2021年12月底前", "", "完成日期不晚于 2021年12月31日"),
        ("=", "100", "%", "实际完成值等于 100 %"),
        ("qualitative", "明显提高", "", "定性指标，按达成、部分达成、未达成三档给分"),
        ("rubric", "", "", "按评分标准给分，不需要填指标值"),
    ],
)
def test_a_target_is_told_back_as_the_system_reads_it(comparator, target, unit, text):
    reading = read_target(comparator, target, unit)

    assert (reading.text, reading.is_warning) == (text, False)


@pytest.mark.parametrize(
    ("comparator", "target", "unit", "word"),
    [
        (">=", "约50", "场", "不是确定的数"),
        (">=", "", "场", "请填写指标值"),
        (">=", "≤50", "场", "不一致"),
        (">=", "2021年12月底前", "", "请选“≤”"),
        ("<=", "2021年12月前", "", "请写明"),
        (">=", "50人", "场", "单位“人”与度量单位“场”不同"),
        (">=", "-5", "场", "负数"),
        ("qualitative", "", "", "应达到的程度"),
        ("qualitative", "50", "", "宜选“≥”"),
        ("", "50", "", "请先选择指标性质"),
    ],
)
def test_a_target_that_cannot_be_scored_is_warned_of(comparator, target, unit, word):
    reading = read_target(comparator, target, unit)

    assert reading.is_warning
    assert word in reading.text


def test_the_reading_follows_while_typing(client, filler, project):
    address = reverse("indicators:target_reading", args=[project.pk])

    page = client.get(address, {"comparator": "<=", "target": "3", "unit": "起"})

    assert "系统读作：实际完成值不高于 3 起" in page.content.decode()


# --- Adding and editing


def test_an_indicator_is_added_where_its_level_stands(client, filler, project):
    assessment = make_assessment(project)

    response = add(client, project)

    added = Indicator.objects.get(level3="培训合格率")
    names = [each.level1 for each in project.indicators.all()]
    assert response.status_code == 302
    assert response["Location"].endswith(f"#indicator-{added.pk}")
    assert names == ["产出指标", "产出指标", "效益指标", "满意度指标"]
    assert assessment.results.get(indicator=added).max_points == Decimal("12.5")
    assert AuditEvent.objects.filter(action="indicator.created").count() == 1


def test_a_target_typed_with_its_sign_and_unit_goes_to_their_fields(
    client, filler, project
):
    add(client, project, target="≤９０万元", unit="")
    add(client, project, level3="群众反映", target="明显改善", unit="")

    read = {
        each.level3: (each.comparator, each.target, each.unit)
        for each in project.indicators.filter(level2="质量指标")
    }
    assert read["培训合格率"] == ("<=", "90", "万元")
    assert read["群众反映"] == ("qualitative", "明显改善", "")


def test_saving_and_adding_another_keeps_the_levels(client, filler, project):
    response = add(client, project, add_another="1")

    form = client.get(response["Location"]).context["form"]
    assert form["level1"].value() == "产出指标"
    assert form["level2"].value() == "质量指标"
    assert form["level3"].value() == ""


def test_every_error_is_told_at_once_and_what_was_typed_stays(client, filler, project):
    response = add(
        client, project, level1="", level3="", max_points="约8", comparator="rubric"
    )

    page = response.content.decode()
    assert response.status_code == 200
    assert "请填写一级指标" in page
    assert "请填写三级指标" in page
    assert "“约8”不是分数" in page
    assert "请填写评分标准" in page
    assert 'value="约8"' in page


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ("", "请填写分值"),
        ("100.01", "0 与 100 之间"),
        ("8.555", "两位"),
        ("-1", "0 与 100"),
    ],
)
def test_points_are_a_number_up_to_100_with_two_places(
    client, filler, project, points, message
):
    assert message in add(client, project, max_points=points).content.decode()


def test_a_name_stands_once_in_its_level(client, filler, project):
    add(client, project)
    page = add(client, project).content.decode()

    assert "同一项目中已有同名指标" in page
    assert project.indicators.filter(level3="培训合格率").count() == 1


def test_an_edit_is_saved_and_scored_again(client, filler, project):
    assessment = make_assessment(project)
    result = assessment.results.first()
    record_result(filler, result, {"actual": "25"}, version=1)

    client.post(
        at("indicator_edit", result.indicator), stored(result.indicator, target="25")
    )

    result.refresh_from_db()
    assert result.indicator.target == "25"
    assert result.auto_points == Decimal("50.00")


def test_a_stale_edit_shows_both_texts_and_the_next_save_decides(
    client, filler, project
):
    indicator = project.indicators.first()
    sent = stored(indicator, target="60")
    save_indicator(None, indicator, {"target": "70"}, version=1)

    refused = client.post(at("indicator_edit", indicator), sent)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "他人已保存的内容" in page
    assert "70" in page
    assert 'value="60"' in page

    decided = client.post(at("indicator_edit", indicator), {**sent, "version": "2"})

    indicator.refresh_from_db()
    assert decided.status_code == 302
    assert indicator.target == "60"


def test_points_do_not_fall_below_those_the_unit_gave_itself(client, filler, project):
    assessment = make_assessment(project)
    result = assessment.results.get(indicator__comparator="qualitative")
    changes = {"achievement": "met", "self_points": Decimal(28)}
    record_result(filler, result, changes, version=1)

    page = client.post(
        at("indicator_edit", result.indicator),
        stored(result.indicator, max_points="20"),
    ).content.decode()

    assert "该指标已填自评得分 28.00" in page
    assert 'value="20"' in page


def test_only_the_performance_section_marks_an_indicator_as_approved(
    client, filler, project
):
    indicator = project.indicators.first()

    client.post(at("indicator_edit", indicator), stored(indicator, is_approved="on"))
    indicator.refresh_from_db()
    assert not indicator.is_approved

    client.force_login(make_user(Role.PERFORMANCE_SECTION, make_department()))
    client.post(at("indicator_edit", indicator), stored(indicator, is_approved="on"))
    indicator.refresh_from_db()
    assert indicator.is_approved


# --- Moving, deleting, filling in


def two_of_one_level(project):
    return make_indicators(
        project,
        [
            ("产出指标", "质量指标", "甲", ">=", "1", "个", "1"),
            ("产出指标", "质量指标", "乙", ">=", "1", "个", "1"),
        ],
    )


def test_an_indicator_moves_among_those_of_its_level(client, filler, unit):
    project = make_project(unit)
    first, second = two_of_one_level(project)

    response = client.post(at("indicator_move", second), {"direction": "up"})

    assert response["Location"].endswith(f"#indicator-{second.pk}")
    assert list(project.indicators.all()) == [second, first]
    assert AuditEvent.objects.get(action="indicator.moved").summary == "上移指标“乙”"


def test_the_first_does_not_move_up_and_a_level_is_not_left(client, filler, project):
    before = list(project.indicators.all())

    for direction in ("up", "down"):
        client.post(at("indicator_move", before[1]), {"direction": direction})

    assert list(project.indicators.all()) == before
    assert not AuditEvent.objects.filter(action="indicator.moved").exists()


def test_rows_move_without_javascript_too(client, filler, unit):
    project = make_project(unit)
    first, second = two_of_one_level(project)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(filler)

    page = table(strict, project).content.decode()
    move_form = page.split(f'action="{at("indicator_move", first)}"')[1]
    token = move_form.split("</form>")[0].split('value="')[1].split('"')[0]
    sent = {"direction": "down", "csrfmiddlewaretoken": token}
    response = strict.post(at("indicator_move", first), sent)

    assert response.status_code == 302
    assert list(project.indicators.all()) == [second, first]


def test_over_htmx_a_move_answers_the_rows_with_the_moved_one_lit(client, filler, unit):
    project = make_project(unit)
    first, _ = two_of_one_level(project)

    page = client.post(
        at("indicator_move", first),
        {"direction": "down"},
        headers={"HX-Request": "true"},
    ).content.decode()

    assert "<html" not in page
    assert f'id="indicator-{first.pk}" class="just-saved"' in " ".join(page.split())


def test_deleting_asks_and_names_what_is_lost(client, filler, project):
    assessment = make_assessment(project)
    result = assessment.results.first()
    record_result(filler, result, {"actual": "48场次"}, version=1)
    indicator = result.indicator

    asked = client.get(at("indicator_delete", indicator)).content.decode()
    assert "48场次" in asked
    assert project.indicators.count() == 3

    sent = {"version": indicator.version}
    client.post(at("indicator_delete", indicator), sent)
    again = client.post(at("indicator_delete", indicator), sent)

    assert project.indicators.count() == 2
    assert again.status_code == 302
    event = AuditEvent.objects.get(action="indicator.deleted")
    assert event.before["results"][0]["actual"] == "48场次"


def test_what_others_changed_meanwhile_is_not_deleted_unseen(client, filler, project):
    indicator = project.indicators.first()
    save_indicator(None, indicator, {"target": "70"}, version=1)

    response = client.post(at("indicator_delete", indicator), {"version": "1"})

    assert response.status_code == 409
    assert "刚有修改" in response.content.decode()
    assert project.indicators.count() == 3


def test_the_schemes_own_sheet_fills_in_what_is_lacking_once(client, filler, unit):
    project = make_project(unit)
    assessment = make_assessment(project, make_task("guangdong-four"))
    scheme = load_scheme("guangdong-four")
    address = reverse("indicators:targets_fill", args=[project.pk])

    client.post(address)
    client.post(address)

    filled = project.indicators.filter(comparator="rubric")
    assert filled.count() == len(scheme.items)
    assert sum(each.max_points for each in filled) == 100
    assert filled.first().standard == scheme.items[0].standard
    rows = IndicatorResult.objects.filter(assessment=assessment)
    assert rows.count() == project.indicators.count()


# --- Who and when


PAGES = ("indicator_edit", "indicator_delete", "indicator_move")


def test_reviewers_read_the_table_and_edit_nothing(client, unit, project):
    client.force_login(make_user(Role.UNIT_REVIEWER, unit))
    indicator = project.indicators.first()

    page = table(client, project).content.decode()

    assert reverse("indicators:indicator_add", args=[project.pk]) not in page
    assert at("indicator_edit", indicator) not in page
    assert add(client, project).status_code == 403
    refused = [client.post(at(name, indicator)).status_code for name in PAGES]
    fill = reverse("indicators:targets_fill", args=[project.pk])
    assert [*refused, client.post(fill).status_code] == [403] * 4


def test_another_units_table_is_not_found(client, project):
    client.force_login(make_user(Role.FILLER, make_department()))
    indicator = project.indicators.first()

    address = reverse("indicators:targets", args=[project.pk])
    unseen = [client.get(address).status_code, add(client, project).status_code]
    unseen += [client.post(at(name, indicator)).status_code for name in PAGES]

    assert unseen == [404] * 5


def test_an_indicator_is_found_under_its_own_project_only(client, filler, unit):
    indicator = make_indicators(make_project(unit))[0]
    address = reverse(
        "indicators:indicator_edit", args=[make_project(unit).pk, indicator.pk]
    )

    assert client.get(address).status_code == 404


def test_what_was_sent_up_stays_and_the_text_is_kept(client, filler, project):
    assessment = make_assessment(project)
    indicator = project.indicators.first()
    sent = stored(indicator, target="迟到的指标值")
    submit(assessment)

    response = client.post(at("indicator_edit", indicator), sent)

    page = response.content.decode()
    assert response.status_code == 409
    assert "审核中" in page
    assert "迟到的指标值" in page
    assert "审核中" in table(client, project).content.decode()
    moved = client.post(at("indicator_move", indicator), {"direction": "down"})
    deleted = client.post(at("indicator_delete", indicator), {"version": 1})
    assert [moved.status_code, deleted.status_code] == [302, 302]
    assert project.indicators.count() == 3
    with pytest.raises(ClosedError):
        fill_from_scheme(None, project, load_scheme("guangdong-four"))


def test_a_classified_project_has_no_indicators(client, filler, unit):
    project = make_project(unit, name="", status="classified", money=None)

    address = reverse("indicators:targets", args=[project.pk])

    assert client.get(address).status_code == 403
    with pytest.raises(ClosedError, match="涉密"):
        save_indicator(None, Indicator(project=project), {}, version=1)
    with pytest.raises(ClosedError, match="涉密"):
        fill_from_scheme(None, project, load_scheme("guangdong-four"))

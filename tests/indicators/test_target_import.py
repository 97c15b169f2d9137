"""A list of targets, one indicator a row, becomes indicators of many projects."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import Indicator, IndicatorResult
from perfeval.models import AuditEvent
from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
    submit,
)
from tests.imports import (
    imported,
    last_import,
    looked_through,
    one_sheet,
    save,
    told,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

URLS = "indicators:target_import"
HEAD = [
    *("年度", "项目编码", "一级指标", "二级指标", "三级指标"),
    *("指标性质", "年度指标值", "度量单位", "分值", "评分标准"),
]
OUTPUT, EFFECT = "产出指标（50分）", "效益指标"
ROWS = [
    [2024, "A1", OUTPUT, "数量指标", "办案数量", "≥", 50, "件", 20, None],
    [2024, "A1", None, None, "培训场次", None, "≥８场", None, "30分", None],
    [
        2024,
        "A1",
        EFFECT,
        "社会效益指标",
        "知晓程度",
        "定性",
        "明显提高",
        None,
        30,
        None,
    ],
    [2024, "A1", "满意度指标", None, "满意度", None, ">=90%", None, 10, None],
]


@pytest.fixture
def project():
    return make_project(code="A1", year=2024, name="法律援助")


@pytest.fixture
def finance(client, project):
    person = make_user(Role.PERFORMANCE_SECTION, make_department())
    client.force_login(person)
    return person


@pytest.fixture
def filler(client, project):
    person = make_user(Role.FILLER, project.unit)
    client.force_login(person)
    return person


def targets(*rows):
    return one_sheet(HEAD, *(rows or ROWS))


def row(**changed):
    keys = (
        *("year", "code", "level1", "level2", "level3"),
        *("sign", "target", "unit", "points", "standard"),
    )
    values = dict(zip(keys, ROWS[0], strict=True)) | changed
    return list(values.values())


def test_rows_become_approved_indicators_in_the_order_of_the_form(
    client, finance, project
):
    imported(client, URLS, targets())

    found = [
        (x.level1, x.level2, x.level3, x.shown_target, str(x.max_points))
        for x in project.indicators.all()
    ]
    assert found == [
        ("产出指标", "数量指标", "办案数量", "≥50件", "20.00"),
        ("产出指标", "数量指标", "培训场次", "≥8场", "30.00"),
        ("效益指标", "社会效益指标", "知晓程度", "明显提高", "30.00"),
        ("满意度指标", "", "满意度", "≥90%", "10.00"),
    ]
    assert all(each.is_approved for each in project.indicators.all())
    events = AuditEvent.objects.filter(action="indicator.created", user=finance)
    assert events.count() == 4


def test_what_a_filler_imports_waits_for_approval(client, filler, project):
    plan = imported(client, URLS, targets())

    assert "导入的指标不标为“已批复”，由绩效科批复" in plan.notes
    assert not project.indicators.filter(is_approved=True).exists()


def test_the_same_list_again_changes_nothing(client, finance, project):
    imported(client, URLS, targets())

    plan = looked_through(client, URLS, targets())

    assert plan.changes_nothing
    assert plan.count("leave") == 4


def test_what_is_there_changes_and_is_approved(client, finance, project):
    make_indicators(project)

    plan = imported(
        client,
        URLS,
        targets(
            row(level2="数量指标", level3="培训场次", target=60, unit="场", points=50)
        ),
    )

    assert [line.note for line in plan.lines] == ["指标值：≥50场 → ≥60场；标为已批复"]
    changed = Indicator.objects.get(project=project, level3="培训场次")
    assert (changed.target, changed.is_approved, changed.version) == ("60", True, 2)
    assert project.indicators.count() == 3


def test_open_self_assessments_get_the_rows_and_the_score(client, finance, project):
    assessment = make_assessment(project)

    imported(client, URLS, targets(row(level3="新增指标", points=5)))

    result = IndicatorResult.objects.get(
        assessment=assessment, indicator__level3="新增指标"
    )
    assert result.max_points == Decimal(5)
    assert assessment.results.count() == 4


@pytest.mark.parametrize(
    ("changed", "place", "reason"),
    [
        (
            {"code": "B9"},
            "B2",
            "2024 年度没有编码为“B9”的项目，或不属于您可以填报的单位",
        ),
        ({"level1": None}, "C2", "没有填写一级指标"),
        ({"level3": None}, "E2", "没有填写三级指标"),
        (
            {"sign": "大概"},
            "F2",
            "“大概”不是指标性质",
        ),
        ({"sign": None}, "F2", "没有写明指标性质"),
        ({"sign": "≤", "target": "≥50"}, "G2", "指标值中的符号“≥”与指标性质“≤”不同"),
        ({"target": "50场"}, "G2", "指标值中的单位“场”与度量单位“件”不同"),
        ({"points": None}, "I2", "没有填写分值"),
        ({"points": "很多"}, "I2", "“很多”不是分值"),
        ({"points": 120}, "I2", "“120”不在 0 与 100 之间"),
        ({"points": 10.125}, "I2", "“10.125”多于两位小数"),
        ({"sign": "按评分标准"}, "J2", "没有填写评分标准"),
    ],
)
def test_each_mistake_is_told_at_its_cell(client, finance, changed, place, reason):
    plan = looked_through(client, URLS, targets(row(**changed)))

    assert told(plan) == {place: reason}
    assert all(each.remedy for each in plan.problems)
    save(client, URLS, plan)
    assert not Indicator.objects.exists()


@pytest.mark.parametrize("value", [0.9, "50万"])
def test_a_value_without_a_sign_is_told_at_the_value(client, finance, value):
    head = ["年度", "项目编码", "一级指标", "三级指标", "指标值", "分值"]
    data = one_sheet(head, [2024, "A1", OUTPUT, "办案数量", value, 20])

    plan = looked_through(client, URLS, data)

    assert told(plan) == {"E2": "没有写明指标性质"}
    assert plan.problems[0].value == str(value)


def test_the_same_indicator_twice_is_told(client, finance):
    plan = looked_through(client, URLS, targets(row(), row()))

    assert told(plan) == {"E3": "与第 2 行重复：同一项目的同名指标"}


def test_approved_targets_are_not_changed_by_a_list(client, finance, project):
    imported(client, URLS, targets())

    plan = looked_through(client, URLS, targets(row(target=40)))

    assert told(plan) == {"G2": "该指标已批复（≥50件，20 分），不能通过导入改变"}


def test_a_weight_below_points_given_already_is_told(client, finance, project):
    assessment = make_assessment(project)
    given = assessment.results.get(indicator__level3="培训场次")
    IndicatorResult.objects.filter(pk=given.pk).update(self_points=40)
    changed = row(level2="数量指标", level3="培训场次", unit="场", points=30)

    plan = looked_through(client, URLS, targets(changed))

    assert told(plan) == {"I2": "该指标已填自评得分 40，分值不能低于它"}


def test_what_was_sent_up_is_closed(client, finance, project):
    submit(make_assessment(project))

    plan = looked_through(client, URLS, targets(row()))

    assert list(told(plan)) == ["B2"]
    assert "审核中" in plan.problems[0].reason


def test_other_units_projects_are_not_told_of(client, filler):
    make_project(make_department(), code="B1", year=2024, name="机密")

    plan = looked_through(client, URLS, targets(row(code="B1")))

    assert "机密" not in plan.problems[0].reason
    assert "不属于您可以填报的单位" in plan.problems[0].reason


def test_the_sample_fits_the_projects_of_the_other_sample(client, finance, project):
    make_project(project.unit, code="440700240000000000101", year=2024)
    sample = client.get(reverse("indicators:target_import_sample")).content

    plan = imported(client, URLS, sample)

    assert plan.count("create") == 3


def test_other_roles_are_refused(client, project):
    client.force_login(make_user(Role.UNIT_REVIEWER, project.unit))

    assert client.get(reverse(URLS)).status_code == 403


def test_the_preview_asks_the_same_of_the_database_whatever_the_rows(client, finance):
    addresses = []
    for count in (2, 80):
        rows = [row(level3=f"指标{each}", points=1) for each in range(count)]
        looked_through(client, URLS, targets(*rows))
        address = reverse("indicators:target_import_preview", args=[last_import().pk])
        addresses.append(address)

    few, many = (len(queries_of(client, each)) for each in addresses)

    assert few == many <= 12

"""A self-assessment becomes a document: everything in it, at a fixed cost."""

from datetime import date
from decimal import Decimal

import pytest

from indicators.models import IndicatorResult, Material, SelfAssessment
from indicators.schemes import load_scheme
from indicators.services import record_result, rescore, write_narrative
from projects.models import FormerName, FundingLine
from reports.assembly import assemble
from reports.document import document_to_json, dump_document, parse_document
from reports.scorecard import score_document
from tests.factories import (
    YEAR,
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_task,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def project(unit):
    return make_project(
        unit,
        code="440700",
        name="执法培训",
        goal="培训 50 场",
        unit_leader="张三",
        project_leader="李四",
        finance_leader="王五",
        contact="赵六",
        phone="0750-1234567",
    )


@pytest.fixture
def assessment(project):
    return make_assessment(project, make_task())


def result(assessment, unit):
    return assessment.results.get(indicator__unit=unit)


def test_who_what_and_when_stand_in_the_document(assessment):
    SelfAssessment.objects.update(report_date=date(2025, 3, 5))

    document = assemble(assessment.pk)

    assert (document.scheme, document.year) == ("mof-2020@1", YEAR)
    assert document.title == "2024年度执法培训绩效自评报告"
    assert (document.project.code, document.project.name) == ("440700", "执法培训")
    assert document.project.supervising_department == "市司法局"
    assert document.project.unit == document.issuer == "执法监督处"
    assert document.date == "2025-03-05"
    people = document.people
    assert (people.unit_leader, people.project_leader) == ("张三", "李四")
    assert (people.finance_leader, people.contact) == ("王五", "赵六")
    assert people.phone == "0750-1234567"


def test_results_points_and_both_kinds_of_note_are_carried(assessment):
    changes = {"actual": "48", "deviation_note": "两场改期"}
    record_result(None, result(assessment, "场"), changes, version=1)
    quality = assessment.results.get(indicator__comparator="qualitative")
    given = {
        "achievement": "met",
        "self_points": Decimal("28.5"),
        "actual": "明显提高",
        "basis": "问卷 300 份",
    }
    record_result(None, quality, given, version=1)
    IndicatorResult.objects.filter(pk=quality.pk).update(
        review_points=Decimal(27), review_note="样本偏少"
    )
    SelfAssessment.objects.update(review_total=Decimal("80.79"))

    document = assemble(assessment.pk)

    first, second, third = document.indicators
    assert (first.level1, first.level2, first.level3) == (
        "产出指标",
        "数量指标",
        "培训场次",
    )
    assert (first.comparator, first.target, first.unit) == (">=", "50", "场")
    assert (first.actual, first.deviation_note) == ("48", "两场改期")
    assert (first.points, first.max_points) == (Decimal("48.00"), Decimal("50.00"))
    assert (second.achievement, second.points) == ("met", Decimal("28.50"))
    assert (second.actual, second.basis) == ("明显提高", "问卷 300 份")
    assert (second.review_points, second.review_note) == (Decimal(27), "样本偏少")
    assert (third.actual, third.points) == (None, None)
    # 5.79 + 48 + 28.5
    assert (document.total, document.grade) == (Decimal("82.29"), "良")
    assert document.review_total == Decimal("80.79")


def test_every_text_goes_to_its_place(assessment):
    for text in assessment.narratives.all():
        write_narrative(None, text, f"写在{text.key}", version=1)

    document = assemble(assessment.pk)

    assert [(each.key, each.text) for each in document.sections] == [
        (key, f"写在{key}")
        for key in ("basics", "implementation", "results", "problems", "score")
    ]
    assert document.sections[3].title == "存在问题和建议"
    assert (document.goal.expected, document.goal.actual) == ("培训 50 场", "写在goal")
    assert document.funds.rows[0].note == "写在funds"
    assert document.remarks == "写在remarks"


def test_money_stands_in_the_schemes_unit_without_losing_a_cent(assessment):
    FundingLine.objects.update(received=Decimal("200000.01"))
    FundingLine.objects.create(
        project=assessment.project,
        source="carryover",
        initial=Decimal("0.01"),
        executed=Decimal("10000"),
    )

    funds = assemble(assessment.pk).funds

    assert funds.unit == "万元"
    assert [row.source for row in funds.rows] == ["total", "appropriation", "carryover"]
    total, own, carried = funds.rows
    assert (total.initial, total.adjusted, total.executed) == (
        Decimal("23.000001"),
        Decimal("23"),
        Decimal("14.32"),
    )
    assert own.received == Decimal("20.000001")
    assert (carried.initial, carried.adjusted) == (Decimal("0.000001"), None)
    # 14.32 ÷ 23 = 0.62260…, × 10
    assert (total.ratio, total.points, total.max_points) == (
        Decimal("0.6226"),
        Decimal("6.23"),
        Decimal(10),
    )


def test_without_money_there_are_no_rows_and_nothing_is_invented(unit):
    document = assemble(make_assessment(make_project(unit, money=None)).pk)

    assert document.funds.rows == ()


def test_points_of_a_scheme_that_scores_execution_in_a_row_stand_in_the_row(unit):
    project = make_project(unit)
    make_indicators(project, [("过程", "资金管理", "支出率", "rubric", "", "", "6")])

    document = assemble(make_assessment(project, make_task("guangdong-four")).pk)

    assert document.funds.rows[0].points is None
    assert document.indicators[0].points == Decimal("3.00")


def test_bodies_bear_the_names_they_had_at_the_end_of_the_year(assessment, unit):
    for body, name, until in (
        (unit, "法制科", date(YEAR + 1, 2, 1)),
        (unit.parent, "市法制办", date(YEAR, 6, 30)),
    ):
        FormerName.objects.create(
            department=body, name=name, valid_from=date(2010, 1, 1), valid_to=until
        )

    project = assemble(assessment.pk).project

    assert project.unit == "法制科"
    assert project.supervising_department == "市司法局"


@pytest.mark.parametrize(
    ("material", "parts", "sections"),
    [
        (Material.FORM, ("form",), 0),
        (Material.FORM_REPORT, ("form", "report"), 5),
        (Material.FORM_REPORT_SCORE, ("form", "report", "score"), 5),
    ],
)
def test_only_the_material_asked_for_is_there(material, parts, sections, project):
    document = assemble(make_assessment(project, material=material).pk)

    assert document.parts == parts
    assert len(document.sections) == sections


@pytest.mark.parametrize(
    ("status", "level", "state"),
    [
        ("draft", 0, "draft"),
        ("returned", 0, "draft"),
        ("in_review", 1, "submitted"),
        ("approved", 0, "approved"),
        ("published", 0, "approved"),
    ],
)
def test_the_document_says_whether_it_is_final(status, level, state, assessment):
    SelfAssessment.objects.update(status=status, level=level)

    release = assemble(assessment.pk).release

    assert (release.state, release.version) == (state, 1)


def test_its_json_reads_back_as_the_same_document(assessment):
    document = assemble(assessment.pk)

    again = parse_document(dump_document(document))

    assert document_to_json(again) == document_to_json(document)


def test_scored_as_a_file_it_gets_the_points_it_has_in_the_database(assessment):
    changes = {"actual": "48", "deviation_note": "两场改期"}
    record_result(None, result(assessment, "场"), changes, version=1)
    document = assemble(assessment.pk)

    score = score_document(document, load_scheme("mof-2020"))

    assessment.refresh_from_db()
    assert score.total == document.total == assessment.total
    assert [row.points for row in score.rows] == [
        each.points for each in document.indicators
    ]


@pytest.mark.parametrize("count", [3, 60])
def test_a_document_costs_the_same_queries_whatever_its_size(
    count, unit, django_assert_num_queries
):
    project = make_project(unit)
    rows = [
        ("产出指标", "数量指标", f"指标{number}", ">=", "1", "个", "1")
        for number in range(count)
    ]
    make_indicators(project, rows)
    for source in ("carryover", "other")[: count // 30]:
        FundingLine.objects.create(project=project, source=source)
    assessment = make_assessment(project)

    # Itself with facts; former names of both bodies; money; texts; results.
    with django_assert_num_queries(7):
        document = assemble(assessment.pk)

    assert len(document.indicators) == count


def test_a_total_that_was_changed_behind_the_engine_is_set_right(assessment):
    SelfAssessment.objects.update(total=Decimal(96), grade="优")

    rescore(assessment)

    assessment.refresh_from_db()
    assert (assessment.total, assessment.grade) == (Decimal("5.79"), "")

"""A form read from a file beside a self-assessment: matched, judged, taken over."""

import copy
from dataclasses import replace
from decimal import Decimal

import pytest

from indicators.models import IndicatorResult, SelfAssessment
from perfeval.models import AuditEvent
from perfeval.versions import ClosedError
from projects.models import FundingLine, UnitShare
from reports.assembly import assemble
from reports.document import Figures, ReportDocument, Section
from reports.reading.form import open_form
from reports.takeover import ConflictError, TakeoverError, plan_takeover, take_over
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
    submit,
)
from tests.reports.form_workbooks import NATIONAL, workbook

pytestmark = pytest.mark.django_db

ROWS = (
    ("产出指标", "数量指标", "养护里程", ">=", "120", "公里", "20"),
    ("产出指标", "数量指标", "巡查次数", ">=", "12", "次", "5"),
    ("产出指标", "质量指标", "路面完好率", ">=", "95", "%", "10"),
    ("产出指标", "时效指标", "完成时间", "<=", "2022年12月底前", "", "5"),
    ("产出指标", "成本指标", "每公里成本", "<=", "1.2", "万元", "10"),
    ("效益指标", "社会效益指标", "出行条件", "qualitative", "明显改善", "", "30"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", ">=", "90", "%", "10"),
)


def assessment_of(rows=ROWS, **values):
    values = {"money": None, "name": "农村公路日常养护", "year": 2022, **values}
    project = make_project(**values)
    make_indicators(project, rows)
    return make_assessment(project)


def planned(assessment, sheet=NATIONAL, **named):
    form = open_form(workbook(sheet))
    return plan_takeover(form.document, assessment, places=form.places, **named)


def cell(plan, label):
    (found,) = [each for each in plan.proposals if each.label == label]
    return found


def with_row(sheet, label, **cells):
    """Return the sheet with cells of the row of this indicator changed."""
    return [
        [cells.get(f"c{place}", value) for place, value in enumerate(row)]
        if len(row) > 3 and row[3] == label
        else row
        for row in sheet
    ]


def printed_text(assessment, key):
    (section,) = [x for x in assemble(assessment.pk).sections if x.key == key]
    return section.text


def test_an_empty_self_assessment_takes_what_is_sure_of_a_form():
    assessment = assessment_of()

    plan = planned(assessment)
    take_over(None, assessment, plan.ready)

    rows = {
        each.indicator.level3: (each.actual, each.deviation_note)
        for each in IndicatorResult.objects.select_related("indicator")
    }
    assert rows["养护里程"] == ("118", "两公里改线封闭，明年列入")
    assert rows["路面完好率"] == ("96.5", "")
    assert rows["群众满意度"] == ("92", "")
    judged = IndicatorResult.objects.get(indicator__level3="出行条件")
    assert (judged.achievement, judged.self_points) == ("met", Decimal("28.00"))
    lines = {each.source: each.executed for each in FundingLine.objects.all()}
    assert lines == {
        "appropriation": Decimal("1500000.00"),
        "carryover": Decimal("47400.00"),
    }
    goal = assessment.narratives.get(key="goal")
    assert goal.text == "养护县乡道118公里"
    assessment.project.refresh_from_db()
    assert assessment.project.goal == "养护县乡道120公里"


def test_planning_writes_nothing_and_names_the_cell_of_each_proposal():
    assessment = assessment_of()
    events = AuditEvent.objects.count()

    plan = planned(assessment)

    assert AuditEvent.objects.count() == events
    assert cell(plan, "养护里程·实际完成值").place == "Sheet1!F13"
    assert cell(plan, "当年财政拨款·全年执行数（万元）").place == "Sheet1!F7"
    assert cell(plan, "年度总体目标·预期目标").place == "Sheet1!B11"


def test_what_stands_there_is_offered_beside_the_new_and_not_ready():
    assessment = assessment_of()
    row = assessment.results.get(indicator__level3="养护里程")
    IndicatorResult.objects.filter(pk=row.pk).update(actual="100")

    plan = planned(assessment)
    found = cell(plan, "养护里程·实际完成值")

    assert (found.old, found.new, found.is_ready) == ("100", "118", False)
    assert found.why == "与系统中已有的内容不同"


def test_the_same_content_is_counted_and_not_proposed():
    assessment = assessment_of()
    take_over(None, assessment, planned(assessment).ready)

    again = planned(assessment)

    assert again.ready == []
    assert again.same > 10


@pytest.mark.parametrize(
    ("name", "target", "why"),
    [
        ("农村养护里程", "≥121公里", "名称与“养护里程”相近"),
        ("公路长度", "≥120公里", "名称不同，指标值和分值与“养护里程”相同"),
    ],
)
def test_a_row_of_another_name_is_matched_but_not_sure(name, target, why):
    assessment = assessment_of()
    sheet = with_row(NATIONAL, "养护里程", c3=name, c4=target)

    found = cell(planned(assessment, sheet), "养护里程·实际完成值")

    assert (found.new, found.certain) == ("118", False)
    assert why in found.why


@pytest.mark.parametrize("bare", [0.968, "0.968"])
def test_a_fraction_where_percent_is_counted_is_asked_and_not_taken(bare):
    assessment = assessment_of()
    sheet = with_row(NATIONAL, "路面完好率", c5=bare)

    plan = planned(assessment, sheet)

    found = cell(plan, "路面完好率·实际完成值")
    assert (found.new, found.is_ready) == ("0.968", False)
    assert found.why == "单元格为 0.968，指标单位是 %：是 96.8% 请改为 96.8"
    assert found in plan.asked


@pytest.mark.parametrize(
    ("label", "value"),
    [("路面完好率", "0.968%"), ("路面完好率", 0), ("每公里成本", 0.968)],
)
def test_a_small_figure_that_is_no_fraction_of_percent_stays_sure(label, value):
    sheet = with_row(NATIONAL, label, c5=value)

    found = cell(planned(assessment_of(), sheet), f"{label}·实际完成值")

    assert (found.is_ready, found.why) == (True, "")


def test_one_text_that_may_be_the_plan_or_what_was_done_is_asked():
    rows = [*NATIONAL]
    # In place of the two rows with headings.
    rows[9:11] = [["总体目标完成情况", "全年开放3120小时", *["<"] * 7]]

    (found,) = [x for x in planned(assessment_of(), rows).proposals if x.row == "goal"]

    assert (found.new, found.is_ready) == ("全年开放3120小时", False)
    assert "请核对这里写的是哪一项" in found.why


def test_a_person_corrects_which_row_is_meant():
    assessment = assessment_of()
    other = assessment.results.get(indicator__level3="巡查次数")

    plan = planned(assessment, matches={0: other.pk})

    assert cell(plan, "巡查次数·实际完成值").new == "118公里"
    assert [each.label for each in plan.proposals if each.kind == "create"] == [
        "新增指标“巡查次数”"
    ]


def test_approved_targets_are_closed_and_open_ones_may_be_changed():
    open_one, approved = assessment_of(), assessment_of(code="4407" + "9" * 17)
    approved.project.indicators.update(is_approved=True)
    sheet = with_row(NATIONAL, "养护里程", c4="≥125公里")

    plan = planned(open_one, sheet)
    take_over(None, open_one, [cell(plan, "养护里程·年度指标值")])
    closed = cell(planned(approved, sheet), "养护里程·年度指标值")

    assert open_one.project.indicators.get(level3="养护里程").target == "125"
    assert "已批复" in closed.closed
    with pytest.raises(TakeoverError, match="已批复"):
        take_over(None, approved, [closed])


def test_imported_money_and_values_of_several_units_are_closed():
    assessment = assessment_of()
    project = assessment.project
    FundingLine.objects.create(
        project=project,
        source="appropriation",
        executed=Decimal(1),
        imported_amounts={"executed": ["执行数.xlsx", "2023-01-05T10:00:00+08:00"]},
    )
    UnitShare.objects.create(project=project, unit=make_department())
    project.indicators.filter(level3="养护里程").update(combination="sum")

    plan = planned(assessment)

    closed = {each.label: each.closed for each in plan.closed}
    assert "执行数.xlsx" in closed["当年财政拨款·全年执行数（万元）"]
    assert cell(plan, "当年财政拨款·全年预算数（万元）").closed == ""
    assert "各单位填报情况" in closed["养护里程·实际完成值"]
    with pytest.raises(TakeoverError, match="不能直接修改"):
        take_over(None, assessment, plan.closed)


def test_an_unknown_row_becomes_an_indicator_with_its_result_only_when_chosen():
    assessment = assessment_of(ROWS[1:])

    plan = planned(assessment)
    new = cell(plan, "新增指标“养护里程”")
    take_over(None, assessment, [new])

    assert not new.is_ready
    row = assessment.results.get(indicator__level3="养护里程")
    assert (row.actual, row.indicator.target, row.indicator.unit) == (
        "118",
        "120",
        "公里",
    )


def test_a_form_of_another_project_or_year_has_nothing_ready():
    assessment = assessment_of(name="桥梁检测", year=2023)

    plan = planned(assessment)

    assert plan.ready == []
    assert plan.warnings[:2] == (
        "表中年度是 2022，本项目是 2023 年度",
        "表中项目名称是“农村公路日常养护”，本项目是“桥梁检测”",
    )


def test_a_cell_changed_after_it_was_shown_is_asked_and_nothing_is_written():
    assessment = assessment_of()
    plan = planned(assessment)
    row = assessment.results.get(indicator__level3="养护里程")
    IndicatorResult.objects.filter(pk=row.pk).update(actual="119")

    with pytest.raises(ConflictError) as raised:
        take_over(None, assessment, plan.ready)

    assert [(each.old, each.new) for each in raised.value.cells] == [("119", "118")]
    assert not FundingLine.objects.exists()


def test_a_cell_saved_meanwhile_leaves_the_other_cells_of_its_row_to_be_taken():
    assessment = assessment_of()
    plan = planned(assessment)
    row = assessment.results.get(indicator__level3="养护里程")
    IndicatorResult.objects.filter(pk=row.pk).update(basis="他人所写", version=2)

    take_over(None, assessment, plan.ready)

    row.refresh_from_db()
    assert (row.actual, row.basis, row.version) == ("118", "他人所写", 3)


def test_all_refusals_are_told_at_once_and_nothing_is_written():
    assessment = assessment_of()
    plan = planned(assessment)
    bad = {
        "出行条件·自评得分": "31",
        "当年财政拨款·全年执行数（万元）": "约150",
        "养护里程·实际完成值": "118",
    }
    chosen = [replace(cell(plan, label), new=new) for label, new in bad.items()]

    with pytest.raises(TakeoverError) as raised:
        take_over(None, assessment, chosen)

    told = "\n".join(raised.value.problems)
    assert "约150" in told
    assert "自评得分应在 0 与分值" in told
    assert not IndicatorResult.objects.exclude(actual="").exists()


def test_of_several_rows_refused_each_is_named():
    assessment = assessment_of(
        (*ROWS, ("效益指标", "经济效益指标", "节约", "qualitative", "明显", "", "1"))
    )
    results = {x.indicator.level3: x.pk for x in assessment.results.all()}
    plan = planned(assessment)
    chosen = [
        replace(
            cell(plan, "出行条件·自评得分"), row=str(results[name]), label=name, new=new
        )
        for name, new in (("出行条件", "31"), ("节约", "2"))
    ]

    with pytest.raises(TakeoverError) as raised:
        take_over(None, assessment, [cell(plan, "养护里程·实际完成值"), *chosen])

    assert [each.split("：")[0] for each in raised.value.problems] == [
        "指标“出行条件”",
        "指标“节约”",
    ]


def test_nothing_is_taken_over_once_it_was_sent_up():
    assessment = assessment_of()
    plan = planned(assessment)
    submit(assessment)

    with pytest.raises(ClosedError):
        take_over(None, assessment, plan.ready)


def test_every_write_has_its_event_and_its_person():
    assessment = assessment_of()
    user = make_user()
    before = AuditEvent.objects.count()

    take_over(user, assessment, planned(assessment).ready)

    actions = set(AuditEvent.objects.all()[: AuditEvent.objects.count() - before])
    assert {each.action for each in actions} >= {
        "result.changed",
        "funding.changed",
        "narrative.changed",
        "project.changed",
    }
    assert {each.user for each in actions} == {user}


def test_figures_of_a_text_are_offered_to_the_money_and_never_sure():
    assessment = assessment_of()
    document = ReportDocument(
        sections=(Section(key="basics", title="项目基本情况", text="养护公路。"),),
        figures=Figures(year=2021, budget=Decimal(23), executed=Decimal("13.32")),
    )

    plan = plan_takeover(document, assessment)

    money = [each for each in plan.proposals if each.kind == "funds"]
    assert [(each.column, each.new, each.certain) for each in money] == [
        ("adjusted", "23", False),
        ("executed", "13.32", False),
    ]
    assert "报告写的是 2021 年度" in money[0].why
    assert [each.row for each in plan.ready] == ["basics"]


def test_braces_of_a_file_are_braces_and_linked_figures_stay_linked():
    assessment = assessment_of(money=("230000", "230000", "133200"))
    texts = assessment.narratives
    texts.filter(key="basics").update(text="全年执行数{全年执行数}。")
    printed = printed_text(assessment, "basics")
    document = ReportDocument(
        sections=(
            Section(key="basics", title="项目基本情况", text=printed),
            Section(key="problems", title="存在问题和建议", text="按{总分}计。"),
        ),
    )

    plan = plan_takeover(document, assessment)
    take_over(None, assessment, plan.ready)

    assert "133" in printed or "13.32" in printed
    assert [each.row for each in plan.proposals] == ["problems"]
    assert texts.get(key="basics").text == "全年执行数{全年执行数}。"
    assert printed_text(assessment, "problems") == "按{总分}计。"


def test_money_finer_than_a_cent_is_not_sure_and_refused_by_its_name():
    assessment = assessment_of()
    sheet = copy.deepcopy(NATIONAL)
    sheet[6][5] = 150.0000001  # type: ignore[index]
    found = cell(planned(assessment, sheet), "当年财政拨款·全年执行数（万元）")

    with pytest.raises(TakeoverError, match=r"当年财政拨款·全年执行数.*分以下"):
        take_over(None, assessment, [found])

    assert not found.certain


def test_the_number_of_queries_does_not_grow_with_the_rows(
    django_assert_max_num_queries,
):
    many = tuple(
        ("产出指标", "数量指标", f"指标{n}", ">=", "1", "个", "1") for n in range(60)
    )
    assessment = assessment_of(many)

    with django_assert_max_num_queries(12):
        planned(assessment)

    assert SelfAssessment.objects.count() == 1

"""The report's own workbook: given out, filled in elsewhere, merged back by cell."""

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from indicators.models import Combination, Indicator, IndicatorResult, SelfAssessment
from perfeval.workbooks.archive import ReadingError
from projects.models import FundingLine, Role
from projects.shares import add_share
from reports.document import document_to_json
from reports.drawn_sheet import draw
from reports.offline import is_offline, offline_workbook, plan_offline
from reports.offline.making import MARKS
from reports.reading.form import open_form
from reports.takeover import take_over
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_task,
    make_user,
)
from tests.reports.form_workbooks import NATIONAL, workbook

pytestmark = pytest.mark.django_db

ROWS = (
    ("产出指标", "数量指标", "培训场次", ">=", "50", "场", "50"),
    ("效益指标", "社会效益指标", "群众知晓程度", "qualitative", "明显提高", "", "30"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", ">=", "90", "%", "10"),
)


@pytest.fixture
def assessment():
    project = make_project(name="执法培训")
    make_indicators(project, ROWS)
    made = make_assessment(project)
    result(made, "培训场次").actual = "48"
    IndicatorResult.objects.filter(indicator__level3="培训场次").update(actual="48")
    return made


def result(assessment, name):
    return assessment.results.get(indicator__level3=name)


def made(assessment, **chosen):
    loaded = SelfAssessment.objects.with_content().get(pk=assessment.pk)
    return offline_workbook(loaded, **chosen)


def opened(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return book, book.worksheets[0]


def saved(book):
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def row_of(sheet, mark):
    cells = next(sheet.iter_cols(min_col=MARKS, max_col=MARKS))
    return next(each.row for each in cells if each.value == mark)


def filled(data, assessment, *entries):
    """Return the workbook as somebody sends it back: (mark, column, value)."""
    book, sheet = opened(data)
    for mark, column, value in entries:
        sheet.cell(row_of(sheet, mark), column).value = value
    return saved(book)


def mark(assessment, name):
    return f"result:{result(assessment, name).pk}"


def told(plan):
    return {each.label: (each.old, each.new, each.is_ready) for each in plan.proposals}


def test_only_what_the_unit_fills_in_is_open_and_the_rest_is_locked(assessment):
    book, sheet = opened(made(assessment))

    open_cells = {
        each.coordinate
        for line in sheet.iter_rows()
        for each in line
        if not each.protection.locked
    }
    training, judged = (
        row_of(sheet, mark(assessment, name)) for name in ("培训场次", "群众知晓程度")
    )
    assert sheet.protection.sheet
    in_row = {each[0] for each in open_cells if each[1:] == str(training)}
    assert in_row == {"F", "I"}
    in_row = {each[0] for each in open_cells if each[1:] == str(judged)}
    assert in_row == {"F", "H", "I", "J"}
    assert sheet.cell(training, 6).value == "48"
    assert book["_perfeval"].sheet_state == "veryHidden"
    assert sheet.column_dimensions["T"].hidden


def test_excel_offers_the_achievements_and_refuses_points_above_the_weight(assessment):
    _, sheet = opened(made(assessment))

    judged = row_of(sheet, mark(assessment, "群众知晓程度"))
    rules = {
        str(each.sqref): (each.type, each.formula1, each.formula2)
        for each in sheet.data_validations.dataValidation
    }
    assert rules[f"J{judged}"] == ("list", '"达成,部分达成,未达成"', None)
    assert rules[f"H{judged}"] == ("decimal", "0", "30.00")


def test_what_was_filled_in_comes_back_and_nothing_else(assessment):
    data = filled(
        made(assessment),
        assessment,
        (mark(assessment, "培训场次"), 6, "49"),
        (mark(assessment, "群众知晓程度"), 10, "部分达成"),
        (mark(assessment, "群众知晓程度"), 8, 20),
        (mark(assessment, "群众满意度"), 6, "92%"),
        ("funds:appropriation", 6, 14.5),
        ("text:goal", 6, "培训49场"),
        ("text:remarks", 3, "年中未调整"),
    )

    plan, _ = plan_offline(data, assessment)
    take_over(None, assessment, plan.ready)

    assert len(plan.ready) == len(plan.proposals) == 7
    assert result(assessment, "培训场次").actual == "49"
    judged = result(assessment, "群众知晓程度")
    assert (judged.achievement, str(judged.self_points)) == ("partly", "20.00")
    assert result(assessment, "群众满意度").actual == "92"
    assert str(FundingLine.objects.get().executed) == "145000.00"
    texts = {each.key: each.text for each in assessment.narratives.all()}
    assert (texts["goal"], texts["remarks"]) == ("培训49场", "年中未调整")


def test_an_untouched_workbook_changes_nothing(assessment):
    note = "  原因一：汛期。 \n\n原因二：场地。"
    IndicatorResult.objects.filter(actual="48").update(deviation_note=note)

    plan, _ = plan_offline(made(assessment), assessment)

    assert plan.proposals == ()


def test_a_stale_workbook_is_merged_cell_by_cell(assessment):
    data = filled(
        made(assessment),
        assessment,
        (mark(assessment, "培训场次"), 6, "49"),
        (mark(assessment, "群众满意度"), 6, "92"),
    )
    training, pleased = (result(assessment, x) for x in ("培训场次", "群众满意度"))
    # Both changed the first, only the site the note, only the workbook the second.
    IndicatorResult.objects.filter(pk=training.pk).update(
        actual="47", deviation_note="系统中写的", version=2
    )
    IndicatorResult.objects.filter(pk=pleased.pk).update(version=5)

    plan, _ = plan_offline(data, assessment)

    assert told(plan) == {
        "培训场次·实际完成值": ("47", "49", False),
        "群众满意度·实际完成值": ("", "92", True),
    }
    assert plan.proposals[0].is_conflict
    assert plan.warnings == ("下载后系统中改过、文件中没有改的 1 处，保留系统中的内容",)
    take_over(None, assessment, plan.ready)
    assert result(assessment, "培训场次").deviation_note == "系统中写的"


def test_a_cell_that_was_emptied_is_asked(assessment):
    data = filled(made(assessment), assessment, (mark(assessment, "培训场次"), 6, None))

    plan, _ = plan_offline(data, assessment)

    assert told(plan) == {"培训场次·实际完成值": ("48", "", False)}
    assert plan.proposals[0].why == "文件中已清空"


def test_another_projects_workbook_is_refused_by_name(assessment):
    other = make_assessment(make_project(name="桥梁检测"))

    with pytest.raises(ReadingError, match="桥梁检测"):
        plan_offline(made(other), assessment)


def test_the_same_projects_workbook_of_another_task_is_refused(assessment):
    other = make_assessment(assessment.project, make_task())

    with pytest.raises(ReadingError, match="不是本项目本次自评的"):
        plan_offline(made(other), assessment)


def test_another_versions_workbook_is_refused(assessment):
    data = made(assessment)
    SelfAssessment.objects.filter(pk=assessment.pk).update(version=3)
    assessment.refresh_from_db()

    with pytest.raises(ReadingError, match="第 1 版时下载的，现在是第 3 版"):
        plan_offline(data, assessment)


def swap_marks(book, sheet, assessment):
    one, two = (row_of(sheet, mark(assessment, x)) for x in ("培训场次", "群众满意度"))
    first, second = sheet.cell(one, MARKS), sheet.cell(two, MARKS)
    first.value, second.value = second.value, first.value


def another_key(book, sheet, assessment):
    row = row_of(sheet, mark(assessment, "培训场次"))
    sheet.cell(row, MARKS).value = "result:999999"


def other_seal(book, sheet, assessment):
    cell = book["_perfeval"]["A1"]
    cell.value = cell.value[:-3] + "abc"


def no_marks(book, sheet, assessment):
    row = row_of(sheet, mark(assessment, "培训场次"))
    sheet.cell(row, MARKS).value = None


def other_target(book, sheet, assessment):
    sheet.cell(row_of(sheet, mark(assessment, "培训场次")), 5).value = "≥40场"


@pytest.mark.parametrize(
    ("tamper", "because"),
    [
        (swap_marks, "指标名称、指标值或分值与下载时不同"),
        (another_key, "校验信息缺失或被改动"),
        (other_seal, "校验信息缺失或被改动"),
        (no_marks, "校验信息缺失或被改动"),
        (other_target, "指标名称、指标值或分值与下载时不同"),
    ],
)
def test_changed_ids_and_targets_are_noticed(assessment, tamper, because):
    book, sheet = opened(made(assessment))
    tamper(book, sheet, assessment)

    with pytest.raises(ReadingError, match=because):
        plan_offline(saved(book), assessment)


def test_rows_may_be_moved_and_sheets_added(assessment):
    data = filled(made(assessment), assessment, (mark(assessment, "培训场次"), 6, "49"))
    book, _ = opened(data)
    book.create_sheet("草稿", 0)["A1"] = "随手记"

    plan, sheet = plan_offline(saved(book), assessment)

    assert told(plan) == {"培训场次·实际完成值": ("48", "49", True)}
    assert sheet.name == "自评表"


def test_a_part_of_the_rows_is_given_out_and_merged_back(assessment):
    training = result(assessment, "培训场次")

    data = made(assessment, results=[training.pk], sections=["problems"])
    data = filled(
        data,
        assessment,
        (f"result:{training.pk}", 6, "50"),
        ("text:problems", 3, "场地不足。"),
    )
    plan, sheet = plan_offline(data, assessment)

    words = [each.text for row in range(sheet.height) for each in sheet.filled(row)]
    assert "群众满意度" not in words
    assert [each.key for each in plan.ready] == [
        f"result:{training.pk}:actual",
        "text:problems:text",
    ]
    assert not [each for each in plan.proposals if each.kind == "funds"]


@pytest.mark.parametrize("scheme", ["guangdong-four", "yunnan-2022", "sichuan-2023"])
def test_every_schemes_form_is_filled_in_and_merged_back(scheme):
    project = make_project(name="执法培训")
    rubric = (("投入", "项目立项", "论证决策", "rubric", "", "", "4"),)
    make_indicators(project, rubric if scheme == "guangdong-four" else ROWS)
    assessment = make_assessment(project, make_task(scheme))
    loaded = SelfAssessment.objects.with_content().get(pk=assessment.pk)
    data = offline_workbook(loaded)
    _, sheet = opened(data)
    first = assessment.results.first()
    number = row_of(sheet, f"result:{first.pk}")
    column = next(each.column for each in sheet[number] if not each.protection.locked)
    value = 3 if scheme == "guangdong-four" else "49"

    data = filled(data, assessment, (f"result:{first.pk}", column, value))
    plan, _ = plan_offline(data, assessment)

    assert [each.new for each in plan.ready] == [str(value)]


def test_read_as_a_foreign_form_its_marks_are_no_content(assessment):
    book, _ = opened(made(assessment))
    del book["_perfeval"]

    reading = open_form(saved(book))
    assert reading.sheet

    texts = json.dumps(document_to_json(reading.document), ensure_ascii=False)
    assert "培训场次" in texts
    assert "text:" not in texts
    assert "result:" not in texts
    assert draw(reading.sheet, {}).letters[-1] < "T"


def test_a_foreign_form_is_no_workbook_of_ours():
    assert not is_offline(workbook(NATIONAL))
    assert not is_offline(b"PK\x03\x04")
    assert not is_offline(b"")


def test_over_the_site_it_is_downloaded_filled_in_and_uploaded(client, assessment):
    filler = make_user(Role.FILLER, assessment.project.unit)
    client.force_login(filler)
    url = reverse("reports:offline", args=[assessment.pk])
    answer = client.get(url)
    data = filled(
        b"".join(answer.streaming_content),
        assessment,
        (mark(assessment, "培训场次"), 6, "49"),
    )

    upload = client.post(
        reverse("reports:upload", args=[assessment.pk]),
        {"file": SimpleUploadedFile("填报表.xlsx", data)},
    )
    page = client.get(upload.url)

    assert answer.filename == "2024年度执法培训填报表.xlsx"
    assert 'value="49"' in page.content.decode()
    SelfAssessment.objects.filter(pk=assessment.pk).update(version=2)
    later = client.get(upload.url, follow=True)
    assert "请重新下载" in later.content.decode()


def test_what_units_fill_in_each_is_greyed_and_told_when_typed(client, assessment):
    add_share(None, assessment.project, make_department())
    trainings = Indicator.objects.filter(level3="培训场次")
    trainings.update(combination=Combination.SUM)
    client.force_login(make_user(Role.FILLER, assessment.project.unit))
    plain = made(assessment)
    _, sheet = opened(plain)
    cell = sheet.cell(row_of(sheet, mark(assessment, "培训场次")), 6)
    data = filled(
        plain,
        assessment,
        (mark(assessment, "培训场次"), 6, "49"),
        (mark(assessment, "群众满意度"), 6, "95"),
    )

    upload = client.post(
        reverse("reports:upload", args=[assessment.pk]),
        {"file": SimpleUploadedFile("填报表.xlsx", data)},
    )
    page = client.get(upload.url).content.decode()

    assert cell.protection.locked
    assert cell.value == "48\n由各单位分别填写"
    assert plan_offline(plain, assessment)[0].proposals == ()
    plan, _ = plan_offline(data, assessment)
    assert [(each.label, each.new) for each in plan.closed] == [
        ("培训场次·实际完成值", "49")
    ]
    assert not plan.asked
    assert "2 处与系统中不同，其中 1 处不写入" in page
    assert "result:" not in page.partition("</table>")[0]
    assert '<th scope="col">T</th>' not in page
    assert "请在“各单位填报情况”中填写" in page
    assert f'href="{reverse("indicators:shares", args=[assessment.pk])}"' in page


def test_only_who_fills_in_may_have_it(client, assessment):
    url = reverse("reports:offline", args=[assessment.pk])
    answers = []
    for user in (
        make_user(Role.UNIT_REVIEWER, assessment.project.unit),
        make_user(Role.FILLER, make_department()),
    ):
        client.force_login(user)
        answers.append(client.get(url).status_code)

    assert answers == [403, 404]

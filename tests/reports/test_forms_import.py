"""A ZIP of filled-in forms: each read, matched to its project, taken over together."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from indicators.models import IndicatorResult
from perfeval.models import AuditEvent, DataImport
from projects.models import FundingLine, Role
from reports.offline.making import MARKS
from reports.takeover import TakeoverError
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
    submit,
)
from tests.imports import last_import, opened, save
from tests.reports.form_workbooks import NATIONAL, workbook
from tests.reports.test_offline_workbook import filled, made, row_of, saved
from tests.reports.test_offline_workbook import opened as offline_sheet
from tests.reports.test_takeover import ROWS

pytestmark = pytest.mark.django_db

URLS = "reports:forms_import"


@pytest.fixture
def unit():
    return make_department(make_department(name="市交通局"), name="清河县公路站")


@pytest.fixture
def filler(client, unit):
    person = make_user(Role.FILLER, unit)
    client.force_login(person)
    return person


def assessment_of(unit, name="农村公路日常养护", **values):
    project = make_project(unit, money=None, name=name, year=2022, **values)
    make_indicators(project, ROWS)
    return make_assessment(project)


def form(name="农村公路日常养护", sheet=NATIONAL):
    return workbook(
        [
            [name if cell == "农村公路日常养护" else cell for cell in row]
            for row in sheet
        ]
    )


def bundle(**files):
    """A ZIP of files by name, “_” for “.”: bundle(a_xlsx=…)."""
    return zipped({name.replace("_", "."): data for name, data in files.items()})


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return packed.getvalue()


def send(client, *files):
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(reverse(URLS), {"file": uploads})


def looked_through(client, *files):
    answered = send(client, *files)
    assert answered.status_code == 302, answered.context["form"].errors
    return client.get(answered.url).context["plan"]


def actual(assessment, name="养护里程"):
    return assessment.results.get(indicator__level3=name).actual


def test_each_form_comes_into_its_own_project(client, filler, unit):
    road, bridge = assessment_of(unit), assessment_of(unit, "桥梁检测")
    data = bundle(a_xlsx=form(), b_xlsx=form("桥梁检测"))

    plan = looked_through(client, ("自评表.zip", data))
    before = actual(road)
    answered = save(client, URLS, plan)

    assert plan.problems == []
    assert (plan.count("change", "自评表"), before) == (2, "")
    assert answered.url == reverse("indicators:list")
    assert (actual(road), actual(bridge)) == ("118", "118")
    line = FundingLine.objects.get(project=road.project, source="appropriation")
    assert line.executed == 1_500_000
    assert AuditEvent.objects.filter(action="result.changed", user=filler).exists()
    assert last_import().done_at


def test_the_preview_tells_every_cell_with_old_and_new(client, filler, unit):
    assessment_of(unit)

    plan = looked_through(client, ("表.zip", bundle(a_xlsx=form())))

    notes = {line.name: line.note for line in plan.lines}
    assert notes["农村公路日常养护 · 养护里程·实际完成值"].startswith("（空） → 118（")
    assert not IndicatorResult.objects.exclude(actual="").exists()


def test_what_stands_there_already_is_left_and_counted(client, filler, unit):
    assessment = assessment_of(unit)
    IndicatorResult.objects.filter(indicator__level3="养护里程").update(actual="117")

    plan = looked_through(client, ("表.zip", bundle(a_xlsx=form())))
    save(client, URLS, plan)

    assert actual(assessment) == "117"
    assert actual(assessment, "巡查次数") != ""
    assert "与系统中已有的内容不同" in plan.lines[0].note


def test_several_files_chosen_together_are_as_good_as_a_zip(client, filler, unit):
    assessment_of(unit), assessment_of(unit, "桥梁检测")

    plan = looked_through(
        client, ("自评表.xlsx", form()), ("自评表.xlsx", form("桥梁检测"))
    )

    assert plan.problems == []
    assert plan.count("change", "自评表") == 2


def test_names_from_a_chinese_windows_are_told_as_they_are(client, filler, unit):
    assessment_of(unit)
    data = zipped({"公路.xlsx": form("没有的项目")})
    # As Windows writes it: GBK, not marked as UTF-8.
    utf8, gbk = "公路.xlsx".encode(), "公路.xlsx".encode("gbk")
    assert utf8 in data
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("x" * len(gbk), form("没有的项目"))
    data = packed.getvalue().replace(b"x" * len(gbk), gbk)

    plan = looked_through(client, ("表.zip", data))

    assert [each.sheet for each in plan.problems] == ["公路.xlsx"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.xlsx": form("没有的项目")}, "2022 年度没有您可以填报的项目“没有的项目”"),
        ({"a.xlsx": form(), "b.xlsx": form()}, "与“a.xlsx”是同一项目的自评表"),
        ({"a.xlsx": b"PK\x03\x04"}, "文件已损坏"),
        ({"a.xlsx": form(), "b.xlsx": workbook([["无关"]])}, "没有找到自评表"),
        ({"a.xlsx": form(), "c.zip": zipped({"a": b"1"})}, "压缩包里还有压缩包"),
        ({"a.xlsx": zipped({"a.txt": b"1"})}, "压缩包里还有压缩包"),
        ({"../../a.xlsx": form()}, "文件名里有指向别处的路径"),
        ({"/etc/a.xlsx": form()}, "文件名里有指向别处的路径"),
        ({"C:\\a.xlsx": form()}, "文件名里有指向别处的路径"),
    ],
)
def test_a_file_that_cannot_be_taken_stops_them_all(
    client, filler, unit, files, reason
):
    assessment_of(unit)

    plan = looked_through(client, ("表.zip", zipped(files)))
    save(client, URLS, plan)

    assert len(plan.problems) == 1
    assert reason in plan.problems[0].reason
    assert plan.problems[0].sheet == [*files][-1].replace("\\", "/")
    assert plan.problems[0].remedy
    assert not IndicatorResult.objects.exclude(actual="").exists()


def test_the_problems_come_back_as_a_list(client, filler, unit):
    looked_through(client, ("表.zip", bundle(a_xlsx=form())))

    address = reverse(f"{URLS}_marked", args=[last_import().pk])
    sheet = opened(client.get(address).content).worksheets[0]

    assert [cell.value for cell in sheet[1]][:2] == ["文件", "单元格"]
    assert sheet["A2"].value == "a.xlsx"


def test_what_lies_beside_the_forms_is_left_and_told(client, filler, unit):
    assessment_of(unit)
    files = {
        "自评表/a.xlsx": form(),
        "自评表/~$a.xlsx": b"x",
        "__MACOSX/._a.xlsx": b"x",
        "自评表/.DS_Store": b"x",
        "自评表/说明.docx": b"x",
    }

    plan = looked_through(client, ("表.zip", zipped(files)))

    assert plan.problems == []
    assert plan.notes == ["不是 .xlsx 或 .xls 的文件没有读取：自评表/说明.docx"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("表.rar", b"Rar!\x1a\x07", "请选择 ZIP 压缩包"),
        ("表.zip", b"PK\x03\x04broken", "压缩包已损坏"),
        ("表.zip", zipped({"a.docx": b"x"}), "压缩包里没有自评表"),
        ("表.zip", zipped({f"{n}.xlsx": b"x" for n in range(301)}), "超过 300 个"),
        ("表.zip", zipped({"a.xlsx": bytes(101 * 1024 * 1024)}), "解压后超过 100 MB"),
    ],
    ids=["rar", "broken", "no form", "too many", "bomb"],
)
def test_a_bundle_that_cannot_be_opened_is_refused_at_once(
    client, filler, name, data, message
):
    answered = (
        client.post(reverse(URLS), {"file": SimpleUploadedFile(name, data)})
        if name.endswith(".zip")
        else send(client, (name, data))
    )

    if name.endswith(".rar"):
        # One file that is no ZIP is packed as it is: it holds no form.
        message = "压缩包里没有自评表"
    assert message in answered.text
    assert not DataImport.objects.exists()


def test_a_form_that_was_sent_up_or_is_of_others_is_not_written(client, filler, unit):
    submit(assessment_of(unit))
    other = assessment_of(make_department(), "别的项目")

    plan = looked_through(
        client, ("表.zip", bundle(a_xlsx=form(), b_xlsx=form("别的项目")))
    )

    reasons = {each.sheet: each.reason for each in plan.problems}
    assert "审核中，或不由您填报" in reasons["a.xlsx"]
    assert reasons["b.xlsx"] == "2022 年度没有您可以填报的项目“别的项目”"
    assert actual(other) == ""


def test_what_a_service_would_refuse_is_told_before_anything_is_written(
    client, filler, unit, monkeypatch
):
    assessment_of(unit)

    def refuse(*_):
        raise TakeoverError(["指标“养护里程”：甲", "指标“巡查次数”：乙"])

    monkeypatch.setattr("reports.forms_import.importer.take_over", refuse)

    plan = looked_through(client, ("表.zip", bundle(a_xlsx=form())))

    assert [(each.sheet, each.reason) for each in plan.problems] == [
        ("a.xlsx", "指标“养护里程”：甲"),
        ("a.xlsx", "指标“巡查次数”：乙"),
    ]
    assert not IndicatorResult.objects.exclude(actual="").exists()


def test_imported_money_is_not_overwritten_by_a_form(client, filler, unit):
    assessment = assessment_of(unit)
    line = FundingLine.objects.create(
        project=assessment.project,
        source="appropriation",
        executed=None,
        adjusted=2_950_000,
        imported_amounts={"adjusted": ["预算.xlsx", "2022-03-01T00:00:00+08:00"]},
    )

    plan = looked_through(client, ("表.zip", bundle(a_xlsx=form())))
    save(client, URLS, plan)

    line.refresh_from_db()
    assert (line.adjusted, line.executed) == (2_950_000, 1_500_000)


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.PERFORMANCE_SECTION])
def test_only_fillers_import_forms(client, unit, role):
    client.force_login(make_user(role, unit))

    assert client.get(reverse(URLS)).status_code == 403
    assert reverse(URLS) not in client.get(reverse("projects:list")).text


def test_workbooks_of_our_own_are_merged_by_their_marks_or_refused(
    client, filler, unit
):
    road, bridge = assessment_of(unit), assessment_of(unit, "桥梁检测")
    column, remarks = 3, "text:remarks"
    taken = filled(made(road), road, (remarks, column, "路面完好"))
    book, sheet = offline_sheet(made(bridge))
    sheet.cell(row_of(sheet, remarks), MARKS).value = "text:funds"

    plan = looked_through(client, ("表.zip", bundle(a_xlsx=taken, b_xlsx=saved(book))))

    assert [line.told for line in plan.lines if line.what == "change"][1:] == [
        "（空） → 路面完好（自评表!C23）"
    ]
    (problem,) = plan.problems
    assert problem.sheet == "b.xlsx"
    assert "校验信息缺失或被改动" in problem.reason

"""The pages on which an uploaded form or report is looked at and taken over."""

import io
import re

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from indicators.models import IndicatorResult
from perfeval.models import AuditEvent, DataImport
from projects.models import FundingLine, Role
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
    submit,
)
from tests.queries import queries_of
from tests.reports.form_workbooks import NATIONAL, workbook
from tests.reports.test_takeover import ROWS, with_row

pytestmark = pytest.mark.django_db

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.fixture
def unit():
    return make_department(make_department(name="市交通局"), name="公路站")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit)


@pytest.fixture
def assessment(unit):
    project = make_project(unit, money=None, name="农村公路日常养护", year=2022)
    make_indicators(project, ROWS)
    return make_assessment(project)


@pytest.fixture
def client(client, filler):
    client.force_login(filler)
    return client


def send(client, assessment, data, name="自评表.xlsx"):
    url = reverse("reports:upload", args=[assessment.pk])
    return client.post(url, {"file": SimpleUploadedFile(name, data)})


def uploaded(client, assessment, data, name="自评表.xlsx"):
    """Return the address of the page that the file leads to."""
    answer = send(client, assessment, data, name)
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def fields(page, *, tick=None):
    """Return what the page's form would send; tick: keys, None as ticked there."""
    html = page.content.decode()
    hidden = dict(re.findall(r'name="(seen-[^"]+)"\s+value="([^"]*)"', html))
    typed = dict(re.findall(r'name="(new-[^"]+)"\s+value="([^"]*)"', html))
    boxes = re.findall(r'name="take"\s+value="([^"]+)"[^>]*?(checked)?>', html)
    texts = re.findall(r'name="(new-[^"]+)"[^>]*>\n([^<]*)</textarea>', html)
    ticked = [key for key, mark in boxes if mark] if tick is None else tick
    return {**hidden, **typed, **dict(texts), "take": ticked}


def row(assessment, name):
    return assessment.results.get(indicator__level3=name)


def report(*paragraphs):
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def test_a_form_is_shown_beside_what_was_understood_and_taken_over(client, assessment):
    url = uploaded(client, assessment, workbook(NATIONAL))

    page = client.get(url)
    answer = client.post(url, fields(page))

    html = page.content.decode()
    assert 'id="cell-F13"' in html
    assert 'rowspan="5"' in html
    assert answer.url == reverse("indicators:detail", args=[assessment.pk])
    assert row(assessment, "养护里程").actual == "118"
    assert FundingLine.objects.get(source="appropriation").executed == 1_500_000
    done = DataImport.objects.get()
    assert re.fullmatch("采用 [0-9]+ 处", done.result)
    assert AuditEvent.objects.filter(action="takeover.done").exists()


def test_a_corrected_cell_is_what_is_written(client, assessment):
    url = uploaded(client, assessment, workbook(NATIONAL))
    sent = fields(client.get(url))
    key = f"result:{row(assessment, '养护里程').pk}:actual"

    client.post(url, {**sent, f"new-{key}": "119", "take": [key]})

    assert row(assessment, "养护里程").actual == "119"
    assert row(assessment, "巡查次数").actual == ""


def test_a_refused_cell_brings_back_what_was_typed_and_names_it(client, assessment):
    url = uploaded(client, assessment, workbook(NATIONAL))
    sent = fields(client.get(url))
    points = f"result:{row(assessment, '出行条件').pk}:self_points"
    note = f"result:{row(assessment, '养护里程').pk}:deviation_note"

    answer = client.post(
        url, {**sent, f"new-{points}": "三十分", f"new-{note}": "改过的原因"}
    )

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "出行条件·自评得分：“三十分”不是分数" in html
    assert 'value="三十分"' in html
    assert "改过的原因" in html
    assert not IndicatorResult.objects.exclude(actual="").exists()


def test_what_somebody_saved_meanwhile_is_shown_and_asked_again(client, assessment):
    url = uploaded(client, assessment, workbook(NATIONAL))
    sent = fields(client.get(url))
    target = row(assessment, "养护里程")
    IndicatorResult.objects.filter(pk=target.pk).update(actual="117")

    answer = client.post(url, sent)
    again = fields(answer)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "117" in html
    assert f"result:{target.pk}:actual" not in again["take"]
    client.post(url, {**again, "take": [*again["take"], f"result:{target.pk}:actual"]})
    assert row(assessment, "养护里程").actual == "118"


def test_the_rows_are_matched_anew_and_nothing_typed_is_lost(client, assessment):
    url = uploaded(client, assessment, workbook(NATIONAL))
    sent = fields(client.get(url))
    other = row(assessment, "巡查次数")
    note = f"result:{row(assessment, '每公里成本').pk}:deviation_note"

    answer = client.post(
        url,
        {**sent, f"new-{note}": "油价上涨", "match-0": str(other.pk), "rematch": "1"},
    )

    html = answer.content.decode()
    assert "油价上涨" in html
    assert "118公里" in html
    assert "表中没有这些指标：养护里程" in html


def test_nothing_ticked_is_said_and_the_page_comes_back(client, assessment):
    url = uploaded(client, assessment, workbook(NATIONAL))

    answer = client.post(url, fields(client.get(url), tick=[]))

    assert answer.status_code == 422
    assert "请先勾选要采用的内容" in answer.content.decode()


def test_a_form_of_another_project_is_told_and_has_nothing_ticked(client, assessment):
    assessment.project.name = "桥梁检测"
    assessment.project.save()
    url = uploaded(client, assessment, workbook(NATIONAL))

    page = client.get(url)

    assert "这个文件可能不是本项目的" in page.content.decode()
    assert fields(page)["take"] == []


def test_last_years_report_is_taken_over_section_by_section(client, assessment):
    data = report(
        "2021年度农村公路日常养护项目绩效自评报告",
        "一、项目基本情况",
        "根据工作需要设立本项目，预算安排23万元。",
        "二、项目组织实施情况",
        "全年实际支出13.32万元，执行率57.91%。",
        "四、存在问题和建议",
        "一是路段分散。",
    )
    url = uploaded(client, assessment, data, "去年.docx")

    page = client.get(url)
    sent = fields(page)
    client.post(url, {**sent, "take": ["text:basics:text", "text:problems:text"]})

    texts = {each.key: each.text for each in assessment.narratives.all()}
    assert texts["basics"] == "根据工作需要设立本项目，预算安排23万元。"
    assert texts["problems"] == "一是路段分散。"
    assert texts["implementation"] == ""
    assert not any(key.startswith("funds:") for key in sent["take"])
    assert "new-funds:appropriation:executed" in sent
    assert not FundingLine.objects.exists()


def test_a_section_of_ones_own_is_never_overwritten_unasked(client, assessment, filler):
    assessment.narratives.filter(key="basics").update(text="今年已写好。")
    data = report(
        "一、项目基本情况", "去年的文字。", "二、项目组织实施情况", "去年实施。"
    )
    url = uploaded(client, assessment, data, "去年.docx")

    page = client.get(url)

    assert fields(page)["take"] == ["text:implementation:text"]
    assert "今年已写好。" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("表.et", OLE + "Workbook".encode("utf-16-le"), ("WPS 表格文件", "*.xlsx")),
        ("表.csv", "项目名称,甲".encode("gb18030"), (".csv", "*.xlsx")),
        ("报告.doc", OLE, ("旧版 Word", "*.docx")),
        ("报告.wps", OLE, ("WPS 文字文件", "*.docx")),
        (
            "表.xlsx",
            OLE + "EncryptedPackage".encode("utf-16-le"),
            ("加了密码", "WPS 中点", "清空密码"),
        ),
        ("扫描.pdf", b"%PDF-1.7", ("PDF 文件", ".xlsx", ".docx")),
        ("空.xlsx", workbook([["没有", "表"]]), ("没有找到自评表",)),
    ],
    ids=["et", "csv", "doc", "wps", "encrypted", "pdf", "no form"],
)
def test_another_kind_of_file_is_answered_with_how_to_save_it(
    client, assessment, name, data, told
):
    answer = send(client, assessment, data, name)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert [each for each in told if each not in html] == []
    assert not DataImport.objects.exists()


def test_of_several_forms_in_a_file_the_sheet_is_asked_for_and_read(client, assessment):
    other = with_row(NATIONAL, "养护里程", c5="100")
    data = workbook(NATIONAL, other)
    asked = send(client, assessment, data).content.decode()
    url = reverse("reports:upload", args=[assessment.pk])

    answer = client.post(
        url, {"file": SimpleUploadedFile("表.xlsx", data), "sheet": "Sheet2"}
    )
    page = client.get(answer.url)

    assert "写在“工作表”一栏" in asked
    key = f"result:{row(assessment, '养护里程').pk}:actual"
    assert fields(page)[f"new-{key}"] == "100"


@pytest.mark.parametrize("name", ["upload", "takeover"])
def test_reviewers_are_refused_and_strangers_see_nothing(
    client, assessment, filler, unit, name
):
    url = uploaded(client, assessment, workbook(NATIONAL))
    if name == "upload":
        url = reverse("reports:upload", args=[assessment.pk])
    answers = []
    for user in (
        make_user(Role.UNIT_REVIEWER, unit),
        make_user(Role.FILLER, make_department()),
    ):
        client.force_login(user)
        answers.append(client.get(url).status_code)

    assert answers == [403, 404]


def test_a_colleagues_upload_is_not_mine(client, assessment, unit):
    url = uploaded(client, assessment, workbook(NATIONAL))
    client.force_login(make_user(Role.FILLER, unit))

    assert client.get(url).status_code == 404


def test_what_was_sent_up_takes_nothing_and_keeps_what_was_typed(
    client, assessment, filler
):
    url = uploaded(client, assessment, workbook(NATIONAL))
    sent = fields(client.get(url))
    submit(assessment, filler)

    answer = client.post(url, sent)

    assert answer.status_code == 409
    assert "不能修改" in answer.content.decode()
    assert client.get(url).status_code == 302


def test_the_page_asks_few_queries(client, assessment):
    url = uploaded(client, assessment, workbook(NATIONAL))

    assert len(queries_of(client, url)) <= 12

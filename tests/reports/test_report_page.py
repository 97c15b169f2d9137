"""The report page and its files: the same document on the screen, as PDF and HTML."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from indicators.models import Material, SelfAssessment
from indicators.services import write_narrative
from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

TEXT = "根据工作安排设立本项目，组织执法培训五十场，参训人员全部考核。"


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit)


@pytest.fixture
def assessment(unit, filler):
    made = make_assessment(make_project(unit, name="执法培训"))
    for text in made.narratives.all():
        write_narrative(filler, text, TEXT, version=1)
    return made


@pytest.fixture
def client(client, filler):
    client.force_login(filler)
    return client


def get(client, assessment, name):
    if name == "report":
        return client.get(reverse("reports:report", args=[assessment.pk]))
    return client.get(reverse("reports:file", args=[assessment.pk, name]))


def body(response):
    return b"".join(response.streaming_content)


def words(pdf):
    return "".join(
        "".join(page.extract_text().split())
        for page in PdfReader(io.BytesIO(pdf)).pages
    )


def approve(assessment):
    SelfAssessment.objects.filter(pk=assessment.pk).update(status="approved")


def test_the_page_reads_as_the_report(client, assessment):
    page = get(client, assessment, "report").content.decode()

    assert "四、存在问题和建议" in page
    assert page.count(TEXT) >= 6
    assert "项目支出绩效自评表" in page
    assert "57.91%" in page
    assert "尚未审定，下载的 PDF 带“草稿”水印" in page


def test_the_pdf_says_the_same_and_carries_a_chinese_name(client, assessment):
    answer = get(client, assessment, "pdf")

    text = words(body(answer))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith(
        "attachment; filename*=utf-8''2024%E5%B9%B4"
    )
    assert answer.filename == "2024年度执法培训绩效自评报告.pdf"
    assert "四、存在问题和建议" in text
    assert TEXT in text
    assert "57.91%" in text


def test_only_what_is_not_approved_is_marked_as_a_draft(client, assessment):
    draft = words(body(get(client, assessment, "pdf")))
    approve(assessment)
    final = words(body(get(client, assessment, "pdf")))

    assert "草稿" in draft
    assert "草稿" not in final


def test_the_html_file_stands_alone(client, assessment):
    answer = get(client, assessment, "html")

    text = body(answer).decode()
    assert answer.filename == "2024年度执法培训绩效自评报告.html"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert TEXT in text
    assert "<link" not in text
    assert "src=" not in text


def test_a_name_with_a_slash_makes_no_folder(client, unit):
    assessment = make_assessment(make_project(unit, name='A/B:"乙"'))

    assert (
        get(client, assessment, "html").filename == "2024年度A_B_乙_绩效自评报告.html"
    )


def test_a_form_alone_prints_the_form_alone(client, unit):
    assessment = make_assessment(
        make_project(unit, name="执法培训"), material=Material.FORM
    )

    page = get(client, assessment, "report").content.decode()
    answer = get(client, assessment, "html")

    assert "存在问题和建议" not in page
    assert "项目支出绩效自评表" in page
    assert answer.filename == "2024年度执法培训项目支出绩效自评表.html"


def test_a_character_no_font_has_is_named_with_its_place(client, assessment, filler):
    text = assessment.narratives.get(key="problems")
    write_narrative(filler, text, "一是\U000e0041宣传不足", version=2)

    answer = get(client, assessment, "pdf")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "不能生成 PDF" in page
    assert "E0041" in page
    assert "第四部分" in page


@pytest.mark.parametrize("name", ["report", "pdf", "docx", "html", "json"])
def test_another_units_report_is_not_there(name, client, assessment):
    client.force_login(make_user(Role.FILLER, make_department()))

    assert get(client, assessment, name).status_code == 404


@pytest.mark.parametrize("name", ["report", "pdf", "docx", "html", "json"])
def test_log_in_is_asked_for(name, client, assessment):
    client.logout()

    assert get(client, assessment, name).status_code == 302


def test_an_observer_reads_it_once_it_is_approved(client, assessment, unit):
    client.force_login(make_user(Role.OBSERVER, unit.parent))

    before = get(client, assessment, "report").status_code
    approve(assessment)

    assert before == 404
    assert get(client, assessment, "report").status_code == 200


def test_a_filler_goes_on_from_the_page_only_while_it_is_open(
    client, assessment, filler
):
    open_page = get(client, assessment, "report").content.decode()
    submit(assessment, filler)
    closed_page = get(client, assessment, "report").content.decode()

    assert "继续填报" in open_page
    assert "继续填报" not in closed_page


def test_the_page_asks_at_most_twelve_queries(client, assessment):
    url = reverse("reports:report", args=[assessment.pk])

    assert len(queries_of(client, url)) <= 12

"""检查结果 of a self-assessment, and the quick check of files outside the system."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from indicators.models import SelfAssessment
from indicators.services import write_narrative
from indicators.workflow import advance
from perfeval.models import DataImport, StoredFile
from projects.models import Role
from reports.assembly import assemble
from reports.document import document_to_json
from reports.findings import document_before, findings_of, with_document_before
from reports.reading.files import PACKED_LIMIT
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

FORM = Path(settings.BASE_DIR) / "tests" / "data" / "forms" / "national.xls"
QUICK = "/quick-check/"
REPORT = (
    "2022年度农村公路日常养护项目绩效自评报告\n一、项目基本情况\n养护县乡道。\n"
    "二、项目组织实施情况\n全年实际支出154.47万元，因雨季延长，部分养护款结转下年。\n"
)


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
        write_narrative(filler, text, "联系人手机13812345678。", version=1)
    return made


@pytest.fixture
def client(client, filler):
    cache.clear()
    client.force_login(filler)
    return client


def findings(client, assessment):
    return client.get(reverse("reports:findings", args=[assessment.pk]))


def upload(name, content):
    return SimpleUploadedFile(name, content)


def test_each_finding_is_linked_to_the_place_that_mends_it(client, assessment):
    page = findings(client, assessment).content.decode()

    detail = reverse("indicators:detail", args=[assessment.pk])
    assert "必改问题" in page
    assert "手机号“138…78”" in page
    assert f'href="{detail}#text-problems"' in page


def test_the_page_takes_a_fixed_number_of_queries(client, assessment):
    address = reverse("reports:findings", args=[assessment.pk])

    queries = queries_of(client, address)

    assert len(queries) <= 12, "\n".join(each[:160] for each in queries)


def test_another_units_findings_are_not_there(client, assessment):
    stranger = make_user(Role.FILLER, make_department(name="市文化局"))
    client.force_login(stranger)

    assert findings(client, assessment).status_code == 404


def test_log_in_is_asked_for(client, assessment):
    client.logout()

    for address in (QUICK, reverse("reports:findings", args=[assessment.pk])):
        assert client.get(address).status_code == 302


def test_last_years_sentences_are_looked_for_in_what_was_decided(
    unit, filler, assessment
):
    project = assessment.project
    before = make_assessment(
        make_project(unit, name="执法培训", year=project.year - 1, code=project.code)
    )
    sentence = "组织执法培训五十场，参训人员2687人，全部参加了考核。"
    for made in (before, assessment):
        for text in made.narratives.all():
            text.refresh_from_db()
            write_narrative(filler, text, sentence, version=text.version)
    before.refresh_from_db()
    sent = document_to_json(assemble(before.pk))
    advance(before.pk, "submit", filler, version=before.version, snapshot=sent)
    seen = with_document_before(SelfAssessment.objects.with_content())
    loaded = seen.get(pk=assessment.pk)

    codes = {each.finding.code for each in findings_of(loaded)}

    assert document_before(loaded) is not None
    assert "unchanged-since-last-year" in codes


def test_a_report_and_its_form_are_checked_and_nothing_is_kept(client):
    answer = client.post(
        QUICK,
        {
            "text": upload("报告.txt", REPORT.encode()),
            "table": upload("自评表.xls", FORM.read_bytes()),
        },
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "“全年实际支出154.47万元”与自评表全年执行数 154.74 万元不一致" in page
    assert "按规则计算的总分" in page
    assert (StoredFile.objects.count(), DataImport.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "请选择自评报告或自评表，至少一个"),
        ({"table": ("表.xlsx", b"PK\x03\x04 broken")}, "文件已损坏"),
        ({"text": ("报告.pdf", b"%PDF-1.7")}, "PDF"),
        (
            {"text": ("甲.txt", REPORT.encode()), "table": ("乙.txt", b"\xe7\x94\xb2")},
            "请给出一个文件，或同一份报告的文字",
        ),
        ({"text": ("假.pdf", REPORT.encode())}, "内容却不是 PDF 文件"),
        ({"text": ("x.docx", b"hello")}, "内容却不是 Word 文件"),
        ({"table": ("表.docx", FORM.read_bytes())}, "内容却不是 Word 文件"),
        ({"text": ("报告.txt", b"1" * (PACKED_LIMIT + 1))}, "20 MB"),
    ],
    ids=[
        "nothing",
        "broken",
        "kind",
        "two texts",
        "no pdf",
        "no word",
        "form",
        "too large",
    ],
)
def test_what_cannot_be_checked_is_said_at_its_field(client, files, message):
    data = {name: upload(*file) for name, file in files.items()}

    answer = client.post(QUICK, data)

    assert answer.status_code == 422
    assert message in answer.content.decode()


def test_what_was_read_of_each_file_is_said_and_nothing_read_is_no_clean_verdict(
    client,
):
    read = client.post(QUICK, {"text": upload("报告.txt", REPORT.encode())})
    unread = client.post(QUICK, {"text": upload("杂.txt", "今天下雨。".encode())})

    assert "读出项目基本情况、项目组织实施情况" in read.content.decode()
    page = unread.content.decode()
    assert "杂.txt" in page
    assert "5 字" in page
    assert "没有读出报告内容" in page
    assert "没有发现问题" not in page


def test_one_person_cannot_check_without_end(client, monkeypatch):
    monkeypatch.setattr("reports.views.checks.MOST", 1)
    data = io.BytesIO(REPORT.encode()).getvalue()

    first = client.post(QUICK, {"text": upload("报告.txt", data)})
    second = client.post(QUICK, {"text": upload("报告.txt", data)})

    assert (first.status_code, second.status_code) == (200, 429)
    assert "请一分钟后再试" in second.content.decode()


def test_strangers_check_files_only_where_the_office_says_so(client, settings):
    cache.clear()
    client.logout()
    data = {"text": upload("报告.txt", REPORT.encode())}
    closed = client.post(QUICK, data)
    settings.QUICK_CHECK_PUBLIC = True

    told = [
        client.post(QUICK, {"text": upload("报告.txt", REPORT.encode())})
        for _ in range(6)
    ]

    assert closed.status_code == 403
    assert client.get(QUICK).status_code == 200
    assert [each.status_code for each in told] == [200] * 5 + [429]
    assert "检查结果" in told[0].text or "没有发现问题" in told[0].text

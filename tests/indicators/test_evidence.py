"""Evidence: taken by content, tied to rows and texts, private, never lost."""

import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from indicators.evidence import (
    Proves,
    add_evidence,
    change_evidence,
    supersede_evidence,
)
from indicators.models import (
    Evidence,
    EvidenceLink,
    SelfAssessment,
    Status,
)
from perfeval.models import AuditEvent, StoredFile
from projects.models import Role
from reports.assembly import assemble
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n"
JSON = {"Accept": "application/json"}


def png(shade=0):
    """A picture of one point."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    points = zlib.compress(bytes([0, shade]))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", points)
        + chunk(b"IEND", b"")
    )


def upload(name="签到表.pdf", content=PDF):
    return SimpleUploadedFile(name, content, content_type="application/x-msdownload")


@pytest.fixture
def quantity(assessment):
    return assessment.results.get(indicator__unit="场")


@pytest.fixture
def evidence(assessment, filler, quantity):
    proves = Proves(indicators=[quantity.indicator_id], texts=["results"])
    return add_evidence(filler, assessment, upload(), proves)


@pytest.fixture
def client(client, filler):
    client.force_login(filler)
    return client


def url_of(evidence, name="evidence_file"):
    return reverse(f"indicators:{name}", args=[evidence.assessment_id, evidence.pk])


def list_of(assessment):
    return reverse("indicators:evidence", args=[assessment.pk])


def text_of(response):
    return " ".join(response.content.decode().split())


def test_several_files_are_taken_at_once_and_stand_at_rows_and_texts(
    client, assessment, quantity
):
    data = {
        "files": [upload(), upload("现场.png", png())],
        "indicators": [str(each.indicator_id) for each in assessment.results.all()],
        "texts": ["results"],
    }

    answer = client.post(list_of(assessment), data)
    page = client.get(reverse("indicators:detail", args=[assessment.pk]))

    assert answer.url == list_of(assessment)
    rows = Evidence.objects.select_related("file")
    assert [(each.file.name, each.file.content_type) for each in rows] == [
        ("签到表.pdf", "application/pdf"),
        ("现场.png", "image/png"),
    ]
    # Three indicators and one text each.
    assert EvidenceLink.objects.count() == 8
    # Three rows and one text name each of both.
    assert text_of(page).count(">签到表.pdf</a>") == 4
    assert "2 个文件" in text_of(page)


def test_one_by_one_the_answer_is_for_the_script(client, assessment, quantity):
    taken = client.post(
        list_of(assessment),
        {"files": upload(), "indicators": quantity.indicator_id},
        headers=JSON,
    )
    refused = client.post(
        list_of(assessment), {"files": upload("图.pdf", b"MZ\x90")}, headers=JSON
    )

    assert (taken.status_code, refused.status_code) == (201, 422)
    assert refused.json()["errors"][0].startswith("“图.pdf”：附件应是 PDF")
    assert Evidence.objects.get().links.get().indicator_id == quantity.indicator_id


def test_the_same_file_again_adds_to_what_it_proves(
    client, assessment, quantity, evidence
):
    quality = assessment.results.get(indicator__comparator="qualitative")
    data = {"files": upload("另一名.pdf"), "indicators": quality.indicator_id}

    client.post(list_of(assessment), data)

    row = Evidence.objects.get()
    proven = set(row.links.values_list("indicator_id", "narrative_key"))
    assert proven == {
        (quantity.indicator_id, ""),
        (quality.indicator_id, ""),
        (None, "results"),
    }
    assert StoredFile.objects.count() == 1


def test_files_too_large_or_too_many_are_refused_by_name(
    client, assessment, evidence, settings
):
    settings.EVIDENCE_LARGEST = 20
    large = client.post(
        list_of(assessment), {"files": upload("大.pdf", PDF + b"." * 10)}
    )
    settings.EVIDENCE_LARGEST, settings.EVIDENCE_TOTAL = 1000, 30
    full = client.post(list_of(assessment), {"files": upload("又一个.pdf", PDF + b".")})
    nothing = client.post(list_of(assessment))

    assert "“大.pdf”有 0.1 MB" in text_of(large)
    assert "“又一个.pdf”放不下：一份自评的佐证材料合计不超过" in text_of(full)
    assert "请选择文件" in text_of(nothing)
    assert {large.status_code, full.status_code, nothing.status_code} == {422}
    assert Evidence.objects.count() == 1


def test_a_file_of_another_report_is_tied_to_nothing_of_this_one(
    assessment, filler, quantity
):
    stranger = make_department()
    other = make_assessment(make_project(stranger))
    foreign = other.results.first().indicator_id

    row = add_evidence(filler, assessment, upload(), Proves(indicators=[foreign]))

    assert row.links.count() == 0


@pytest.mark.parametrize(
    "name", ["evidence_file", "evidence_download", "evidence_preview"]
)
def test_every_byte_is_only_for_those_who_see_the_report(name, client, evidence):
    client.force_login(make_user(Role.FILLER, make_department()))
    stranger = client.get(url_of(evidence, name))
    client.logout()
    nobody = client.get(url_of(evidence, name))

    assert stranger.status_code == 404
    assert nobody.status_code == 302


def test_a_file_is_not_had_through_another_report(client, evidence, unit, task):
    other = make_assessment(make_project(unit), task)
    address = reverse("indicators:evidence_download", args=[other.pk, evidence.pk])

    assert client.get(address).status_code == 404


def test_pictures_and_pdf_are_shown_in_the_page_and_others_only_sent(
    client, assessment, filler, evidence
):
    picture = add_evidence(filler, assessment, upload("现场.pdf", png()), Proves())
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."
    sheet = add_evidence(filler, assessment, upload("表.png", ole), Proves())

    shown = client.get(url_of(picture, "evidence_preview"))
    page = client.get(url_of(picture))
    sent = client.get(url_of(evidence, "evidence_download"))
    hidden = client.get(url_of(sheet, "evidence_preview"))

    assert b"".join(shown.streaming_content) == png()
    assert shown["Content-Type"] == "image/png"
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in shown["Content-Security-Policy"]
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert "<img" in text_of(page)
    assert b"".join(sent.streaming_content) == PDF
    assert sent["Content-Disposition"].startswith("attachment")
    assert hidden.status_code == 404
    assert "不能在页面中预览" in text_of(client.get(url_of(sheet)))


def test_what_was_sent_up_is_superseded_and_stays(client, assessment, evidence):
    sent = submit(assessment)
    removed = client.post(url_of(evidence, "evidence_remove"))
    form = client.post(
        url_of(evidence, "evidence_supersede"),
        {"file": upload("清晰版.pdf", PDF + b"2")},
    )
    done = client.post(
        url_of(evidence, "evidence_supersede"),
        {"file": upload("清晰版.pdf", PDF + b"2"), "reason": "原扫描件看不清"},
    )

    assert removed.status_code == 403
    assert "请填写更换原因" in text_of(form)
    new = Evidence.objects.get(replaces=evidence)
    assert done.url == url_of(new)
    assert set(new.links.values_list("indicator_id", "narrative_key")) == set(
        evidence.links.values_list("indicator_id", "narrative_key")
    )
    old_page, new_page = client.get(url_of(evidence)), client.get(url_of(new))
    assert "原扫描件看不清" in text_of(old_page)
    assert url_of(new) in text_of(old_page)
    assert url_of(evidence) in text_of(new_page)
    SelfAssessment.objects.filter(pk=sent.pk).update(status=Status.RETURNED, level=0)
    client.post(url_of(evidence, "evidence_remove"))
    client.post(url_of(new, "evidence_remove"))
    assert Evidence.objects.count() == 2
    SelfAssessment.objects.filter(pk=sent.pk).update(status=Status.APPROVED)
    late = client.post(
        url_of(new, "evidence_supersede"),
        {"file": upload("再换.pdf", PDF + b"3"), "reason": "更清晰"},
    )
    assert late.status_code == 403


def test_a_draft_s_file_is_removed_and_twice_is_no_error(client, assessment, evidence):
    first = client.post(url_of(evidence, "evidence_remove"))
    second = client.post(url_of(evidence, "evidence_remove"))

    assert (first.url, second.url) == (list_of(assessment), list_of(assessment))
    assert not Evidence.objects.exists()
    # Who, what, which digest: on record; the content stays stored.
    event = AuditEvent.objects.get(action="evidence.removed")
    assert event.before["sha256"] == StoredFile.objects.get().sha256
    assert event.chain.key == assessment.chain


def test_the_second_to_say_what_a_file_proves_sees_both(
    client, filler, evidence, quantity
):
    change_evidence(None, evidence, Proves(texts=["basics"]), "他人的说明", version=1)

    answer = client.post(
        url_of(evidence),
        {"note": "第 2 页", "indicators": quantity.indicator_id, "version": "1"},
    )
    again = client.post(
        url_of(evidence),
        {"note": "第 2 页", "indicators": quantity.indicator_id, "version": "2"},
    )

    assert answer.status_code == 409
    assert "他人的说明" in text_of(answer)
    assert 'value="第 2 页"' in text_of(answer)
    assert "一、项目基本情况" in text_of(answer)
    assert again.status_code == 302
    evidence.refresh_from_db()
    assert (evidence.note, evidence.version) == ("第 2 页", 3)
    assert evidence.links.get().indicator_id == quantity.indicator_id


def test_readers_look_and_do_not_touch(client, assessment, evidence, unit_reviewer):
    client.force_login(unit_reviewer)
    page = client.get(list_of(assessment))
    file = client.get(url_of(evidence))
    answers = [
        client.post(list_of(assessment), {"files": upload("新.pdf", PDF + b"4")}),
        client.post(url_of(evidence), {"note": "x", "version": "1"}),
        client.post(url_of(evidence, "evidence_supersede"), {}),
        client.post(url_of(evidence, "evidence_remove")),
    ]

    assert "data-upload" not in text_of(page)
    assert "删除" not in text_of(file)
    assert [each.status_code for each in answers] == [403] * 4
    assert Evidence.objects.count() == 1


def test_the_report_names_its_evidence(assessment, filler, evidence):
    two = Proves(texts=["basics", "problems"])
    add_evidence(filler, assessment, upload("合同.png", png()), two)
    supersede_evidence(filler, evidence, upload("签到表二.pdf", PDF + b"5"), "补页")

    listed = assemble(assessment.pk).evidence

    assert [(each.name, each.indicators, each.section) for each in listed] == [
        ("合同.png", (), "basics"),
        ("合同.png", (), "problems"),
        ("签到表二.pdf", (0,), "results"),
    ]
    assert listed[2].sha256 == Evidence.objects.get(replaces=evidence).file.sha256


@pytest.mark.parametrize("count", [1, 12])
def test_queries_do_not_grow_with_the_files(count, client, assessment, filler):
    for number in range(count):
        add_evidence(
            filler, assessment, upload(content=PDF + bytes([number])), Proves()
        )

    assert len(queries_of(client, list_of(assessment))) <= 12


def test_the_database_keeps_links_to_one_thing_and_reasons(evidence, assessment):
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceLink.objects.create(evidence=evidence)
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceLink.objects.create(evidence=evidence, narrative_key="results")
    file = StoredFile.objects.create(sha256="0" * 64, name="a.pdf", size=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(assessment=assessment, file=file, replaces=evidence)

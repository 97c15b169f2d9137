"""Verification: which report, unchanged or not; no word of what is not approved."""

import io
import json
import zipfile
import zlib
from dataclasses import replace

import openpyxl
import pikepdf
import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from perfeval.files import path_of
from perfeval.models import StoredFile
from projects.models import Role
from reports import frozen
from reports.document import document_from_json, dump_document
from reports.models import Artifact
from reports.reading.files import ReadingError
from reports.reading.report import read_report
from reports.reading.words import words_of, words_of_stranger
from reports.submission import decide, submit, take_step
from reports.verification import verify_code, verify_file
from tests.factories import complete, make_assessment, make_task, make_user

pytestmark = pytest.mark.django_db
LEVELS = (Role.UNIT_REVIEWER, Role.PERFORMANCE_SECTION)
FORMATS = ("pdf", "docx", "xlsx", "json")


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    cache.clear()


@pytest.fixture
def assessment():
    return complete(make_assessment(task=make_task(levels=LEVELS)))


@pytest.fixture
def people(assessment):
    unit = assessment.project.unit
    return {role: make_user(role, unit) for role in (Role.FILLER, *LEVELS)}


@pytest.fixture
def waiting(assessment, people):
    """Approved by the unit, not yet by the last level."""
    sent = submit(people[Role.FILLER], assessment, version=assessment.version)
    unit = people[Role.UNIT_REVIEWER]
    return decide(unit, sent, "approve", version=sent.version)


@pytest.fixture
def approved(waiting, people):
    section = people[Role.PERFORMANCE_SECTION]
    return decide(section, waiting, "approve", version=waiting.version)


def artifact(kind="archived", suffix="pdf"):
    return frozen.make(Artifact.objects.get(kind=kind, format=suffix))


def content(made):
    with default_storage.open(path_of(made.sha256)) as file:
        return file.read()


def verified(data):
    """What is told of a file that is known."""
    found = verify_file(data)
    assert found is not None
    return found


def ask(client, **fields):
    return client.post(reverse("verify"), fields)


def upload(data, name="报告.pdf"):
    return SimpleUploadedFile(name, data)


def changed_json(data, **fields):
    document = document_from_json(json.loads(data))
    return dump_document(replace(document, **fields)).encode()


def repacked(data, part, old, new):
    """An Office file with a change in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as to:
        for name in source.namelist():
            text = source.read(name)
            if name.startswith(part):
                text = text.replace(old.encode(), new.encode())
            to.writestr(name, text)
    return out.getvalue()


def test_a_pdf_gives_back_the_exact_document(approved):
    pdf, data = content(artifact()), content(artifact(suffix="json"))

    assert dump_document(read_report(pdf)).encode() == data


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_frozen_file_is_known_and_unchanged(suffix, approved):
    made = artifact(suffix=suffix)

    found = verified(content(made))

    assert found.state == "unchanged"
    assert found.artifact == made
    assert found.unit == approved.project.unit.name
    assert (found.version, found.newer) == (1, False)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_bears_its_code(suffix, approved):
    made = artifact(suffix=suffix)

    _, words = words_of(content(made))

    assert any(made.code in each.text for each in words)


def test_a_changed_word_of_the_data_is_named_with_its_place(approved):
    data = changed_json(content(artifact(suffix="json")), conclusion="一切都好")

    found = verified(data)

    assert found.state == "changed"
    assert [(each.place, each.text) for each in found.added] == [
        ("conclusion", "一切都好")
    ]


def test_a_changed_figure_of_the_workbook_is_named_with_its_cell(approved):
    book = openpyxl.load_workbook(io.BytesIO(content(artifact(suffix="xlsx"))))
    sheet = book.worksheets[0]
    name = approved.project.name
    cells = [x for row in sheet.iter_rows() for x in row if x.value == name]
    for cell in cells:
        cell.value = "别的项目"
    out = io.BytesIO()
    book.save(out)

    found = verified(out.getvalue())

    assert found.state == "changed"
    places = {f"{sheet.title}!{each.coordinate}" for each in cells}
    assert {(each.place, each.text) for each in found.added} == {
        (place, "别的项目") for place in places
    }
    assert {each.text for each in found.missing} == {name}


def test_a_changed_word_file_is_named_with_its_paragraph(approved):
    data = content(artifact(suffix="docx"))
    name = approved.project.name
    found = verified(repacked(data, "word/document.xml", name, "别的项目"))

    assert found.state == "changed"
    assert any("别的项目" in each.text for each in found.added)
    assert all(each.place.startswith("正文第") for each in found.added)


def test_words_drawn_upon_a_page_are_found_though_the_data_stay(approved):
    data = content(artifact())
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0]
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
        )
        page.Resources.Font["/F0"] = font
        page.contents_add(b"BT /F0 12 Tf 100 700 Td (99.99) Tj ET")
        pdf.save(out)

    found = verified(out.getvalue())

    assert found.state == "changed"
    assert [each.text for each in found.added] == ["99.99"]
    assert found.added[0].place == "第 1 页"
    assert not found.missing


def test_what_is_appended_to_the_frozen_file_is_told_apart(approved):
    found = verified(content(artifact()) + b"\n% a signature of another program\n")

    assert found.state == "extended"


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "bare"])
def test_the_code_alone_tells_which_report(typed, client, approved):
    code = artifact().code
    forms = {"lower": code.lower(), "bare": code.replace("-", "")}
    answer = ask(client, code=forms.get(typed, typed.format(code)))

    assert answer.status_code == 200
    assert approved.project.unit.name in answer.text
    assert "第 1 版" in answer.text
    assert "完全一致" not in answer.text


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("", ""),
        ("https://a.gov.cn/verify/", "https://a.gov.cn/verify/?code={}"),
        ("https://a.gov.cn/?p=verify", "https://a.gov.cn/?p=verify&code={}"),
    ],
    ids=["not set", "set", "with a query"],
)
def test_the_documents_address_is_the_setting_with_the_code(
    base, address, settings, waiting, people
):
    settings.VERIFY_URL = base
    section = people[Role.PERFORMANCE_SECTION]
    decide(section, waiting, "approve", version=waiting.version)

    made = Artifact.objects.get(kind="archived", format="json")
    release = made.record.snapshot["release"]

    assert release.get("url", "") == address.format(made.code)


def test_nothing_is_told_of_what_is_not_approved(client, waiting):
    made = artifact("submitted")
    data = content(made)

    by_code = ask(client, code=made.code)
    by_file = ask(client, file=upload(data))

    assert verify_code(made.code) is None
    assert verify_file(data) is None
    for answer in (by_code, by_file):
        assert answer.status_code == 422
        assert "没有查到" in answer.text
        assert waiting.project.unit.name not in answer.text


def test_the_paper_of_the_unit_is_known_once_the_report_is_approved(waiting, people):
    data = content(artifact("submitted"))
    section = people[Role.PERFORMANCE_SECTION]
    decide(section, waiting, "approve", version=waiting.version)

    assert verified(data).state == "unchanged"


def test_an_older_version_says_that_there_is_a_newer_one(approved, people):
    old = content(artifact(suffix="json"))
    section = people[Role.PERFORMANCE_SECTION]
    after = take_step(
        section, approved, "reopen", version=approved.version, note="口径有误"
    )
    before = verified(old)
    after = submit(people[Role.FILLER], after, version=after.version)
    for role in LEVELS:
        after = decide(people[role], after, "approve", version=after.version)

    assert before.newer is False
    assert verified(old).newer is True


def test_a_stranger_sees_own_words_and_no_word_of_the_frozen_file(client, approved):
    data = content(artifact(suffix="json"))
    bare = {
        "schema": "perfeval-report/1",
        "title": "捏造的标题",
        "sections": [],
        "release": {"code": json.loads(data)["release"]["code"]},
    }
    secret = json.loads(data)["sections"][0]["text"].split("\n")[0]
    forged = json.dumps(bare, ensure_ascii=False).encode()

    stranger = ask(client, file=upload(forged, "a.json"))
    client.force_login(make_user(Role.FILLER, approved.project.unit))
    own = ask(client, file=upload(forged, "a.json"))

    assert "捏造的标题" in stranger.text
    assert secret not in stranger.text
    assert secret in own.text


def test_the_page_needs_no_log_in_and_keeps_nothing(client, approved):
    data = content(artifact())
    before = StoredFile.objects.count()

    shown = client.get(reverse("verify"))
    answer = ask(client, file=upload(data))

    assert shown.status_code == 200
    assert "完全一致" in answer.text
    assert StoredFile.objects.count() == before
    assert answer["Cache-Control"].startswith("max-age=0")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "请填写查验码，或选择要查验的文件"),
        ({"code": "ABCD"}, "查验码是 16 位"),
        ({"code": "2222-2222-2222-2222"}, "没有查到这个查验码"),
        ({"file": (b"hello", "a.txt")}, "这种文件不能查验"),
        ({"file": (b"%PDF-1.7\nrubbish", "a.pdf")}, "已损坏"),
        ({"file": (b"PK\x03\x04 broken", "a.docx")}, "已损坏"),
        ({"file": (b'{"schema": "perfeval-report/1"', "a.json")}, "已损坏"),
    ],
    ids=["nothing", "short", "unknown", "a text", "pdf", "zip", "json"],
)
def test_bad_input_is_answered_in_plain_words(fields, told, client):
    sent = {
        name: upload(*value) if name == "file" else value
        for name, value in fields.items()
    }

    answer = ask(client, **sent)

    assert answer.status_code == 422
    assert told in answer.text


def test_who_asks_too_often_waits(client):
    answers = [ask(client, code="2222-2222-2222-2222") for _ in range(21)]

    assert [each.status_code for each in answers] == [422] * 20 + [429]
    assert "请一分钟后再试" in answers[-1].text


def test_a_file_made_to_swell_is_refused():
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        bomb = zlib.compress(b" " * (300 * 1024 * 1024), 9)
        stream = pikepdf.Stream(pdf, bomb)
        stream.Filter = pikepdf.Name.FlateDecode
        pdf.pages[0].Contents = pdf.make_indirect(stream)
        out = io.BytesIO()
        pdf.save(out, compress_streams=False)

    with pytest.raises(ReadingError, match="不能读取"):
        words_of_stranger(out.getvalue())


def test_the_command_tells_as_json(approved, tmp_path, capsys):
    path = tmp_path / "报告.pdf"
    path.write_bytes(content(artifact()))
    other = tmp_path / "别的.json"
    other.write_bytes(
        changed_json(content(artifact(suffix="json")), conclusion="一切都好")
    )

    call_command("verify_report", str(path))
    same = json.loads(capsys.readouterr().out)
    call_command("verify_report", str(other))
    changed = json.loads(capsys.readouterr().out)

    assert (same["result"], same["version"], same["kind"]) == ("unchanged", 1, "归档件")
    assert changed["result"] == "changed"
    assert changed["added"] == [{"where": "conclusion", "text": "一切都好"}]

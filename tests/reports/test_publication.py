"""What is published: nothing that is hidden is left in any byte of any file."""

import io
import json
import subprocess
import zipfile
from dataclasses import fields, replace
from decimal import Decimal

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from indicators.models import Status
from indicators.workflow import TransitionError
from perfeval.audit_check import check_chains
from perfeval.files import path_of
from perfeval.models import AuditEvent
from perfeval.versions import ClosedError, StaleError
from reports import document as d
from reports.copies import change_copy, copy_of, decide_places, make_copy, mark
from reports.document import document_from_json
from reports.document_texts import texts_of, with_texts
from reports.frozen import make
from reports.models import Artifact, Publication, Redaction
from reports.personal_data import personal_data
from reports.publishing import approve_copy, return_copy, send_copy
from reports.redaction import BLACK, redacted
from reports.submission import take_step
from reports.verification import verify_code, verify_file
from tests.reports.publishing import (
    fresh,
    hide_all,
    make_approved,
    publish,
    rewrite_approved,
    send,
)

pytestmark = pytest.mark.django_db

PHONE = "13926012345"
IDENTITY = "44078119900307002X"
BANK = "4400123400056789012"
MAIL = "chen.li@example.gov.cn"
NAME = "陈丽娟"
PLANTED = f"（{NAME}，电话{PHONE}，身份证{IDENTITY}，账号{BANK}，{MAIL}）"
SECRETS = (PHONE, IDENTITY, BANK, MAIL, NAME)
EVERY_PART = ("cover", "contents", "report", "form", "score", "evidence", "opinions")


def filled(part):
    """A part of a document with words in each of its text fields."""
    texts = {
        each.name: getattr(part, each.name) or "文字"
        for each in fields(part)
        if each.type in (str, "str", "str | None")
        and each.name not in ("date", "scheme")
    }
    return replace(part, **texts)


def planted(document):
    """The document with all that is secret in every text that it can hold."""
    whole = replace(
        document,
        title=document.title,
        remarks="说明",
        conclusion="结论",
        people=filled(document.people),
        goals=(d.Goal(expected="目标一", actual="已完成"),),
        indicators=tuple(filled(each) for each in document.indicators),
        evidence=(d.EvidenceFile(name="清单.pdf", sha256="ab" * 32, size=9),),
        opinions=(filled(d.Opinion()),),
        reading_notes=(d.ReadingNote(code="x", where="第一行", original=PLANTED),),
        figures=d.Figures(unit=PLANTED, score=Decimal(90)),
        extra={"unknown": PLANTED},
    )
    funds = replace(
        whole.funds,
        rows=tuple(replace(row, note="经费说明") for row in whole.funds.rows),
    )
    return replace(
        with_texts(replace(whole, funds=funds), lambda _, text: text + PLANTED),
        extra={"unknown": PLANTED},
    )


def members(data):
    """Every file inside a zip, with those of zips inside it."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            yield name.encode()
            yield from pieces(package.read(name))
        yield package.comment


def pdf_pieces(data):
    """Every stream of a PDF unpacked, every string, its text and what it carries."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for each in pdf.objects:
            yield repr(each).encode()
            yield from strings(each)
            if isinstance(each, pikepdf.Stream):
                yield from pieces(each.read_bytes())
    shown = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(shown, input=data, capture_output=True, check=True).stdout
    yield b"".join(text.split())


def strings(item, depth=0):
    if isinstance(item, pikepdf.String):
        yield str(item).encode()
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream) and depth < 3:
        for key in item.keys():  # noqa: SIM118 (pikepdf's objects are no mappings)
            yield from strings(item[key], depth + 1)
    elif isinstance(item, pikepdf.Array) and depth < 3:
        for each in item:
            yield from strings(each, depth + 1)


def pieces(data):
    """A file's bytes, and the bytes of all that it holds."""
    yield data
    if data.startswith(b"PK"):
        yield from members(data)
    elif data.startswith(b"%PDF"):
        yield from pdf_pieces(data)


def spellings(secret):
    """How a text may stand in a file."""
    escaped = json.dumps(secret)[1:-1]
    entities = "".join(f"&#{ord(char)};" for char in secret)
    return (
        secret.encode(),
        secret.encode("utf-16-be"),
        secret.encode("utf-16-le"),
        secret.encode("utf-16-be").hex().encode(),
        escaped.encode(),
        entities.encode(),
    )


def found_in(data, secrets=SECRETS):
    parts = list(pieces(data))
    assert len(parts) >= 1
    return {
        secret
        for secret in secrets
        for spelt in spellings(secret)
        if any(spelt in part for part in parts)
    }


def content(artifact):
    made = make(artifact)
    assert made.file is not None, made.problem
    with default_storage.open(path_of(made.sha256)) as file:
        return file.read()


@pytest.fixture
def office():
    return make_approved()


@pytest.fixture
def planted_office(office):
    """What was approved holds all that is secret in each of its texts."""
    approved, *_ = office
    rewrite_approved(approved, planted)
    return office


def test_nothing_that_is_hidden_is_left_in_any_byte_that_is_published(planted_office):
    approved, filler, _, other = planted_office
    copy = make_copy(filler, approved, parts=EVERY_PART)
    mark(filler, copy, NAME)

    copy = send(filler, copy)
    approve_copy(other, copy, version=copy.version, makes_files=False)

    copy = fresh(copy)
    files = {each.format: content(each) for each in copy.artifacts.all()}
    names = [each.file.name for each in copy.artifacts.select_related("file")]
    assert sorted(files) == ["html", "pdf", "xlsx"]
    assert {kind: found_in(data) for kind, data in files.items()} == {
        "html": set(),
        "pdf": set(),
        "xlsx": set(),
    }
    told = json.dumps([names, copy.title, copy.unit, copy.document], ensure_ascii=False)
    assert found_in(told.encode()) == set()
    assert all(BLACK in told for told in (*names, copy.title, copy.unit))
    assert b"unknown" not in json.dumps(copy.document).encode()
    # And the search would have found them: the archived PDF holds every one.
    archived = Artifact.objects.get(record=copy.record, kind="archived", format="pdf")
    assert found_in(content(archived)) == set(SECRETS)


def test_every_text_that_a_document_can_hold_is_looked_at():
    document = planted(
        d.ReportDocument(
            title="报告",
            issuer="单位",
            watermark="演示",
            project=filled(d.Project()),
            funds=d.Funds(rows=(d.FundsRow(source="total", label="总额"),)),
            goal=filled(d.Goal()),
            sections=(filled(d.Section(key="basics", title="一", text="二")),),
            indicators=(d.Indicator(level1="产出", level3="数量"),),
            attachments=(filled(d.Attachment()),),
        )
    )
    hidden: dict[str, list[tuple[int, int]]] = {}
    for each in personal_data(document):
        hidden.setdefault(each.path, []).append((each.start, each.end))

    blacked = redacted(document, hidden)

    # The name stands among the people's, so that it is known without a mark.
    left = [path for path, text in texts_of(blacked).items() if found_in(text.encode())]
    assert left == []
    assert {
        path for path, text in texts_of(document).items() if PLANTED in text
    } == set(texts_of(document))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("联系 139 2601 2345。", ["phone"]),
        ("＋８６１３９２６０１２３４５", ["phone"]),
        ("电话：2266118", ["phone"]),
        ("(0750)2266118转301", ["phone"]),
        ("投资13926012345元", []),
        ("证号440781 19900307 002X", ["identity"]),
        ("项目编码440781000000000012345", []),
        ("开户行账号 4400 1234 0005", ["bank"]),
        ("卡6222020200112233446", ["bank"]),
        ("文号〔2023〕10号，执行率57.91%，共1326300元", []),
        ("发到ａ.b＠gov.cn", ["email"]),
    ],
)
def test_personal_data_is_found_however_it_is_written(text, kinds):
    document = d.ReportDocument(sections=(), remarks=text)

    assert [each.kind for each in personal_data(document)] == kinds


def test_what_is_not_chosen_is_not_published_in_embedded_data_either(planted_office):
    approved, filler, _, other = planted_office

    copy = publish(approved, filler, other, parts=("report",))

    published = document_from_json(copy.document)
    assert (published.indicators, published.opinions, published.evidence) == (
        (),
        (),
        (),
    )
    assert (published.goal, published.total, published.remarks) == (d.Goal(), None, "")
    assert published.people == d.People()
    assert [each.format for each in copy.artifacts.order_by("format")] == [
        "html",
        "pdf",
    ]


def test_a_copy_is_published_by_another_person_and_only_then_the_report(office):
    approved, filler, finance, other = office
    with pytest.raises(TransitionError, match="请先编制公开稿"):
        take_step(finance, approved, "publish", version=approved.version)
    copy = make_copy(finance, approved, parts=("report",))
    copy = send(finance, copy)

    with pytest.raises(TransitionError, match="本人"):
        approve_copy(finance, copy, version=copy.version)
    with pytest.raises(TransitionError, match="绩效科"):
        approve_copy(filler, copy, version=copy.version)
    approve_copy(other, copy, version=copy.version, note="同意")

    approved.refresh_from_db()
    copy = fresh(copy)
    assert approved.status == Status.PUBLISHED
    assert (copy.state, copy.decided_by, copy.number) == ("published", other, 1)
    actions = AuditEvent.objects.filter(action__startswith="publication.")
    told = [each.action.partition(".")[2] for each in actions.order_by("pk")]
    assert told == ["made", "sent", "approved"]
    assert PHONE not in str(list(actions.values("before", "after", "summary")))
    assert check_chains().faults == []


def test_a_correction_takes_the_place_of_what_was_published_and_that_is_kept(office):
    approved, filler, finance, other = office
    first = publish(approved, filler, other, makes_files=True)
    second = make_copy(finance, approved, parts=("report",))
    with pytest.raises(TransitionError, match="更正说明"):
        send(finance, second)
    leak = f"更正落款，请询{PHONE}"
    change_copy(
        finance, second, parts=["report"], note=leak, version=fresh(second).version
    )
    with pytest.raises(TransitionError, match=f"应遮盖的“{PHONE}”"):
        send(finance, second)
    Publication.objects.filter(pk=second.pk).update(note="更正落款")
    before = Publication.objects.filter(pk=first.pk).values().get()

    second = send(finance, second)
    approve_copy(other, second, version=second.version, makes_files=False)

    second = fresh(second)
    after = Publication.objects.filter(pk=first.pk).values().get()
    changed = {name for name, value in after.items() if value != before.get(name)}
    assert changed == {"state", "superseded_at"}
    states = approved.publications.values_list("state", flat=True)
    assert list(states) == ["published", "superseded"]
    told = [verify_code(code) for code in (first.code, second.code)]
    assert [x and (x.copy, x.newer) for x in told] == [(1, True), (2, False)]
    pdf = first.artifacts.get(format="pdf")
    asked = verify_file(content(pdf))
    assert asked is not None
    assert asked.state == "unchanged"


def test_a_copy_of_a_report_that_was_opened_again_cannot_go_out(office):
    approved, filler, finance, other = office
    copy = send(filler, make_copy(filler, approved, parts=("report",)))
    take_step(finance, approved, "reopen", version=approved.version, note="数据有误")

    with pytest.raises(TransitionError, match="重新打开"):
        approve_copy(other, copy, version=copy.version)
    return_copy(other, copy, note="报告已重新打开", version=copy.version)
    with pytest.raises(ClosedError, match="重新打开"):
        mark(filler, copy, "已写明")


def test_a_piece_is_kept_only_for_a_reason_and_nothing_goes_out_undecided(
    planted_office,
):
    approved, filler, *_ = planted_office
    copy = fresh(make_copy(filler, approved, parts=("report", "form")))
    piece = copy_of(copy).places[0]

    with pytest.raises(TransitionError, match="没有确认"):
        send_copy(filler, copy, version=copy.version)
    with pytest.raises(IntegrityError), transaction.atomic():
        Redaction.objects.filter(pk=piece.pk).update(choice="keep", reason="")
    kept = {piece.pk: ("keep", "办公电话，可以公开")}
    decide_places(filler, copy, kept, version=copy.version)
    hidden = {piece.pk: ("hide", "")}
    with pytest.raises(StaleError):
        decide_places(filler, copy, hidden, version=copy.version)

    shown = texts_of(copy_of(fresh(copy)).redacted())
    assert piece.text in shown[piece.path]
    # All else is hidden, decided or not.
    assert sum(piece.text in text for text in shown.values()) == 1


def test_words_marked_by_hand_are_hidden_wherever_they_stand(office):
    approved, filler, *_ = office
    copy = make_copy(filler, approved, parts=("report", "form"))

    count = mark(filler, copy, "已 写\n明")

    texts = texts_of(copy_of(fresh(copy)).document).values()
    assert count == sum(text.count("已写明") for text in texts) > 5
    shown = texts_of(copy_of(fresh(copy)).redacted()).values()
    assert not any("已写明" in text for text in shown)
    with pytest.raises(ValidationError, match="没有“不在其中”"):
        mark(filler, copy, "不在其中")


def test_a_decision_survives_parts_that_are_taken_out_and_put_back(planted_office):
    approved, filler, *_ = planted_office
    copy = hide_all(filler, make_copy(filler, approved, parts=("report", "form")))
    for parts in (["form"], ["report", "form"]):
        change_copy(filler, copy, parts=parts, note="", version=fresh(copy).version)

    assert copy_of(fresh(copy)).undecided == 0

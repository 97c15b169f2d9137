"""Digital signatures: on frozen PDFs, the seal in its place, each fault told apart."""

import io
import json
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse

from indicators.schemes import load_scheme
from perfeval.files import path_of, store_content
from projects.models import Role
from reports import frozen
from reports.batches.book import opened_report
from reports.models import Artifact
from reports.reading.report import read_report
from reports.rendering.pdf import render_pdf
from reports.signing import SigningError, configured_signer
from reports.signing.demo import draw_seal, self_made
from reports.signing.pkcs12 import Pkcs12Signer
from reports.signing.place import seal_place
from reports.signing.validation import signatures_of, signatures_of_stranger
from reports.submission import decide, submit
from tests.factories import complete, make_assessment, make_task, make_user
from tests.reports.printing import sample, tagged


@pytest.fixture(scope="module")
def pdf():
    return render_pdf(sample(), load_scheme("mof-2020"))


@pytest.fixture
def certificate(tmp_path, settings):
    """Set up a certificate of so many days from now; return its file."""

    def make(days=300, password="pw"):
        file, seal = tmp_path / "seal.p12", tmp_path / "seal.png"
        file.write_bytes(self_made("云水市财政局", "pw", days))
        draw_seal(seal)
        settings.SIGN_PKCS12 = str(file)
        settings.SIGN_PASSWORD = password
        settings.SIGN_SEAL = str(seal)
        return file

    return make


def test_a_signature_is_appended_and_keeps_archive_format_and_files(pdf, certificate):
    certificate()

    signed = Pkcs12Signer().sign(pdf, "归档件")

    assert signed.startswith(pdf)
    assert read_report(signed) == sample()
    with pikepdf.open(io.BytesIO(signed)) as file:
        assert sorted(file.attachments) == ["form.xlsx", "report.json"]
        with file.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfuaid:part"]) == ("3", "1")
        (form,) = tagged(file, "/Form")
        (field,) = file.Root.AcroForm.Fields
        assert form.K.Obj.objgen == field.objgen
        numbers = file.Root.StructTreeRoot.ParentTree.Nums
        place = [int(each) for each in list(numbers)[::2]].index(
            int(field.StructParent)
        )
        assert numbers[2 * place + 1].objgen == form.objgen


def test_the_seal_lies_on_the_signature_block(pdf, certificate):
    certificate()
    number, box = seal_place(pdf) or (0, ())

    with pikepdf.open(io.BytesIO(Pkcs12Signer().sign(pdf, "归档件"))) as file:
        (field,) = file.Root.AcroForm.Fields
        page = file.pages[number]

        assert [int(each) for each in field.Rect] == list(box)
        assert field.objgen in {each.objgen for each in page.Annots}
        assert "/N" in field.AP
        assert int(field.F) & 4  # it prints
        assert field.TU == "电子签章"


@pytest.mark.parametrize("judge", [signatures_of, signatures_of_stranger])
def test_whose_certificate_is_trusted_and_whose_is_not(pdf, certificate, judge):
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    file = certificate()
    signed = Pkcs12Signer().sign(pdf, "归档件")
    held = pkcs12.load_pkcs12(file.read_bytes(), b"pw").cert
    assert held is not None
    trust = file.with_suffix(".pem")
    trust.write_bytes(held.certificate.public_bytes(Encoding.PEM))

    (own,) = judge(signed, str(trust))
    (foreign,) = judge(signed, "")

    assert (own.signer, own.state) == ("云水市财政局", "valid")
    assert (foreign.signer, foreign.state) == ("云水市财政局", "foreign")
    assert judge(pdf, "") == []


@pytest.mark.parametrize("place", ["begin", "appended"])
def test_a_change_breaks_the_signature(place, pdf, certificate):
    certificate()
    signed = Pkcs12Signer().sign(pdf, "归档件")
    if place == "begin":
        at = signed.index(b"stream", 3000) + 20
        changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
    else:
        with pikepdf.open(io.BytesIO(signed)) as file:
            del file.pages[0]
            out = io.BytesIO()
            file.save(out)
        changed = out.getvalue()

    (found,) = signatures_of(changed)

    assert found.state == "broken"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("expired", "有效期是"),
        ("password", "密码不对"),
        ("broken", "证书文件损坏"),
        ("missing", "读不到签章证书文件"),
        ("no picture", "读不到印章图片"),
    ],
)
def test_what_cannot_sign_says_why(fault, told, pdf, certificate, settings):
    file = certificate(
        days=-10 if fault == "expired" else 300,
        password="wrong" if fault == "password" else "pw",
    )
    if fault == "broken":
        file.write_bytes(b"no certificate")
    if fault == "missing":
        file.unlink()
    if fault == "no picture":
        settings.SIGN_SEAL += ".not"

    with pytest.raises(SigningError, match=told):
        Pkcs12Signer().sign(pdf, "归档件")


@pytest.mark.django_db
def test_a_frozen_pdf_is_signed_once_and_verification_says_by_whom(
    certificate, client, tmp_path, capsys
):
    certificate()
    assessment = complete(make_assessment(task=make_task(levels=[Role.UNIT_REVIEWER])))
    unit = assessment.project.unit
    filler, reviewer = (make_user(x, unit) for x in (Role.FILLER, Role.UNIT_REVIEWER))
    sent = submit(filler, assessment, version=assessment.version)
    decide(reviewer, sent, "approve", version=sent.version)
    made = frozen.make(Artifact.objects.get(kind="archived", format="pdf"))
    with default_storage.open(path_of(made.sha256)) as file:
        data = file.read()
    path = tmp_path / "a.pdf"
    path.write_bytes(data)

    call_command("verify_report", str(path))
    told = json.loads(capsys.readouterr().out)
    page = client.post(reverse("verify"), {"file": io.BytesIO(data)})

    assert told["result"] == "unchanged"
    assert [(x["signer"], x["state"]) for x in told["signatures"]] == [
        ("云水市财政局", "foreign")
    ]
    assert "不在本单位信任的名单中" in page.text


@pytest.mark.django_db
def test_a_signed_report_is_bound_with_its_seal_and_no_dead_signature(pdf, certificate):
    certificate()
    signed = Pkcs12Signer().sign(pdf, "归档件")
    stored = store_content(None, "a.pdf", signed, "application/pdf")

    with opened_report(stored.sha256) as report, pikepdf.new() as book:
        book.pages.extend(report.pages)
        bound = io.BytesIO()
        book.save(bound)

    with pikepdf.open(bound) as book:
        pages: list[Any] = list(book.pages)
        marks = [mark for page in pages for mark in page.get("/Annots", [])]
        drawn = [page for page in pages if page.Resources.get("/XObject")]
        assert "/AcroForm" not in book.Root
        assert "/Widget" not in {str(each.Subtype) for each in marks}
        # The seal's picture is part of its page now.
        assert len(drawn) == 1


@pytest.mark.django_db
def test_a_frozen_pdf_waits_while_the_certificate_has_run_out(certificate):
    certificate(days=-10)
    assessment = complete(make_assessment(task=make_task(levels=[Role.UNIT_REVIEWER])))
    unit = assessment.project.unit
    filler, reviewer = (make_user(x, unit) for x in (Role.FILLER, Role.UNIT_REVIEWER))
    sent = submit(filler, assessment, version=assessment.version)
    decide(reviewer, sent, "approve", version=sent.version)

    made = frozen.make(Artifact.objects.get(kind="archived", format="pdf"))

    assert made.file is None
    assert "有效期是" in made.problem


def test_without_setting_nothing_signs(settings, tmp_path):
    settings.SIGN_PKCS12 = settings.SIGNER = ""
    settings.VAR_DIR = tmp_path

    assert configured_signer() is None


def test_an_office_names_a_class_of_its_own(settings):
    settings.SIGNER = "reports.signing.pkcs12.Pkcs12Signer"

    assert isinstance(configured_signer(), Pkcs12Signer)

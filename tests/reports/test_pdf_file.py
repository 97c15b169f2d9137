"""The PDF as a file: archive format, tags, bookmarks, the same bytes every time."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest

from indicators.schemes import load_scheme
from reports.document import Release, parse_document
from reports.rendering import pdf as renderer
from reports.rendering.errors import RenderError
from reports.rendering.pdf import StaticFetcher, render_pdf, write_pdf
from reports.rendering.xlsx import render_xlsx
from tests.reports.printing import DATA, sample, tagged

ROOT = Path(__file__).resolve().parents[2]
SCHEME = load_scheme("mof-2020")


@pytest.fixture(scope="module")
def data():
    return render_pdf(sample(), SCHEME)


@pytest.fixture(scope="module")
def file(data):
    with pikepdf.open(io.BytesIO(data)) as opened:
        yield opened


def tags_of(element):
    """Yield the types of all elements of a structure tree."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield str(kid.S)
            yield from tags_of(kid)


def ink_of_code(data):
    """Dark pixels (of a point each) where the QR stands, page by page."""
    with pypdfium2.PdfDocument(data) as pdf:
        images = [page.render(scale=1).to_pil().convert("L") for page in pdf]
    places = [each.crop((128, 765, 166, 805)) for each in images]
    return [sum(each.point(lambda x: x < 128).tobytes()) for each in places]


def test_the_file_is_pdf_a_3u_with_title_and_language(file):
    with file.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "U"
        assert metadata["dc:title"] == sample().title
    assert file.docinfo["/Title"] == sample().title
    assert file.Root.Lang == "zh-CN"
    assert file.Root.OutputIntents[0].S == "/GTS_PDFA1"
    assert not file.is_encrypted
    assert "/AA" not in file.Root
    assert "/OpenAction" not in file.Root


def test_every_font_is_embedded_and_maps_back_to_characters(file):
    fonts = [font for page in file.pages for font in page.Resources.Font.values()]

    assert fonts
    for font in fonts:
        descriptor = font.DescendantFonts[0].FontDescriptor
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
        assert "/ToUnicode" in font


def test_headings_paragraphs_and_tables_are_tagged(file):
    tags = list(tags_of(file.Root.StructTreeRoot.K[0]))

    assert tags.count("/H1") == 1
    assert tags.count("/H2") == 6
    assert tags.count("/H3") == 2
    assert tags.count("/Table") == 2
    assert {"/P", "/TH", "/TD", "/TR"} <= set(tags)
    assert file.Root.MarkInfo.Marked


def test_every_head_of_a_table_says_for_what_it_stands(file):
    cells = tagged(file, "/TH", "/TD")
    heads = [each for each in cells if each.S == "/TH"]

    assert {str(each.A.Scope) for each in heads} == {"/Row", "/Column"}
    assert all("/ID" not in each and "/Headers" not in each.A for each in cells)


def test_a_form_alone_begins_with_the_first_heading():
    data = render_pdf(sample(), SCHEME, parts=("form",))

    with pikepdf.open(io.BytesIO(data)) as form:
        assert [each.S for each in tagged(form, "/H1", "/H2")] == ["/H1"]


def test_bookmarks_follow_the_headings(file):
    with file.open_outline() as outline:
        (report, annex) = outline.root
        sections = [item.title for item in report.children]
        inner = [item.title for item in report.children[1].children]

    assert report.title == "2023年度城区路灯节能改造项目支出绩效自评报告"
    assert annex.title == "项目支出绩效自评表"
    assert sections[0] == "一、项目基本情况"
    assert len(sections) == 5
    assert inner == ["（一）投入。", "（二）过程。"]


def test_the_dates_of_the_file_are_the_documents_own(file):
    assert str(file.docinfo["/CreationDate"]).startswith("D:20240308")
    assert str(file.docinfo["/ModDate"]).startswith("D:20240308")


def test_the_file_holds_the_exact_document_it_was_made_from(file):
    name = "report.json"

    held = file.attachments[name].get_file()
    assert parse_document(held.read_bytes().decode()) == sample()
    assert file.Root.AF[0].AFRelationship == "/Source"


def test_the_form_is_embedded_as_the_very_workbook(file):
    held = file.attachments["form.xlsx"].get_file().read_bytes()

    assert held == render_xlsx(sample(), SCHEME)
    assert [str(each.AFRelationship) for each in file.Root.AF] == ["/Source", "/Data"]


def test_without_form_no_workbook_is_embedded():
    printed = render_pdf(sample(), SCHEME, parts=("report",))

    with pikepdf.open(io.BytesIO(printed)) as opened:
        assert list(opened.attachments) == ["report.json"]


def test_the_file_says_that_it_is_accessible_too(file):
    with file.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert file.Root.ViewerPreferences.DisplayDocTitle
    assert b"pdfaExtension:schemas" in file.Root.Metadata.read_bytes()


def test_the_qr_of_the_address_stands_on_every_page():
    release = Release(code="ABCD-2345-EFGH-6789", url="https://example.com/verify/")
    plain = render_pdf(replace(sample(), release=replace(release, url="")), SCHEME)
    printed = render_pdf(replace(sample(), release=release), SCHEME)

    assert printed == render_pdf(replace(sample(), release=release), SCHEME)
    ink, without = ink_of_code(printed), ink_of_code(plain)
    assert len(ink) == len(without) >= 2
    # About half of a square of 31 pt is dark.
    assert all(300 < more - less < 700 for more, less in zip(ink, without, strict=True))


def test_a_date_that_is_no_date_is_printed_and_left_out_of_the_file():
    printed = render_pdf(sample(date="二〇二四年三月"), SCHEME)

    with pikepdf.open(io.BytesIO(printed)) as opened:
        assert "/CreationDate" not in opened.docinfo


def test_the_same_document_gives_the_same_bytes_in_every_process(data, tmp_path):
    copies = []
    for number in range(2):
        out = tmp_path / f"{number}.pdf"
        subprocess.run(
            [
                sys.executable, "manage.py", "render_report",
                str(DATA / "street-lights.json"), "-o", str(out),
            ],
            check=True,
            cwd=ROOT,
            env={**os.environ, "PERFEVAL_DEBUG": "1", "PYTHONHASHSEED": str(number)},
        )  # fmt: skip
        copies.append(out.read_bytes())

    assert copies[0] == copies[1] == data == render_pdf(sample(), SCHEME)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "data:text/plain,x",
        "static:../manage.py",
        "static:/etc/passwd",
        "manage.py",
    ],
)
def test_nothing_but_the_programs_own_static_files_is_fetched(url):
    with pytest.raises(ValueError, match="只能取用程序自带的文件"):
        StaticFetcher().fetch(url)


def test_a_static_file_is_fetched_by_its_name():
    assert b"GB/T 9704" in StaticFetcher().fetch("static:css/report.css").read()


def test_whatever_the_layout_complains_of_stops_the_print():
    html = (
        '<html lang="zh-CN"><head><title>甲</title></head>'
        '<body><img src="file:///etc/passwd" alt="乙"/></body></html>'
    )

    with pytest.raises(RenderError, match="排版程序报告"):
        write_pdf(html)


def test_the_print_is_much_smaller_than_its_fonts(data):
    assert len(data) < 600_000


def test_a_warmed_up_process_prints_the_same(data):
    renderer.warm_up()

    assert render_pdf(sample(), SCHEME) == data

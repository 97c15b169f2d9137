"""Which parts a report is printed with, and the annexes that are lists."""

import io

import docx
import pypdf
import pytest

from indicators.schemes import load_scheme
from reports.document import document_from_json
from reports.rendering.annexes import annexes, printed_parts
from reports.rendering.blank import blank_document, is_blank
from reports.rendering.docx import render_docx
from reports.rendering.errors import RenderError
from reports.rendering.html import render_html
from reports.rendering.list_tables import size_text
from reports.rendering.pdf import render_pdf
from tests.reports.printing import (
    body_lines,
    is_turned,
    print_sample,
    sample,
    sample_json,
    sample_with_rows,
    squeeze,
)

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SHA256 = {"sha256": DIGEST}
EVERY = ("cover", "contents", "report", "form", "score", "evidence", "opinions")


@pytest.fixture(scope="module")
def full():
    data = {
        **sample_json(),
        "people": {"project_leader": "周启明", "contact": "何晓"},
        "evidence": [
            {"name": "验收单.pdf", "size": 2483711, "indicators": [0], **SHA256},
            {"name": "调查表.xlsx", "size": 900, "section": "results", **SHA256},
        ],
        "opinions": [
            {
                "level": "单位审核",
                "body": "市政设施维护所",
                "person": "李敏",
                "date": "2024-03-10",
                "decision": "通过",
                "text": "数据与账面一致，同意上报。",
            }
        ],
    }
    return document_from_json(data)


def scheme():
    return load_scheme("mof-2020")


def pages(document, **options):
    data = render_pdf(document, scheme(), **options)
    reader = pypdf.PdfReader(io.BytesIO(data))
    return [squeeze(page.extract_text()) for page in reader.pages]


def titles(document, parts=()):
    shown = printed_parts(document, scheme(), parts)
    return [(each.label, each.title) for each in annexes(document, scheme(), shown)]


def test_by_default_evidence_follows_the_form_and_opinions_are_asked_for(full):
    assert printed_parts(full, scheme()) == ("report", "form", "evidence")
    assert printed_parts(sample(), scheme()) == ("report", "form")


def test_the_material_required_decides_what_is_printed():
    document = sample(parts=["form", "report", "score"])

    assert printed_parts(document, scheme()) == ("report", "form", "score")


@pytest.mark.parametrize(
    ("parts", "printed"),
    [
        (["form"], ("score",)),
        (["form", "report", "score"], ("report", "score")),
        ([], ("report", "score")),
    ],
)
def test_a_scheme_by_score_sheet_has_it_for_its_form(parts, printed):
    document = sample(parts=parts)

    assert printed_parts(document, load_scheme("guangdong-four")) == printed


def test_several_annexes_are_numbered_in_their_order(full):
    assert titles(full, EVERY) == [
        ("附件1", "项目支出绩效自评表"),
        ("附件2", "项目支出绩效自评指标评分表"),
        ("附件3", "佐证材料清单"),
        ("附件4", "审核意见"),
    ]


def test_what_has_no_rows_is_not_printed(full):
    assert printed_parts(sample(indicators=[]), scheme(), EVERY) == (
        "cover",
        "contents",
        "report",
    )


def test_the_list_of_evidence_says_what_each_file_proves_and_its_digest(full):
    (page,) = pages(full, parts=("evidence",))

    assert "佐证材料清单" in page
    assert DIGEST in page
    assert full.indicators[0].level3 in page
    assert "第三部分" in page
    assert "2.4MB" in page


def test_the_opinions_are_printed_with_who_gave_them_and_when(full):
    (page,) = pages(full, parts=("opinions",))

    assert "数据与账面一致，同意上报。" in page
    assert "李敏2024年3月10日" in page


def test_cover_and_contents_come_first_and_bear_no_number(full):
    cover, contents, text, *_ = pages(full, parts=EVERY)

    assert "项目负责人：周启明" in cover
    assert "—1—" not in cover
    assert "—2—" not in contents
    assert "—3—" in text


def test_the_contents_name_the_page_of_every_part(full):
    _, contents, *rest = pages(full, parts=EVERY)

    form = next(
        number
        for number, page in enumerate(rest, start=3)
        if "项目支出绩效自评表" in page and "年度总体目标" in page
    )
    entry = contents.partition("附件1项目支出绩效自评表")[2]
    assert entry.lstrip("·").startswith(str(form))


def test_a_list_that_the_report_does_not_have_is_refused_alone_not_printed_empty():
    with pytest.raises(RenderError, match="这份材料中没有佐证材料清单"):
        render_html(sample(), scheme(), parts=("evidence",))


@pytest.mark.parametrize("part", ["report", "form", "score", "evidence", "opinions"])
def test_each_part_can_be_had_alone_in_every_format(full, part):
    paper = "".join(pages(full, parts=(part,)))
    screen = squeeze(render_html(full, scheme(), parts=(part,)))
    word = docx.Document(io.BytesIO(render_docx(full, scheme(), parts=(part,))))

    others = {"report": "佐证材料清单"}.get(part, "项目组织实施情况")
    assert others not in paper
    assert others not in screen.partition("<main>")[2]
    assert others not in "".join(each.text for each in word.paragraphs)


def test_a_word_file_with_a_cover_begins_its_numbers_after_it(full):
    data = render_docx(full, scheme(), parts=EVERY)

    word = docx.Document(io.BytesIO(data))

    numbered = ["PAGE" in each.footer._element.xml for each in word.sections]
    assert numbered[:3] == [False, False, True]
    assert all(numbered[2:])


def test_an_empty_form_keeps_the_plan_and_no_result(full):
    blank = blank_document(full)

    (page,) = pages(blank, parts=("form",))

    assert full.indicators[0].level3 in page
    assert "320.00" in page
    assert "285.475" not in page
    assert "97.34" not in page
    assert blank.total is None
    assert (is_blank(blank), is_blank(full)) == (True, False)


def test_an_empty_form_has_room_to_write_and_ends_together_with_its_people():
    planned = blank_document(sample_with_rows(25))
    sichuan = load_scheme("sichuan-2023")

    with print_sample(planned, sichuan, parts=("form",)) as pdf:
        first, second, *_ = (
            line.baseline for line in body_lines(pdf.pages[1]) if "项指标" in line.text
        )
        end = pdf.pages[-1]
        texts = [line.text for line in body_lines(end)]
        strokes = [each for each in end.rects if each["width"] > 500]

    words = min(char["top"] for char in end.chars if not is_turned(char))
    assert second - first > 20
    assert len(texts) > 1
    assert "项目负责人" in texts[-1]
    # Overleaf the boxes under the total are closed at their top as well.
    assert min(each["top"] for each in strokes) < words


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 字节"), (900, "900 字节"), (1024, "1 KB"), (2483711, "2.4 MB")],
)
def test_sizes_are_told_in_the_unit_people_use(size, shown):
    assert size_text(size) == shown

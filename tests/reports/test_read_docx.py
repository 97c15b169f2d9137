import io
import zipfile

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from reports.document import ReportDocument
from reports.reading.files import ReadingError
from reports.reading.numbering import format_number
from reports.reading.report import read_report

WORD: str = nsdecls("w")
FIVE = [
    "项目基本情况",
    "项目组织实施情况",
    "项目绩效情况和主要做法",
    "存在问题和建议",
    "项目自评结论及得分",
]


def saved(word) -> bytes:
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


def read(word) -> ReportDocument:
    return read_report(saved(word), "report.docx")


def append(word, xml: str) -> None:
    """Put paragraphs or tables written as XML at the end of the body."""
    root = parse_xml(f"<w:body {WORD}>{xml}</w:body>")
    for element in list(root):
        word.element.body.insert(len(word.element.body) - 1, element)


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def notes(document: ReportDocument) -> list[str]:
    return [note.original for note in document.reading_notes]


def texts(document: ReportDocument) -> list[str]:
    return [section.text for section in document.sections]


def numbered(word, levels: list[tuple[str, str]]) -> str:
    """Add a list definition of (format, text) per level; return its number."""
    root = word.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for place, (kind, text) in enumerate(levels)
    )
    abstract = f'<w:abstractNum {WORD} w:abstractNumId="90">{inner}</w:abstractNum>'
    root.insert(0, parse_xml(abstract))
    root.append(
        parse_xml(f'<w:num {WORD} w:numId="90"><w:abstractNumId w:val="90"/></w:num>')
    )
    return "90"


def in_list(text: str, number: str, level: int) -> str:
    return (
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/>'
        f"</w:numPr></w:pPr>{run(text) if text else ''}</w:p>"
    )


def test_typed_paragraphs_become_the_five_sections():
    word = Document()
    word.add_paragraph("2022年度图书流动车项目绩效自评报告", style="Title")
    for numeral, title in zip("一二三四五", FIVE, strict=True):
        word.add_paragraph(f"{numeral}、{title}")
        word.add_paragraph(f"　　（一）{title}的正文。")

    document = read(word)

    assert document.title == "2022年度图书流动车项目绩效自评报告"
    assert document.year == 2022
    assert [section.title for section in document.sections] == FIVE
    assert document.sections[0].text == "（一）项目基本情况的正文。"
    assert document.sections[0].number == "一、"
    assert notes(document) == []


def test_automatic_numbering_becomes_the_numerals_seen_on_the_page():
    word = Document()
    number = numbered(
        word, [("japaneseCounting", "%1、"), ("chineseCounting", "（%2）")]
    )
    append(
        word,
        in_list("项目概况", number, 0)
        + in_list("背景", number, 1)
        + in_list("", number, 1)
        + in_list("目标", number, 1)
        + in_list("存在问题", number, 0)
        + in_list("人手", number, 1),
    )

    document = read(word)

    assert [(s.number, s.title, s.text) for s in document.sections] == [
        ("一、", "项目概况", "（一）背景\n（三）目标"),
        ("二、", "存在问题", "（一）人手"),
    ]


def test_a_list_that_starts_again_counts_from_its_start():
    word = Document()
    number = numbered(word, [("decimal", "%1.")])
    word.part.numbering_part.element.append(
        parse_xml(
            f'<w:num {WORD} w:numId="91"><w:abstractNumId w:val="90"/>'
            '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
            "</w:num>"
        )
    )
    append(
        word,
        in_list("甲", number, 0) + in_list("乙", "91", 0) + in_list("丙", "91", 0),
    )

    document = read(word)

    assert texts(document) == ["1.甲\n5.乙\n6.丙"]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("chineseCountingThousand", 10, "十"),
        ("japaneseCounting", 21, "二十一"),
        ("chineseCounting", 105, "一百〇五"),
        ("chineseLegalSimplified", 12, "壹拾贰"),
        ("decimalEnclosedCircleChinese", 3, "③"),
        ("decimalEnclosedCircle", 21, "21"),
        ("upperRoman", 9, "IX"),
        ("lowerLetter", 27, "aa"),
        ("decimalFullWidth", 10, "１０"),
        ("decimalZero", 7, "07"),
    ],
)
def test_numerals_have_the_form_word_prints(kind, value, shown):
    assert format_number(value, kind) == shown


def test_heading_styles_make_sections_without_numerals():
    word = Document()
    word.add_heading("2022年度图书流动车项目绩效自评报告", level=1)
    for title in FIVE[:2]:
        word.add_heading(title, level=1)
        word.add_heading("绩效目标完成情况", level=2)
        word.add_paragraph("正文。")

    document = read(word)

    assert document.title == "2022年度图书流动车项目绩效自评报告"
    assert [s.key for s in document.sections] == ["basics", "implementation"]
    assert texts(document) == ["绩效目标完成情况\n正文。"] * 2


def test_a_table_becomes_one_line_a_row_and_is_noted():
    word = Document()
    word.add_paragraph("一、项目概况")
    table = word.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "指标", "存在问题"
    table.cell(1, 0).text = "车次\n一年"
    table.cell(1, 1).add_table(rows=1, cols=1).cell(0, 0).text = "96"

    document = read(word)

    assert texts(document) == ["指标\t存在问题\n车次 一年\t96"]
    assert "表格，已按行转为文字" in notes(document)


def test_changes_are_read_as_accepted_and_noted():
    word = Document()
    append(
        word,
        paragraph(
            run("一、项目概况"),
        )
        + paragraph(
            run("支出"),
            f'<w:ins w:id="1" w:author="a">{run("45.6")}</w:ins>',
            '<w:del w:id="2" w:author="a">'
            "<w:r><w:delText>46.5</w:delText></w:r></w:del>",
            run("万元"),
        )
        + '<w:p><w:pPr><w:rPr><w:del w:id="3" w:author="a"/></w:rPr></w:pPr>'
        f"{run('前半')}</w:p>" + paragraph(run("后半")),
    )

    document = read(word)

    assert texts(document) == ["支出45.6万元\n前半后半"]
    assert "修订删除的文字，未读入：46.5" in notes(document)
    assert "修订插入的文字，已保留" in notes(document)


def test_field_codes_are_left_out_and_their_results_kept():
    word = Document()
    append(
        word,
        paragraph(run("一、项目概况"))
        + paragraph(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
            '<w:r><w:instrText> HYPERLINK "http://x.invalid" </w:instrText></w:r>',
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
            run("网址"),
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            f'<w:hyperlink w:anchor="_Toc1">{run("链接")}</w:hyperlink>',
            '<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>',
            "<w:r><w:tab/><w:t>尾</w:t><w:br/><w:t>下一行</w:t></w:r>",
            '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>',
        ),
    )

    document = read(word)

    assert texts(document) == ["网址链接\t尾\n下一行☑"]


def test_text_boxes_are_read_once_and_pictures_noted():
    word = Document()
    box = "<w:txbxContent><w:p><w:r><w:t>框内文字</w:t></w:r></w:p></w:txbxContent>"
    alternatives = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
        'markup-compatibility/2006"><mc:Choice Requires="wps">'
        f"<w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    append(
        word,
        paragraph(run("一、项目概况"))
        + paragraph(run("正文"), f"<w:r>{alternatives}</w:r>", run("继续"))
        + paragraph("<w:r><w:drawing/></w:r>"),
    )

    document = read(word)

    assert texts(document) == ["正文继续\n框内文字"]
    assert notes(document) == ["文本框，已移到所在段落之后", "图片，未读入"]


def rebuilt(data: bytes, change) -> bytes:
    """Return a package whose parts went through change(name, content) → content."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return stream.getvalue()


def with_part(data: bytes, kind: str, xml: str) -> bytes:
    """Return the package with one part more, related to the main document."""
    rel = (
        f'<Relationship Id="rIdX" Target="{kind}.xml" Type="http://schemas.openxml'
        f'formats.org/officeDocument/2006/relationships/{kind}"/></Relationships>'
    )

    def change(name, content):
        if name == "word/_rels/document.xml.rels":
            return content.replace(b"</Relationships>", rel.encode())
        return content

    stream = io.BytesIO(rebuilt(data, change))
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr(f"word/{kind}.xml", xml)
    return stream.getvalue()


def test_footnotes_follow_their_paragraph_and_are_noted():
    word = Document()
    append(
        word,
        paragraph(run("一、项目概况"))
        + paragraph(
            run("服务11520人次"),
            '<w:r><w:footnoteReference w:id="2"/></w:r>',
            run("。"),
        ),
    )
    data = with_part(
        saved(word),
        "footnotes",
        f'<w:footnotes {WORD}><w:footnote w:type="separator" w:id="0"><w:p/>'
        f'</w:footnote><w:footnote w:id="2">{paragraph(run("含少年儿童"))}'
        "</w:footnote></w:footnotes>",
    )

    document = read_report(data)

    assert texts(document) == ["服务11520人次[注1]。\n注1：含少年儿童"]
    assert "脚注或尾注：含少年儿童" in notes(document)


def test_heads_and_feet_of_pages_are_noted_not_mixed_in():
    word = Document()
    word.add_paragraph("一、项目概况")
    word.sections[0].header.paragraphs[0].text = "内部资料"

    document = read(word)

    assert [(n.where, n.original) for n in document.reading_notes] == [
        ("页眉", "内部资料（未读入）")
    ]


def test_a_relation_that_leads_nowhere_is_no_obstacle():
    word = Document()
    word.add_paragraph("一、项目概况")

    def change(name, content):
        if name == "word/_rels/document.xml.rels":
            return content.replace(b'Target="styles.xml"', b'Target="NULL"')
        return content

    document = read_report(rebuilt(saved(word), change))

    assert document.sections[0].key == "basics"


def broken_by(change) -> bytes:
    word = Document()
    word.add_paragraph("一、项目概况")
    return rebuilt(saved(word), change)


def body_replaced(by: bytes) -> bytes:
    return broken_by(lambda name, data: by if name == "word/document.xml" else data)


def with_entity() -> bytes:
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<w:document "
        + WORD.encode()
        + b"><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
    )
    return body_replaced(entity)


def with_macros() -> bytes:
    stream = io.BytesIO(broken_by(lambda name, data: data))
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr("word/vbaProject.bin", b"\0")
    return stream.getvalue()


def bomb(*, honest: bool) -> bytes:
    """101 MiB in one part; dishonest: the directory says it is ten bytes."""
    stream = io.BytesIO(broken_by(lambda name, data: data))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/media/a.bin", bytes(101 * 1024 * 1024))
    data = stream.getvalue()
    if not honest:
        data = data.replace((101 * 1024 * 1024).to_bytes(4, "little"), b"\n\0\0\0")
    return data


def encrypted_flag() -> bytes:
    data = bytearray(broken_by(lambda name, data: data))
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 4)
    return bytes(data)


@pytest.mark.parametrize(
    ("make", "answer"),
    [
        (with_entity, "外部实体"),
        (lambda: body_replaced("<!DOCTYPE w []><w/>".encode("utf-16")), "外部实体"),
        (with_macros, "宏"),
        (lambda: bomb(honest=True), "100 MB"),
        (lambda: bomb(honest=False), "损坏"),
        (encrypted_flag, "密码"),
        (lambda: body_replaced(b"<w:document"), "损坏"),
        (lambda: body_replaced(b"<other/>"), "没有正文"),
        (
            lambda: body_replaced(
                b'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"/>'
            ),
            "Strict",
        ),
        (
            lambda: broken_by(
                lambda name, data: None if name == "word/document.xml" else data
            ),
            "没有正文",
        ),
        (lambda: saved(Document()), "没有文字"),
        (lambda: saved(Document())[:4000], "损坏"),
    ],
    ids=[
        "entity",
        "dtd in UTF-16",
        "macros",
        "bomb",
        "bomb that lies",
        "encrypted",
        "broken XML",
        "other XML",
        "strict",
        "no body",
        "no text",
        "cut off",
    ],
)
def test_a_harmful_or_broken_package_is_refused_with_its_reason(make, answer):
    with pytest.raises(ReadingError, match=answer):
        read_report(make(), "report.docx")

"""The styles of our Word files, named as Word shows them to those who go on writing.

A reader of reports knows what is not text of the five sections by these names.
"""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from reports.reading.docx import APART

LATIN = "Times New Roman"
BODY, TITLE, BLACK, KAI, SONG = (
    "仿宋_GB2312",
    "方正小标宋简体",
    "黑体",
    "楷体_GB2312",
    "宋体",
)
SIZE = Pt(16)
LINE = Pt(28.95)
CHARACTER = Pt(15.79)  # 156 mm / 28

# Beside the text of the sections: the reader leaves out what stands in these.
NOTE = f"{APART}附件说明"
SIGNATURE = f"{APART}落款"
ANNEX_LABEL = f"{APART}附件号"
ANNEX_TITLE = f"{APART}附件标题"
ANNEX_SUBTITLE = f"{APART}附件年度"
COVER_TITLE = f"{APART}封面标题"
COVER_FACT = f"{APART}封面事项"
COVER_DATE = f"{APART}封面日期"
CONTENTS_TITLE = f"{APART}目录标题"
CONTENTS = f"{APART}目录"
PEOPLE = f"{APART}表末人员"
TABLE = f"{APART}附表"
CELL = f"{APART}表格"
GAP = f"{APART}表间"
MARK = f"{APART}水印"

LINES = {CELL: Pt(13), GAP: Pt(1), COVER_TITLE: Pt(43.4)}
HEADING_FACES = {1: BLACK, 2: KAI, 3: BODY, 4: BODY}


def heading_run_style(depth: int) -> str:
    """Return the style of a heading that the paragraph's text follows on its line."""
    return f"{APART}段首标题 {depth}"


def define_styles(word: Any) -> None:
    """Give a Word document the styles of a report; those it has are made anew."""
    styles = word.styles
    normal = styles["Normal"]
    _set_face(normal, BODY, 16)
    _set_layout(normal, WD_ALIGN_PARAGRAPH.JUSTIFY, indent=True)
    # The extra room between digits and Chinese would break lines that fit.
    _switch_off(normal, "w:autoSpaceDE", "w:autoSpaceDN")
    _set_language(styles)
    _set_face(styles["Title"], TITLE, 22)
    _set_layout(styles["Title"], WD_ALIGN_PARAGRAPH.CENTER)
    styles["Title"].paragraph_format.space_after = LINE
    _drop(styles["Title"], "w:pBdr")
    for depth, face in HEADING_FACES.items():
        heading = styles[f"Heading {depth}"]
        _set_face(heading, face, 16)
        _set_layout(heading, WD_ALIGN_PARAGRAPH.JUSTIFY, indent=True)
        heading.paragraph_format.keep_with_next = True
        run = styles.add_style(heading_run_style(depth), WD_STYLE_TYPE.CHARACTER)
        _set_face(run, face, 16)
    _set_face(styles["Footer"], SONG, 14)
    _set_layout(styles["Footer"], WD_ALIGN_PARAGRAPH.RIGHT, line=Pt(14))
    _drop(styles["Footer"], "w:tabs")
    _add_styles_beside_the_text(styles)


def _add_styles_beside_the_text(styles: Any) -> None:
    left, center = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER
    for name, face, size, side in (
        (NOTE, BODY, 16, left),
        (SIGNATURE, BODY, 16, left),
        (ANNEX_LABEL, BLACK, 16, left),
        (ANNEX_TITLE, TITLE, 22, center),
        (ANNEX_SUBTITLE, BODY, 16, center),
        (COVER_TITLE, TITLE, 26, center),
        (COVER_FACT, BODY, 16, left),
        (COVER_DATE, BODY, 16, center),
        (CONTENTS_TITLE, BLACK, 16, center),
        (CONTENTS, BODY, 16, left),
        (PEOPLE, SONG, 10.5, left),
        (CELL, SONG, 10.5, left),
        (GAP, SONG, 1, left),
        (MARK, BODY, 16, center),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _set_face(style, face, size)
        _set_layout(style, side, line=LINES.get(name, LINE))
    styles[ANNEX_LABEL].paragraph_format.space_after = LINE
    styles[ANNEX_LABEL].paragraph_format.keep_with_next = True
    styles[ANNEX_TITLE].paragraph_format.keep_with_next = True
    styles[MARK].font.color.rgb = RGBColor(0x76, 0x76, 0x76)
    styles.add_style(TABLE, WD_STYLE_TYPE.TABLE)
    # Lines of a table follow their own height, not the page's grid.
    for name in (CELL, GAP):
        _switch_off(styles[name], "w:snapToGrid")


def _set_face(style: Any, face: str, size: float) -> None:
    """Set the face of Chinese characters, that of digits and Latin, and the size."""
    properties = style.element.get_or_add_rPr()
    for child in list(properties):
        properties.remove(child)
    fonts = OxmlElement("w:rFonts")
    for attribute, name in (
        ("ascii", LATIN),
        ("hAnsi", LATIN),
        ("cs", LATIN),
        ("eastAsia", face),
    ):
        fonts.set(qn(f"w:{attribute}"), name)
    properties.append(fonts)
    style.font.bold = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    style.font.size = Pt(size)


def _set_layout(
    style: Any, side: WD_ALIGN_PARAGRAPH, *, indent: bool = False, line: Any = LINE
) -> None:
    layout = style.paragraph_format
    layout.alignment = side
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = line
    layout.widow_control = False
    layout.keep_with_next = False
    layout.first_line_indent = 2 * CHARACTER if indent else Pt(0)
    if indent:
        # In characters too: Word keeps the two characters when the size is changed.
        layout._element.pPr.ind.set(qn("w:firstLineChars"), "200")
    else:
        layout._element.pPr.ind.set(qn("w:firstLineChars"), "0")


def _set_language(styles: Any) -> None:
    defaults = styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}")
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _drop(style: Any, tag: str) -> None:
    properties = style.element.pPr
    for child in properties.findall(qn(tag)):
        properties.remove(child)


def _switch_off(style: Any, *tags: str) -> None:
    """Switch properties of paragraphs off that Word has on where nothing is said."""
    spacing = style.element.pPr.find(qn("w:spacing"))
    for tag in tags:
        switch = OxmlElement(tag)
        switch.set(qn("w:val"), "0")
        spacing.addprevious(switch)

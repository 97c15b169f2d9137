"""Annexes that are plain lists: evidence with its digests, reviewers' opinions."""

from collections.abc import Iterator, Sequence

from indicators.schemes import Scheme
from perfeval.numbers import chinese_numeral
from perfeval.templatetags.units import chinese_date
from reports.document import SECTION_KEYS, EvidenceFile, Opinion, ReportDocument
from reports.rendering.annex_parts import Cell, Row, Table, row_kind

EVIDENCE_KEYS = ("number", "name", "proves", "size", "digest")
OPINION_KEYS = ("level", "body", "decision", "opinion", "signed")
EVIDENCE_COLUMNS = ("序号", "材料名称", "证明事项", "大小", "文件摘要（SHA-256）")
OPINION_COLUMNS = ("审核级次", "审核单位", "审核结论", "审核意见", "审核人及日期")
SIZES = ("字节", "KB", "MB", "GB")
DIGEST_LINE = 32  # characters; a digest has 64


def evidence_table(document: ReportDocument, scheme: Scheme) -> Table:
    """Return the list of evidence (佐证材料清单) of a document."""
    return _list(
        "evidence",
        EVIDENCE_KEYS,
        EVIDENCE_COLUMNS,
        [
            (
                Cell(str(number), "number"),
                Cell(file.name),
                Cell(_proves(document, file)),
                Cell(size_text(file.size), "number"),
                Cell(_digest(file.sha256), "value"),
            )
            for number, file in enumerate(document.evidence, start=1)
        ],
    )


def opinions_table(document: ReportDocument, scheme: Scheme) -> Table:
    """Return the opinions of all levels of review, in the order they were given."""
    return _list(
        "opinions",
        OPINION_KEYS,
        OPINION_COLUMNS,
        [
            (
                Cell(opinion.level, "value"),
                Cell(opinion.body),
                Cell(opinion.decision, "value"),
                Cell(opinion.text),
                Cell(_signed(opinion), "value"),
            )
            for opinion in document.opinions
        ],
    )


def size_text(size: int) -> str:
    """Return a file's size (bytes) in the largest unit of which it has one: 1.5 MB."""
    value, place = float(size), 0
    while value >= 1024 and place < len(SIZES) - 1:
        value, place = value / 1024, place + 1
    number = f"{value:.1f}".removesuffix(".0")
    return f"{number} {SIZES[place]}"


def _list(
    layout: str,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    rows: Sequence[tuple[Cell, ...]],
) -> Table:
    return Table(
        layout=layout,
        keys=keys,
        head=(),
        columns=columns,
        side="",
        rows=tuple(Row(cells, _row_kind(cells)) for cells in rows),
        remarks=(),
        people=(),
    )


def _row_kind(cells: tuple[Cell, ...]) -> str:
    """A digest is long in characters, not in lines."""
    return row_kind(cell for cell in cells if cell.kind == "text")


def _proves(document: ReportDocument, file: EvidenceFile) -> str:
    return "、".join(
        (*_indicator_names(document, file.indicators), *_section_name(file.section))
    )


def _indicator_names(document: ReportDocument, places: Sequence[int]) -> Iterator[str]:
    for place in places:
        if 0 <= place < len(document.indicators):
            yield document.indicators[place].level3


def _section_name(key: str) -> Iterator[str]:
    if key in SECTION_KEYS:
        yield f"第{chinese_numeral(SECTION_KEYS.index(key) + 1)}部分"
    elif key:
        yield key


def _digest(sha256: str) -> str:
    return "\n".join(
        sha256[start : start + DIGEST_LINE]
        for start in range(0, len(sha256), DIGEST_LINE)
    )


def _signed(opinion: Opinion) -> str:
    return "\n".join(filter(None, (opinion.person, chinese_date(opinion.date))))

"""The 汇总表 as workbook and as PDF, both of the same rows."""

from collections.abc import Iterator

from django.template.loader import get_template

from perfeval.sheets import Value, table_workbook
from perfeval.templatetags.units import form_amount, percent, points
from reports.summary import COLUMNS, Line, Summary

TITLE = "项目支出绩效自评结果汇总表"
HEADS = tuple(name for name, _ in COLUMNS)


def summary_workbook(summary: Summary) -> bytes:
    """Return the table as an .xlsx file; figures are numbers, codes are text."""
    return table_workbook("汇总表", COLUMNS, _values(summary))


def _values(summary: Summary) -> Iterator[tuple[Value, ...]]:
    for group in summary.groups:
        for line in group.lines:
            yield _row(line)
        yield _row(group.subtotal, name=f"{group.name} 小计")
    yield _row(summary.total)


def _row(line: Line, *, name: str = "") -> tuple[Value, ...]:
    return (
        line.code,
        name or line.name,
        line.unit,
        line.adjusted,
        line.executed,
        percent(line.ratio),
        line.total,
        line.review_total,
        line.grade,
        line.problems,
        line.note,
    )


def summary_html(summary: Summary) -> str:
    """Return the print's HTML of the table, for print_cache.printed."""
    return get_template("reports/summary_print.html").render(
        {
            "title": TITLE,
            "subtitle": f"（{summary.year}年度）" if summary.year else "",
            "heads": HEADS,
            "groups": [
                (
                    group.name,
                    [_texts(line) for line in group.lines],
                    _texts(group.subtotal),
                )
                for group in summary.groups
            ],
            "total": _texts(summary.total),
        }
    )


def _texts(line: Line) -> tuple[tuple[str, str], ...]:
    """Return the cells of a row: text and class."""
    return (
        (line.code, "value"),
        (line.name, "name"),
        (line.unit, "text"),
        (form_amount(line.adjusted), "number"),
        (form_amount(line.executed), "number"),
        (percent(line.ratio), "number"),
        (points(line.total), "number"),
        (points(line.review_total), "number"),
        (line.grade, "number"),
        (line.problems, "text"),
        (line.note, "text"),
    )

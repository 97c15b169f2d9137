"""An empty form to pass round (空表): what is planned stays, what was done is blank."""

from dataclasses import replace

from reports.document import Figures, ReportDocument


def is_blank(document: ReportDocument) -> bool:
    """Whether a document tells only what was planned: an empty form, to be filled in.

    Without an indicator it is none: nothing is to be filled in there.
    """
    return bool(document.indicators) and document == blank_document(document)


def blank_document(document: ReportDocument) -> ReportDocument:
    """Return the document without results: money spent, values, points, texts."""
    return replace(
        document,
        funds=replace(
            document.funds,
            rows=tuple(
                replace(row, executed=None, ratio=None, points=None, note="")
                for row in document.funds.rows
            ),
        ),
        goal=replace(document.goal, actual=""),
        goals=tuple(replace(goal, actual="") for goal in document.goals),
        sections=tuple(replace(part, text="") for part in document.sections),
        indicators=tuple(
            replace(
                indicator,
                actual=None,
                achievement=None,
                points=None,
                review_points=None,
                deduction=None,
                deviation_note="",
                review_note="",
                basis="",
            )
            for indicator in document.indicators
        ),
        total=None,
        review_total=None,
        grade=None,
        figures=Figures(),
        conclusion="",
        remarks="",
        date=None,
        evidence=(),
        opinions=(),
    )

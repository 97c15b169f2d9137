"""check_document: all findings of one document."""

from indicators.schemes import Scheme
from reports.checks import (
    form_money,
    form_points,
    form_rows,
    form_words,
    text_claims,
    text_counts,
    text_money,
    text_ratios,
    text_scores,
    text_sections,
    text_sums,
)
from reports.checks.case import Case
from reports.checks.findings import Finding
from reports.checks.registry import CHECKS, run_checks
from reports.document import ReportDocument
from reports.scorecard import document_scheme

__all__ = ["CHECKS", "check_document"]

# Importing a module registers its checks; the order is that of docs/findings.md,
# whoever imported one of them before.
MODULES = (
    form_money,
    form_points,
    form_rows,
    form_words,
    text_claims,
    text_counts,
    text_sums,
    text_money,
    text_ratios,
    text_scores,
    text_sections,
)

_PLACES = [each.__name__ for each in MODULES]
_IN_ORDER = sorted(
    CHECKS.items(), key=lambda item: _PLACES.index(item[1].look.__module__)
)
CHECKS.clear()
CHECKS.update(_IN_ORDER)


def check_document(
    document: ReportDocument,
    scheme: Scheme | str = "",
    last_year: ReportDocument | None = None,
) -> list[Finding]:
    """Return the findings of a document, the grave ones first.

    scheme: itself, id or id@version, "" for the document's own or mof-2020; last_year:
    the same project's document of the year before. Raises SchemeError: no such scheme.
    """
    case = Case(
        document=document,
        scheme=scheme
        if isinstance(scheme, Scheme)
        else document_scheme(document, scheme),
        scheme_given=bool(scheme or document.scheme),
        last_year=last_year,
    )
    return run_checks(case)

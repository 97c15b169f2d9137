"""The 复核表: what a third party found on every indicator, for print."""

from django.template.loader import get_template

from indicators.models import Recheck
from perfeval.demo import DEMO_MARK, is_demo
from reports.recheck_page import RecheckPage

TITLE = "项目支出绩效自评复核表"


def recheck_html(recheck: Recheck, page: RecheckPage) -> str:
    """Return the print's HTML of a recheck, for print_cache.printed."""
    return get_template("reports/recheck_print.html").render(
        {
            "title": TITLE,
            "mark": DEMO_MARK if is_demo() else "",
            "recheck": recheck,
            "assessment": recheck.assessment,
            "work": page,
        }
    )

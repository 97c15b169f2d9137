"""How much of what is planted is found, and how rarely a clean report is disturbed."""

from collections import Counter

import pytest

from reports.checks.check import CHECKS, check_document
from tests.reports.corpus import FIRST_WRITTEN, planted_in, read_corpus

REPORTS = read_corpus()
TUNED = [each for each in REPORTS if not each.aside]
ASIDE = [each for each in REPORTS if each.aside]
# Said to whom it concerns, asked of nobody: no alarm.
INFO = "info"


def test_a_third_of_the_first_forty_is_kept_aside():
    first = [each for each in REPORTS if int(each.name[:2]) <= FIRST_WRITTEN]

    assert len(REPORTS) >= 55
    assert len(ASIDE) == len(first) // 3


@pytest.mark.parametrize("reports", [TUNED, ASIDE], ids=["tuned on", "kept aside"])
@pytest.mark.parametrize("group", ["form", "text"])
def test_at_least_95_of_100_planted_mistakes_are_found_where_they_stand(reports, group):
    codes = {each.code for each in CHECKS.values() if each.group == group}
    planted: Counter[str] = Counter()
    missed: Counter[str] = Counter()

    for report in reports:
        for each in planted_in(report):
            if each.code in codes:
                planted[each.code] += 1
                missed[each.code] += not each.is_found()

    share = missed.total() / planted.total()
    assert share <= 0.05, +missed


@pytest.mark.parametrize("reports", [TUNED, ASIDE], ids=["tuned on", "kept aside"])
def test_at_most_one_alarm_is_false_in_ten_clean_reports(reports):
    alarms = [
        (report.name, finding.code, finding.message)
        for report in reports
        for finding in check_document(report.clean)
        if finding.severity != INFO
    ]

    assert len(alarms) * 10 <= len(reports), alarms


def test_every_code_is_planted_somewhere():
    planted = {each.code for report in REPORTS for each in planted_in(report)}

    assert set(CHECKS) - planted == set()

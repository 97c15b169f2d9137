"""Which self-assessment a form belongs to: by code, else by name, unit and year."""

from collections.abc import Sequence

from django.db.models import Q

from indicators.access import may_fill
from indicators.models import SelfAssessment
from perfeval.models import User
from reports.document import ReportDocument
from reports.takeover.matching import name_key


class Candidates:
    """The self-assessments a person sees in the years of some forms."""

    def __init__(self, user: User, documents: Sequence[ReportDocument]) -> None:
        years = {each.year for each in documents}
        # A form without a year may be of any.
        of_years = Q() if None in years else Q(project__year__in=years)
        seen = SelfAssessment.objects.visible_to(user).filter(of_years).with_facts()
        self._open = [each for each in seen if may_fill(user, each)]
        self._closed = [each for each in seen if not may_fill(user, each)]

    def find(self, document: ReportDocument) -> tuple[SelfAssessment | None, str]:
        """Return the one that a form means, or None and why not."""
        found = _fitting(document, self._open)
        if len(found) == 1:
            return found[0], ""
        name = document.project.name or document.project.code
        if len(found) > 1:
            return None, f"有 {len(found)} 个项目都可能是“{name}”"
        if not (document.project.name or document.project.code):
            return None, "表中没有读出项目名称和编码"
        closed = _fitting(document, self._closed)
        if closed:
            state = closed[0].get_status_display()
            return None, f"“{name}”的绩效自评{state}，或不由您填报，不能写入"
        year = f"{document.year} 年度" if document.year else ""
        return None, f"{year}没有您可以填报的项目“{name}”"


def _fitting(
    document: ReportDocument, assessments: Sequence[SelfAssessment]
) -> list[SelfAssessment]:
    """Return those that agree: by code alone if it has one of ours, else by name."""
    of_year = [
        each for each in assessments if document.year in (None, each.project.year)
    ]
    code = document.project.code.strip()
    by_code = [each for each in of_year if code and each.project.code == code]
    if by_code:
        return by_code
    name = name_key(document.project.name)
    by_name = [each for each in of_year if name and name_key(each.project.name) == name]
    unit = name_key(document.project.unit)
    by_unit = [each for each in by_name if name_key(each.project.unit.name) == unit]
    return by_unit or by_name

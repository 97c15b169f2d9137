"""The cover page (封面): title, unit, department, person responsible, date, seal."""

from dataclasses import dataclass

from perfeval.templatetags.units import chinese_date
from reports.document import ReportDocument
from reports.rendering.titles import report_title, title_lines

CAPACITY = 16  # characters of 26 pt in 156 mm


@dataclass(frozen=True)
class Cover:
    """facts: (label, what stands behind it), one line each."""

    title: str
    facts: tuple[tuple[str, str], ...]
    date: str


def cover(document: ReportDocument) -> Cover:
    project, people = document.project, document.people
    title = report_title(document)
    return Cover(
        title="\n".join(title_lines(title, document, CAPACITY)),
        facts=(
            ("项目名称", project.name),
            ("项目编码", project.code),
            ("实施单位（盖章）", project.unit or document.issuer),
            ("主管部门", project.supervising_department),
            ("项目负责人", people.project_leader),
            ("填报人", people.filler or people.contact),
        ),
        date=chinese_date(document.date),
    )

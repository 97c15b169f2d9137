"""Every list of the site: all its columns, every sort, its file, for whom it is."""

import io
from datetime import date, timedelta
from html.parser import HTMLParser

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.campaign import send_out
from indicators.columns import (
    APPROVAL_COLUMNS,
    ASSESSMENT_COLUMNS,
    CHANGE_COLUMNS,
    LATE_COLUMNS,
    LIBRARY_COLUMNS,
    TASK_COLUMNS,
    TASK_PROJECT_COLUMNS,
)
from indicators.models import IndicatorTemplate, SelfAssessment
from indicators.problem_list import PROBLEM_COLUMNS
from indicators.recheck_list import MY_COLUMNS, RECHECK_COLUMNS
from indicators.result_use_list import RESULT_USE_COLUMNS
from projects.changes import request_status
from projects.columns import DEPARTMENT_COLUMNS, PERSON_COLUMNS, PROJECT_COLUMNS
from projects.models import Role
from reports.columns import INBOX_COLUMNS
from tests.factories import (
    complete,
    make_department,
    make_indicators,
    make_membership,
    make_problem,
    make_project,
    make_recheck,
    make_result_use,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

LISTS = {
    "projects:list": PROJECT_COLUMNS,
    "indicators:list": ASSESSMENT_COLUMNS,
    "indicators:tasks": TASK_COLUMNS,
    "indicators:task_projects": TASK_PROJECT_COLUMNS,
    "indicators:task_overdue": LATE_COLUMNS,
    "indicators:changes": CHANGE_COLUMNS,
    "indicators:approval": APPROVAL_COLUMNS,
    "indicators:problems": PROBLEM_COLUMNS,
    "indicators:library": LIBRARY_COLUMNS,
    "reports:review_list": INBOX_COLUMNS,
    "indicators:result_uses": RESULT_USE_COLUMNS,
    "indicators:task_rechecks": RECHECK_COLUMNS,
    "indicators:my_rechecks": MY_COLUMNS,
    "people:list": PERSON_COLUMNS,
    "departments:list": DEPARTMENT_COLUMNS,
}
NAMES = list(LISTS)


class Tables(HTMLParser):
    """Counts the cells of each row, colspan and all; texts: of the head's cells."""

    def __init__(self, page):
        super().__init__()
        self.rows = []
        self.is_first = True
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if not self.is_first:
            return
        if tag == "tr":
            self.rows.append(0)
        elif tag in ("td", "th"):
            self.rows[-1] += int(dict(attributes).get("colspan", 1))

    def handle_endtag(self, tag):
        self.is_first = self.is_first and tag != "table"


@pytest.fixture
def task():
    return make_task(due_at=timezone.now() - timedelta(days=2), state="draft")


@pytest.fixture
def everything(task, person):
    """Two units with projects of all kinds in a task, one with a change asked for."""
    units = [
        make_department(make_department(name="云水市文化局"), name=f"云水市{name}")
        for name in ("图书馆", "文化馆")
    ]
    projects = []
    for number, unit in enumerate((*units, *units)):
        each = make_project(unit, name=f"=项目{number}", code=f"44{number}")
        make_indicators(each)
        projects.append(each)
    make_project(units[0], name="", code="S-1", status="classified")
    cancelled = make_project(units[0], name="撤销项目", status="cancelled")
    send_out(None, task, [each.pk for each in (*projects, cancelled)])
    make_membership(person, Role.UNIT_REVIEWER, units[0])
    submit(complete(SelfAssessment.objects.get(project=projects[2])))
    IndicatorTemplate.objects.create(level1="产出指标", level3="=开放天数")
    filler = make_user(Role.FILLER, units[0], name="林晓岚")
    for each in SelfAssessment.objects.order_by("pk")[:2]:
        make_problem(each, filler)
        make_result_use(each, filler)
    approved = SelfAssessment.objects.filter(project=projects[3])
    approved.update(status="approved", total=90)
    make_membership(person, Role.THIRD_PARTY, units[0])
    make_recheck(approved.get(), person, state="confirmed", own_total=90, total=80)
    request_status(
        filler,
        projects[0],
        to_status="cancelled",
        reason="职能划出",
        document="文号",
        document_date=date(2024, 6, 30),
    )
    return units


@pytest.fixture
def person():
    """Somebody who sees every list."""
    office = make_department(name="云水市财政局")
    user = make_user(Role.PERFORMANCE_SECTION, office, name="郑岚")
    make_membership(user, Role.SYSTEM_ADMIN, office)
    return user


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


def address(name, task):
    return reverse(name, args=[task.pk] if name.startswith("indicators:task_") else [])


def all_columns(name):
    return [each.key for each in LISTS[name]]


def sheet_of(answer):
    assert answer.status_code == 200
    content = io.BytesIO(b"".join(answer.streaming_content))
    return list(openpyxl.load_workbook(content).worksheets[0].iter_rows())


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_as_many_cells_as_there_are_heads(name, signed_in, task):
    for asked in ({"columns": all_columns(name)}, {}):
        page = signed_in.get(address(name, task), asked).text

        cells = Tables(page).rows
        assert len(cells) >= 2
        assert len(set(cells)) == 1, cells


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("name", NAMES)
def test_every_head_sorts_both_ways(name, signed_in, task):
    url = address(name, task)
    listing = signed_in.get(url, {"columns": all_columns(name)}).context["list"]
    sortable = [head for head in listing.heads if head.url]

    assert len(sortable) >= 3
    for head in sortable:
        up = signed_in.get(url + head.url)
        [pressed] = [x for x in up.context["list"].heads if x.direction]
        assert (pressed.label, pressed.direction) == (head.label, "ascending")
        down = signed_in.get(url + pressed.url)
        [pressed] = [x for x in down.context["list"].heads if x.direction]
        assert pressed.direction == "descending"


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("name", NAMES)
def test_every_list_is_exported_with_codes_as_text(name, signed_in, task):
    url = address(name, task)
    asked = {"columns": all_columns(name), "file": "xlsx"}

    head, *rows = sheet_of(signed_in.get(url, asked))

    assert [cell.value for cell in head] == [each.label for each in LISTS[name]]
    assert rows
    texts = [cell for row in rows for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in texts} == {"s"}


def test_what_is_exported_is_what_is_filtered(everything, signed_in, task):
    unit = everything[1]

    _, *rows = sheet_of(
        signed_in.get(reverse("projects:list"), {"file": "xlsx", "department": unit.pk})
    )

    assert [row[0].value for row in rows] == ["441", "443"]
    assert {row[1].value for row in rows} == {"=项目1", "=项目3"}


def test_a_file_holds_only_what_a_person_may_see(everything, client):
    client.force_login(make_user(Role.FILLER, everything[1]))

    for name in ("projects:list", "indicators:list"):
        _, *rows = sheet_of(client.get(reverse(name), {"file": "xlsx"}))
        assert {row[0].value for row in rows} == {"441", "443"}


@pytest.mark.usefixtures("everything")
def test_of_a_classified_project_a_file_tells_code_and_state_alone(signed_in):
    asked = {"file": "xlsx", "columns": all_columns("projects:list")}

    _, *rows = sheet_of(signed_in.get(reverse("projects:list"), asked))

    [row] = [row for row in rows if row[0].value == "S-1"]
    told = [cell.value for cell in row if cell.value is not None]
    assert told == ["S-1", "涉密项目 S-1", 2024, "涉密另报"]


@pytest.mark.usefixtures("everything")
def test_the_file_of_a_task_names_those_exempt_as_well(signed_in, task):
    url = address("indicators:task_projects", task)

    _, *rows = sheet_of(signed_in.get(url, {"file": "xlsx"}))

    assert len(rows) == 5
    assert [cell.value for cell in rows[-1]][1] == "撤销项目"
    assert "撤销" in [cell.value for cell in rows[-1]]


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("name", NAMES)
def test_every_list_asks_the_database_at_most_12_times(name, signed_in, task):
    url = address(name, task)

    asked = queries_of(signed_in, url + "?sort=-name&" + "columns=x")

    assert len(asked) <= 12, asked


@pytest.mark.usefixtures("everything")
def test_requests_are_found_by_kind_body_and_text(signed_in):
    url = reverse("indicators:changes")

    def found(**conditions):
        page = signed_in.get(url, conditions).context["page_obj"]
        return [each.code for each in page]

    assert found(kind="status") == ["440"]
    assert found(kind="target") == []
    assert found(text="项目0 图书馆") == ["440"]
    assert found(text="文化馆") == []


@pytest.mark.usefixtures("everything")
def test_a_task_not_sent_out_yet_does_not_empty_the_list_of_assessments(signed_in):
    make_task(state="draft", year=2031, title="明年任务")

    page = signed_in.get(reverse("indicators:list"))

    assert len(page.context["page_obj"]) == 4

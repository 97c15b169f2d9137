"""Notices, the audit pages and 催办 in Chromium: axe, phones, from counter to place."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from perfeval.models import AuditEvent
from perfeval.notices import notify
from projects.models import Role
from tests.browser.looking import faults
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people():
    department = make_department(name="市司法局")
    unit = make_department(department, name="执法监督处")
    office = make_department(name="市财政局")
    return {
        "filler": make_user(Role.FILLER, unit, name="陈填报"),
        "reviewer": make_user(Role.UNIT_REVIEWER, unit, name="李审核"),
        "finance": make_user(Role.PERFORMANCE_SECTION, office, name="赵绩效"),
        "auditor": make_user(Role.AUDIT_ADMIN, office, name="苏谨"),
        "nobody": make_user(name="无消息"),
    }


@pytest.fixture
def late(people):
    """A self-assessment of a task that is over."""
    now = timezone.now()
    task = make_task(due_at=now - timedelta(days=3), title="年度自评")
    unit = people["filler"].memberships.get().department
    return make_assessment(make_project(unit, name="行政执法培训"), task)


@pytest.fixture
def visit(page, live_server, client):
    """Open a page of the site as a person; the console must stay empty."""
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": 1440, "height": 900})

    def open_page(person, address):
        client.force_login(person)
        session = client.cookies["sessionid"].value
        page.context.add_cookies(
            [{"name": "sessionid", "value": session, "url": live_server.url}]
        )
        page.goto(live_server.url + address)
        return page

    yield open_page
    assert complaints == []


def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(visit, people, late):
    read = "有了答复" * 90
    for number, text in enumerate(("“行政执法培训”被退回：请补充培训人次", read)):
        person = people["filler"].pk
        notify([person], key=f"n:{number}", text=text, address="/")
    event = AuditEvent.objects.order_by("pk").last()
    assert event is not None
    pages = [
        ("filler", reverse("notices")),
        ("nobody", reverse("notices")),
        ("finance", reverse("indicators:task_overdue", args=[late.task_id])),
        ("filler", reverse("indicators:trail", args=[late.pk])),
        ("auditor", reverse("audit")),
        ("auditor", f"{reverse('audit')}?text=nirgends"),
        ("auditor", reverse("access")),
        ("auditor", reverse("audit_event", args=[event.pk])),
    ]
    found = []
    for name, address in pages:
        found += faults(visit(people[name], address))

    assert found == []


def test_a_step_is_counted_in_the_top_bar_and_leads_to_the_review(visit, people, late):
    submit(complete(late, people["filler"]), people["filler"])

    page = visit(people["reviewer"], "/")
    page.get_by_role("link", name="消息 1 条未读").click()
    page.get_by_role("button", name="“行政执法培训”已送审，请办理单位审核").click()

    page.wait_for_url(f"**{reverse('reports:review', args=[late.pk])}")
    page.get_by_role("link", name="消息", exact=True).wait_for()


def test_an_overdue_unit_is_urged_and_its_filler_told(visit, people, late):
    page = visit(
        people["finance"], reverse("indicators:task_overdue", args=[late.task_id])
    )
    assert page.get_by_role("checkbox", name="催办执法监督处").is_checked()
    page.get_by_role("button", name="发送催办消息").click()
    page.get_by_text("已催办，1 位填报人会收到消息").wait_for()

    page = visit(people["filler"], reverse("notices"))
    page.get_by_role("button", name="尚有 1 个项目未送审").wait_for()

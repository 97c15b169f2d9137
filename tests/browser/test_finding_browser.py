"""检查结果 and the quick check in Chromium: axe, dark, a phone, a file checked."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse

from indicators.services import write_narrative
from projects.models import Role
from tests.factories import make_assessment, make_department, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORM = Path(settings.BASE_DIR) / "tests" / "data" / "forms" / "national.xls"


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit, name="陈填报")


@pytest.fixture
def assessment(unit, filler):
    made = make_assessment(make_project(unit, name="执法培训"))
    for text in made.narratives.all():
        write_narrative(filler, text, "联系人手机13812345678，XX。", version=1)
    return made


@pytest.fixture
def visit(page, context, live_server, client, filler):
    """Log the filler in and return a function that opens an address."""
    client.force_login(filler)
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )

    def open_page(address):
        page.goto(live_server.url + address)
        return page

    return open_page


def problems(page):
    """What axe finds light and dark, and whether a phone must scroll sideways."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # Colours change over in a moment, not at once.
        page.wait_for_timeout(400)
        for each in Axe().run(page).response["violations"]:
            found += [(each["id"], node["html"]) for node in each["nodes"]]
    page.set_viewport_size({"width": 390, "height": 800})
    if page.evaluate("document.documentElement.scrollWidth") > 390:
        found.append(("wide", page.url))
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def test_findings_lead_to_the_text_they_are_about(visit, assessment):
    page = visit(reverse("reports:findings", args=[assessment.pk]))

    found = problems(page)
    page.locator(".finding-list a[href$='#text-problems']").first.click()

    assert found == []
    page.wait_for_url("**#text-problems")


def test_a_form_is_checked_on_the_page_it_was_chosen_on(visit):
    page = visit(reverse("checks:quick"))

    empty = problems(page)
    page.get_by_label("自评表").set_input_files(FORM)
    page.get_by_role("button", name="检查", exact=True).click()
    page.get_by_text("按规则计算的总分").wait_for()

    assert empty + problems(page) == []
    page.get_by_text("没有填偏差原因分析及改进措施").first.wait_for()

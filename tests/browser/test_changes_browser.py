"""Pages of a project's year in Chromium: axe, small screens, an adjustment decided."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.adjustments import decide_adjustment, request_adjustment
from indicators.models import Indicator
from indicators.share_entry import save_shares
from projects.changes import request_status
from projects.models import Role
from projects.shares import add_share
from tests.browser.looking import faults
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DOCUMENT = "江财绩〔2024〕8号"


def basis():
    """Return why something changes and by what document."""
    return {
        "reason": "年中压减预算，培训场次相应减少",
        "document": DOCUMENT,
        "document_date": date(2024, 8, 1),
    }


@pytest.fixture
def finance():
    return make_user(Role.PERFORMANCE_SECTION, make_department(), name="赵绩效")


@pytest.fixture
def filler(project):
    return make_user(Role.FILLER, project.unit, name="陈填报")


@pytest.fixture
def project():
    unit = make_department(make_department(name="市司法局"), name="执法监督处")
    return make_project(unit, name="行政执法培训", level1_name="法治建设专项")


@pytest.fixture
def pages(project, finance, filler):
    """Everything that happens to a project in its year; the addresses of its pages."""
    assessment = make_assessment(project)
    partner = make_department(name="教育局法规科")
    add_share(filler, project, partner)
    indicator, *_ = project.indicators.all()
    Indicator.objects.filter(pk=indicator.pk).update(
        is_approved=True, combination="sum"
    )
    save_shares(
        filler, assessment, project.unit, {assessment.results.first().pk: ("32", 1)}
    )
    new = {"comparator": ">=", "target": "40", "unit": "场", "max_points": Decimal(48)}
    done = request_adjustment(filler, indicator, new, **basis())
    decide_adjustment(finance, done.pk, approve=True, note="同意")
    new["target"] = "38"
    waiting = request_adjustment(filler, indicator, new, **basis())
    gone = make_project(
        project.unit, name="旧项目", status="merged", merged_into=project
    )
    change = request_status(filler, project, to_status="cancelled", **basis())
    make_indicators(make_project(project.unit))
    return {
        "project": reverse("projects:detail", args=[project.pk]),
        "merged": reverse("projects:detail", args=[gone.pk]),
        "level1": reverse("projects:level1") + "?year=2024&name=法治建设专项",
        "request": reverse(
            "projects:status_request", args=[make_project(project.unit).pk]
        ),
        "change": reverse("projects:status_change", args=[change.pk]),
        "units": reverse("projects:shares", args=[project.pk]),
        "targets": reverse("indicators:targets", args=[project.pk]),
        "approved": reverse(
            "indicators:indicator_edit", args=[project.pk, indicator.pk]
        ),
        "adjust": reverse("indicators:adjust", args=[project.pk, indicator.pk]),
        "adjustment": reverse("indicators:adjustment", args=[waiting.pk]),
        "assessment": reverse("indicators:detail", args=[assessment.pk]),
        "shares": reverse("indicators:shares", args=[assessment.pk]),
        "share": reverse(
            "indicators:share_fill", args=[assessment.pk, project.unit_id]
        ),
        "workbench": reverse("workbench"),
        "changes": reverse("indicators:changes"),
        "approval": reverse("indicators:approval"),
    }


OF_FINANCE = ("change", "adjustment", "workbench", "changes", "approval")


@pytest.fixture
def visit(page, context, live_server, client):
    """Log a person in and return a function that opens an address."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type == "error" else None,
    )

    def open_page(user, address):
        client.force_login(user)
        session = client.cookies["sessionid"].value
        context.add_cookies(
            [{"name": "sessionid", "value": session, "url": live_server.url}]
        )
        page.goto(live_server.url + address)
        return page

    yield open_page
    assert complaints == []


def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    visit, pages, finance, filler
):
    found = []
    for name, address in pages.items():
        found += faults(visit(finance if name in OF_FINANCE else filler, address))

    assert found == []


def test_an_adjustment_is_asked_for_and_decided(visit, project, finance, filler):
    make_assessment(project)
    indicator = project.indicators.first()
    Indicator.objects.filter(pk=indicator.pk).update(is_approved=True)

    page = visit(filler, reverse("indicators:targets", args=[project.pk]))
    page.get_by_role("link", name="申请调整“培训场次”").click()
    page.get_by_label("调整后指标值").fill("40")
    page.get_by_role("button", name="提交申请").click()
    page.get_by_role("link", name="批准文号：请填写依据文号").wait_for()
    assert page.get_by_label("调整后指标值").input_value() == "40"
    page.get_by_label("调整原因").fill("年中压减预算")
    page.get_by_label("批准文号").fill(DOCUMENT)
    page.get_by_label("文件日期").fill("2024-08-01")
    page.get_by_role("button", name="提交申请").click()
    page.get_by_text("等待绩效科审批").wait_for()

    page = visit(finance, reverse("workbench"))
    page.get_by_role("link", name=project.name).first.click()
    page.get_by_role("button", name="同意", exact=True).click()
    page.get_by_text("已审批指标“培训场次”的绩效目标调整").wait_for()
    page = visit(filler, reverse("indicators:targets", args=[project.pk]))
    page.get_by_text("原 ≥50场 →").wait_for()
    page.get_by_text("年度终了后调整").wait_for()

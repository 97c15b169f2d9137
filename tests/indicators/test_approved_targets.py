"""Targets and weights marked 已批复: in bulk by the 绩效科, closed to the filler."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.approval import approve_targets
from indicators.models import Indicator
from indicators.services import delete_indicator, save_indicator
from perfeval.audit import subject_of
from perfeval.models import AuditEvent
from perfeval.versions import ClosedError
from projects.models import Role
from tests.factories import make_department, make_indicators, make_project, make_user

pytestmark = pytest.mark.django_db

PAGE = "/indicators/approval/"


@pytest.fixture
def project(unit):
    project = make_project(unit, name="执法培训")
    make_indicators(project)
    return project


@pytest.fixture
def indicator(project):
    Indicator.objects.filter(project=project).update(is_approved=True)
    return project.indicators.first()


def at(name, indicator):
    return reverse(f"indicators:{name}", args=[indicator.project_id, indicator.pk])


def sent(indicator, **values):
    names = ("level1", "level2", "level3", "comparator", "target", "unit", "version")
    stored = {name: getattr(indicator, name) for name in names}
    return {**stored, "max_points": indicator.max_points, **values}


def test_the_performance_section_marks_what_it_chose_and_previewed(
    client, project, unit, performance_section
):
    other = make_project(unit)
    make_indicators(other)
    client.force_login(performance_section)

    listed = client.get(PAGE)
    preview = client.post(PAGE, {"project": [project.pk]})
    assert not Indicator.objects.filter(is_approved=True).exists()
    keys = preview.context["keys"]
    marked = client.post(PAGE, {"confirm": "1", "keys": keys}, follow=True)
    again = client.post(PAGE, {"confirm": "1", "keys": keys}, follow=True)

    assert list(listed.context["page_obj"]) == [project, other]
    assert "将批复 1 个项目的 3 项指标" in preview.content.decode()
    assert "已批复 1 个项目的 3 项指标" in marked.content.decode()
    assert "没有改动" in again.content.decode()
    assert project.indicators.filter(is_approved=True).count() == 3
    assert not other.indicators.filter(is_approved=True).exists()
    event = AuditEvent.objects.get(action="targets.approved")
    assert event.subject == subject_of(project)
    assert event.after["level3"] == ["培训场次", "群众知晓程度", "群众满意度"]


def test_everything_that_a_filter_finds_can_be_marked_at_once(
    client, project, performance_section
):
    make_indicators(make_project(make_department()))
    client.force_login(performance_section)
    address = f"{PAGE}?text=执法培训"

    preview = client.post(address, {"everything": "1"})

    assert preview.context["keys"] == str(project.pk)


def test_nothing_chosen_is_said_and_others_may_not_open_the_page(
    client, project, filler, performance_section
):
    client.force_login(performance_section)
    assert "请先勾选" in client.post(PAGE, {}).content.decode()

    client.force_login(filler)
    assert client.get(PAGE).status_code == 403
    confirmed = {"confirm": "1", "keys": str(project.pk)}
    assert client.post(PAGE, confirmed).status_code == 403
    assert not project.indicators.filter(is_approved=True).exists()


def test_many_projects_are_marked_in_a_fixed_number_of_queries(
    unit, performance_section, django_assert_max_num_queries
):
    projects = [make_project(unit, money=None) for _ in range(30)]
    for each in projects:
        make_indicators(each)

    with django_assert_max_num_queries(10):
        done = approve_targets(performance_section, [each.pk for each in projects])

    assert done == (30, 90)
    assert AuditEvent.objects.filter(action="targets.approved").count() == 30


def test_the_filler_reads_an_approved_indicator_as_text_with_the_way_to_change_it(
    client, indicator, filler
):
    client.force_login(filler)

    page = client.get(at("indicator_edit", indicator)).content.decode()
    table = client.get(reverse("indicators:targets", args=[indicator.project_id]))

    assert 'name="target"' not in page
    assert "≥50场" in page
    assert at("adjust", indicator) in page
    rows = table.content.decode()
    assert at("adjust", indicator) in rows
    assert at("indicator_delete", indicator) not in rows


def test_what_the_filler_sends_for_an_approved_indicator_is_refused(
    client, indicator, filler
):
    client.force_login(filler)

    changed = client.post(at("indicator_edit", indicator), sent(indicator, target="1"))
    deleted = client.post(at("indicator_delete", indicator), {"version": 1})

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert "请申请绩效目标调整" in changed.content.decode()
    indicator.refresh_from_db()
    assert indicator.target == "50"


@pytest.mark.parametrize(
    "changes",
    [{"target": "40"}, {"max_points": Decimal(40)}, {"comparator": "<="}],
    ids=["target", "weight", "comparator"],
)
def test_the_service_keeps_approved_values_whoever_asks(
    indicator, performance_section, changes
):
    with pytest.raises(ClosedError, match="已批复"):
        save_indicator(performance_section, indicator, changes, version=1)
    with pytest.raises(ClosedError, match="不能删除"):
        delete_indicator(performance_section, indicator, version=1)


def test_the_performance_section_corrects_after_taking_the_mark_off(
    client, indicator, performance_section
):
    client.force_login(performance_section)
    address = at("indicator_edit", indicator)

    kept = client.post(address, sent(indicator, target="55", is_approved="on"))
    taken = client.post(address, sent(indicator, target="55"))

    assert kept.status_code == 409
    assert 'value="55"' in kept.content.decode()
    assert taken.status_code == 302
    indicator.refresh_from_db()
    assert (indicator.target, indicator.is_approved) == ("55", False)


def test_the_performance_section_is_offered_no_deletion_that_would_be_refused(
    client, indicator, performance_section
):
    other = indicator.project.indicators.last()
    Indicator.objects.filter(pk=other.pk).update(is_approved=False)
    client.force_login(performance_section)

    url = reverse("indicators:targets", args=[indicator.project_id])
    page = client.get(url).content.decode()

    assert at("indicator_edit", indicator) in page
    assert at("indicator_delete", indicator) not in page
    assert at("indicator_delete", other) in page


def test_a_unit_of_elsewhere_finds_nothing(client, indicator):
    client.force_login(make_user(Role.FILLER, make_department()))

    assert client.get(at("indicator_edit", indicator)).status_code == 404
    assert client.get(at("adjust", indicator)).status_code == 404


def test_the_list_asks_the_database_no_more_with_more_projects(
    client, unit, performance_section, django_assert_max_num_queries
):
    for _ in range(12):
        make_indicators(make_project(unit))
    client.force_login(performance_section)

    with django_assert_max_num_queries(12):
        client.get(PAGE)

"""Several units of one project: what each sees and fills in, what the whole is."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from indicators.models import (
    Combination,
    Indicator,
    IndicatorResult,
    SelfAssessment,
    ShareResult,
)
from indicators.share_entry import save_shares
from indicators.shares import Part, combine
from perfeval.models import AuditEvent
from perfeval.versions import StaleError
from projects.access import may_view, roles_for, share_roles_for
from projects.models import BudgetProject, Department, FundingLine, Role, UnitShare
from projects.shares import add_share, remove_share
from reports.assembly import assemble
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner():
    return make_department(make_department(name="市教育局"), name="教育局法规科")


@pytest.fixture
def partner_filler(partner):
    return make_user(Role.FILLER, partner, name="钱填报")


@pytest.fixture
def shared(assessment, partner):
    """The self-assessment of a project that a second unit shares."""
    add_share(None, assessment.project, partner)
    combine_by("培训场次", Combination.SUM)
    combine_by("群众满意度", Combination.AVERAGE)
    return SelfAssessment.objects.get(pk=assessment.pk)


def combine_by(level3, combination):
    Indicator.objects.filter(level3=level3).update(combination=combination)


def result_of(assessment, level3):
    return assessment.results.get(indicator__level3=level3)


def part(name, actual):
    return Part(unit=Department(name=name), actual=actual)


def indicator(combination, unit="场"):
    return Indicator(combination=combination, unit=unit)


@pytest.mark.parametrize(
    ("combination", "unit", "actuals", "actual", "working"),
    [
        ("sum", "场", ("12", "8"), "20", "甲 12 + 乙 8 = 20"),
        ("sum", "个", ("0.1", "0.2"), "0.3", "甲 0.1 + 乙 0.2 = 0.3"),
        ("sum", "万元", ("1.5", "5000元"), "2", "甲 1.5 + 乙 0.5 = 2"),
        ("average", "%", ("90%", "95"), "92.5", "（甲 90 + 乙 95）÷ 2 = 92.5"),
        ("sum", "场", ("12", ""), "", "甲 12，待填：乙"),
        ("sum", "场", ("", ""), "", "待填：甲、乙"),
    ],
    ids=["sum", "exact", "units", "average", "one waits", "all wait"],
)
def test_the_whole_is_exact_and_explained(combination, unit, actuals, actual, working):
    parts = [part("甲", actuals[0]), part("乙", actuals[1])]

    whole = combine(indicator(combination, unit), parts)

    assert (whole.actual, whole.working) == (actual, working)


def test_an_average_that_does_not_end_is_rounded_and_says_so():
    parts = [part("甲", "1"), part("乙", "0"), part("丙", "1")]

    whole = combine(indicator("average"), parts)

    assert whole.actual == "0.6667"
    assert whole.working == "（甲 1 + 乙 0 + 丙 1）÷ 3 = 0.6667（四舍五入）"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.THIRD_PARTY])
@pytest.mark.parametrize("where", ["lead", "partner", "elsewhere", "above"])
def test_list_and_function_agree_on_who_sees_a_shared_project(
    shared, unit, partner, role, where
):
    place = {
        "lead": unit,
        "partner": partner,
        "above": partner.parent,
        "elsewhere": make_department(),
    }[where]
    user = make_user(role, place)
    project = shared.project

    listed = BudgetProject.objects.visible_to(user).filter(pk=project.pk).exists()

    assert listed is may_view(user, project)
    assert listed is bool(roles_for(user, project) | share_roles_for(user, project))
    # Nobody reviews or fills in the whole because of a share.
    if where in ("partner", "above") and role != Role.PERFORMANCE_SECTION:
        assert not roles_for(user, project)
    sees = SelfAssessment.objects.visible_to(user).filter(pk=shared.pk).exists()
    assert sees is (listed and role != Role.OBSERVER)


def test_a_shared_project_stands_once_in_a_list(shared, partner):
    department = make_user(Role.DEPARTMENT_REVIEWER, partner.parent)
    add_share(None, shared.project, make_department(partner.parent))

    assert BudgetProject.objects.visible_to(department).count() == 1
    assert not SelfAssessment.objects.awaiting_review_by(department).exists()


def test_both_units_fill_in_and_the_whole_is_scored_and_printed(
    client, shared, unit, partner, filler, partner_filler
):
    for person, place, value in ((filler, unit, "32"), (partner_filler, partner, "8")):
        client.force_login(person)
        row = result_of(shared, "培训场次")
        address = reverse("indicators:share_fill", args=[shared.pk, place.pk])
        page = client.get(address)
        sent = {}
        for form in page.context["forms"]:
            sent[f"{form.prefix}-version"] = form["version"].value()
            sent[f"{form.prefix}-actual"] = value if form.result == row else "90"
        assert client.post(address, sent).status_code == 302

    row.refresh_from_db()
    # 32 + 8 of 50 held: 40/50 of 50 points.
    assert (row.actual, row.auto_points) == ("40", Decimal("40.00"))
    assert assemble(shared.pk).indicators[0].actual == "40"
    working = f"{unit} 32 + {partner} 8 = 40"
    for name in ("indicators:detail", "indicators:shares"):
        page = client.get(reverse(name, args=[shared.pk])).content.decode()
        assert working in page
    event = AuditEvent.objects.filter(action="share.changed").latest("pk")
    assert event.chain.key == shared.chain


def test_the_lead_sees_who_has_filled_in_what(client, shared, partner, filler):
    row = result_of(shared, "培训场次")
    save_shares(None, shared, partner, {row.pk: ("8", 1)})
    client.force_login(filler)

    response = client.get(reverse("indicators:shares", args=[shared.pk]))

    states = [(each.filled, each.may_fill) for each in response.context["units"]]
    assert states == [(0, True), (1, False)]
    row.refresh_from_db()
    assert row.actual == ""
    assert "待填：执法监督处" in response.content.decode()


def test_the_whole_is_not_typed(client, shared, filler):
    row = result_of(shared, "培训场次")
    client.force_login(filler)
    address = reverse("indicators:result", args=[shared.pk, row.pk])

    form = client.get(address).context["form"]
    sent = {"version": row.version, "actual": "99", "deviation_note": "补训"}
    client.post(address, sent)

    assert "actual" not in form.fields
    row.refresh_from_db()
    assert (row.actual, row.deviation_note) == ("", "补训")


def test_a_partner_fills_in_nothing_but_its_own_part(
    client, shared, unit, partner, partner_filler
):
    project = shared.project
    row = result_of(shared, "群众知晓程度")
    client.force_login(partner_filler)

    for name, keys in (
        ("indicators:result", [shared.pk, row.pk]),
        ("indicators:narrative", [shared.pk, "goal"]),
        ("indicators:share_fill", [shared.pk, unit.pk]),
        ("projects:edit", [project.pk]),
        ("projects:funding", [project.pk]),
        ("projects:status_request", [project.pk]),
        ("indicators:indicator_add", [project.pk]),
    ):
        assert client.post(reverse(name, args=keys), {}).status_code == 403, name
    for name, keys in (
        ("indicators:detail", [shared.pk]),
        ("projects:detail", [project.pk]),
        ("projects:shares", [project.pk]),
        ("projects:share_funding", [project.pk, partner.pk]),
    ):
        assert client.get(reverse(name, args=keys)).status_code == 200, name
    assert client.post(reverse("projects:shares", args=[project.pk])).status_code == 403
    assert "由您填写本单位部分" in client.get(reverse("workbench")).content.decode()


def test_money_of_all_units_makes_the_sum(client, shared, partner, partner_filler):
    project = shared.project
    client.force_login(partner_filler)
    address = reverse("projects:share_funding", args=[project.pk, partner.pk])
    sent = {
        "lines-TOTAL_FORMS": 1,
        "lines-INITIAL_FORMS": 0,
        "money_unit": "万元",
        "lines-0-version": 1,
        "lines-0-source": "appropriation",
        "lines-0-adjusted": "7",
        "lines-0-executed": "7",
    }

    assert client.post(address, sent).status_code == 302

    line = FundingLine.objects.get(unit=partner)
    assert line.adjusted == Decimal(70_000)
    fresh = BudgetProject.objects.get(pk=project.pk)
    # The lead has 23 and spent 13.32; with 7 more of each: 20.32 of 30.
    assert (fresh.adjusted, fresh.execution_ratio) == (
        Decimal(300_000),
        Decimal("0.6773"),
    )
    rows = assemble(shared.pk).funds.rows
    assert [row.source for row in rows] == ["total", "appropriation"]
    assert rows[1].adjusted == Decimal(30)
    page = client.get(reverse("projects:shares", args=[project.pk])).content.decode()
    assert "7.00" in page


def test_what_cannot_be_added_is_refused_with_the_text_kept(
    client, shared, partner, partner_filler
):
    row = result_of(shared, "培训场次")
    client.force_login(partner_filler)
    address = reverse("indicators:share_fill", args=[shared.pk, partner.pk])
    sent = {}
    for form in client.get(address).context["forms"]:
        sent[f"{form.prefix}-version"] = "1"
        sent[f"{form.prefix}-actual"] = "约8场" if form.result == row else "90"

    response = client.post(address, sent)

    assert "培训场次：“约8场”不是一个确定的数" in response.content.decode()
    assert 'value="约8场"' in response.content.decode()
    assert not ShareResult.objects.exclude(actual="").exists()


def test_two_of_a_unit_who_save_at_once_see_both_values(
    client, shared, partner, partner_filler
):
    row = result_of(shared, "培训场次")
    client.force_login(partner_filler)
    address = reverse("indicators:share_fill", args=[shared.pk, partner.pk])
    sent = {}
    for form in client.get(address).context["forms"]:
        sent[f"{form.prefix}-version"] = "1"
        sent[f"{form.prefix}-actual"] = "9"
    save_shares(None, shared, partner, {row.pk: ("8", 1)})
    with pytest.raises(StaleError):
        save_shares(None, shared, partner, {row.pk: ("7", 1)})

    stale = client.post(address, sent)
    sent[f"result{row.pk}-version"] = "2"
    decided = client.post(address, sent)

    assert stale.status_code == 409
    assert 'value="9"' in stale.content.decode()
    assert "他人" in stale.content.decode()
    assert decided.status_code == 302
    assert ShareResult.objects.get(result=row, unit=partner).actual == "9"


def test_what_was_sent_up_is_closed_to_every_unit(
    client, shared, partner, partner_filler
):
    row = result_of(shared, "培训场次")
    submit(shared)
    client.force_login(partner_filler)
    address = reverse("indicators:share_fill", args=[shared.pk, partner.pk])

    assert client.get(address).status_code == 302
    sent = {f"result{row.pk}-version": 1, f"result{row.pk}-actual": "8"}
    other = result_of(shared, "群众满意度")
    sent |= {f"result{other.pk}-version": 1, f"result{other.pk}-actual": "90"}
    assert client.post(address, sent).status_code == 409
    assert not ShareResult.objects.exists()


def test_strangers_find_nothing(client, shared, partner):
    client.force_login(make_user(Role.FILLER, make_department()))

    for name, keys in (
        ("indicators:shares", [shared.pk]),
        ("indicators:share_fill", [shared.pk, partner.pk]),
        ("projects:shares", [shared.project_id]),
        ("projects:share_funding", [shared.project_id, partner.pk]),
    ):
        assert client.get(reverse(name, args=keys)).status_code == 404


def test_the_lead_adds_a_unit_by_its_code_and_takes_out_one_without_figures(
    client, assessment, filler, partner
):
    project = assessment.project
    client.force_login(filler)
    address = reverse("projects:shares", args=[project.pk])

    unknown = client.post(address, {"code": "nowhere"})
    own = client.post(address, {"code": project.unit.code})
    added = client.post(address, {"code": partner.code})
    twice = client.post(address, {"code": partner.code})

    assert "没有编码为“nowhere”的单位" in unknown.content.decode()
    assert "牵头单位" in str(own.context["form"].errors["code"])
    assert added.status_code == 302
    assert "已是本项目的参与实施单位" in twice.content.decode()
    share = project.shares.get()
    combine_by("培训场次", Combination.SUM)
    row = result_of(assessment, "培训场次")
    save_shares(None, assessment, partner, {row.pk: ("8", 1)})
    kept = client.post(address, {"remove": share.pk})
    assert "已填指标完成情况" in kept.content.decode()
    save_shares(None, assessment, partner, {row.pk: ("", 2)})
    client.post(address, {"remove": share.pk})
    assert not UnitShare.objects.exists()
    actions = AuditEvent.objects.filter(action__startswith="share.")
    assert set(actions.values_list("action", flat=True)) == {
        "share.added",
        "share.changed",
        "share.removed",
    }


def test_a_unit_with_money_stays(shared, partner):
    line = {"project": shared.project, "unit": partner, "source": "other"}
    FundingLine.objects.create(**line)

    with pytest.raises(ValidationError, match="已填资金"):
        remove_share(None, shared.project.shares.get())


def test_how_a_target_is_combined_is_said_even_when_it_is_approved(
    client, shared, filler
):
    indicator = shared.project.indicators.get(level3="培训场次")
    Indicator.objects.filter(pk=indicator.pk).update(is_approved=True)
    client.force_login(filler)
    address = reverse(
        "indicators:indicator_edit", args=[shared.project_id, indicator.pk]
    )

    form = client.get(address).context["form"]
    sent = {"combination": "average", "target": "1", "version": 1}
    response = client.post(address, sent)

    assert set(form.fields) == {"combination", "version"}
    assert response.status_code == 302
    indicator.refresh_from_db()
    assert (indicator.combination, indicator.target) == ("average", "50")


def test_pages_of_many_shared_indicators_ask_the_database_no_more(
    client, shared, filler, django_assert_max_num_queries
):
    for _ in range(3):
        add_share(None, shared.project, make_department())
    client.force_login(filler)

    with django_assert_max_num_queries(12):
        client.get(reverse("indicators:shares", args=[shared.pk]))
    with django_assert_max_num_queries(12):
        client.get(reverse("projects:shares", args=[shared.project_id]))


def test_an_unshared_assessment_page_reads_no_shares(client, unit, filler):
    assessment = make_assessment(make_project(unit), make_task())
    client.force_login(filler)

    asked = queries_of(client, reverse("indicators:detail", args=[assessment.pk]))

    assert not [sql for sql in asked if ShareResult._meta.db_table in sql]
    assert IndicatorResult.objects.filter(assessment=assessment).count() == 3

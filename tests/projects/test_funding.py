"""All funding lines of a project on one page."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from perfeval.models import AuditEvent
from projects.models import FundingLine, Role
from projects.services import delete_funding, save_funding
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db
AMOUNTS = ("initial", "adjusted", "received", "executed")


@pytest.fixture
def unit():
    return make_department(make_department())


@pytest.fixture
def filler(client, unit):
    user = make_user(Role.FILLER, unit)
    client.force_login(user)
    return user


@pytest.fixture
def project(unit):
    return make_project(unit)


def row(line=None, *, source="appropriation", delete=False, **amounts):
    """Return one row as the page sends it."""
    sent = {
        "line_id": line.pk if line else "",
        "version": line.version if line else 1,
        "source": line.source if line else source,
        **{name: amounts.get(name, "") for name in AMOUNTS},
    }
    return {**sent, "DELETE": "on"} if delete else sent


def sent(*rows, unit="万元", **more):
    """Return what the page sends for these rows."""
    data = {
        "lines-TOTAL_FORMS": len(rows),
        "lines-INITIAL_FORMS": len(rows),
        "money_unit": unit,
        **more,
    }
    for place, each in enumerate(rows):
        data.update({f"lines-{place}-{name}": value for name, value in each.items()})
    return data


def post(client, project, data, name="projects:funding", **headers):
    return client.post(reverse(name, args=[project.pk]), data, headers=headers)


def test_the_page_shows_every_line_in_ten_thousands(client, filler, project):
    page = client.get(reverse("projects:funding", args=[project.pk])).content.decode()

    assert 'value="23.00"' in page
    assert 'value="13.32"' in page
    assert "57.91%" in page


@pytest.mark.parametrize(
    ("typed", "money_unit", "stored"),
    [
        ("1,234.50", "万元", "12345000.00"),
        ("１２３４.５", "万元", "12345000.00"),
        ("133200元", "万元", "133200.00"),
        ("13.32万元", "元", "133200.00"),
        ("133200", "元", "133200.00"),
        ("0.000001", "万元", "0.01"),
        ("￥57.6", "万元", "576000.00"),
        ("¥ 1,234.50", "元", "1234.50"),
        ("人民币57.6万元", "元", "576000.00"),
    ],
)
def test_amounts_are_read_as_people_write_them(
    client, filler, project, typed, money_unit, stored
):
    line = project.funding_lines.get()

    post(client, project, sent(row(line, executed=typed), unit=money_unit))

    line.refresh_from_db()
    assert line.executed == Decimal(stored)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("约50", "“约50”不是金额，请只填数字，如 13.32"),
        ("0.0000001", "精确到了分以下，最小到分"),
        ("-5", "金额不能为负数"),
        ("5个", "不是元或万元"),
        ("9" * 20, "过大"),
    ],
)
def test_what_is_no_amount_is_named_at_its_cell_and_stays(
    client, filler, project, typed, message
):
    line = project.funding_lines.get()

    response = post(client, project, sent(row(line, executed=typed)))

    page = response.content.decode()
    assert message in page
    assert "第 1 行「全年执行数」" in page
    assert f'value="{typed}"' in page
    line.refresh_from_db()
    assert line.executed == Decimal("133200.00")


def test_lines_are_added_changed_and_deleted_in_one_save(client, filler, project):
    line = project.funding_lines.get()
    other = FundingLine.objects.create(
        project=project, source="other", adjusted=Decimal(10000)
    )
    rows = sent(
        row(line, initial="23", adjusted="23", executed="20.7"),
        row(other, delete=True),
        row(source="carryover", adjusted="7", executed="6.3"),
        row(source="unit_funds"),
    )

    response = post(client, project, rows)

    assert response.status_code == 302
    stored = {each.source: each.executed for each in project.funding_lines.all()}
    assert stored == {
        "appropriation": Decimal("207000.00"),
        "carryover": Decimal("63000.00"),
    }
    page = client.get(response["Location"]).content.decode()
    assert "已保存资金，预算执行率 90.00%" in page  # (20.7 + 6.3) ÷ (23 + 7)
    events = AuditEvent.objects.filter(action__startswith="funding.")
    actions = events.values_list("action", flat=True)
    assert sorted(actions) == ["funding.changed", "funding.changed", "funding.deleted"]


def test_a_source_can_be_deleted_and_entered_anew_at_once(client, filler, project):
    line = project.funding_lines.get()

    post(client, project, sent(row(line, delete=True), row(adjusted="5")))

    assert project.funding_lines.get().adjusted == Decimal("50000.00")


def test_a_source_entered_twice_is_refused(client, filler, project):
    line = project.funding_lines.get()

    response = post(client, project, sent(row(line, adjusted="1"), row(adjusted="2")))

    assert "“当年财政拨款”与第 1 行重复" in response.content.decode()
    assert project.funding_lines.count() == 1


def test_a_form_sent_twice_adds_one_line(client, filler, project):
    line = project.funding_lines.get()
    data = sent(row(line, adjusted="23"), row(source="other", adjusted="1"))

    post(client, project, data)
    repeated = post(client, project, data)

    assert project.funding_lines.count() == 2
    assert repeated.status_code in (200, 409)


def test_one_stale_line_holds_back_all_and_shows_both_texts(client, filler, project):
    line = project.funding_lines.get()
    data = sent(row(line, executed="20"), row(source="other", adjusted="1"))
    save_funding(None, line, {"executed": Decimal("150000.00")}, version=1)

    refused = post(client, project, data)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "第 1 行的内容在您填写时已由他人保存" in page
    assert "15.00" in page
    assert 'value="20"' in page
    assert project.funding_lines.count() == 1

    decided = post(client, project, {**data, "lines-0-version": "2"})

    line.refresh_from_db()
    assert decided.status_code == 302
    assert line.executed == Decimal("200000.00")


def test_a_line_that_others_deleted_is_kept_as_a_new_one(client, filler, project):
    line = project.funding_lines.get()
    data = sent(row(line, executed="20"))
    delete_funding(None, line, version=1)

    refused = post(client, project, data)

    assert refused.status_code == 409
    assert "第 1 行的资金来源已被他人删除" in refused.content.decode()

    decided = post(client, project, {**data, "lines-0-line_id": ""})

    assert decided.status_code == 302
    assert project.funding_lines.get().executed == Decimal("200000.00")


def test_a_deletion_of_what_others_changed_is_held_back(client, filler, project):
    line = project.funding_lines.get()
    data = sent(row(line, delete=True))
    save_funding(None, line, {"executed": Decimal("150000.00")}, version=1)

    refused = post(client, project, data)

    assert refused.status_code == 409
    assert project.funding_lines.count() == 1


def test_sums_follow_while_typing_and_nothing_is_saved(client, filler, project):
    line = project.funding_lines.get()
    rows = sent(
        row(line, adjusted="20", executed="15"),
        row(source="carryover", adjusted="10", executed="0"),
        row(source="other", adjusted="99", delete=True),
    )

    page = post(client, project, rows, "projects:funding_sums").content.decode()

    text = "".join(page.split())
    assert '<spanid="total-adjusted"hx-swap-oob="true">30.00</span>' in text
    assert '<spanid="total-executed"hx-swap-oob="true">15.00</span>' in text
    assert '<spanid="total-ratio"hx-swap-oob="true">50.00%</span>' in text
    assert '<spanid="lines-0-ratio"hx-swap-oob="true">75.00%</span>' in text
    line.refresh_from_db()
    assert line.executed == Decimal("133200.00")


def test_a_sum_is_not_shown_while_one_amount_in_it_is_unclear(client, filler, project):
    rows = sent(row(adjusted="20", executed="15"), row(source="other", executed="约3"))

    page = post(client, project, rows, "projects:funding_sums").content.decode()

    text = "".join(page.split())
    assert '<spanid="total-adjusted"hx-swap-oob="true">20.00</span>' in text
    assert '<spanid="total-executed"hx-swap-oob="true">—</span>' in text
    assert '<spanid="total-ratio"hx-swap-oob="true">—</span>' in text


def test_a_row_more_keeps_what_is_typed_and_saves_nothing(client, filler, project):
    line = project.funding_lines.get()
    data = sent(row(line, executed="约50"), add_row="1")

    whole = post(client, project, data)
    part = post(client, project, data, **{"HX-Request": "true"})

    assert "<html" in whole.content.decode()
    page = part.content.decode()
    assert "<html" not in page
    assert 'value="约50"' in page
    assert "不是金额" not in page
    assert 'name="lines-1-source"' in page
    assert 'value="carryover" selected' in page  # the first source not yet used
    assert project.funding_lines.count() == 1


def test_the_other_unit_shows_the_same_money(client, filler, project):
    line = project.funding_lines.get()
    data = sent(row(line, adjusted="23", executed="约3"), switch_to="元")

    page = post(client, project, data).content.decode()

    assert 'value="230000.00"' in page
    assert 'value="约3"' in page
    assert 'name="money_unit" value="元"' in page


def test_money_in_a_report_sent_up_stays_and_the_text_is_kept(client, filler, project):
    assessment = make_assessment(project)
    line = project.funding_lines.get()
    data = sent(row(line, executed="22.22"))
    submit(assessment)

    response = post(client, project, data)

    page = response.content.decode()
    assert response.status_code == 409
    assert "审核中" in page
    assert 'value="22.22"' in page
    line.refresh_from_db()
    assert line.executed == Decimal("133200.00")
    assert client.get(reverse("projects:funding", args=[project.pk])).status_code == 302


def test_the_score_follows_the_money(client, filler, project):
    assessment = make_assessment(project)
    line = project.funding_lines.get()

    post(client, project, sent(row(line, adjusted="23", executed="23")))

    assessment.refresh_from_db()
    assert assessment.total == Decimal("10.00")  # nothing but execution is filled in


def test_reviewers_may_not_edit_and_strangers_find_nothing(client, project):
    pages = ("projects:funding", "projects:funding_sums")
    line = project.funding_lines.get()
    data = sent(row(line, executed="1"))

    client.force_login(make_user(Role.UNIT_REVIEWER, project.unit))
    refused = [post(client, project, data, name).status_code for name in pages]
    client.force_login(make_user(Role.FILLER, make_department()))
    unseen = [post(client, project, data, name).status_code for name in pages]

    assert refused == [403, 403]
    assert unseen == [404, 404]


def test_a_classified_project_has_no_money(client, filler, unit):
    project = make_project(unit, name="", status="classified", money=None)

    response = post(client, project, sent(row(adjusted="1")))

    assert response.status_code == 403
    with pytest.raises(Exception, match="涉密项目"), transaction.atomic():
        save_funding(None, FundingLine(project=project), {}, version=1)


def test_a_request_without_its_rows_changes_nothing(client, filler, project):
    response = post(client, project, {"money_unit": "万元"})

    assert response.status_code == 200
    assert project.funding_lines.count() == 1


def test_more_rows_than_the_page_has_are_refused_in_words_of_the_page(
    client, filler, project
):
    sent = {
        "lines-TOTAL_FORMS": "50",
        "lines-INITIAL_FORMS": "0",
        "money_unit": "万元",
    }

    response = client.post(reverse("projects:funding", args=[project.pk]), sent)

    assert "最多填写 20 行，请减少行数" in response.content.decode()
    assert "表单" not in response.content.decode().partition("<main")[2]

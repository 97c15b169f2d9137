"""Bodies: the tree, a new name with its day, a merger; nothing is deleted."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from perfeval.models import AuditEvent
from projects.access import may_view
from projects.departments import merge_department, rename_department, update_department
from projects.models import BudgetProject, Department, FormerName, Membership, Role
from reports.assembly import document_of
from tests.factories import (
    make_assessment,
    make_department,
    make_membership,
    make_project,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
YEAR = TODAY.year


@pytest.fixture
def administrator(client):
    office = make_department(code="001", name="信息中心")
    person = make_user(Role.SYSTEM_ADMIN, office, name="赵敏")
    client.force_login(person)
    return person


@pytest.fixture
def bureau():
    return make_department(code="118", name="云水市司法局")


def page(name, department):
    return reverse(f"departments:{name}", args=[department.pk])


def edited(department, **values):
    return {
        "code": department.code,
        "name": department.name,
        "parent": department.parent_id or "",
        "section": department.section_id or "",
        "is_active": "on",
        "version": department.version,
        **values,
    }


def test_the_tree_lists_bodies_in_use_with_their_people(client, administrator, bureau):
    unit = make_department(bureau, code="118001", name="法律援助中心")
    make_department(code="900", name="撤销的单位", is_active=False)
    make_membership(make_user(), Role.FILLER, unit)
    make_membership(make_user(), Role.FILLER, unit, valid_to=TODAY - timedelta(days=1))

    listed = client.get(reverse("departments:list"))
    closed = client.get(reverse("departments:list"), {"closed": "on"})

    rows = {each.name: each.people for each in listed.context["page_obj"]}
    assert rows == {"信息中心": 1, "云水市司法局": 0, "法律援助中心": 1}
    assert "撤销的单位" in closed.text


def test_the_list_asks_the_same_whatever_the_rows(client, administrator, bureau):
    few = queries_of(client, reverse("departments:list"))
    for _ in range(30):
        make_membership(make_user(), Role.FILLER, make_department(bureau))

    assert len(queries_of(client, reverse("departments:list"))) == len(few) <= 12
    assert len(queries_of(client, page("detail", bureau))) <= 12


def test_a_department_is_added_below_another_with_its_section(
    client, administrator, bureau
):
    section = make_department(code="101003", name="行政政法科")

    answered = client.post(
        reverse("departments:add"),
        {"code": "118001", "name": "法律援助中心", "parent": bureau.pk}
        | {"section": section.pk, "version": 1},
    )

    unit = Department.objects.get(code="118001")
    assert answered.url == page("detail", unit)
    assert (unit.path, unit.section) == ("118/118001/", section)
    assert AuditEvent.objects.filter(subject=f"projects.department:{unit.pk}").exists()


def test_an_edit_moves_a_department_and_all_below(client, administrator, bureau):
    other = make_department(code="200", name="某局")
    unit = make_department(bureau, code="118001")
    below = make_department(unit, code="118001001")

    client.post(page("edit", unit), edited(unit, parent=other.pk))

    below.refresh_from_db()
    assert below.path == "200/118001/118001001/"
    event = AuditEvent.objects.get(action="department.changed")
    assert (event.before["parent"], event.after["parent"]) == ("云水市司法局", "某局")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"code": "编码"}, "单位编码只能由数字、字母和连字符组成"),
        ({"name": ""}, "请填写单位名称"),
        ({"is_active": ""}, "本单位还有在任人员、还有在用的下级单位，不能停用"),
    ],
    ids=["code", "name", "closed with people in it"],
)
def test_a_wrong_edit_is_told_and_the_rest_stays(
    client, administrator, bureau, typed, message
):
    make_membership(make_user(), Role.FILLER, bureau)
    make_department(bureau, code="118001")

    answered = client.post(page("edit", bureau), edited(bureau, **typed))

    assert message in answered.text


def test_a_department_cannot_be_put_below_itself(client, administrator, bureau):
    below = make_department(bureau, code="118001")

    answered = client.post(page("edit", bureau), edited(bureau, parent=below.pk))

    assert "上级单位不能是本单位或本单位的下级" in answered.text


def test_a_stale_edit_shows_both_and_the_next_save_decides(
    client, administrator, bureau
):
    sent = edited(bureau, name="司法局（更正）")
    update_department(None, bureau, {"name": "市司法局"}, version=1)

    refused = client.post(page("edit", bureau), sent)
    decided = client.post(page("edit", bureau), {**sent, "version": 2})

    assert refused.status_code == 409
    assert "市司法局" in refused.text
    assert 'value="司法局（更正）"' in refused.text
    assert decided.status_code == 302
    bureau.refresh_from_db()
    assert bureau.name == "司法局（更正）"


def test_a_correction_leaves_no_former_name(client, administrator, bureau):
    client.post(page("edit", bureau), edited(bureau, name="云水市司法局（更正）"))

    assert not FormerName.objects.exists()


def test_a_renamed_body_keeps_its_former_names_and_old_reports_theirs(
    client, administrator, bureau
):
    old = make_assessment(make_project(bureau, year=2022))
    new = make_assessment(make_project(bureau, year=2024))

    client.post(
        page("rename", bureau),
        {"name": "云水市司法信访局", "since": "2023-07-01", "version": 1},
    )
    client.post(
        page("rename", bureau),
        {"name": "云水市政法局", "since": "2025-01-01", "version": 2},
    )

    names = [
        (each.name, each.valid_from, each.valid_to)
        for each in FormerName.objects.order_by("valid_from")
    ]
    assert names == [
        ("云水市司法局", date(2000, 1, 1), date(2023, 6, 30)),
        ("云水市司法信访局", date(2023, 7, 1), date(2024, 12, 31)),
    ]
    assert document_of(old).project.unit == "云水市司法局"
    assert document_of(new).project.unit == "云水市司法信访局"
    shown = client.get(page("detail", bureau)).text
    assert "自2025年1月1日起" in shown
    assert "2023年7月1日至2024年12月31日" in shown
    assert AuditEvent.objects.filter(action="department.renamed").count() == 2


@pytest.mark.parametrize(
    ("name", "since", "message"),
    [
        ("云水市司法局", "2024-01-01", "新名称与现名称相同"),
        ("新名称", "2099-01-01", "启用日期不能晚于今天"),
        ("新名称", "2020-06-01", "现名称自2020年6月1日起使用"),
        ("新名称", "", "请填写启用日期"),
    ],
    ids=["same name", "a later day", "before the present name", "no day"],
)
def test_a_new_name_with_a_wrong_day_is_refused(
    client, administrator, bureau, name, since, message
):
    FormerName.objects.create(
        department=bureau,
        name="云水县司法局",
        valid_from=date(2000, 1, 1),
        valid_to=date(2020, 5, 31),
    )

    answered = client.post(
        page("rename", bureau), {"name": name, "since": since, "version": 1}
    )

    assert message in str(answered.context["form"].errors)
    assert FormerName.objects.count() == 1


def test_a_stale_new_name_is_kept_and_asked_again(client, administrator, bureau):
    sent = {"name": "云水市政法局", "since": "2024-01-01", "version": 1}
    rename_department(None, bureau, "云水市司法信访局", date(2023, 1, 1), version=1)

    refused = client.post(page("rename", bureau), sent)

    assert refused.status_code == 409
    assert "他人刚刚修改了这个单位" in refused.text
    assert 'value="云水市政法局"' in refused.text


class Merged:
    """A body about to be merged, with all that hangs on it."""

    def __init__(self):
        self.target = make_department(code="200", name="云水市政法局")
        self.source = make_department(code="118", name="云水市司法局")
        self.child = make_department(self.source, code="118001", name="法律援助中心")
        self.supervised = make_department(section=self.source, code="300")
        self.filler = make_user(name="王芳")
        self.role = make_membership(self.filler, Role.FILLER, self.source)
        self.running = make_project(self.source, year=YEAR, code="11")
        self.childs = make_project(self.child, year=YEAR, code="12")
        self.old = make_project(self.source, year=YEAR - 2, code="13")
        self.cancelled = make_project(
            self.source, year=YEAR, code="14", status="cancelled", status_reason="撤"
        )
        self.sent_up = make_project(self.source, year=YEAR, code="15")
        submit(make_assessment(self.sent_up))

    def merge(self, user=None):
        return merge_department(user, self.source, self.target, TODAY, version=1)


@pytest.fixture
def merged():
    return Merged()


def test_a_merged_body_is_closed_linked_and_still_there(merged):
    merged.merge()

    source = Department.objects.get(code="118")
    assert (source.is_active, source.merged_into, source.merged_on) == (
        False,
        merged.target,
        TODAY,
    )
    child = Department.objects.get(code="118001")
    assert (child.parent, child.path) == (merged.target, "200/118001/")
    merged.supervised.refresh_from_db()
    assert merged.supervised.section == merged.target


def test_roles_end_in_the_merged_body_and_go_on_in_the_other(merged):
    merged.merge()

    held = Membership.objects.filter(user=merged.filler).order_by("valid_from")
    assert [(each.department, each.valid_from, each.valid_to) for each in held] == [
        (merged.source, date(2020, 1, 1), TODAY - timedelta(days=1)),
        (merged.target, TODAY, None),
    ]


def test_a_role_held_in_both_bodies_is_not_given_twice(merged):
    make_membership(merged.filler, Role.FILLER, merged.target)

    merged.merge()

    current = Membership.objects.current().filter(user=merged.filler)
    assert [each.department for each in current] == [merged.target]


def test_running_projects_move_and_old_or_sent_up_ones_stay(merged):
    moved = merged.merge()

    units = dict(BudgetProject.objects.values_list("code", "unit__code"))
    assert units == {"11": "200", "12": "118001", "13": "118", "14": "118", "15": "118"}
    departments = dict(
        BudgetProject.objects.values_list("code", "supervising_department__code")
    )
    assert departments["12"] == "200"
    assert departments["13"] == "118"
    assert {each.code for each in moved.projects} == {"11", "12"}
    assert moved.staying == 3
    merged.running.refresh_from_db()
    assert merged.running.version == 2
    event = AuditEvent.objects.get(
        subject=f"projects.budgetproject:{merged.running.pk}"
    )
    assert event.after["unit"] == "云水市政法局"


def test_who_moved_along_still_sees_the_old_projects(merged):
    merged.merge()

    filler = type(merged.filler).objects.get(pk=merged.filler.pk)
    old = BudgetProject.objects.select_related("unit", "section").get(code="13")
    assert may_view(filler, old)
    assert BudgetProject.objects.visible_to(filler).count() == 5


@pytest.mark.parametrize(
    ("into", "message"),
    [
        ("118001", "不能并入本单位或本单位的下级"),
        ("118", "不能并入本单位或本单位的下级"),
        ("900", "该单位已停用"),
    ],
    ids=["below it", "itself", "closed"],
)
def test_a_merger_that_makes_no_sense_is_refused(merged, into, message):
    make_department(code="900", is_active=False)
    target = Department.objects.get(code=into)

    with pytest.raises(ValidationError, match=message):
        merge_department(None, merged.source, target, TODAY, version=1)


def test_a_merger_is_done_on_its_day(merged):
    tomorrow = timezone.localdate() + timedelta(days=1)

    with pytest.raises(ValidationError, match="合并日期不能晚于今天"):
        merge_department(None, merged.source, merged.target, tomorrow, version=1)


def test_the_page_shows_what_moves_before_it_does(client, administrator, merged):
    typed = {"target": merged.target.pk, "on": TODAY.isoformat(), "version": 1}

    shown = client.post(page("merge", merged.source), typed)
    still = Department.objects.get(code="118").is_active
    done = client.post(page("merge", merged.source), {**typed, "confirmed": "1"})
    again = client.post(page("merge", merged.source), {**typed, "confirmed": "1"})

    assert "将转入" in shown.text
    assert "2 个" in shown.text
    assert still
    assert done.url == page("detail", merged.target)
    assert "本单位已停用，不能再合并" in again.text
    event = AuditEvent.objects.get(action="department.merged")
    assert (event.user, event.after["projects"]) == (administrator, 2)
    linked = client.get(page("detail", merged.source)).text
    assert page("detail", merged.target) in linked


def test_the_database_refuses_a_merged_body_in_use(bureau):
    other = make_department()

    with pytest.raises(IntegrityError, match="department_merged_on_a_day"):
        Department.objects.filter(pk=bureau.pk).update(
            merged_into=other, merged_on=TODAY
        )


@pytest.mark.parametrize("role", [Role.PERFORMANCE_SECTION, Role.AUDIT_ADMIN])
def test_other_roles_are_refused(client, bureau, role):
    client.force_login(make_user(role, bureau))

    addresses = [
        reverse("departments:list"),
        reverse("departments:add"),
        *(page(name, bureau) for name in ("detail", "edit", "rename", "merge")),
    ]
    assert {client.get(each).status_code for each in addresses} == {403}
    typed = {"name": "x", "since": "2024-01-01", "version": 1}
    assert client.post(page("rename", bureau), typed).status_code == 403

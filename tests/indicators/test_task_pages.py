"""Pages of tasks: who may, what is refused with the text kept, what goes where."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from indicators.models import (
    EvaluationTask,
    Holiday,
    MaterialRule,
    SelfAssessment,
    TaskExemption,
    TaskPassing,
    TaskState,
)
from projects.models import Role
from tests.factories import (
    YEAR,
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_scheme,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj"


@pytest.fixture
def draft():
    return make_task(state=TaskState.DRAFT, title="待下达任务")


@pytest.fixture
def as_section(client, performance_section):
    client.force_login(performance_section)
    return client


def typed(**values):
    """Return what a browser sends from the task's form."""
    data = {
        "title": "2024年度自评",
        "year": str(YEAR),
        "scheme": make_scheme().pk,
        "notice_number": "文号照通知原文",
        "notice": "请按时填报。\r\n逐项填写。",
        "contact": "郑岚",
        "phone": "0700-0000101",
        "opens_at": "2025-02-10T09:00",
        "due_at": "2025-03-31T17:30",
        "due_rule": "as_typed",
        "default_material": "form",
        "version": "1",
        "levels-TOTAL_FORMS": "4",
        "levels-INITIAL_FORMS": "4",
        "levels-0-is_used": "on",
        "levels-0-due_at": "2025-04-08T17:30",
        "levels-3-is_used": "on",
        "levels-3-due_at": "2025-05-09T17:30",
        "levels-3-gives_points": "on",
        "rules-TOTAL_FORMS": "2",
        "rules-INITIAL_FORMS": "0",
        "rules-0-from_amount": "500",
        "rules-0-material": "form_report_score",
        "rules-1-category": "专项资金项目",
        "rules-1-material": "form_report",
    }
    return {**data, **values}


def address(name, *arguments):
    return reverse(f"indicators:{name}", args=arguments)


# --- Who may


def pages(task):
    return [
        address("tasks"),
        address("task", task.pk),
        address("task_projects", task.pk),
        address("task_overdue", task.pk),
    ]


def writing(task):
    return [
        address("task_add"),
        address("task_edit", task.pk),
        address("task_choose", task.pk),
        address("task_extend", task.pk),
    ]


def test_log_in_is_asked_for(client, task):
    for each in (*pages(task), *writing(task), address("holidays")):
        assert client.get(each).url.startswith(reverse("login"))


def test_the_section_and_the_departments_look_the_section_alone_writes(
    client, performance_section, department_reviewer, filler, assessment, task
):
    found = {}
    for person in (performance_section, department_reviewer, filler):
        client.force_login(person)
        found[person] = (
            {client.get(each).status_code for each in pages(task)},
            {client.get(each).status_code for each in writing(task)},
        )

    assert found[performance_section] == ({200}, {200})
    assert found[department_reviewer] == ({200}, {403})
    assert found[filler] == ({403}, {403})


def test_a_department_without_anything_in_a_task_does_not_find_it(client, assessment):
    stranger = make_user(Role.DEPARTMENT_REVIEWER, make_department())
    client.force_login(stranger)

    for each in pages(assessment.task)[1:]:
        assert client.get(each).status_code == 404


def test_a_task_not_sent_out_is_the_sections_own(
    client, department_reviewer, unit, draft
):
    make_assessment(make_project(unit), draft)
    client.force_login(department_reviewer)

    assert client.get(address("task", draft.pk)).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PERFORMANCE_SECTION, 200),
        (Role.SYSTEM_ADMIN, 200),
        (Role.DEPARTMENT_REVIEWER, 403),
        (Role.FILLER, 403),
    ],
)
def test_holidays_are_kept_by_the_section_and_administrators(client, role, status):
    client.force_login(make_user(role, make_department()))

    assert client.get(address("holidays")).status_code == status


@pytest.mark.parametrize(
    "name", ["task_confirm", "task_send", "task_attach", "task_close", "task_reopen"]
)
def test_a_department_writes_nothing(client, department_reviewer, assessment, name):
    client.force_login(department_reviewer)

    answer = client.post(address(name, assessment.task_id))

    assert answer.status_code == 403


def test_the_navigation_offers_tasks_to_whom_they_concern(
    client, performance_section, department_reviewer, filler
):
    found = {}
    for person in (performance_section, department_reviewer, filler):
        client.force_login(person)
        found[person] = address("tasks") in client.get(reverse("workbench")).text

    assert list(found.values()) == [True, True, False]


# --- The task's form


def test_a_task_is_written_with_levels_and_rules(as_section):
    answer = as_section.post(address("task_add"), typed())

    task = EvaluationTask.objects.get()
    assert answer.url == address("task", task.pk)
    assert (task.state, task.notice) == ("draft", "请按时填报。\n逐项填写。")
    assert f"{timezone.localtime(task.due_at):%Y-%m-%d %H:%M}" == "2025-03-31 17:30"
    levels = task.levels.values_list("position", "role", "name", "gives_points")
    assert list(levels) == [
        (1, "unit_reviewer", "单位审核", False),
        (2, "performance_section", "绩效科复核", True),
    ]
    rules = MaterialRule.objects.values_list("from_amount", "category", "material")
    assert [(str(amount), *rest) for amount, *rest in rules] == [
        ("5000000.00", "", "form_report_score"),
        ("None", "专项资金项目", "form_report"),
    ]
    page = as_section.get(answer.url).text
    assert "文号照通知原文" in page
    assert "全年预算数 500.00 万元以上" in page


def test_every_mistake_is_told_at_once_and_the_text_is_kept(as_section):
    wrong = {
        "title": "",
        "due_at": "2025-02-01T17:30",
        "phone": "电话",
        "levels-3-due_at": "2025-04-01T17:30",
        "rules-0-from_amount": "很多",
        "rules-1-material": "",
        "notice": "写了很久的通知",
    }

    answer = as_section.post(address("task_add"), typed(**wrong))

    assert answer.status_code == 422
    for words in (
        "请填写任务名称",
        "填报截止时间应晚于开始时间",
        "联系电话只能由",
        "“绩效科复核”的截止时间早于“单位审核”",
        "“很多”不是金额",
        "请选择材料要求",
        "写了很久的通知",
    ):
        assert words in answer.text, words
    assert not EvaluationTask.objects.exists()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "明天"])
def test_an_impossible_time_is_no_error_of_the_server(as_section, moment):
    answer = as_section.post(address("task_add"), typed(due_at=moment))

    assert answer.status_code == 422
    assert "日期" in answer.text


def test_a_task_without_a_level_is_refused(as_section):
    data = typed()
    del data["levels-0-is_used"], data["levels-3-is_used"]

    answer = as_section.post(address("task_add"), data)

    assert "请至少设置一个审核级次" in answer.text
    assert not EvaluationTask.objects.exists()


def test_the_same_title_in_the_same_year_is_refused_in_words(as_section):
    make_task(title="2024年度自评")

    answer = as_section.post(address("task_add"), typed())

    assert answer.status_code == 422
    assert "本年度已有同名任务" in answer.text


def test_what_others_saved_is_shown_beside_ones_own(as_section, draft):
    EvaluationTask.objects.filter(pk=draft.pk).update(title="别人改的", version=2)

    first = as_section.post(
        address("task_edit", draft.pk), typed(title="我改的", version="1")
    )

    assert first.status_code == 409
    assert "别人改的" in first.text
    assert "我改的" in first.text
    assert 'name="version" value="2"' in first.text
    second = as_section.post(
        address("task_edit", draft.pk), typed(title="我改的", version="2")
    )
    draft.refresh_from_db()
    assert second.status_code == 302
    assert (draft.title, draft.version) == ("我改的", 3)


# --- Attachments


def attach(client, task, content=PDF, name="通知.pdf"):
    file = SimpleUploadedFile(name, content)
    return client.post(address("task_attach", task.pk), {"file": file}, follow=True)


def test_an_attachment_reaches_whoever_is_told_of_the_task(
    as_section, assessment, filler
):
    attach(as_section, assessment.task)
    file = assessment.task.attachments.get()
    url = address("task_attachment", assessment.task_id, file.pk)

    as_section.force_login(filler)
    answer = as_section.get(url)

    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    as_section.force_login(make_user(Role.FILLER, make_department()))
    assert as_section.get(url).status_code == 404


def test_a_file_that_is_something_else_is_refused_with_the_reason(as_section, draft):
    page = attach(as_section, draft, b"MZ program", "通知.pdf")

    assert "附件应是 PDF" in page.text
    assert not draft.attachments.exists()


def test_the_same_file_twice_is_told(as_section, draft):
    attach(as_section, draft)

    page = attach(as_section, draft, name="又一次.pdf")

    assert "就是这个文件" in page.text


def test_after_sending_out_attachments_stay(as_section, task, draft):
    attach(as_section, task)
    attach(as_section, draft, PDF + b"2")

    for each in (task, draft):
        as_section.post(address("task_detach", each.pk, each.attachments.get().pk))

    assert (task.attachments.count(), draft.attachments.count()) == (1, 0)


# --- Choosing, checking, sending out


def test_the_page_shows_who_is_in_and_who_is_out_by_the_filter(as_section, draft, unit):
    make_project(unit, name="在列项目", category="专项")
    make_project(unit, name="撤销项目", status="cancelled", category="专项")
    make_project(unit, name="别类项目", category="部门")

    page = as_section.get(address("task_choose", draft.pk), {"category": "专项"}).text

    assert "在列项目" in page
    assert "撤销项目" in page
    assert "不自评，登记为免报" in page
    assert "别类项目" not in page


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"amount": "500"}, {"大项目"}),
        ({"amount": "5000000元"}, {"大项目"}),
        ({"text": "小"}, {"小项目"}),
        ({"fund_nature": "general"}, {"大项目", "小项目"}),
    ],
    ids=["amount in 万元", "amount in 元", "words", "nature"],
)
def test_projects_are_found_by_what_they_are(as_section, draft, unit, condition, names):
    make_project(unit, name="大项目", money=("1", "5000000", "1"))
    make_project(unit, name="小项目", money=("1", "4999999", "1"))

    response = as_section.get(address("task_choose", draft.pk), condition)

    found = response.context["preview"].enters
    assert {each.project.name for each in found} == names


def test_what_is_chosen_is_shown_before_it_is_sent(as_section, draft, unit):
    chosen = make_project(unit, name="选中的")
    make_project(unit, name="没选的")

    page = as_section.post(address("task_confirm", draft.pk), {"project": [chosen.pk]})

    assert page.context["ids"] == str(chosen.pk)
    assert "市司法局 1 个" in page.text
    assert "1 个项目有提示" in page.text
    assert not SelfAssessment.objects.exists()


def test_nothing_ticked_leads_back_with_a_word(as_section, draft):
    answer = as_section.post(address("task_confirm", draft.pk), follow=True)

    assert "请先勾选要下达的项目" in answer.text


def test_sent_out_twice_by_a_second_press_nothing_is_doubled(as_section, draft, unit):
    projects = [make_project(unit) for _ in range(3)]
    exempt = make_project(unit, status="unspent")
    data = {"projects": ",".join(str(each.pk) for each in (*projects, exempt))}

    first = as_section.post(address("task_send", draft.pk), data, follow=True)
    second = as_section.post(address("task_send", draft.pk), data, follow=True)

    assert "已下达 3 个项目，登记免报 1 个" in first.text
    assert "已下达 0 个项目，4 个没有变动" in second.text
    assert SelfAssessment.objects.count() == 3


def test_nonsense_in_place_of_projects_sends_nothing(as_section, draft):
    data = {"projects": "1;DROP,²,-3,99999999999999999999"}

    answer = as_section.post(address("task_send", draft.pk), data, follow=True)

    assert answer.status_code == 200
    assert not SelfAssessment.objects.exists()


# --- In the task: taken back, extended, ended


def act(client, task, action, ids, **values):
    data = {"assessment": ids, **values}
    return client.post(address("task_act", task.pk, action), data, follow=True)


def test_taking_back_asks_for_the_reason_first(as_section, assessment, task):
    asked = act(as_section, task, "take-back", [assessment.pk])
    empty = act(as_section, task, "take-back", [assessment.pk], confirmed="1")
    done = act(
        as_section, task, "take-back", [assessment.pk], confirmed="1", reason="误下达"
    )

    assert "执法培训" in asked.text
    assert "请填写原因" not in asked.text
    assert "请填写原因" in empty.text
    assert "已收回 1 个项目的绩效自评" in done.text
    assert "误下达" in done.text
    assessment.refresh_from_db()
    assert assessment.is_exempt


def test_what_cannot_be_done_is_told_with_the_reason(as_section, assessment, filler):
    submit(assessment, filler)
    later = timezone.localtime(timezone.now() + timedelta(days=60))

    done = act(
        as_section,
        assessment.task,
        "extend",
        [assessment.pk],
        confirmed="1",
        reason="系统故障",
        due_at=f"{later:%Y-%m-%dT%H:%M}",
    )

    assert "未延期：1 个审核中，不需要延期" in done.text


def test_a_department_is_extended_on_a_page_of_its_own(
    as_section, assessment, task, department
):
    later = timezone.localtime(timezone.now() + timedelta(days=60))
    data = {
        "department": department.pk,
        "due_at": f"{later:%Y-%m-%dT%H:%M}",
        "reason": "系统故障",
    }

    shown = as_section.post(address("task_extend", task.pk), data)
    assessment.refresh_from_db()
    before = assessment.due_at
    data["confirmed"] = "1"
    answer = as_section.post(address("task_extend", task.pk), data, follow=True)

    assert shown.context["extension"].extended == 1
    assert assessment.project.name in shown.text
    assert before is None
    assert "已延期 1 个项目的绩效自评" in answer.text
    assessment.refresh_from_db()
    assert f"{timezone.localtime(assessment.due_at):%H:%M}" == f"{later:%H:%M}"


def test_a_time_that_is_past_is_refused_and_the_reason_is_kept(
    as_section, assessment, task, department
):
    data = {
        "department": department.pk,
        "due_at": "2020-01-01T00:00",
        "reason": "系统故障三天",
    }

    answer = as_section.post(address("task_extend", task.pk), data)

    assert answer.status_code == 422
    assert "已经过去" in answer.text
    assert "系统故障三天" in answer.text


def test_who_is_not_extended_is_shown_beforehand_with_the_reason(
    as_section, assessment, task, department, unit, filler
):
    later = make_assessment(make_project(unit, name="已延期项目"), task)
    far = timezone.now() + timedelta(days=400)
    SelfAssessment.objects.filter(pk=later.pk).update(due_at=far)
    submit(make_assessment(make_project(unit, name="已送审项目"), task), filler)
    day = timezone.localtime(timezone.now() + timedelta(days=60))
    data = {
        "department": department.pk,
        "due_at": f"{day:%Y-%m-%dT%H:%M}",
        "reason": "系统故障",
    }

    answer = as_section.post(address("task_extend", task.pk), data)

    found = answer.context["extension"]
    against = {each.project.name: why for each, why in found.rows}
    assert against == {
        assessment.project.name: "",
        "已延期项目": "原截止时间不早于所填时间",
        "已送审项目": "审核中，不需要延期",
    }
    assert found.extended == 1


def test_an_ended_task_can_be_taken_up_again(as_section, task):
    as_section.post(address("task_close", task.pk))
    task.refresh_from_db()
    ended = task.state
    as_section.post(address("task_reopen", task.pk))
    task.refresh_from_db()

    assert (ended, task.state) == ("closed", "sent")


def test_states_and_exemptions_are_listed_with_why(as_section, assessment, task, unit):
    SelfAssessment.objects.filter(pk=assessment.pk).update(
        exempt_since=timezone.now(), exempt_reason="并入其他项目"
    )
    gone = make_project(unit, name="撤销项目", status="cancelled")
    TaskExemption.objects.create(
        task=task, project=gone, reason="撤销（任务取消）", recorded_at=timezone.now()
    )
    make_assessment(make_project(unit, name="在报项目"), task)

    page = as_section.get(address("task_projects", task.pk), {"state": "exempt"}).text

    assert "并入其他项目" in page
    assert "撤销（任务取消）" in page
    assert "在报项目" not in page


def test_the_unit_reads_why_nothing_is_asked_of_it_any_more(
    client, filler, assessment, task
):
    SelfAssessment.objects.filter(pk=assessment.pk).update(
        exempt_since=timezone.now(), exempt_reason="并入其他项目"
    )
    client.force_login(filler)
    page = client.get(address("detail", assessment.pk))
    text = assessment.narratives.get(key="goal")
    refused = client.post(
        address("narrative", assessment.pk, "goal"),
        {"text": "还想写", "version": text.version},
    )

    assert "免报：并入其他项目" in page.text
    assert "填写资金" not in page.text
    assert refused.status_code == 409
    assert "还想写" in refused.text


# --- Passed down


def passing_address(task, department):
    return address("task_passing", task.pk, department.pk)


def test_a_department_passes_down_and_its_clerks_read_it(
    client, department_reviewer, department, assessment, task, filler
):
    client.force_login(department_reviewer)
    earlier = timezone.localtime(task.due_at - timedelta(days=3))
    data = {"due_at": f"{earlier:%Y-%m-%dT%H:%M}", "remarks": "请先送财务科核对"}

    answer = client.post(passing_address(task, department), data)

    assert answer.status_code == 302
    client.force_login(filler)
    for page in (reverse("workbench"), address("notice", assessment.pk)):
        assert "请先送财务科核对" in client.get(page).text
    assessment.refresh_from_db()
    assert timezone.localtime(assessment.deadline).date() == earlier.date()


def test_a_later_time_is_refused_and_the_words_are_kept(
    client, department_reviewer, department, assessment, task
):
    client.force_login(department_reviewer)
    later = task.due_at + timedelta(days=3)
    data = {"due_at": f"{later:%Y-%m-%dT%H:%M}", "remarks": "请先送财务科核对"}

    answer = client.post(passing_address(task, department), data)

    assert answer.status_code == 422
    assert "不能晚于任务的截止时间" in answer.text
    assert "请先送财务科核对" in answer.text
    assert not TaskPassing.objects.exists()


def test_a_colleagues_words_are_shown_before_they_are_replaced(
    client, department_reviewer, department, assessment, task
):
    TaskPassing.objects.create(
        task=task, department=department, remarks="同事的", passed_at=timezone.now()
    )
    client.force_login(department_reviewer)

    answer = client.post(passing_address(task, department), {"remarks": "我的"})

    assert answer.status_code == 409
    assert "同事的" in answer.text
    assert "我的" in answer.text


def test_only_the_own_department_is_passed_down_to(
    client, department_reviewer, performance_section, department, unit, assessment, task
):
    client.force_login(department_reviewer)
    below = client.get(passing_address(task, unit)).status_code
    others = client.get(passing_address(task, make_department())).status_code
    client.force_login(performance_section)
    by_section = client.get(passing_address(task, department)).status_code

    assert (below, others, by_section) == (403, 404, 403)


# --- Holidays


def test_a_row_of_days_is_listed_and_one_taken_out(as_section):
    data = {"first": "2025-04-04", "last": "2025-04-06", "name": "清明节"}

    page = as_section.post(address("holidays"), data, follow=True)
    first = Holiday.objects.order_by("date").first()
    assert first is not None
    as_section.post(address("holiday_delete", first.pk))
    again = as_section.post(address("holiday_delete", first.pk))

    assert "已登记“清明节” 3 天" in page.text
    assert [str(each.date) for each in Holiday.objects.order_by("date")] == [
        "2025-04-05",
        "2025-04-06",
    ]
    assert again.status_code == 302


def test_a_worked_weekday_is_refused_and_the_text_kept(as_section):
    data = {"first": "2025-04-07", "name": "清明调休", "is_workday": "on"}

    answer = as_section.post(address("holidays"), data)

    assert answer.status_code == 422
    assert "4月7日不是周末" in answer.text
    assert "清明调休" in answer.text


# --- Overdue


def test_the_overdue_list_is_read_and_exported(as_section, unit):
    task = make_task(due_at=timezone.now() - timedelta(days=2), title="年度自评")
    make_assessment(make_project(unit, name="迟报项目", contact="苏敏"), task)

    page = as_section.get(address("task_overdue", task.pk)).text
    file = as_section.get(address("task_overdue", task.pk), {"file": "xlsx"})

    assert "苏敏" in page
    assert "尚有 1 个项目未送审：“迟报项目”（逾期 2 天）" in page
    assert file.getvalue().startswith(b"PK")
    assert "xlsx" in file["Content-Disposition"]


# --- Queries


@pytest.mark.parametrize("count", [3, 60])
def test_queries_do_not_grow_with_the_projects(as_section, task, count):
    units = [make_department(make_department()) for _ in range(count)]
    for unit in units:
        project = make_project(unit)
        make_indicators(project)
        make_assessment(project, task)
        make_project(unit)

    found = {
        name: len(queries_of(as_section, address(name, *arguments)))
        for name, arguments in (
            ("tasks", []),
            ("task", [task.pk]),
            ("task_choose", [task.pk]),
            ("task_projects", [task.pk]),
            ("task_overdue", [task.pk]),
            ("task_edit", [task.pk]),
        )
    }

    assert {name: number for name, number in found.items() if number > 13} == {}

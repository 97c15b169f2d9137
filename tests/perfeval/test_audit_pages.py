"""What the audit administrator reads: every event, every log-in; nobody else does."""

import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from perfeval.audit import Change, record
from perfeval.audit_words import told
from perfeval.models import AccessEvent, AuditEvent, User
from projects.models import Role
from tests.factories import make_department, make_user
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

PASSWORD = "Yunshui-48151623"


@pytest.fixture
def office():
    return make_department(name="云水市财政局")


@pytest.fixture
def auditor(client, office):
    user = make_user(Role.AUDIT_ADMIN, office, name="苏谨")
    client.force_login(user)
    return user


@pytest.fixture
def clerk(office):
    user = make_user(Role.FILLER, office, name="林晓岚", username="linxiaolan")
    user.set_password(PASSWORD)
    user.save()
    return user


def tell(user, summary, chain="site", action="project.changed"):
    with transaction.atomic():
        change = Change(
            action=action,
            subject="projects.budgetproject:1",
            summary=summary,
            before={"name": "旧名"},
            after={"name": "新名"},
        )
        record(user, change, chain=chain)


def found(client, name="audit", **conditions):
    page = client.get(reverse(name), conditions).context["page_obj"]
    return list(page.object_list)


def test_events_are_found_by_person_words_action_chain_and_day(client, auditor, clerk):
    tell(clerk, "修改项目“培训”")
    tell(None, "下达任务", chain="assessment:3", action="task.sent")
    today = timezone.localdate()

    def summaries(**conditions):
        return [each.summary for each in found(client, **conditions)]

    registered = "保存单位“云水市财政局”"
    assert summaries() == ["下达任务", "修改项目“培训”", registered]
    assert summaries(person="晓岚") == ["修改项目“培训”"]
    assert summaries(text="任务") == ["下达任务"]
    assert summaries(action="task.") == ["下达任务"]
    assert summaries(chain="assessment:3") == ["下达任务"]
    assert summaries(since=today, until=today) == summaries()
    assert summaries(until=today - timedelta(days=1)) == []


def test_one_event_is_shown_with_before_and_after(client, auditor, clerk):
    tell(clerk, "修改项目“培训”")
    event = AuditEvent.objects.get(user=clerk)

    page = client.get(reverse("audit_event", args=[event.pk])).text

    for part in (
        "项目名称：旧名",
        "项目名称：新名",
        "林晓岚（linxiaolan）",
        event.digest,
    ):
        assert part in page


@pytest.mark.parametrize(
    ("action", "subject", "values", "words"),
    [
        (
            "assessment.send_back",
            "indicators.selfassessment:3",
            {"status": "returned", "due_at": "2025-03-26T09:00:00Z", "note": ""},
            "状态：已退回\n办理时限：2025-03-26 17:00\n说明：（空）",
        ),
        (
            "funding.changed",
            "projects.budgetproject:1",
            {"source": "appropriation", "adjusted": "1200.00"},
            "资金来源：当年财政拨款\n全年预算数：1200.00 元",
        ),
        (
            "indicator.changed",
            "projects.budgetproject:1",
            {"unit": "个", "is_approved": True, "投入/到位率": "3.00"},
            "度量单位：个\n已批复：是\n投入/到位率：3.00",
        ),
        ("task.urged", "indicators.evaluationtask:1", {"people": [3, 5]}, "人员：3、5"),
        (
            "task.changed",
            "indicators.evaluationtask:1",
            {
                "levels": [
                    {"role": "unit_reviewer", "gives_points": False},
                    {"role": "section_reviewer", "due_at": "2025-03-26T09:00:00Z"},
                ]
            },
            "审核级次：审核角色：单位审核人，给出复核得分：否；"
            "审核角色：归口业务科室审核人，审核截止时间：2025-03-26 17:00",
        ),
        ("old.gone", "gone.model:1", {"colour": None}, "colour：（空）"),
    ],
    ids=["a step", "money", "an indicator", "a list", "rows", "of no model any more"],
)
def test_before_and_after_are_told_by_the_names_of_fields_and_choices(
    action, subject, values, words
):
    event = AuditEvent(action=action, subject=subject, after=values)

    assert told(event, event.after) == words


def test_the_list_is_exported_with_before_after_and_digest(client, auditor, clerk):
    tell(clerk, "=修改")

    answer = client.get(reverse("audit"), {"file": "xlsx"})

    content = io.BytesIO(b"".join(answer.streaming_content))
    _, row, _ = openpyxl.load_workbook(content).worksheets[0].iter_rows()
    told = [cell.value for cell in row]
    assert {"=修改", "林晓岚（linxiaolan）", "项目名称：旧名"} <= {*told}
    assert AuditEvent.objects.get(user=clerk).digest in told


@pytest.mark.parametrize("name", ["audit", "access"])
def test_a_list_takes_at_most_12_queries_at_any_length(client, auditor, clerk, name):
    for number in range(5):
        tell(clerk, f"修改{number}")

    assert len(queries_of(client, reverse(name))) <= 12


def test_the_pages_are_closed_to_all_others(client, office):
    event_pk = 1
    pages = [
        reverse("audit"),
        reverse("access"),
        reverse("audit_event", args=[event_pk]),
    ]
    root = User.objects.create(username="root", is_superuser=True, is_staff=True)
    others = [make_user(role, office) for role in Role if role != Role.AUDIT_ADMIN]

    for user in (root, *others):
        client.force_login(user)
        assert [client.get(each).status_code for each in pages] == [403] * 3


def test_log_ins_log_outs_and_refused_tries_are_on_record(client, clerk, office):
    client.post("/login/", {"username": "linxiaolan", "password": "falsch"})
    client.post("/login/", {"username": PASSWORD, "password": ""})
    client.post("/login/", {"username": PASSWORD, "password": "x"})
    client.post(
        "/login/",
        {"username": "linxiaolan", "password": PASSWORD},
        headers={"User-Agent": "Firefox"},
    )
    client.post("/logout/")
    client.force_login(make_user(Role.AUDIT_ADMIN, office))

    _, *events = found(client, "access")  # the auditor's own comes first

    assert [(each.kind, each.user) for each in events] == [
        ("logout", clerk),
        ("login", clerk),
        ("refused", None),
        ("refused", clerk),
    ]
    assert (events[1].origin, events[1].browser) == ("127.0.0.1", "Firefox")
    # A password typed in the wrong field is kept nowhere.
    assert PASSWORD not in client.get(reverse("access")).text


def test_a_lock_out_is_on_record(client, clerk):
    for _ in range(6):
        client.post("/login/", {"username": "linxiaolan", "password": "falsch"})

    assert AccessEvent.objects.filter(kind="locked", user=clerk).exists()


def test_old_log_ins_are_archived_and_recent_ones_stay(client, clerk, tmp_path):
    client.force_login(clerk)
    client.force_login(clerk)
    old = AccessEvent.objects.order_by("pk")[:1].values("pk")
    AccessEvent.objects.filter(pk__in=old).update(
        at=timezone.now() - timedelta(days=400)
    )
    target = tmp_path / "access.jsonl"

    call_command("archive_access", str(target))

    [line] = target.read_text().splitlines()
    told = json.loads(line)
    assert (told["kind"], told["user"]) == ("login", "linxiaolan")
    assert AccessEvent.objects.count() == 1
    assert AuditEvent.objects.filter(action="access.archived").exists()


def test_an_archive_never_reaches_into_the_last_six_months(tmp_path):
    target = tmp_path / "access.jsonl"
    target.touch()

    with pytest.raises(CommandError, match="至少保留六个月"):
        call_command("archive_access", str(tmp_path / "new"), "--days", "30")
    AccessEvent.objects.create(kind="login")
    AccessEvent.objects.update(at=timezone.now() - timedelta(days=400))
    with pytest.raises(CommandError, match="已存在"):
        call_command("archive_access", str(target))
    assert AccessEvent.objects.count() == 1

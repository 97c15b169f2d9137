"""Notices: counted, listed, opened; mailed once, an hour apart, and never lost."""

import smtplib
from datetime import timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from perfeval.mails import send_mails
from perfeval.models import Notice
from perfeval.notices import notify
from projects.models import Role
from tests.factories import make_department, make_user
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def office(settings):
    settings.HAS_MAIL = True
    settings.SITE_ADDRESS = "https://jxpj.example.com/"


@pytest.fixture
def person():
    department = make_department(name="云水市司法局")
    email = "linxiaolan@example.com"
    return make_user(Role.FILLER, department, name="林晓岚", email=email)


def tell(person, key="step:1", text="“执法培训”被退回", address="/assessments/1/"):
    notify([person.pk], key=key, text=text, address=address)
    return Notice.objects.get(key=f"{key}:{person.pk}")


def test_the_top_bar_counts_what_is_unread_without_a_query_more(client, person):
    client.force_login(person)
    client.get("/me/")
    without = queries_of(client, "/me/")
    for number in range(3):
        tell(person, f"step:{number}")
    tell(make_user(), "step:9")

    page = client.get("/me/")
    queries = queries_of(client, "/me/")

    assert page.context["unread_notices"] == 3
    assert "条未读" in page.text
    assert len(queries) == len(without)


def test_who_has_no_role_is_counted_for_as_well(client):
    person = make_user()
    tell(person)
    client.force_login(person)

    assert client.get("/me/").context["unread_notices"] == 1


def test_nothing_is_told_twice_under_one_key(person):
    tell(person, text="一")
    tell(person, text="二")

    assert [each.text for each in Notice.objects.all()] == ["一"]


def test_a_notice_leads_to_its_page_and_is_read_then(client, person):
    notice = tell(person)
    client.force_login(person)

    looked = client.get(reverse("notices"))
    notice.refresh_from_db()
    assert (notice.text in looked.text, notice.read_at) == (True, None)
    answer = client.post(reverse("notice_open", args=[notice.pk]))

    notice.refresh_from_db()
    assert answer.url == "/assessments/1/"
    assert notice.read_at is not None
    assert "没有未读的消息" in client.get(reverse("notices"), {"show": "unread"}).text


def test_all_are_marked_as_read_at_once(client, person):
    tell(person, "step:1")
    tell(person, "step:2")
    other = tell(make_user())
    client.force_login(person)

    client.post(reverse("notices_read"))

    assert list(Notice.objects.filter(read_at=None)) == [other]


def test_anothers_notice_does_not_exist(client, person):
    notice = tell(person)
    client.force_login(make_user())

    assert client.post(reverse("notice_open", args=[notice.pk])).status_code == 404
    assert notice.text not in client.get(reverse("notices")).text


def test_the_list_takes_as_many_queries_at_any_length(client, person):
    client.force_login(person)
    client.get("/me/")
    for number in range(35):
        tell(person, f"step:{number}")

    assert len(queries_of(client, reverse("notices"))) <= 12
    assert "第 1 / 2 页" in client.get(reverse("notices")).text


def test_what_waits_goes_into_one_mail_with_links(person, mailoutbox):
    tell(person, "step:1")
    tell(person, "step:2", "“档案管理”已审定", "/assessments/2/")

    assert send_mails().sent == 1

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (
        ["linxiaolan@example.com"],
        "【绩效自评】您有 2 条新消息",
    )
    assert "“执法培训”被退回\nhttps://jxpj.example.com/assessments/1/" in mail.body
    assert "“档案管理”已审定\nhttps://jxpj.example.com/assessments/2/" in mail.body


def test_a_person_gets_one_mail_an_hour_at_most(person, mailoutbox):
    tell(person, "step:1")
    send_mails()
    tell(person, "step:2", "后来的")

    send_mails()
    assert len(mailoutbox) == 1
    sent = Notice.objects.filter(mailed_at__isnull=False)
    sent.update(mailed_at=timezone.now() - timedelta(minutes=61))
    send_mails()
    send_mails()

    assert [mail.subject for mail in mailoutbox[1:]] == ["【绩效自评】后来的"]


def test_not_mailed_is_what_was_read_and_who_has_no_address(person, mailoutbox):
    Notice.objects.filter(pk=tell(person).pk).update(read_at=timezone.now())
    tell(make_user())
    tell(make_user(email="gone@example.com", is_active=False))

    assert send_mails().sent == 0
    assert mailoutbox == []


class DeadServer(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("mail server is down")


class ParticularServer(EmailBackend):
    """Takes no mail for one address."""

    def send_messages(self, messages):
        if messages[0].to == ["linxiaolan@example.com"]:
            raise smtplib.SMTPRecipientsRefused({})
        return super().send_messages(messages)


def test_a_dead_mail_server_loses_nothing(person, settings, mailoutbox):
    working = settings.EMAIL_BACKEND
    other = make_user(email="other@example.com")
    tell(person)
    tell(other)
    settings.EMAIL_BACKEND = f"{__name__}.DeadServer"

    dead = send_mails()
    settings.EMAIL_BACKEND = working
    alive = send_mails()

    assert (dead.sent, dead.failed) == (0, 2)
    assert (alive.sent, alive.failed) == (2, 0)
    assert len(mailoutbox) == 2


def test_an_address_that_is_refused_holds_up_nobody_else(person, settings, mailoutbox):
    tell(person)
    tell(make_user(email="other@example.com"))
    settings.EMAIL_BACKEND = f"{__name__}.ParticularServer"

    mailing = send_mails()

    assert (mailing.sent, mailing.failed) == (1, 1)
    assert [mail.to for mail in mailoutbox] == [["other@example.com"]]


def test_a_mail_whose_sender_died_is_sent_by_the_next_an_hour_later(person, mailoutbox):
    notice = tell(person)
    rows = Notice.objects.filter(pk=notice.pk)
    rows.update(claimed_at=timezone.now() - timedelta(minutes=30))
    assert send_mails().sent == 0
    rows.update(claimed_at=timezone.now() - timedelta(minutes=61))

    assert send_mails().sent == 1
    assert len(mailoutbox) == 1


def test_an_office_without_a_mail_server_sends_nothing(person, settings, mailoutbox):
    settings.HAS_MAIL = False
    tell(person)

    assert (send_mails().sent, mailoutbox) == (0, [])
    assert Notice.objects.get().mailed_at is None

"""Log-in, log-out, lock-out, one's password, and sessions that run out."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

PASSWORD = "Long-Enough-1"
LOGIN = "/login/"


@pytest.fixture
def clerk(db):
    user = make_user(username="wangfang", name="王芳")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def demo(settings, tmp_path, clerk):
    """A served demo year, with two people of one role."""
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path
    people = [
        ("wangfang", PASSWORD, "filler", "填报人", "市司法局"),
        ("liming", "Other-Pass-1", "filler", "填报人", "市民政局"),
        ("zhaomin", "Third-Pass-1", "performance_section", "绩效科", "市财政局"),
    ]
    keys = ("username", "password", "role", "role_name", "department")
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "logins.json").write_text(
        json.dumps([dict(zip(keys, each, strict=True)) for each in people]),
        encoding="utf-8",
    )


def log_in(client, password=PASSWORD, **extra):
    data = {"username": "wangfang", "password": password, **extra}
    return client.post(LOGIN, data)


def test_log_in_leads_to_the_page_that_was_asked_for(client, clerk):
    asked = client.get("/password/?from=menu")
    answered = client.post(
        asked.url, {"username": "wangfang", "password": PASSWORD}, follow=True
    )

    assert answered.redirect_chain == [("/password/?from=menu", 302)]


def test_log_in_does_not_lead_away_from_the_site(client, clerk):
    answered = log_in(client, next="https://elsewhere.example/")

    assert answered.url == "/"


def test_a_wrong_password_is_told_and_the_user_name_kept(client, clerk):
    answered = log_in(client, "wrong")

    page = answered.content.decode()
    assert answered.status_code == 200
    assert "用户名或密码不正确" in page
    assert 'value="wangfang"' in page
    assert "wrong" not in page


def test_empty_fields_are_asked_for_by_name_and_linked(client, db):
    page = client.post(LOGIN, {}).content.decode()

    assert '<a href="#id_username">用户名：请填写用户名</a>' in page
    assert '<a href="#id_password">密码：请填写密码</a>' in page


def test_five_wrong_passwords_lock_out_even_the_right_one(client, clerk):
    answers = [log_in(client, "wrong") for _ in range(5)]
    last = log_in(client)

    page = last.content.decode()
    assert [each.status_code for each in answers] == [200, 200, 200, 200, 429]
    assert last.status_code == 429
    assert "已连续 5 次输错密码" in page
    assert "暂停登录 15 分钟" in page
    assert "_auth_user_id" not in client.session


def test_log_out_takes_a_post(client, clerk):
    client.force_login(clerk)

    refused = client.get("/logout/")
    still_in = "_auth_user_id" in client.session
    answered = client.post("/logout/")

    assert (refused.status_code, still_in) == (405, True)
    assert answered.url == LOGIN
    assert "_auth_user_id" not in client.session


def test_the_demo_offers_one_button_a_role_that_logs_in(client, demo):
    page = client.get(LOGIN).content.decode()
    answered = client.post(LOGIN, {"demo_person": "wangfang", "next": "/password/"})

    assert page.count('name="demo_person"') == 2
    assert "<span>绩效科</span>" in page
    assert 'value="wangfang"' in page
    assert 'value="liming"' not in page
    assert PASSWORD not in page
    assert page.count('name="username"') == page.count('name="password"') == 1
    assert answered.url == "/password/"
    assert "_auth_user_id" in client.session


def test_outside_debug_no_demo_person_gets_in(client, demo, settings):
    settings.DEBUG = False

    page = client.get(LOGIN).content.decode()
    client.post(LOGIN, {"demo_person": "wangfang"})

    assert "demo_person" not in page
    assert "演示数据" not in page
    assert "_auth_user_id" not in client.session


def test_a_form_sent_after_the_session_ran_out_comes_back_with_what_was_typed(
    client, db
):
    typed = {
        "text": "第一行\n第二行 <b>",
        "rows": ["1", "2"],
        "old_password": "secret",
    }

    answered = client.post("/password/?step=2", typed)

    page = answered.content.decode()
    assert answered.status_code == 403
    assert 'action="/password/?step=2"' in page
    assert "\n第一行\n第二行 &lt;b&gt;</textarea>" in page
    assert page.count('<textarea name="rows" hidden>') == 2
    assert "secret" not in page


def test_an_htmx_request_without_log_in_is_led_to_the_log_in_page(client, db):
    answered = client.post("/password/", headers={"HX-Request": "true"})

    assert answered.url == "/login/?next=/password/"


def test_a_stale_token_is_explained(db):
    client = Client(enforce_csrf_checks=True)

    answered = client.post(LOGIN, {"username": "wangfang", "password": PASSWORD})

    assert answered.status_code == 403
    assert "页面已失效，刚才的操作没有保存" in answered.content.decode()


@pytest.mark.parametrize(
    ("old", "new", "again", "message"),
    [
        (PASSWORD, "Brand-New-22", "Brand-New-22", None),
        ("wrong", "Brand-New-22", "Brand-New-22", "原密码不正确"),
        (PASSWORD, "Brand-New-22", "Brand-New-23", "两次输入的新密码不一致"),
        (PASSWORD, "brandnewbrand", "brandnewbrand", "至少三种"),
    ],
    ids=["changed", "wrong old one", "two new ones", "too plain"],
)
def test_a_person_changes_their_password(client, clerk, old, new, again, message):
    client.force_login(clerk)

    answered = client.post(
        "/password/",
        {"old_password": old, "new_password1": new, "new_password2": again},
    )

    clerk.refresh_from_db()
    assert clerk.check_password(new) is (message is None)
    if message:
        assert message in answered.content.decode()


def test_the_admin_opens_for_system_administrators_alone(client, clerk):
    index = reverse("admin:index")

    anonymous = client.get(index, follow=True)
    client.force_login(clerk)
    refused = client.get(index, follow=True)
    clerk.is_staff = True
    clerk.save()
    opened = client.get(index)

    assert anonymous.redirect_chain[-1][0] == "/login/?next=/admin/"
    assert refused.status_code == 403
    assert "系统管理只对系统管理员开放" in refused.content.decode()
    assert "绩效自评 · 系统管理" in opened.content.decode()

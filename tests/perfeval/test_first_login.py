"""Initial passwords, the own one set at the first log-in, and ones grown too old."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from perfeval.models import AuditEvent, User
from perfeval.passwords import ROUNDS_FOR_RANDOM, hash_of_random, random_password
from perfeval.people import create_people, issue_passwords
from tests.factories import make_user

pytestmark = pytest.mark.django_db

OWN = "Brand-New-22"


@pytest.fixture
def issued():
    """A person just created, with the initial password."""
    [issued] = create_people(None, [{"username": "wangfang", "name": "王芳"}])
    return issued


def log_in(client, password):
    return client.post("/login/", {"username": "wangfang", "password": password})


def set_password(client, old, new):
    typed = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password/", typed)


def aged(person, days):
    changed = timezone.now() - timedelta(days=days)
    User.objects.filter(pk=person.pk).update(password_changed_at=changed)


def test_the_first_log_in_leads_to_a_password_of_ones_own_and_nowhere_else(
    client, issued
):
    log_in(client, issued.password)
    led = [client.get(page).url for page in ("/", "/projects/", "/me/")]
    asked = client.get("/password/").text
    set_password(client, issued.password, OWN)

    assert led == ["/password/"] * 3
    assert "管理员给出的，只能用来设置自己的密码" in asked
    assert "初始密码" in asked
    assert client.get("/me/").status_code == 200
    issued.person.refresh_from_db()
    assert not issued.person.must_change_password
    client.post("/logout/")
    log_in(client, OWN)
    assert client.get("/me/").status_code == 200


def test_the_initial_password_is_no_password_of_ones_own(client, issued):
    log_in(client, issued.password)

    answered = set_password(client, issued.password, issued.password)

    assert "不能与最近 5 次用过的密码相同" in answered.text
    assert client.get("/").url == "/password/"


def test_a_form_sent_before_the_new_password_comes_back_with_what_was_typed(
    client, issued
):
    log_in(client, issued.password)

    answered = client.post("/me/", {"name": "王芳", "phone": "3333333"})
    by_htmx = client.post("/me/", {"name": "王"}, headers={"HX-Request": "true"})

    assert (answered.status_code, by_htmx.status_code) == (403, 403)
    assert "请先设置新密码，刚才的内容还没有保存" in answered.text
    assert "\n3333333</textarea>" in answered.text
    issued.person.refresh_from_db()
    assert issued.person.phone == ""


def test_a_new_initial_password_ends_the_old_one_and_is_on_record(client, issued):
    administrator = make_user()
    log_in(client, issued.password)
    set_password(client, issued.password, OWN)

    [again] = issue_passwords(administrator, [issued.person])

    assert client.get("/me/").url.startswith("/login/")
    log_in(client, OWN)
    assert "_auth_user_id" not in client.session
    log_in(client, again.password)
    assert client.get("/").url == "/password/"
    event = AuditEvent.objects.get(action="user.password_set")
    assert event.user == administrator
    assert again.password not in json.dumps([event.summary, event.after])


@pytest.mark.parametrize(
    ("days", "limit", "asked"),
    [(91, 90, True), (89, 90, False), (91, 0, False)],
    ids=["too old", "young enough", "switched off"],
)
def test_a_log_in_with_an_old_password_asks_for_a_new_one(
    client, issued, settings, days, limit, asked
):
    settings.PASSWORD_DAYS = limit
    log_in(client, issued.password)
    set_password(client, issued.password, OWN)
    aged(issued.person, days)
    client.post("/logout/")

    log_in(client, OWN)

    led = client.get("/me/")
    assert (led.status_code == 302) is asked
    if asked:
        assert "已使用超过 90 天" in client.get("/password/").text


def test_a_password_that_grows_old_meanwhile_interrupts_nobody(client, issued):
    log_in(client, issued.password)
    set_password(client, issued.password, OWN)

    aged(issued.person, 91)

    assert client.get("/me/").status_code == 200


def test_the_demo_asks_for_no_new_password(client, issued, settings, tmp_path):
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "logins.json").write_text("[]", encoding="utf-8")

    log_in(client, issued.password)

    assert client.get("/me/").status_code == 200


def test_the_last_five_passwords_are_refused_and_the_sixth_is_forgotten(client, issued):
    log_in(client, issued.password)
    used = [f"Brand-New-{number}" for number in range(6)]
    for old, new in zip([issued.password, *used], used, strict=False):
        assert set_password(client, old, new).status_code == 302

    refused = [set_password(client, used[5], old).status_code for old in used[1:]]
    accepted = set_password(client, used[5], used[0]).status_code

    assert refused == [200] * 5
    assert accepted == 302
    assert issued.person.former_passwords.count() == 5


def test_initial_passwords_differ_read_well_and_satisfy_the_validators():
    made = {random_password() for _ in range(200)}

    assert len(made) == 200
    assert not set("".join(made)) & set("0Oo1lIi5S2Z")
    for password in made:
        validate_password(password)


def test_the_hash_of_a_random_password_is_of_few_rounds(settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]

    encoded = hash_of_random("Kf7m-w3Xp-9dTy")

    hasher = PBKDF2PasswordHasher()
    assert hasher.verify("Kf7m-w3Xp-9dTy", encoded)
    assert hasher.decode(encoded)["iterations"] == ROUNDS_FOR_RANDOM
    assert hasher.must_update(encoded)

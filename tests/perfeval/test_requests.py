"""What every answer carries and every request is given, seen at the log-in page."""

import logging

import pytest
from django.http import HttpResponse

from perfeval.http import current_origin
from perfeval.logging import RequestIdFilter, request_id
from perfeval.middleware import OriginMiddleware, RequestIdMiddleware
from perfeval.models import User

PAGE = "/login/"

pytestmark = pytest.mark.django_db


def test_every_answer_names_its_request(client):
    first = client.get(PAGE)["X-Request-ID"]
    second = client.get(PAGE)["X-Request-ID"]

    assert len(first) == 16
    assert first != second


@pytest.mark.parametrize(
    ("given", "kept"),
    [("proxy-0123456789", True), ("a\nforged line", False), ("x" * 65, False)],
    ids=["of a proxy", "two lines", "too long"],
)
def test_an_id_from_outside_is_kept_only_where_it_cannot_spoil_the_log(rf, given, kept):
    request = rf.get("/", headers={"X-Request-ID": given})

    response = RequestIdMiddleware(lambda request: HttpResponse())(request)

    assert (response["X-Request-ID"] == given) is kept


def test_log_lines_of_a_request_carry_its_id(rf):
    seen = []

    def view(request):
        record = logging.makeLogRecord({"msg": "saved"})
        RequestIdFilter().filter(record)
        seen.append((vars(record)["request_id"], request.request_id))
        return HttpResponse()

    response = RequestIdMiddleware(view)(rf.get("/"))

    assert seen == [(response["X-Request-ID"],) * 2]
    assert request_id.get() == "-"


@pytest.mark.parametrize(
    ("behind_proxy", "address"), [(False, "10.0.0.9"), (True, "10.1.2.3")]
)
def test_the_origin_is_what_the_nearest_trusted_machine_saw(
    rf, settings, behind_proxy, address
):
    settings.BEHIND_PROXY = behind_proxy
    request = rf.get(
        "/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": "1.1.1.1, 10.1.2.3"}
    )

    response = OriginMiddleware(lambda request: HttpResponse(current_origin()))(request)

    assert response.content.decode() == address


def test_pages_run_no_foreign_and_no_inline_code(client):
    policy = client.get(PAGE)["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy


def test_five_wrong_passwords_lock_the_account_for_this_address_only(client):
    User.objects.create_superuser("zhangwei", password="Gz-finance2024")
    right = {"username": "zhangwei", "password": "Gz-finance2024"}
    wrong = right | {"password": "guess"}

    statuses = [client.post(PAGE, wrong).status_code for _ in range(5)]
    locked = client.post(PAGE, right)
    elsewhere = client.post(PAGE, right, REMOTE_ADDR="10.0.0.7")

    assert statuses == [200, 200, 200, 200, 429]
    assert locked.status_code == 429
    assert elsewhere.status_code == 302

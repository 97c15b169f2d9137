"""What every request is given: an id for the logs, the address it comes from."""

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from perfeval.http import set_origin
from perfeval.logging import request_id

View = Callable[[HttpRequest], HttpResponse]

# What a proxy may hand on; anything else could forge lines in the log.
ACCEPTED_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)


class RequestIdMiddleware:
    """Names the request: in the logs, in request.request_id, in X-Request-ID."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.headers.get("X-Request-ID", "")
        if not ACCEPTED_ID.fullmatch(name):
            name = uuid.uuid4().hex[:16]
        request.request_id = name  # type: ignore[attr-defined]
        token = request_id.set(name)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = name
        return response


class OriginMiddleware:
    """Tells the audit events of a request which address it came from."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        set_origin(client_address(request) or "未知地址")
        return self.get_response(request)


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the browser, None where the server does not know it.

    Behind a proxy it is the last one in X-Forwarded-For: the proxy wrote that one,
    those before it are whatever the browser claimed.
    """
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "")
        return forwarded.rsplit(",", 1)[-1].strip() or None
    return request.META.get("REMOTE_ADDR") or None

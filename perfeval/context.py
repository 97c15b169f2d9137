"""What every page knows of the system: the office's name, whether it is the demo."""

from django.conf import settings
from django.http import HttpRequest

from perfeval.demo import is_demo


def office(request: HttpRequest) -> dict[str, object]:
    return {"office_name": settings.OFFICE_NAME, "demo": is_demo()}

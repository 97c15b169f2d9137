"""What every page knows of the system: its office, whether it is the demo or public."""

from django.conf import settings
from django.http import HttpRequest

from perfeval.demo import is_demo


def office(request: HttpRequest) -> dict[str, object]:
    return {
        "office_name": settings.OFFICE_NAME,
        "demo": is_demo(),
        "public_page": settings.PUBLIC_PAGE,
    }

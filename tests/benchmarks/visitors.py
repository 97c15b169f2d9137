"""The process that opens pages of the site on one database and times each.

python -m tests.benchmarks.visitors; DATABASE_URL names the database. Jobs: load,
multiply, and PAGE or queries:PAGE for each of PAGES.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import django
from django.conf import settings

from tests.benchmarks.workers import serve

LIST, MINE, PROJECT, ASSESSMENT, REPORT, SEARCH = PAGES = (
    "list",
    "list_of_unit",
    "project",
    "assessment",
    "report",
    "search",
)
NOT_QUERIES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def prepare() -> None:
    """Set Django up as a server runs, but for static files without a manifest."""
    django.setup()
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]


class Visitors:
    """Somebody of the 绩效科, who sees everything, and a 填报人 of one unit."""

    def __init__(self) -> None:
        from django.test import Client

        from indicators.models import SelfAssessment
        from perfeval.models import User
        from projects.models import Role

        # Of the demo's own rows, which both databases hold; the largest report.
        rows = SelfAssessment.objects.filter(material="form_report_score")
        assessment = rows.order_by("pk").first()
        if assessment is None:
            raise RuntimeError("the demo has a report with a score table")
        self.clients = {}
        for role in (Role.PERFORMANCE_SECTION, Role.FILLER):
            self.clients[role] = Client()
            person = User.objects.filter(memberships__role=role).order_by("pk")[0]
            self.clients[role].force_login(
                person, "django.contrib.auth.backends.ModelBackend"
            )
        self.pk, self.project = assessment.pk, assessment.project_id

    def open(self, page: str) -> float:
        """Open a page; return the seconds it took."""
        from django.urls import reverse

        from projects.models import Role

        url = {
            PROJECT: reverse("projects:detail", args=[self.project]),
            ASSESSMENT: reverse("indicators:detail", args=[self.pk]),
            REPORT: reverse("reports:report", args=[self.pk]),
            SEARCH: reverse("projects:list") + "?text=执法",
        }.get(page, reverse("projects:list"))
        client = self.clients[Role.FILLER if page == MINE else Role.PERFORMANCE_SECTION]
        start = perf_counter()
        response = client.get(url)
        seconds = perf_counter() - start
        if response.status_code != 200:
            raise RuntimeError(f"{url}: {response.status_code}")
        return seconds

    def queries(self, page: str) -> list[str]:
        """Open a page; return its queries, without the marks of transactions."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            self.open(page)
        told = [each["sql"] for each in captured.captured_queries]
        return [each for each in told if not each.startswith(NOT_QUERIES)]


def main() -> None:
    prepare()
    from tests.benchmarks import database

    jobs: dict[str, Callable[[], Any]] = {
        "load": database.load_demo_year,
        "multiply": database.multiply,
    }

    def log_in() -> None:
        visitors = Visitors()
        for page in PAGES:
            jobs[page] = partial(visitors.open, page)
            jobs[f"queries:{page}"] = partial(visitors.queries, page)

    jobs["log_in"] = log_in
    serve(jobs)


if __name__ == "__main__":
    main()

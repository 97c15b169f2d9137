"""The process that opens pages of the site on one database and times each.

python -m tests.benchmarks.visitors; DATABASE_URL names the database. Jobs: load,
multiply, grow:FEW and grow:MANY, and PAGE or queries:PAGE for each of PAGES and
LIST_PAGES.
"""

import resource
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
# First pages of lists, and what a list is asked for besides.
LIST_PAGES = {
    "projects": ("projects:list", ""),
    "assessments": ("indicators:list", ""),
    "approvals": ("indicators:approval", ""),
    "projects_far": ("projects:list", "?page=400"),
    "projects_by_name": ("projects:list", "?sort=name"),
    "projects_by_money": ("projects:list", "?sort=-adjusted"),
    "assessments_by_due": ("indicators:list", "?sort=due"),
    "projects_search": ("projects:list", "?text=执法"),
    "assessments_search": ("indicators:list", "?text=执法"),
}
FILE = "projects_file"
NOT_QUERIES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def resident() -> float:
    """Return the largest resident size this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
        }.get(page, "")
        if not url:
            name, query = LIST_PAGES.get(page, ("projects:list", ""))
            url = reverse(name) + query
        client = self.clients[Role.FILLER if page == MINE else Role.PERFORMANCE_SECTION]
        start = perf_counter()
        response = client.get(url)
        seconds = perf_counter() - start
        if response.status_code != 200:
            raise RuntimeError(f"{url}: {response.status_code}")
        return seconds

    def export(self) -> list[float]:
        """Fetch the list of projects as a file; return seconds, bytes and MB.

        MB: how much larger the process is at its end than it was before.
        """
        from django.urls import reverse

        from projects.models import Role

        url = reverse("projects:list") + "?file=xlsx"
        before, start = resident(), perf_counter()
        response = self.clients[Role.PERFORMANCE_SECTION].get(url)
        pieces: Any = getattr(response, "streaming_content")  # noqa: B009
        size = sum(len(piece) for piece in pieces)
        return [perf_counter() - start, float(size), max(resident() - before, 0.0)]

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
        "grow:few": partial(database.grow, database.FEW_COPIES),
        "grow:many": partial(database.grow, database.MANY_COPIES),
    }

    def log_in() -> None:
        visitors = Visitors()
        jobs[FILE] = visitors.export
        for page in (*PAGES, *LIST_PAGES):
            jobs[page] = partial(visitors.open, page)
            jobs[f"queries:{page}"] = partial(visitors.queries, page)

    jobs["log_in"] = log_in
    serve(jobs)


if __name__ == "__main__":
    main()

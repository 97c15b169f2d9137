"""The process that serves one frozen PDF through the site, on a database of its own.

python -m tests.benchmarks.archive FILE.pdf; DATABASE_URL names an empty database,
PERFEVAL_VAR an empty folder. Jobs: served, the frozen file by its row in the database,
which a download does in the place of printing; clicked, the whole download by a reader.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.timing import clocked
from tests.benchmarks.visitors import prepare
from tests.benchmarks.workers import serve


def archive_jobs(content: bytes) -> dict[str, Callable[[], tuple[float, float]]]:
    """Return the jobs that fetch the 归档件 of a report, which is this content."""
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from indicators.models import ReviewRecord
    from perfeval.files import as_download, store_content
    from projects.models import Role
    from reports.frozen import make
    from reports.models import Artifact, ArtifactKind
    from tests.factories import make_assessment, make_user
    from tests.factories import submit as sent_up

    call_command("migrate", verbosity=0)
    assessment = sent_up(make_assessment())
    stored = store_content(None, "归档件.pdf", content, "application/pdf")
    artifact = Artifact.objects.create(
        assessment=assessment,
        record=ReviewRecord.objects.get(assessment=assessment),
        kind=ArtifactKind.ARCHIVED,
        format="pdf",
        code="ABCD-2345-EFGH-6789",
        submission="1",
        edition=1,
        file=stored,
        sha256=stored.sha256,
        made_at=timezone.now(),
    )
    client, url = (
        Client(),
        reverse("reports:artifact", args=[assessment.pk, artifact.pk]),
    )
    client.force_login(make_user(Role.FILLER, assessment.project.unit))

    def check(answer: Any) -> None:
        if b"".join(answer.streaming_content) != content:
            raise RuntimeError(f"{url} gave another file")

    def served() -> None:
        row = Artifact.objects.select_related("file").get(pk=artifact.pk)
        file = make(row).file
        assert file
        check(as_download(file))

    def clicked() -> None:
        check(client.get(url))

    return {"served": clocked(served), "clicked": clocked(clicked)}


if __name__ == "__main__":
    prepare()
    serve(archive_jobs(Path(sys.argv[1]).read_bytes()))

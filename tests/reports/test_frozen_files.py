"""Frozen files: made once of what was decided on, served unchanged, tried again."""

import hashlib
import io
import json
from dataclasses import replace

import pytest
from django.urls import reverse
from pypdf import PdfReader

from indicators.models import Narrative, ReviewRecord
from perfeval.models import StoredFile
from projects.models import Role
from reports import frozen
from reports.models import Artifact, ArtifactKind
from reports.rendering.errors import RenderError
from reports.rendering.formats import FORMATS
from reports.submission import decide, submit, take_step
from tests.factories import complete, make_assessment, make_task, make_user

pytestmark = pytest.mark.django_db
LEVELS = (Role.UNIT_REVIEWER, Role.PERFORMANCE_SECTION)


@pytest.fixture
def assessment():
    return complete(make_assessment(task=make_task(levels=LEVELS)))


@pytest.fixture
def people(assessment):
    unit = assessment.project.unit
    roles = (Role.FILLER, Role.UNIT_REVIEWER, Role.PERFORMANCE_SECTION)
    return {role: make_user(role, unit) for role in roles}


def approved_by(people, assessment, *roles):
    """Send it up and approve it as each of these roles; return it."""
    after = submit(people[Role.FILLER], assessment, version=assessment.version)
    for role in roles:
        after = decide(people[role], after, "approve", version=after.version)
    return after


def failing(suffix):
    """A format whose writer refuses."""

    def fail(*_):
        raise RenderError(["第三部分：字库中没有“𠀀”"])

    return replace(FORMATS[suffix], write=fail)


def content(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def download(client, artifact):
    return client.get(
        reverse("reports:artifact", args=[artifact.assessment_id, artifact.pk])
    )


def test_each_step_that_freezes_reserves_a_file_for_every_format(assessment, people):
    approved_by(people, assessment, *LEVELS)

    kinds = [(each.kind, each.format) for each in Artifact.objects.order_by("pk")]
    names = [each.name for each in FORMATS.values()]
    assert kinds == [
        *((ArtifactKind.SUBMITTED, name) for name in names),
        *((ArtifactKind.ARCHIVED, name) for name in names),
    ]
    codes = Artifact.objects.values_list("record", "code").distinct()
    assert len({code for _, code in codes}) == 2
    assert not Artifact.objects.exclude(file=None).exists()


def test_files_are_made_after_the_commit(
    assessment, people, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        approved_by(people, assessment, Role.UNIT_REVIEWER)

    made = Artifact.objects.select_related("file")
    assert {each.sha256 for each in made} == set(
        made.values_list("file__sha256", flat=True)
    )
    assert all(each.made_at for each in made)


def test_the_code_stands_on_every_page_and_is_that_of_the_step(
    client, assessment, people
):
    approved_by(people, assessment, *LEVELS)
    paper = Artifact.objects.get(kind=ArtifactKind.ARCHIVED, format="pdf")
    client.force_login(people[Role.FILLER])

    pages = PdfReader(io.BytesIO(content(download(client, paper)))).pages

    told = f"查验码 {paper.code}"
    assert len(pages) >= 2
    assert all(told in page.extract_text() for page in pages)
    assert all(f"送审编号 {paper.submission}" in page.extract_text() for page in pages)
    assert "草稿" not in pages[0].extract_text()
    assert ReviewRecord.objects.latest("pk").snapshot["release"]["code"] == paper.code


def test_the_same_bytes_come_back_whatever_becomes_of_data_and_code(
    client, assessment, people, monkeypatch
):
    approved_by(people, assessment, *LEVELS)
    kept = Artifact.objects.get(kind=ArtifactKind.ARCHIVED, format="json")
    client.force_login(people[Role.FILLER])
    first = content(download(client, kept))

    Narrative.objects.update(text="后来的文字")
    monkeypatch.setitem(FORMATS, ".json", failing(".json"))
    again = content(download(client, kept))
    report = reverse("reports:file", args=[assessment.pk, "json"])

    assert again == first == content(client.get(report))
    kept.refresh_from_db()
    assert hashlib.sha256(first).hexdigest() == kept.sha256
    assert json.loads(first)["release"]["code"] == kept.code


def test_what_could_not_be_made_is_told_and_tried_again(
    client, assessment, people, monkeypatch
):
    approved_by(people, assessment, Role.UNIT_REVIEWER)
    paper = Artifact.objects.get(format="json")
    client.force_login(people[Role.FILLER])
    working = FORMATS[".json"]
    monkeypatch.setitem(FORMATS, ".json", failing(".json"))
    refused = download(client, paper)
    listed = client.get(reverse("reports:files", args=[assessment.pk]))
    monkeypatch.setitem(FORMATS, ".json", working)
    made = download(client, paper)

    assert refused.status_code == 422
    assert "字库中没有" in refused.text
    assert "上次未能生成，下载时再试" in listed.text
    assert content(made)
    paper.refresh_from_db()
    assert (paper.problem, paper.sha256 != "") == ("", True)


def test_of_two_who_make_it_the_first_is_kept(assessment, people):
    approved_by(people, assessment, Role.UNIT_REVIEWER)
    once, twice = (Artifact.objects.get(format="json") for _ in range(2))

    first, second = frozen.make(once), frozen.make(twice)

    assert first.file == second.file
    assert StoredFile.objects.count() == 2


def test_a_reopened_report_makes_a_new_set_and_the_old_stays(
    client, assessment, people
):
    after = approved_by(people, assessment, *LEVELS)
    old = frozen.make(Artifact.objects.get(kind="archived", format="json"))
    finance = people[Role.PERFORMANCE_SECTION]
    reopened = take_step(
        finance, after, "reopen", version=after.version, note="口径有误"
    )
    approved_by(people, reopened, *LEVELS)
    client.force_login(people[Role.FILLER])

    page = client.get(reverse("reports:files", args=[assessment.pk])).text
    sets = Artifact.objects.filter(kind="archived", format="json").order_by("pk")

    assert [(each.edition, each.submission[-2:]) for each in sets] == [
        (1, "01"),
        (2, "02"),
    ]
    assert len({each.code for each in sets}) == 2
    assert old.code in page
    assert content(download(client, old)) == content(download(client, old))


def test_the_code_leads_to_where_anybody_verifies_it_once_it_is_approved(
    client, assessment, people
):
    files = reverse("reports:files", args=[assessment.pk])
    after = approved_by(people, assessment, Role.UNIT_REVIEWER)
    client.force_login(people[Role.FILLER])

    waiting = client.get(files).text
    decide(people[Role.PERFORMANCE_SECTION], after, "approve", version=after.version)
    final = client.get(files).text
    code = Artifact.objects.filter(kind="archived")[0].code
    client.logout()
    login = client.get(reverse("login")).text
    verified = client.get(reverse("verify"), {"code": code}).text

    link = reverse("verify") + "?code="
    assert link not in waiting
    assert f"{link}{code}" in final
    assert f'href="{reverse("verify")}"' in login
    assert "查到这份材料" in verified


def test_another_units_files_do_not_exist(client, assessment, people):
    approved_by(people, assessment, Role.UNIT_REVIEWER)
    client.force_login(make_user(Role.FILLER, make_assessment().project.unit))

    page = client.get(reverse("reports:files", args=[assessment.pk]))

    assert page.status_code == 404
    assert download(client, Artifact.objects.get(format="json")).status_code == 404

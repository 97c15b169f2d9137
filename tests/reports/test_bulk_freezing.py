"""Files frozen by approvals in bulk: made by workers, waited for, safe to repeat."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from perfeval.models import Notice
from projects.models import Role
from reports.batches import working
from reports.models import Artifact, Batch, BatchState, WorkerBeat
from reports.rendering.errors import RenderError
from reports.rendering.formats import FORMATS
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_data(settings, tmp_path, monkeypatch):
    """Keep files apart, and freeze the format that takes no typesetting."""
    settings.MEDIA_ROOT = tmp_path
    working.stopping.clear()
    for suffix in set(FORMATS) - {".json"}:
        monkeypatch.delitem(FORMATS, suffix)


@pytest.fixture
def reviewer(client):
    user = make_user(Role.UNIT_REVIEWER, make_department(make_department()))
    client.force_login(user)
    return user


@pytest.fixture
def approved(client, reviewer, django_capture_on_commit_callbacks):
    """Two approved in one go, with all that follows the commit; return them."""
    unit = reviewer.memberships.get().department
    task = make_task(levels=(Role.UNIT_REVIEWER,))
    sent = [submit(make_assessment(make_project(unit), task)) for _ in range(2)]
    chosen = [f"{each.pk}:{each.version}" for each in sent]
    values = {"assessment": chosen, "version": 0, "decision": "approve", "note": ""}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("reports:bulk_decide"), values)
    return sent


def answers(client, assessment):
    """Ask for the frozen file, the report's file and the page that lists them."""
    paper = Artifact.objects.filter(assessment=assessment).latest("pk")
    return (
        client.get(reverse("reports:artifact", args=[assessment.pk, paper.pk])),
        client.get(reverse("reports:file", args=[assessment.pk, "json"])),
        client.get(reverse("reports:files", args=[assessment.pk])),
    )


def test_approving_many_makes_no_file_and_downloads_say_that_it_is_on_its_way(
    client, approved
):
    WorkerBeat.objects.create(name="w:1", at=timezone.now())
    files = reverse("reports:files", args=[approved[0].pk])

    paper, report, listed = answers(client, approved[0])

    assert not Artifact.objects.exclude(file=None).exists()
    assert paper.url == report.url == files
    assert "正在生成" in listed.text
    assert "文件正在后台生成" in listed.text


def test_a_worker_makes_them_and_doing_it_twice_changes_nothing(client, approved):
    batch = Batch.objects.get(kind="freeze")
    working.work_on(batch.pk)
    made = set(Artifact.objects.values_list("pk", "sha256"))

    Batch.objects.update(state=BatchState.WAITING)
    batch.items.update(state="waiting")
    working.work_on(batch.pk)

    assert set(Artifact.objects.values_list("pk", "sha256")) == made
    assert all(digest for _, digest in made)
    paper, report, _ = answers(client, approved[0])
    assert b"".join(paper.streaming_content)
    assert b"".join(report.streaming_content)
    assert not Notice.objects.filter(address=batch.get_absolute_url()).exists()


def test_where_no_worker_answers_the_file_is_made_for_who_asks(client, approved):
    paper, report, _ = answers(client, approved[0])

    made = [b"".join(each.streaming_content) for each in (paper, report)]
    assert made[0] == made[1] != b""


def test_what_cannot_be_made_is_told_to_the_reviewer(
    client, approved, reviewer, monkeypatch
):
    def fail(*_):
        raise RenderError(["第三部分：字库中没有“𠀀”"])

    batch = Batch.objects.get(kind="freeze")
    monkeypatch.setitem(FORMATS, ".json", replace(FORMATS[".json"], write=fail))

    working.work_on(batch.pk)

    assert set(batch.items.values_list("error", flat=True)) == {
        "第三部分：字库中没有“𠀀”"
    }
    notice = Notice.objects.get(address=batch.get_absolute_url())
    assert notice.person == reviewer
    assert "已完成：完成 0 项，未完成 2 项" in notice.text

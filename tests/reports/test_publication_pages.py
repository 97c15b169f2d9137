"""Copies to be published on pages: gone through, marked, decided, seen by everybody."""

import re
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.urls import reverse

from projects.models import EMPTY_IF_CLASSIFIED, BudgetProject, Role
from reports.copies import copy_of, make_copy, mark
from reports.models import Publication
from tests.factories import make_department, make_user
from tests.reports.publishing import (
    fresh,
    make_approved,
    publish,
    rewrite_approved,
    send,
)

pytestmark = pytest.mark.django_db
TEXT = "负责人陈丽娟，电话13926012345。项目由陈丽娟牵头，办公电话0750-2266118。"


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    cache.clear()


@pytest.fixture
def office():
    found = make_approved()

    def with_people(document):
        texts = tuple(replace(each, text=TEXT) for each in document.sections)
        return replace(document, sections=texts)

    rewrite_approved(found[0], with_people)
    return found


@pytest.fixture
def approved(office):
    return office[0]


@pytest.fixture
def filler(office):
    return office[1]


@pytest.fixture
def draft(office):
    approved, filler, *_ = office
    return fresh(make_copy(filler, approved, parts=("report",)))


@pytest.fixture
def as_(client):
    def as_(user):
        client.force_login(user)
        return client

    return as_


def url(name, copy, *more):
    return reverse(f"reports:{name}", args=[copy.assessment_id, copy.pk, *more])


def ticked(copy, **changes):
    """What the page of a copy sends: everything hidden, but for what is given."""
    data = {"version": str(fresh(copy).version)}
    data |= {f"hide_{each.pk}": "on" for each in copy_of(fresh(copy)).places}
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def test_a_copy_goes_from_its_parts_through_every_piece_to_everybody(
    as_, office, settings, client, django_capture_on_commit_callbacks
):
    approved, filler, _, other = office
    answer = as_(filler).post(
        reverse("reports:publication_add", args=[approved.pk]),
        {"version": "1", "parts": ["report", "form"]},
    )
    copy = Publication.objects.get()
    assert answer.url == url("publication", copy)
    page = client.get(answer.url).content.decode()
    assert "处待确认" in page
    assert "13926012345" in page
    client.post(url("publication_preview", copy), {"words": "陈丽娟"})
    client.post(url("publication", copy), ticked(copy))
    version = {"version": str(fresh(copy).version)}
    client.post(url("publication_step", copy, "send"), version)

    version = {"version": str(fresh(copy).version), "note": "", "previewed": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        as_(other).post(url("publication_step", copy, "approve"), version)

    client.logout()
    settings.PUBLIC_PAGE = True
    copy = fresh(copy)
    listed = client.get(reverse("published:list"), {"year": "2024"})
    assert copy.title in listed.content.decode()
    shown = client.get(reverse("published:detail", args=[copy.code]))
    text = shown.content.decode()
    assert "■■■■牵头" in text
    assert not re.search("13926012345|2266118|陈丽娟", text)
    for suffix in ("pdf", "html", "xlsx"):
        got = client.get(reverse("published:file", args=[copy.code, suffix]))
        assert len(b"".join(got.streaming_content)) > 3000
    told = filler.notices.values_list("text", flat=True)
    assert any("已公开" in each for each in told)


def test_nothing_typed_is_lost_when_a_reason_is_missing_or_somebody_was_first(
    as_, draft, filler, office
):
    kept = copy_of(draft).places[0]
    missing = ticked(draft, **{f"hide_{kept.pk}": None})
    answer = as_(filler).post(url("publication", draft), missing)
    assert answer.status_code == 422
    assert "请填写“13926012345”保留的理由" in answer.content.decode()

    mine = missing | {f"reason_{kept.pk}": "热线电话，本就公开"}
    as_(office[2]).post(url("publication", draft), ticked(draft))
    answer = as_(filler).post(url("publication", draft), mine)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "热线电话，本就公开" in page
    assert "他人已保存的" in page
    assert fresh(draft).redactions.filter(choice="keep").count() == 0
    again = mine | {"version": str(fresh(draft).version)}
    assert as_(filler).post(url("publication", draft), again).status_code == 302
    assert fresh(draft).redactions.get(choice="keep").reason == "热线电话，本就公开"


def test_words_that_stand_nowhere_or_are_hidden_already_come_back(as_, draft, filler):
    page = as_(filler).post(url("publication_preview", draft), {"words": "王小明"})
    mixed = as_(filler).post(url("publication_preview", draft), {"words": "■■■■。项"})

    assert (page.status_code, mixed.status_code) == (422, 422)
    assert "没有“王小明”" in page.content.decode()
    assert "王小明</textarea>" in page.content.decode()
    assert "分段选" in mixed.content.decode()


def test_who_decides_returns_a_copy_with_words_that_are_kept(as_, draft, office):
    _, filler, _, other = office
    sent = send(filler, draft)
    step = url("publication_step", sent, "return")
    blank = as_(other).post(step, {"version": str(sent.version), "note": " "})
    stale = as_(other).post(step, {"version": "1", "note": "请遮盖办公电话"})
    assert (blank.status_code, stale.status_code) == (409, 409)
    assert "请填写退回意见" in blank.content.decode()
    assert "请遮盖办公电话</textarea>" in stale.content.decode()

    as_(other).post(step, {"version": str(sent.version), "note": "请遮盖办公电话"})

    assert (fresh(sent).state, fresh(sent).decision_note) == ("draft", "请遮盖办公电话")
    page = as_(filler).get(url("publication", sent)).content.decode()
    assert "请遮盖办公电话" in page


def test_only_its_makers_work_on_a_copy_and_none_of_them_approves_it(
    as_, draft, office
):
    approved, filler, finance, other = office
    unit = approved.project.unit
    reviewer = make_user(Role.UNIT_REVIEWER, unit)
    stranger = make_user(Role.FILLER, make_department())
    mark(finance, draft, "陈丽娟")
    sent = send(filler, draft)
    decide = url("publication_step", sent, "approve")
    data = {"version": str(sent.version), "note": "同意公开"}

    seen = {
        name: as_(user).get(url("publication", sent)).status_code
        for name, user in (("reviewer", reviewer), ("stranger", stranger))
    }
    tried = [as_(user).post(decide, data).status_code for user in (filler, finance)]

    assert seen == {"reviewer": 404, "stranger": 404}
    assert tried == [403, 403]
    add = reverse("reports:publication_add", args=[approved.pk])
    assert as_(reviewer).get(add).status_code == 403
    back = url("publication_step", sent, "take-back")
    bench, page = reverse("workbench"), url("publication", sent)
    assert page in as_(other).get(bench).text
    refused = as_(other).post(back, data)
    assert "审批人请填写意见后退回" in refused.text
    assert "撤回修改" not in as_(other).get(page).text
    assert "撤回修改" in as_(filler).get(page).text
    unseen = as_(other).post(decide, data)
    assert (unseen.status_code, fresh(sent).state) == (409, "sent")
    assert "请先预览公开稿再勾选" in unseen.text
    assert "同意公开</textarea>" in unseen.text
    previewed = data | {"previewed": "on"}
    assert as_(other).post(decide, previewed).status_code == 302


def test_a_copy_that_was_sent_is_closed_and_keeps_what_was_typed(as_, draft, filler):
    sent = send(filler, draft)
    form = {"version": "1", "parts": ["report", "form"]}

    edit = as_(filler).post(url("publication_edit", sent), form)
    words = as_(filler).post(url("publication_preview", sent), {"words": "陈丽娟"})

    assert (edit.status_code, words.status_code) == (409, 409)
    assert "待批准，不能修改" in edit.content.decode()
    assert as_(filler).get(url("publication_edit", sent)).status_code == 302
    assert fresh(sent).parts == ["report"]


def test_what_is_published_is_open_only_where_the_office_opens_it(
    client, office, settings
):
    approved, filler, _, other = office
    copy = publish(approved, filler, other, parts=("report",))
    watcher = make_user(Role.OBSERVER, make_department())
    pages = [
        reverse("published:list"),
        reverse("published:detail", args=[copy.code]),
        reverse("published:file", args=[copy.code, "html"]),
    ]

    def statuses():
        answers = [client.get(page) for page in pages]
        for each in answers:
            assert b"".join(each) if each.streaming else each.text or each.url
        return [each.status_code for each in answers]

    closed = statuses()
    client.force_login(watcher)
    inside = statuses()
    client.logout()
    settings.PUBLIC_PAGE = True
    opened = statuses()
    emptied = dict.fromkeys(EMPTY_IF_CLASSIFIED, "")
    BudgetProject.objects.update(status="classified", **emptied)
    classified = statuses()

    assert closed == [302, 302, 302]
    assert inside == opened == [200, 200, 200]
    assert classified == [200, 404, 404]


def test_pages_of_copies_ask_few_questions_however_much_is_in_them(
    as_, office, draft, django_assert_max_num_queries
):
    approved, filler, *_ = office
    client = as_(filler)
    pages = (
        reverse("reports:publications", args=[approved.pk]),
        url("publication", draft),
        url("publication_preview", draft),
        reverse("published:list"),
    )
    client.get(pages[0])

    for page in pages:
        with django_assert_max_num_queries(12):
            assert client.get(page).status_code == 200

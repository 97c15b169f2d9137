"""The page on which the texts are written: saved, counted, somebody else first."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.models import ItemComment, Material, Narrative, ScoringScheme
from indicators.progress import count_characters, gaps
from indicators.services import write_narrative
from perfeval.models import AuditEvent
from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, filler):
    client.force_login(filler)
    return client


def url_of(assessment, key="problems"):
    return reverse("indicators:narrative", args=[assessment.pk, key])


def stored(assessment, key="problems"):
    return Narrative.objects.get(assessment=assessment, key=key)


def text_of(response):
    return response.content.decode()


def limit_sections(scheme, length):
    """Give the section of problems a maximum, as a scheme file would."""
    title = 'title = "存在问题和建议"'
    text = scheme.text.replace(title, f"{title}\nmax_length = {length}")
    ScoringScheme.objects.filter(pk=scheme.pk).update(text=text)


def test_a_text_is_saved_and_one_stays_at_it(client, assessment, filler):
    answer = client.post(url_of(assessment), {"version": 1, "text": "一是\r\n二是"})

    assert answer.url == url_of(assessment)
    assert stored(assessment).text == "一是\n二是"
    assert stored(assessment).saved_by == filler


def test_the_page_says_what_the_part_must_tell_and_what_reviewers_said(
    client, assessment, unit_reviewer
):
    ItemComment.objects.create(
        assessment=assessment,
        narrative_key="problems",
        author=unit_reviewer,
        text="原因写得太笼统",
        at=timezone.now(),
    )

    page = text_of(client.get(url_of(assessment)))

    assert "四、存在问题和建议" in page
    assert "改进措施：做什么、谁负责、何时完成" in page
    assert "原因写得太笼统" in page


def test_the_goal_is_written_against_what_was_expected(client, unit):
    assessment = make_assessment(make_project(unit, goal="全年培训 50 场"))

    assert "全年培训 50 场" in text_of(client.get(url_of(assessment, "goal")))


def test_leading_blanks_and_empty_lines_stay_as_typed(client, assessment):
    typed = "\n　　一是宣传不足。\n\n　　二是人员不足。"

    client.post(url_of(assessment), {"version": 1, "text": typed})

    assert stored(assessment).text == typed


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("一是 宣传\n　二是", 6), ("𠮷田", 2), ("37.5%", 5)],
)
def test_characters_are_counted_without_blanks(text, count):
    assert count_characters(text) == count


def test_a_text_over_the_schemes_maximum_is_saved_and_told(client, assessment):
    limit_sections(assessment.task.scheme, 5)

    client.post(url_of(assessment), {"version": 1, "text": "一是宣传不足"})

    page = text_of(client.get(url_of(assessment)))
    fresh = type(assessment).objects.with_content().get(pk=assessment.pk)
    assert stored(assessment).text == "一是宣传不足"
    assert "不超过 5 字" in page
    assert 'data-limit="5"' in page
    assert "第四部分超过 5 字" in [gap.text for gap in gaps(fresh)]


def test_a_text_at_the_maximum_is_not_told(client, assessment):
    limit_sections(assessment.task.scheme, 6)

    client.post(url_of(assessment), {"version": 1, "text": "一是宣传不足"})

    fresh = type(assessment).objects.with_content().get(pk=assessment.pk)
    assert not any("超过" in gap.text for gap in gaps(fresh))


def test_a_text_longer_than_the_column_is_refused_and_kept(client, assessment):
    answer = client.post(url_of(assessment), {"version": 1, "text": "长" * 100_001})

    assert answer.status_code == 422
    assert "长" * 100_001 in text_of(answer)
    assert stored(assessment).text == ""


def test_who_saves_second_sees_both_texts_and_the_second_save_decides(
    client, assessment
):
    other = make_user(Role.FILLER, assessment.project.unit)
    write_narrative(other, stored(assessment), "他人写的问题", version=1)

    first = client.post(url_of(assessment), {"version": 1, "text": "我写的问题"})
    between = stored(assessment).text
    second = client.post(url_of(assessment), {"version": 2, "text": "我写的问题"})

    page = text_of(first)
    assert first.status_code == 409
    assert "他人写的问题" in page
    assert "我写的问题" in page
    assert 'name="version" value="2"' in page
    assert between == "他人写的问题"
    assert second.status_code == 302
    assert stored(assessment).text == "我写的问题"


def test_what_was_sent_up_takes_no_more_but_keeps_the_typed_text(
    client, assessment, filler
):
    submit(assessment, filler)

    page = client.get(url_of(assessment))
    answer = client.post(url_of(assessment), {"version": 1, "text": "一是"})

    assert page.url == reverse("indicators:detail", args=[assessment.pk])
    assert answer.status_code == 409
    assert "该自评现在是“审核中”，内容不能修改" in text_of(answer)
    assert "一是</textarea>" in text_of(answer)
    assert stored(assessment).text == ""


def test_a_reviewer_may_not_write(client, assessment, unit_reviewer):
    client.force_login(unit_reviewer)

    assert client.get(url_of(assessment)).status_code == 403
    posted = client.post(url_of(assessment), {"version": 1, "text": "改"})
    assert posted.status_code == 403
    assert stored(assessment).text == ""


def test_another_units_text_is_not_there(client, assessment):
    client.force_login(make_user(Role.FILLER, make_department()))

    assert client.get(url_of(assessment)).status_code == 404


def test_a_part_that_is_not_asked_for_is_not_there(client, unit):
    assessment = make_assessment(make_project(unit), material=Material.FORM)

    assert client.get(url_of(assessment, "problems")).status_code == 404
    assert client.get(url_of(assessment, "preface")).status_code == 404
    assert client.get(url_of(assessment, "goal")).status_code == 200


def autosave(client, assessment, user, **values):
    return client.post(
        url_of(assessment),
        {"version": 1, "how": "auto", **values},
        headers={"X-Autosave": str(user.pk)},
    )


def kept(assessment, key="problems"):
    versions = stored(assessment, key).versions.order_by("pk")
    return [(each.number, each.kind, each.text) for each in versions]


def test_one_page_holds_every_text_that_is_asked_for(
    client, assessment, django_assert_max_num_queries
):
    url = reverse("indicators:narratives", args=[assessment.pk])
    with django_assert_max_num_queries(14):
        page = text_of(client.get(url))

    forms = [f'data-autosave="narrative-{each.pk}"' for each in Narrative.objects.all()]
    assert len(forms) == 8
    assert all(form in page for form in forms)


def test_an_autosave_is_answered_with_the_version_to_go_on_from(
    client, assessment, filler
):
    answer = autosave(client, assessment, filler, text="一是")

    assert answer.status_code == 200
    assert answer.json()["version"] == 2
    assert stored(assessment).text == "一是"
    assert kept(assessment) == [(2, "auto", "一是")]


def test_automatic_saves_that_only_add_are_one_version(client, assessment, filler):
    for version, text in enumerate(("一是", "一是宣传", "一是宣传不足", "二是"), 1):
        autosave(client, assessment, filler, version=version, text=text)

    assert kept(assessment) == [(4, "auto", "一是宣传不足"), (5, "auto", "二是")]


def test_an_autosaves_event_names_versions_and_not_the_texts(
    client, assessment, filler
):
    autosave(client, assessment, filler, text="一是宣传不足")

    event = AuditEvent.objects.get(action="narrative.changed")
    assert (event.before["version"], event.after["version"]) == (1, 2)
    assert "宣传不足" not in f"{event.before}{event.after}{event.summary}"


def test_an_autosave_that_comes_second_is_told_both_texts_and_both_are_kept(
    client, assessment, filler
):
    other = make_user(Role.FILLER, assessment.project.unit)
    mine = "一年来共组织执法培训五十场，参加者两千人。"
    theirs = "一年来共组织执法培训四十八场，参加者两千人。"
    write_narrative(other, stored(assessment), theirs, version=1)

    answer = autosave(client, assessment, filler, text=mine)
    autosave(client, assessment, filler, text=mine)

    told = answer.json()
    assert answer.status_code == 409
    assert (told["version"], told["stored"]) == ("2", {"text": theirs})
    assert "执法培训<del class='compared'>四十八</del>场" in told["html"]
    assert "执法培训<ins class='compared'>五十</ins>场" in told["html"]
    assert kept(assessment) == [(2, "saved", theirs), (1, "rejected", mine)]


def test_what_was_written_before_versions_were_kept_is_kept_with_the_next_save(
    client, assessment, filler
):
    Narrative.objects.filter(assessment=assessment).update(text="旧", version=7)

    autosave(client, assessment, filler, version=7, text="新")

    assert kept(assessment) == [(7, "saved", "旧"), (8, "auto", "新")]


def test_an_autosave_after_the_session_ended_is_asked_to_log_in(
    client, assessment, filler
):
    client.logout()

    answer = autosave(client, assessment, filler, text="一是")

    assert (answer.status_code, answer.json()) == (401, {"log_in": "session"})
    assert stored(assessment).text == ""


def test_what_one_person_typed_is_not_saved_in_the_name_of_another(
    client, assessment, filler
):
    client.force_login(make_user(Role.FILLER, assessment.project.unit))

    answer = autosave(client, assessment, filler, text="一是")

    assert answer.status_code == 401
    assert stored(assessment).text == ""


def test_a_dead_token_is_told_as_such(assessment, filler):
    client = Client(enforce_csrf_checks=True)
    client.force_login(filler)

    answer = autosave(client, assessment, filler, text="一是")

    assert (answer.status_code, answer.json()) == (401, {"log_in": "token"})


def test_an_autosave_of_what_was_sent_up_says_why_it_is_closed(
    client, assessment, filler
):
    submit(assessment, filler)

    answer = autosave(client, assessment, filler, text="一是")

    assert answer.status_code == 409
    assert answer.json() == {"closed": "该自评现在是“审核中”，内容不能修改"}


def test_an_autosave_with_a_mistake_is_told_it(client, assessment, filler):
    answer = autosave(client, assessment, filler, text="长" * 100_001)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["label"] == "存在问题和建议"

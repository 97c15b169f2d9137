"""The writing page of one text: saved, counted, saved by somebody else first."""

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import ItemComment, Material, Narrative, ScoringScheme
from indicators.progress import count_characters, gaps
from indicators.services import write_narrative
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


def test_saving_can_lead_on_to_the_next_part(client, assessment):
    answer = client.post(
        url_of(assessment), {"version": 1, "text": "一是", "next": "1"}
    )

    assert answer.url == url_of(assessment, "score")


def test_after_the_last_part_one_stays(client, assessment):
    page = client.get(url_of(assessment, "remarks"))
    answer = client.post(
        url_of(assessment, "remarks"), {"version": 1, "text": "无", "next": "1"}
    )

    assert "保存并写下一部分" not in text_of(page)
    assert answer.url == url_of(assessment, "remarks")


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
    fresh = type(assessment).objects.with_entries().get(pk=assessment.pk)
    assert stored(assessment).text == "一是宣传不足"
    assert "不超过 5 字" in page
    assert 'data-limit="5"' in page
    assert "第四部分超过 5 字" in [gap.text for gap in gaps(fresh)]


def test_a_text_at_the_maximum_is_not_told(client, assessment):
    limit_sections(assessment.task.scheme, 6)

    client.post(url_of(assessment), {"version": 1, "text": "一是宣传不足"})

    fresh = type(assessment).objects.with_entries().get(pk=assessment.pk)
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

"""The versions of a text: listed with who and when, compared, restored."""

import pytest
from django.urls import reverse

from indicators.models import Narrative, VersionKind
from indicators.services import write_narrative
from projects.models import Role
from tests.factories import make_department, make_user, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, filler):
    client.force_login(filler)
    return client


def stored(assessment):
    return Narrative.objects.get(assessment=assessment, key="problems")


def write(assessment, user, *texts, kind=VersionKind.SAVED):
    for text in texts:
        narrative = stored(assessment)
        write_narrative(user, narrative, text, version=narrative.version, kind=kind)


def url_of(assessment, **query):
    url = reverse("indicators:versions", args=[assessment.pk, "problems"])
    return f"{url}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def page_of(client, assessment, **query):
    return client.get(url_of(assessment, **query)).content.decode()


def restore(client, assessment, version, issued):
    args = [assessment.pk, "problems", version.pk]
    url = reverse("indicators:version_restore", args=args)
    return client.post(url, {"version": issued})


def test_the_newest_two_are_compared_by_character(client, assessment, filler):
    write(assessment, filler, "一是宣传不足。", "一是宣传不够。")

    page = page_of(client, assessment)

    assert "一是宣传不<del class='compared'>足</del>。" in page
    assert "一是宣传不<ins class='compared'>够</ins>。" in page
    assert "陈填报" in page


def test_any_two_are_compared(client, assessment, filler):
    write(assessment, filler, "甲", "乙", "丙")
    old, new = stored(assessment).versions.filter(number__in=(2, 4)).order_by("number")

    page = page_of(client, assessment, old=old.pk, new=new.pk)

    assert "比较：第 2 版与第 4 版" in page
    assert "<del class='compared'>甲</del>" in page


def test_automatic_ones_are_folded_where_something_else_remains(
    client, assessment, filler
):
    write(assessment, filler, "甲", "乙", "丙", kind=VersionKind.AUTO)
    alone = page_of(client, assessment)
    write(assessment, filler, "丁", kind=VersionKind.SAVED)

    folded, unfolded = page_of(client, assessment), page_of(client, assessment, all=1)

    assert alone.count("作旧版") == 3
    assert "次自动保存" not in alone
    assert "另有 2 次自动保存" in folded
    assert folded.count("作旧版") == 2
    assert unfolded.count("作旧版") == 4


def test_what_was_sent_up_is_marked(client, assessment, filler):
    write(assessment, filler, "甲")
    submit(assessment, filler)

    assert "陈填报送审" in page_of(client, assessment)


def test_an_earlier_text_is_restored_as_a_new_version(client, assessment, filler):
    write(assessment, filler, "甲", "乙")
    first = stored(assessment).versions.get(number=2)

    answer = restore(client, assessment, first, issued=3)

    assert answer.url.endswith("/sections/#text-problems")
    assert stored(assessment).text == "甲"
    last = stored(assessment).versions.order_by("-number").first()
    assert (last.number, last.kind) == (4, "restored")


def test_restoring_over_what_somebody_has_just_written_is_refused(
    client, assessment, filler
):
    write(assessment, filler, "甲", "乙", "丙")
    first = stored(assessment).versions.get(number=2)

    answer = restore(client, assessment, first, issued=3)

    assert "/versions/" in answer.url
    assert stored(assessment).text == "丙"


def test_after_being_sent_up_nothing_is_restored(client, assessment, filler):
    write(assessment, filler, "甲", "乙")
    first = stored(assessment).versions.get(number=2)
    submit(assessment, filler)

    restore(client, assessment, first, issued=3)

    assert stored(assessment).text == "乙"


def test_reviewers_read_versions_but_not_what_was_not_taken_over(
    client, assessment, filler, unit_reviewer
):
    write(assessment, filler, "甲")
    other = make_user(Role.FILLER, assessment.project.unit)
    with pytest.raises(Exception, match="他人"):
        write_narrative(other, stored(assessment), "秘而不宣", version=1)
    version = stored(assessment).versions.get(kind="saved")
    own = page_of(client, assessment)
    client.force_login(unit_reviewer)

    page = page_of(client, assessment)

    assert "未采用" in own
    assert "未采用" not in page
    assert "恢复<span" not in page
    assert restore(client, assessment, version, issued=2).status_code == 403


def test_another_units_versions_are_not_there(client, assessment):
    client.force_login(make_user(Role.FILLER, make_department()))

    assert client.get(url_of(assessment)).status_code == 404


def test_the_page_asks_little_of_the_database(
    client, assessment, filler, django_assert_max_num_queries
):
    write(assessment, filler, *[f"{number}版" for number in range(30)])

    with django_assert_max_num_queries(12):
        client.get(url_of(assessment))

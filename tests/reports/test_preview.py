"""A text as it will print, before it is saved."""

import pytest
from django.urls import reverse

from indicators.models import Narrative
from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment():
    return make_assessment(make_project(make_department(make_department())))


@pytest.fixture
def client(client, assessment):
    client.force_login(make_user(Role.FILLER, assessment.project.unit))
    return client


def preview(client, assessment, text, key="results"):
    url = reverse("reports:preview", args=[assessment.pk, key])
    return client.post(url, {"text": text})


def test_what_is_typed_is_shown_as_it_prints_and_not_saved(client, assessment):
    page = preview(
        client, assessment, "（一）产出\n支出{全年执行数}。"
    ).content.decode()

    assert "三、项目绩效情况和主要做法" in page
    assert '<h3 class="depth-2">（一）产出</h3>' in page
    assert "<p>支出13.32万元。</p>" in page
    assert Narrative.objects.get(assessment=assessment, key="results").text == ""


@pytest.mark.parametrize("key", ["goal", "funds", "remarks"])
def test_a_text_of_the_form_is_shown_in_paragraphs(key, client, assessment):
    assert (
        "<p>全年{{</p>".replace("{{", "{")
        in preview(client, assessment, "全年{{", key).content.decode()
    )


def test_an_unknown_text_and_another_units_are_not_there(client, assessment):
    assert preview(client, assessment, "甲", key="preface").status_code == 404
    client.force_login(make_user(Role.FILLER, make_department()))
    assert preview(client, assessment, "甲").status_code == 404

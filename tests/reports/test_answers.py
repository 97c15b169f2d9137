"""At 送审 必改问题 block, 需说明事项 want an answer, which the reviewer sees."""

import pytest
from django.urls import reverse

from indicators.models import Material, SelfAssessment, Status
from indicators.services import write_narrative
from perfeval.models import AuditEvent
from projects.models import Role
from reports.answers import sending_check
from reports.findings import with_document_before
from reports.models import FindingAnswers, SentCheck
from reports.submission import IncompleteError, submit
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
PHONE = "联系人手机13812345678。"
# 需说明事项: a document that is repealed.
REPEALED = "按照《财政支出绩效评价管理暂行办法》（财预〔2011〕285号）开展自评。"
WHY = "项目立项时该办法仍然有效，按当时的要求申报。"


@pytest.fixture
def unit():
    return make_department(make_department())


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit)


@pytest.fixture
def made(unit, filler):
    return complete(make_assessment(make_project(unit), make_task()), filler)


def write(user, assessment, key, text):
    narrative = assessment.narratives.get(key=key)
    write_narrative(user, narrative, text, version=narrative.version)


def check_of(assessment):
    seen = with_document_before(SelfAssessment.objects.with_content())
    return sending_check(seen.get(pk=assessment.pk))


def address(name, assessment):
    return reverse(f"reports:{name}", args=[assessment.pk])


def typed(assessment, *, stored=0, **texts):
    return {
        "version": SelfAssessment.objects.get(pk=assessment.pk).version,
        "answers-version": stored,
        **{f"answers-{key}": text for key, text in texts.items()},
    }


@pytest.fixture
def as_filler(client, filler):
    client.force_login(filler)
    return client


def test_what_must_be_mended_blocks_and_leads_to_its_text(as_filler, filler, made):
    write(filler, made, "problems", PHONE)

    page = as_filler.post(address("submit", made), typed(made))

    texts = reverse("indicators:narratives", args=[made.pk])
    assert page.status_code == 422
    assert "以下 1 处必改问题需要先改正" in page.text
    assert f'href="{texts}#id_problems_text"' in page.text
    assert "手机号“138…78”" in page.text
    assert not SentCheck.objects.exists()


def test_what_is_missing_is_told_once_among_what_must_be_mended(
    as_filler, filler, made
):
    for key, text in (("basics", ""), ("results", ""), ("problems", "无。")):
        write(filler, made, key, text)

    page = as_filler.get(address("submit", made))

    assert [x.finding.code for x in check_of(made).errors] == ["section-empty"] * 3
    assert "第一、三部分为空" in page.text
    assert "以下 1 处必改问题需要先改正" in page.text
    assert "存在问题和建议”部分没有内容（“无。”）" in page.text


def test_only_the_form_is_asked_about_where_no_report_is_required(unit, filler):
    form = make_assessment(make_project(unit), make_task(), material=Material.FORM)
    made = complete(form, filler)

    assert check_of(made).hindrances == []
    assert submit(filler, made, version=made.version).status == Status.IN_REVIEW


def test_an_answer_is_asked_for_kept_and_shown_to_the_reviewer(
    client, as_filler, unit, filler, made
):
    write(filler, made, "basics", REPEALED)
    (asked,) = check_of(made).asked
    with pytest.raises(IncompleteError, match=r"请说明：.*财预〔2011〕285号"):
        submit(filler, made, version=made.version)

    without = as_filler.post(address("submit", made), typed(made, **{asked.key: " "}))
    sent = as_filler.post(address("submit", made), typed(made, **{asked.key: WHY}))

    assert "送审前请先说明 1 处" in without.content.decode()
    assert sent.status_code == 302
    kept = SentCheck.objects.get()
    assert kept.record.action == "submit"
    assert [each["answer"] for each in kept.findings if each["answer"]] == [WHY]
    told = AuditEvent.objects.filter(action="findinganswers.changed").latest("pk")
    assert told.after == {asked.key: WHY}
    client.force_login(make_user(Role.UNIT_REVIEWER, unit))
    assert WHY in client.get(address("review", made)).text
    assert WHY in client.get(address("findings", made)).text
    assert "附说明 1 项" in client.get(reverse("reports:review_list")).text


def test_an_answer_stays_while_the_finding_stays_and_is_asked_anew_after(
    as_filler, filler, made
):
    write(filler, made, "basics", REPEALED)
    (asked,) = check_of(made).asked
    keep = {**typed(made, **{asked.key: WHY}), "keep": "1"}
    as_filler.post(address("submit", made), keep)

    write(filler, made, "basics", f"本项目连续实施三年。{REPEALED}")
    moved = check_of(made)
    write(filler, made, "basics", "已写明依据。")
    write(filler, made, "implementation", REPEALED)
    changed = check_of(made)

    assert moved.unanswered == []
    assert changed.asked == changed.unanswered != []
    assert [each["text"] for each in changed.outdated] == [WHY]


def test_who_answers_second_sees_both_texts_and_loses_none(as_filler, filler, made):
    write(filler, made, "basics", REPEALED)
    (asked,) = check_of(made).asked
    url = address("submit", made)
    as_filler.post(url, {**typed(made, **{asked.key: "先写的"}), "keep": "1"})

    late = as_filler.post(url, typed(made, **{asked.key: "后写的"}))

    assert late.status_code == 409
    assert "先写的" in late.text
    assert "后写的" in late.text
    assert FindingAnswers.objects.get().text_of(asked.key) == "先写的"
    refused = AuditEvent.objects.get(action="findinganswers.rejected")
    assert refused.after["texts"] == {asked.key: "后写的"}


def test_what_is_typed_to_what_is_closed_or_found_no_more_comes_back(
    as_filler, filler, made
):
    write(filler, made, "basics", REPEALED)
    (asked,) = check_of(made).asked
    data = typed(made, **{asked.key: WHY})
    write(filler, made, "basics", "已写明依据。")
    as_filler.post(address("submit", made), {**data, "keep": "1"})
    kept = FindingAnswers.objects.get().text_of(asked.key)
    stored = SelfAssessment.objects.get(pk=made.pk)
    submit(filler, stored, version=stored.version)

    closed = as_filler.post(
        address("submit", made), typed(made, stored=1, **{asked.key: "另写的说明"})
    )

    assert kept == WHY
    assert closed.status_code == 409
    assert "内容不能修改" in closed.text
    assert "另写的说明" in closed.text


def test_answers_are_saved_while_one_types_by_who_sends_up_alone(
    client, as_filler, unit, filler, made
):
    write(filler, made, "basics", REPEALED)
    (asked,) = check_of(made).asked
    data = {f"answers-{asked.key}": WHY, "version": "0", "how": "auto"}
    headers = {"X-Autosave": str(filler.pk)}

    saved = as_filler.post(address("answers", made), data, headers=headers)
    client.force_login(make_user(Role.UNIT_REVIEWER, unit))
    refused = client.post(address("answers", made), data)

    assert saved.json()["version"] == 1
    assert check_of(made).unanswered == []
    assert refused.status_code == 403

"""A first draft: from the data, nothing invented, never over a text without asking."""

import pytest
from django.urls import reverse

from indicators.first_draft import DRAFTED, first_draft
from indicators.linked_figures import GAP
from indicators.models import Narrative, ScoringScheme, SelfAssessment
from indicators.progress import gaps
from indicators.services import record_result, write_narrative
from projects.models import BudgetProject
from reports.assembly import assemble
from reports.findings import findings_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, filler):
    client.force_login(filler)
    return client


def content(assessment):
    return SelfAssessment.objects.with_content().get(pk=assessment.pk)


def url_of(assessment, key="basics"):
    return reverse("indicators:narrative_draft", args=[assessment.pk, key])


def stored(assessment, key="basics"):
    return Narrative.objects.get(assessment=assessment, key=key)


def take(client, assessment, key="basics", **values):
    version = stored(assessment, key).version
    return client.post(url_of(assessment, key), {"version": version, **values})


def test_a_draft_of_the_money_names_figures_and_leaves_what_is_not_known(assessment):
    text = first_draft(content(assessment), "implementation")

    assert "全年预算数{全年预算数}，全年执行数{全年执行数}" in text
    assert "预算执行率偏低，原因是：【待填：执行率偏低的原因】" in text
    assert "年中预算由" not in text


def test_a_reason_given_in_the_form_is_the_reason_in_the_draft(assessment):
    note = stored(assessment, "funds")
    write_narrative(None, note, "部分培训改为线上。", version=note.version)

    text = first_draft(content(assessment), "implementation")

    assert "原因是：部分培训改为线上。" in text


def test_a_changed_budget_is_told_without_inventing_its_procedure(assessment):
    assessment.project.funding_lines.update(initial=300000)

    text = first_draft(content(assessment), "implementation")

    assert (
        "年中预算由{年初预算数}调整为{全年预算数}，【待填：预算调整的依据和程序】"
        in text
    )


def test_results_are_drafted_indicator_by_indicator(assessment):
    result = assessment.results.get(indicator__level3="培训场次")
    changes = {"actual": "48", "deviation_note": "两场因疫情{取消}"}
    record_result(None, result, changes, version=result.version)

    lines = first_draft(content(assessment), "results").split("\n")

    assert lines[0] == "（一）产出指标"
    assert lines[1] == (
        "1.培训场次：指标值{指标值:培训场次}，实际完成{指标:培训场次}，"
        "该指标得{得分:培训场次}。"
        "偏差原因及改进措施：两场因疫情{{取消}}"
    )
    assert lines[2] == "（二）效益指标"
    assert lines[-1] == "【待填：主要做法和经验】"


def test_the_goal_comes_from_the_project(assessment):
    BudgetProject.objects.update(goal="全年培训 50 场")

    assert "全年培训 50 场" in first_draft(content(assessment), "basics")


@pytest.mark.parametrize("key", DRAFTED)
def test_every_draft_prints_with_its_values_and_its_gaps_hold_it_back(
    key, client, assessment
):
    answer = take(client, assessment, key)

    (printed,) = [x.text for x in assemble(assessment.pk).sections if x.key == key]
    kept = [each for each in gaps(content(assessment)) if each.part == key]
    assert answer.status_code == 302
    assert "{项目名称}" not in printed
    assert "{全年预算数}" not in printed
    assert GAP.search(printed)
    assert kept


def test_a_draft_becomes_a_version_of_its_own(client, assessment, filler):
    take(client, assessment)

    version = stored(assessment).versions.get()
    assert (version.kind, version.saved_by) == ("drafted", filler)


def test_where_a_text_stands_the_draft_is_shown_beside_it_and_asks(client, assessment):
    write_narrative(None, stored(assessment), "已写的内容", version=1)

    page = client.get(url_of(assessment)).content.decode()
    untouched = stored(assessment).text
    take(client, assessment, append="1")

    assert "已写的内容" in page
    assert "接在现有内容后面" in page
    assert untouched == "已写的内容"
    assert stored(assessment).text.startswith("已写的内容\n（一）项目概况")


def test_replaced_by_a_draft_the_text_stays_in_the_versions(client, assessment):
    write_narrative(None, stored(assessment), "已写的内容", version=1)

    take(client, assessment)

    texts = stored(assessment).versions.values_list("text", flat=True)
    assert "已写的内容" in texts
    assert stored(assessment).text.startswith("（一）项目概况")


def test_a_draft_that_comes_too_late_overwrites_nothing(client, assessment):
    write_narrative(None, stored(assessment), "他人写的", version=1)

    answer = client.post(url_of(assessment), {"version": 1})

    assert answer.status_code == 409
    assert stored(assessment).text == "他人写的"
    assert "他人写的" in answer.content.decode()


def test_a_scheme_has_phrases_of_its_own(assessment):
    scheme = assessment.task.scheme
    text = f'{scheme.text}\n[phrases]\npractice = "经验做法"\n'
    ScoringScheme.objects.filter(pk=scheme.pk).update(text=text)

    assert first_draft(content(assessment), "results").endswith("经验做法")


def test_problems_are_not_drafted(client, assessment):
    assert client.get(url_of(assessment, "problems")).status_code == 404


def test_a_reviewer_makes_no_drafts(client, assessment, unit_reviewer):
    client.force_login(unit_reviewer)

    assert client.get(url_of(assessment)).status_code == 403
    assert take(client, assessment).status_code == 403


def test_the_checks_find_no_other_figures_in_a_draft_of_results(assessment):
    result = assessment.results.get(indicator__level3="培训场次")
    record_result(None, result, {"actual": "48"}, version=result.version)
    narrative = assessment.narratives.get(key="results")
    draft = first_draft(content(assessment), "results")
    write_narrative(None, narrative, draft, version=narrative.version)

    found = findings_of(content(assessment))

    codes = {each.finding.code for each in found}
    assert not codes & {"indicator-value-differs", "score-differs"}

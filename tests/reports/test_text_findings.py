"""What the checks find beside each text while it is written, and how it is mended."""

import pytest
from django.urls import reverse

from indicators.linked_figures import Figure, Figures, resolve, written_span
from indicators.models import Narrative
from indicators.services import write_narrative
from projects.models import Role
from reports.findings import findings_of
from reports.text_findings import marks_of
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
)
from tests.queries import queries_of


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit)


@pytest.fixture
def assessment(unit, filler):
    project = make_project(unit, name="执法培训")
    return make_assessment(project)


def write(filler, assessment, key, text):
    narrative = Narrative.objects.get(assessment=assessment, key=key)
    write_narrative(filler, narrative, text, version=narrative.version)


def marks(assessment, key):
    loaded = type(assessment).objects.with_content().get(pk=assessment.pk)
    found = {each.key: each.marks for each in marks_of(loaded, findings_of(loaded))}
    return found[key]


def address(assessment):
    return reverse("reports:text_findings", args=[assessment.pk])


@pytest.mark.parametrize(
    ("start", "end", "written", "is_plain"),
    [
        (0, 2, "支出", True),  # before the name
        (2, 9, "{执行}", False),  # the name itself
        (4, 6, "{执行}", False),  # a part of what it shows
        (9, 12, "，预算", True),  # behind it, 3 characters further
        (12, 13, "{{", False),
    ],
)
def test_a_place_of_the_report_is_found_in_the_text_as_written(
    start, end, written, is_plain
):
    figures = Figures([Figure("执行", "", lambda: "13.32万元")])
    text = "支出{执行}，预算{{x"
    first, last, plain = written_span(text, figures, start, end)

    assert resolve(text, figures) == "支出13.32万元，预算{x"
    assert text[first:last] == written
    assert plain is is_plain


@pytest.mark.django_db
def test_a_wrong_amount_is_mended_by_the_linked_figure(filler, assessment):
    write(
        filler,
        assessment,
        "implementation",
        "（一）年度{年度}。项目全年实际支出99.99万元，按合同支付。",
    )

    (mark,) = [
        each
        for each in marks(assessment, "implementation")
        if each.finding.code == "amount-differs"
    ]

    assert mark.words == "99.99万元"
    assert mark.link == "{全年执行数}"
    assert mark.value == "13.32万元"
    assert mark.anchor == "funds"


@pytest.mark.django_db
def test_a_mended_text_has_no_such_finding(filler, assessment):
    write(
        filler,
        assessment,
        "implementation",
        "项目全年实际支出{全年执行数}，按合同支付。",
    )

    codes = [each.finding.code for each in marks(assessment, "implementation")]

    assert "amount-differs" not in codes


@pytest.mark.django_db
def test_each_text_has_its_place_in_the_answer(client, filler, assessment):
    write(filler, assessment, "problems", "联系人手机13812345678。")
    client.force_login(filler)

    page = client.get(address(assessment)).content.decode()

    for key in assessment.narratives.values_list("key", flat=True):
        assert f'data-findings="{key}"' in page
    assert 'data-select="id_problems_text"' in page
    assert "138…78" in page


@pytest.mark.django_db
def test_the_answer_takes_few_queries(client, filler, assessment):
    client.force_login(filler)

    queries = queries_of(client, address(assessment))

    assert len(queries) <= 12, "\n".join(each[:160] for each in queries)


@pytest.mark.django_db
def test_others_do_not_see_it(client, assessment):
    client.force_login(make_user(Role.FILLER, make_department(name="别的单位")))

    assert client.get(address(assessment)).status_code == 404


@pytest.mark.django_db
def test_what_is_typed_is_looked_at_and_not_kept(client, filler, unit, assessment):
    row = assessment.results.get(indicator__level3="培训场次")
    typed = {
        "text-results": "全年实际支出13.23万元，组织培训55场。",
        f"result-{row.pk}-actual": "49",
        f"result-{row.pk}-deviation_note": "",
    }
    client.force_login(filler)
    before = client.get(address(assessment)).text

    now = client.post(address(assessment), typed).text

    assert "“全年实际支出13.23万元”与自评表全年执行数 13.32 万元不一致" in now
    assert "13.23" not in before
    assert f'data-findings="result-{row.pk}"' in now
    assert "低于分值" in now
    assert f'href="{reverse("indicators:result", args=[assessment.pk, row.pk])}' in now
    row.refresh_from_db()
    assert (row.actual, assessment.narratives.get(key="results").text) == ("", "")
    client.force_login(make_user(Role.UNIT_REVIEWER, unit))
    assert client.post(address(assessment), typed).status_code == 403

"""Figures named in a text: shown as their value, marked where the name says nothing."""

import pytest

from indicators.figure_list import figures_of, text_problems
from indicators.linked_figures import (
    Figure,
    Figures,
    as_plain_text,
    problems_in,
    resolve,
)
from indicators.models import Indicator, Narrative, SelfAssessment
from indicators.progress import gaps
from indicators.services import record_result, write_narrative
from reports.assembly import assemble
from reports.submission import IncompleteError, submit
from tests.factories import complete

FIGURES = Figures(
    [
        Figure("全年执行数", "资金", lambda: "13.32万元"),
        Figure("等级", "得分", lambda: ""),
        Figure("指标:产出/数量/人次", "指标", lambda: "48人次", "指标:人次"),
        Figure("指标:产出/质量/人次", "指标", lambda: "45人次", "指标:人次"),
        Figure("指标:产出/数量/场次", "指标", lambda: "50场", "指标:场次"),
    ]
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("支出{全年执行数}。", "支出13.32万元。"),
        ("{ 全年执行数 }、{指标：场次}", "13.32万元、50场"),
        ("{指标:产出/质量/人次}", "45人次"),
        ("{{全年执行数}}", "{全年执行数}"),
        ("{{{全年执行数}}}", "{13.32万元}"),
        ("集合{ 与 }", "集合{ 与 }"),
        ("{全年\n执行数}", "{全年\n执行数}"),
        ("{全年支出}、{指标:人次}、{等级}", "{全年支出}、{指标:人次}、{等级}"),
    ],
)
def test_a_name_is_shown_as_its_value_and_braces_can_be_written(text, shown):
    assert resolve(text, FIGURES) == shown


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("共{全年支出}", "{全年支出}", "没有这个名称的数据"),
        ("共{指标:人次}", "{指标:人次}", "{指标:产出/质量/人次}"),
        ("定为{等级}", "{等级}", "这个数据还没有填"),
        ("依据【待填：文号】", "【待填：文号】", "初稿留下的空还没有填"),
    ],
)
def test_what_says_nothing_is_marked_where_it_stands(text, words, message):
    (problem,) = problems_in(text, FIGURES)

    assert text[problem.start : problem.end] == problem.words == words
    assert message in problem.message


@pytest.mark.parametrize("text", ["{全年执行数}", "{{无}}", "a { b", "【注】", ""])
def test_what_is_right_is_not_marked(text):
    assert problems_in(text, FIGURES) == []


@pytest.mark.parametrize("text", ["{a}", "{{a}}", "}{", "数据 {全年执行数}"])
def test_a_text_from_a_file_keeps_its_braces(text):
    assert resolve(as_plain_text(text), FIGURES) == text


def test_the_list_offers_the_shortest_name_that_means_one_alone():
    offered = [name for name, _ in FIGURES.by_group["指标"]]

    assert offered == ["指标:产出/数量/人次", "指标:产出/质量/人次", "指标:场次"]


def content(assessment):
    return SelfAssessment.objects.with_content().get(pk=assessment.pk)


def write(assessment, text, key="results"):
    narrative = Narrative.objects.get(assessment=assessment, key=key)
    write_narrative(None, narrative, text, version=narrative.version)


def printed(assessment, key="results"):
    (section,) = [x for x in assemble(assessment.pk).sections if x.key == key]
    return section.text


@pytest.mark.django_db
def test_the_figures_of_a_report_are_those_of_its_data(assessment):
    """230000 元 of budget, 133200 spent: 57.91 %; 48 of 50 sessions: 48 points."""
    result = assessment.results.get(indicator__level3="培训场次")
    record_result(None, result, {"actual": "48"}, version=result.version)

    figures = figures_of(content(assessment))

    def value(name):
        (figure,) = figures.named(name)
        return figure.value

    assert value("年度") == "2024"
    assert value("项目名称") == "执法培训"
    assert value("实施单位") == "执法监督处"
    assert value("主管部门") == "市司法局"
    assert value("全年预算数") == "23万元"
    assert value("全年执行数") == "13.32万元"
    assert value("全年执行数:当年财政拨款") == "13.32万元"
    assert value("预算执行率") == "57.91%"
    assert value("预算执行得分") == "5.79分"
    assert value("自评得分") == "53.79分"
    assert value("指标:培训场次") == "48场"
    assert value("指标值:培训场次") == "≥50场"
    assert value("得分:培训场次") == "48分"
    assert value("指标:群众满意度") == ""


@pytest.mark.django_db
def test_a_report_holds_the_values_and_follows_the_data(assessment):
    write(assessment, "组织培训{指标:培训场次}，支出{全年执行数}。")
    result = assessment.results.get(indicator__level3="培训场次")
    record_result(None, result, {"actual": "48"}, version=result.version)

    first = printed(assessment)
    record_result(None, result, {"actual": "49"}, version=result.version)
    second = printed(assessment)

    assert first == "组织培训48场，支出13.32万元。"
    assert second == "组织培训49场，支出13.32万元。"


@pytest.mark.django_db
def test_names_that_say_nothing_are_among_what_is_missing(assessment):
    write(assessment, "支出{全年支出}，培训{指标:培训场次}。")

    found = text_problems(content(assessment))
    told = [gap for gap in gaps(content(assessment)) if "数据引用" in gap.text]

    assert [(key, problem.words) for key, problem in found] == [
        ("results", "{全年支出}"),
        ("results", "{指标:培训场次}"),
    ]
    assert [(gap.text, gap.part) for gap in told] == [
        ("第三部分有 2 处数据引用或留空要改", "results")
    ]


@pytest.mark.django_db
def test_two_indicators_of_one_name_must_be_told_apart(assessment):
    indicator = assessment.project.indicators.get(level3="培训场次")
    Indicator.objects.filter(level3="群众满意度").update(level3="培训场次")
    write(assessment, "{指标:培训场次}")

    ((_, problem),) = text_problems(content(assessment))

    assert f"{{指标:{indicator.level1}/{indicator.level2}/培训场次}}" in problem.message


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["支出{全年支出}", "依据【待填：文号】"])
def test_a_name_that_says_nothing_or_a_gap_keeps_a_report_from_being_sent_up(
    text, assessment, filler
):
    complete(assessment)
    write(assessment, text)

    with pytest.raises(IncompleteError, match="第三部分有 1 处数据引用或留空要改"):
        submit(filler, assessment, version=assessment.version)


@pytest.mark.django_db
def test_what_is_sent_up_holds_values_and_no_names(assessment, filler):
    complete(assessment)
    write(assessment, "支出{全年执行数}，花括号写作{{}}。")

    submit(filler, assessment, version=assessment.version)

    sections = assessment.review_records.get().snapshot["sections"]
    (printed,) = [each["text"] for each in sections if each["key"] == "results"]
    assert printed == "支出13.32万元，花括号写作{}。"

"""import_report: what is sure is written, the rest is told and left to a person."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from indicators.models import IndicatorResult
from projects.models import FundingLine, Role
from tests.factories import (
    make_assessment,
    make_indicators,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.reports.form_workbooks import NATIONAL, workbook
from tests.reports.test_takeover import ROWS

ROOT = Path(__file__).parents[2]
CODE = "440700002022000000001"
TEXT = """2021年度农村公路日常养护项目绩效自评报告

一、项目基本情况
根据工作需要设立本项目，预算安排23万元。
二、项目组织实施情况
全年实际支出13.32万元，执行率57.91%。
四、存在问题和建议
一是路段分散。
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment():
    project = make_project(money=None, name="农村公路日常养护", year=2022, code=CODE)
    make_indicators(project, ROWS)
    return make_assessment(project)


@pytest.fixture
def files(tmp_path):
    form, text = tmp_path / "自评表.xlsx", tmp_path / "去年.txt"
    form.write_bytes(workbook(NATIONAL))
    text.write_text(TEXT, encoding="utf-8")
    return str(form), str(text)


def run(capsys, *arguments, code=CODE, year="2022"):
    """Return exit code, standard output and error of the command."""
    status: object = 0
    try:
        call_command("import_report", *arguments, "--project", code, "--year", year)
    except SystemExit as ended:
        status = ended.code
    out, err = capsys.readouterr()
    return status, out, err


def test_a_form_and_last_years_report_are_written_and_money_is_only_offered(
    assessment, files, capsys
):
    status, out, _ = run(capsys, *reversed(files))

    texts = {each.key: each.text for each in assessment.narratives.all()}
    assert status == 0
    assert texts["basics"] == "根据工作需要设立本项目，预算安排23万元。"
    assert texts["problems"] == "一是路段分散。"
    assert IndicatorResult.objects.get(indicator__level3="养护里程").actual == "118"
    assert (
        "当年财政拨款·全年执行数（万元）：系统中 （空），文件中 13.32"
        "（报告写的是 2021 年度；取自报告的文字，请核对口径后再采用）"
    ) in out
    assert FundingLine.objects.get(source="appropriation").executed == 1_500_000


def test_what_stands_there_is_kept_and_told_unless_it_is_to_be_overwritten(
    assessment, files, capsys
):
    assessment.narratives.filter(key="basics").update(text="今年已写好。")

    _, out, _ = run(capsys, files[1])
    kept = assessment.narratives.get(key="basics").text
    run(capsys, files[1], "--overwrite")

    assert "项目基本情况：系统中 今年已写好。，文件中 根据工作需要" in out
    assert kept == "今年已写好。"
    assert assessment.narratives.get(key="basics").text.startswith("根据工作需要")
    assert not FundingLine.objects.exists()


def test_money_is_written_where_it_is_asked_for(assessment, files, capsys):
    run(capsys, files[1], "--money")

    assert str(FundingLine.objects.get().executed) == "133200.00"


def test_a_dry_run_writes_nothing(assessment, files, capsys):
    status, out, _ = run(capsys, files[0], "--dry-run")

    assert status == 0
    assert out.startswith("自评表.xlsx：可写入 ")
    assert not IndicatorResult.objects.exclude(actual="").exists()


def refused(capsys, *arguments, **named):
    status, out, err = run(capsys, *arguments, **named)
    assert (status, out) == (2, "")
    return err


def test_what_cannot_be_done_is_refused_and_nothing_is_written(
    assessment, files, capsys, tmp_path
):
    bad = tmp_path / "表.csv"
    bad.write_text("a,b", encoding="utf-8")

    answers = [
        refused(capsys, files[0], str(bad)),
        refused(capsys, files[0], code="9"),
        refused(capsys, files[0], "--user", "没有此人"),
        refused(capsys, files[0], "--user", make_user().username),
    ]

    assert [
        words in answer
        for words, answer in zip(
            ("另存", "没有 2022 年度编码为“9”", "没有此人", "不能填报这个项目"),
            answers,
            strict=True,
        )
    ] == [True] * 4
    assert not IndicatorResult.objects.exclude(actual="").exists()


def test_another_projects_form_is_refused(files, capsys):
    make_assessment(make_project(name="桥梁检测", year=2022, code=CODE))

    assert "表中项目名称是“农村公路日常养护”" in refused(capsys, files[0])


def test_of_several_tasks_one_must_be_named(assessment, files, capsys):
    second = make_assessment(assessment.project, make_task())

    told = refused(capsys, files[1])
    status, *_ = run(capsys, files[1], "--task", str(second.task_id))

    assert "请用 --task 指明" in told
    assert status == 0
    assert second.narratives.get(key="basics").text


def test_what_was_sent_up_is_refused(assessment, files, capsys):
    submit(assessment)

    assert "不能修改" in refused(capsys, files[1])


def test_it_is_written_in_the_name_of_the_person(assessment, files, capsys):
    filler = make_user(Role.FILLER, assessment.project.unit)

    run(capsys, files[1], "--user", filler.username)

    assert assessment.narratives.get(key="basics").saved_by == filler


def test_the_command_says_how_it_is_used():
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "import_report", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "--project" in done.stdout

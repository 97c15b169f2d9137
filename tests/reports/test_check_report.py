"""manage.py check_report: findings as JSON, exit codes, pairs of files, folders."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from indicators.schemes import load_scheme, scheme_ids
from reports.checks.catalogue import findings_page
from reports.checks.check import CHECKS
from reports.document import dump_document
from tests.reports.checked_documents import clean_document, with_row

ROOT = Path(settings.BASE_DIR)
FORM = ROOT / "tests" / "data" / "forms" / "national.xls"
SAMPLES = ROOT.parent / "shared" / "samples"
CLEAN = clean_document()


def check_report(*arguments, stdin=""):
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "check_report", *map(str, arguments)],
        input=stdin.encode(),
        capture_output=True,
        env={
            **os.environ,
            "PERFEVAL_DEBUG": "1",
            "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
            "LC_ALL": "C",
        },
        timeout=60,
        check=False,
    )


def codes(done):
    return [each["code"] for each in json.loads(done.stdout)["findings"]]


def test_a_clean_document_on_standard_input_leaves_exit_code_0():
    done = check_report("-", stdin=dump_document(CLEAN))

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == {"findings": []}


def test_a_finding_of_severity_error_leaves_exit_code_1_and_others_do_not():
    wrong = check_report("-", stdin=dump_document(with_row(CLEAN, 0, points="12")))
    odd = check_report(
        "-", stdin=dump_document(with_row(CLEAN, 1, level3="农户满意度"))
    )

    assert (wrong.returncode, wrong.stderr) == (1, b"")
    assert set(json.loads(wrong.stdout)["findings"][0]) == {
        "code",
        "severity",
        "where",
        "message",
    }
    assert odd.returncode == 0
    assert "indicator-misfit" in codes(odd)


def test_a_text_and_a_form_are_checked_as_one_report(tmp_path):
    text = tmp_path / "报告.txt"
    text.write_text(
        "2022年度农村公路日常养护项目绩效自评报告\n一、项目基本情况\n养护县乡道。\n"
        "二、项目组织实施情况\n全年支出154.74万元，因雨季延长，部分养护款结转下年。\n",
        "utf-8",
    )

    together = check_report(text, FORM)
    alone = check_report(FORM)

    assert "low-execution-unexplained" in codes(alone)
    assert "low-execution-unexplained" not in codes(together)


def test_a_folder_is_checked_file_by_file_with_a_summary(tmp_path):
    flawed = with_row(CLEAN, 0, points="12")
    (tmp_path / "甲.json").write_text(dump_document(CLEAN), "utf-8")
    (tmp_path / "乙.json").write_text(dump_document(flawed), "utf-8")

    sound = check_report(tmp_path)
    (tmp_path / "丙.docx").write_bytes(b"PK\x03\x04 broken")
    broken = check_report(tmp_path)

    result = json.loads(sound.stdout)
    counts = {each["name"]: len(each["findings"]) for each in result["reports"]}
    assert sound.returncode == 1
    assert counts["甲"] == 0
    assert counts["乙"] > 0
    rule = {"code": "points-differ-from-rule", "findings": 1, "reports": 1}
    assert rule in result["summary"]
    assert "共 2 份" in sound.stderr.decode()
    assert broken.returncode == 2
    assert "文件已损坏" in broken.stderr.decode()
    assert len(json.loads(broken.stdout)["reports"]) == 3


@pytest.mark.parametrize(
    ("arguments", "stdin", "problem"),
    [
        (["-"], "{", "不是有效的 JSON 文件"),
        (["-"], '{"schema": "perfeval-report/1"}', "sections：缺少此项"),
        (["-", "--scheme", "x"], dump_document(CLEAN), "没有评分方案“x”"),
        (["没有.docx"], "", "没有这个文件"),
        ([FORM, FORM], "", "请给出一个文件，或同一份报告的文字"),
        ([ROOT / "tests" / "data" / "landed"], "", "文件夹里没有报告或自评表"),
    ],
    ids=["syntax", "types", "scheme", "no file", "two forms", "empty folder"],
)
def test_refused_input_is_answered_in_one_line_with_exit_code_2(
    arguments, stdin, problem
):
    done = check_report(*arguments, stdin=stdin)

    (line,) = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (2, b"")
    assert problem in line


def test_last_years_report_can_be_compared_with(tmp_path):
    before = tmp_path / "上年.json"
    before.write_text(dump_document(replace(CLEAN, year=2022)), "utf-8")

    done = check_report("-", "--last-year", before, stdin=dump_document(CLEAN))

    assert "unchanged-since-last-year" in codes(done)


def test_the_page_of_findings_is_the_one_the_checks_write():
    page = (ROOT / "docs" / "findings.md").read_text("utf-8")

    assert page == findings_page(), "python -m reports.checks.catalogue > docs/…"


def test_shipped_schemes_name_only_codes_that_exist():
    named = {code for name in scheme_ids() for code in load_scheme(name).severities}

    assert named - set(CHECKS) == set()


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not there")
def test_the_made_up_samples_have_the_findings_they_must_have():
    expected = json.loads((SAMPLES / "sports-2022.findings.json").read_text("utf-8"))

    clean = check_report(SAMPLES / expected["clean"]["of"])
    flawed = check_report(SAMPLES / expected["flawed"]["of"])

    assert clean.returncode == 0
    grave = [
        each["code"]
        for each in json.loads(clean.stdout)["findings"]
        if each["severity"] != "info"
    ]
    assert grave == expected["clean"]["errors_and_warnings"]
    assert flawed.returncode == 1
    assert set(expected["flawed"]["at_least"]) <= set(codes(flawed))

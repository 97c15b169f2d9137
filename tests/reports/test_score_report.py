"""manage.py score_report: JSON on standard output, problems in Chinese, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DATA = ROOT / "tests" / "data"
SAMPLES = ROOT.parent / "shared" / "samples"


def score_report(*arguments, stdin="", **environment):
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "score_report", *map(str, arguments)],
        input=stdin.encode(),
        capture_output=True,
        env={**os.environ, "PERFEVAL_DEBUG": "1", **environment},
        timeout=60,
        check=False,
    )


def contract(card):
    """Only the keys that are agreed upon, without the explanations."""
    keys = ("index", "points", "max_points", "needs_reason")
    return {
        "execution": {key: card["execution"][key] for key in ("ratio", "points")},
        "rows": [{key: row[key] for key in keys} for row in card["rows"]],
        **{key: card[key] for key in ("total", "grade", "ceiling")},
    }


def test_a_document_is_scored_without_a_database_and_whatever_the_locale():
    done = score_report(
        DATA / "score_mof.json",
        DATABASE_URL="postgres://nobody@127.0.0.1:9/none",
        LC_ALL="C",
        PYTHONUTF8="0",
    )

    card = json.loads(done.stdout.decode("utf-8"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert card["rows"][0]["explanation"] == (
        "完成值 114 ÷ 指标值 120 × 分值 12 = 11.40"
    )
    assert (card["total"], card["grade"], card["ceiling"]) == ("94.33", "优", "99.50")


def test_standard_input_is_read_and_a_scheme_can_be_asked_for():
    text = (DATA / "score_guangdong.json").read_text(encoding="utf-8")

    own = score_report("-", stdin=text)
    national = score_report("-", "--scheme", "mof-2020@1", stdin=text)

    assert json.loads(own.stdout)["ceiling"] == "98.00"
    # 30.8 ÷ 42 × 10 = 7.33 in the funds block; the row is then one like all others.
    assert json.loads(national.stdout)["execution"]["points"] == "7.33"
    assert json.loads(national.stdout)["ceiling"] == "107.33"


@pytest.mark.parametrize(
    ("arguments", "stdin", "problems"),
    [
        (["-"], '{"schema": "perfeval-report/1"}', ["sections：缺少此项"]),
        (
            ["-"],
            '{"schema": "perfeval-report/1", "sections": [], "year": "二〇二一",'
            ' "indicators": [{"level1": "产出指标", "level3": "甲", "max_points": 8}]}',
            [
                "year：“二〇二一”应为整数",
                "indicators[0].max_points：8应为小数写成的文字",
            ],
        ),
        (["-"], "{", ["第 1 行第 2 列：不是有效的 JSON 文件"]),
        (
            ["-"],
            '{"schema": "perfeval-report/1", "sections": [], "scheme": "x"}',
            ["没有评分方案“x”，可用的有：guangdong-four@1"],
        ),
        ([DATA / "score_mof.json", "--scheme", "y"], "", ["没有评分方案“y”"]),
        ([DATA / "没有.json"], "", ["没有.json"]),
    ],
    ids=["missing", "types", "syntax", "scheme", "asked scheme", "no file"],
)
def test_refused_input_is_answered_line_by_line_with_exit_code_2(
    arguments, stdin, problems
):
    done = score_report(*arguments, stdin=stdin)

    lines = done.stderr.decode("utf-8").splitlines()
    assert (done.returncode, done.stdout) == (2, b"")
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        assert problem in line


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not there")
@pytest.mark.parametrize("name", ["sports-2022.json", "sports-2022-flawed.json"])
def test_the_shared_samples_get_the_score_they_must_get(name):
    expected = json.loads((SAMPLES / "sports-2022.score.json").read_text("utf-8"))

    done = score_report(SAMPLES / name)

    # The flawed copy differs in words and in its own points, not in its facts.
    assert contract(json.loads(done.stdout)) == contract(expected)

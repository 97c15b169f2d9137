"""The command render_report: kinds of files, refusals, exit codes."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from tests.reports.printing import DATA, sample_json

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = DATA / "street-lights.json"


def render(*arguments, text=None, cwd=ROOT, var=None):
    """Run the command as a user does; return the finished process."""
    return subprocess.run(
        [
            sys.executable,
            str(ROOT / "manage.py"),
            "render_report",
            *map(str, arguments),
        ],
        input=text,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={
            **os.environ,
            "PERFEVAL_DEBUG": "1",
            "DATABASE_URL": "postgres://none/x",
            **({"PERFEVAL_VAR": str(var)} if var else {}),
        },
    )


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("report.pdf", b"%PDF-1.7"),
        ("report.docx", b"PK"),
        ("report.html", b"\n<!DOCTYPE"),
        ("r.json", b"{"),
    ],
)
def test_the_suffix_decides_what_is_written(tmp_path, name, start):
    out = tmp_path / name

    done = render(SAMPLE, "-o", out)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert out.read_bytes().lstrip().startswith(start.lstrip())


def test_a_document_is_read_from_standard_input(tmp_path):
    done = render(
        "-", "-o", "out.json", text=SAMPLE.read_text(encoding="utf-8"), cwd=tmp_path
    )

    assert done.returncode == 0
    assert json.loads((tmp_path / "out.json").read_text()) == sample_json()


def test_the_scheme_can_be_chosen(tmp_path):
    out = tmp_path / "sheet.html"

    done = render(SAMPLE, "-o", out, "--scheme", "guangdong-four@1")

    assert done.returncode == 0
    assert "项目支出绩效自评指标评分表" in out.read_text()


def test_draft_and_renumber_reach_the_print(tmp_path):
    document = sample_json()
    document["sections"][0]["number"] = "1、"
    source, out = tmp_path / "in.json", tmp_path / "out.pdf"
    source.write_text(json.dumps(document))

    done = render(source, "-o", out, "--draft", "--renumber")

    assert done.returncode == 0
    with pikepdf.open(out) as pdf, pdf.open_outline() as outline:
        assert outline.root[0].children[0].title == "一、项目基本情况"


@pytest.mark.parametrize(
    ("parts", "shown", "hidden"),
    [
        ("report", "项目基本情况", "项目支出绩效自评表</h2>"),
        ("form", "项目支出绩效自评表</h2>", "项目基本情况"),
        ("report,form", "项目支出绩效自评表</h2>", "评分标准</th>"),
    ],
)
def test_only_the_parts_asked_for_are_rendered(tmp_path, parts, shown, hidden):
    out = tmp_path / "out.html"

    done = render(SAMPLE, "-o", out, "--parts", parts)

    assert done.returncode == 0
    assert shown in out.read_text()
    assert hidden not in out.read_text()


def test_a_form_alone_is_printed_on_its_own_pages(tmp_path):
    out = tmp_path / "out.pdf"

    done = render(SAMPLE, "-o", out, "--parts", "form")

    assert done.returncode == 0
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "var"
    blocked.write_text("a file where the folder should be")

    done = render(SAMPLE, "-o", tmp_path / "out.pdf", var=blocked)

    assert done.returncode == 2
    assert "不能写入字体配置" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "out.odt"], "后缀应为 .pdf、.docx、.xlsx、.html"),
        (["-o", "out"], "后缀应为"),
        (
            ["-o", "nowhere/out.json"],
            "nowhere/out.json：不能写入，没有这个文件夹，请先建立",
        ),
        (["-o", "out.pdf", "--scheme", "none"], "没有评分方案“none”"),
        (["-o", "out.pdf", "--parts", "annex"], "没有“annex”这一部分"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(tmp_path, arguments, message):
    done = render(SAMPLE, *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_every_problem_of_a_document_is_named_and_nothing_is_written(tmp_path):
    document = sample_json()
    document["sections"][0]["text"] = "甲𐎠。\n乙𐎡。"

    done = render("-", "-o", "out.pdf", text=json.dumps(document), cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "第一部分第 1 段：字符“𐎠”（U+103A0 OLD PERSIAN SIGN A）没有字体可用",
        "第一部分第 2 段：字符“𐎡”（U+103A1 OLD PERSIAN SIGN I）没有字体可用",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_refused_document_leaves_the_old_file_as_it_was(tmp_path):
    out = tmp_path / "out.json"
    out.write_text("old")

    done = render("-", "-o", out, text='{"schema": "other"}')

    assert done.returncode == 2
    assert out.read_text() == "old"


@pytest.mark.parametrize(
    ("out", "spared"),
    [
        ("o.html", ["weasyprint", "fontTools", "openpyxl", "docx", "django.db.models"]),
        ("o.pdf", ["fontTools.subset", "docx", "django.db.models", "django.urls"]),
    ],
)
def test_a_file_is_made_without_loading_what_it_does_not_need(tmp_path, out, spared):
    program = (
        "import subprocess, sys\n"
        "subprocess.Popen = None\n"
        f"sys.argv = ['manage.py', 'render_report', {str(SAMPLE)!r}, '-o', {out!r}]\n"
        "from reports.management.start import run_file_command\n"
        "run_file_command(sys.argv)\n"
        f"print([m for m in {spared} if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PERFEVAL_DEBUG": "1",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "perfeval.settings",
        },
    )

    assert done.stdout == "[]\n"
    assert (tmp_path / out).stat().st_size > 10_000


def test_text_of_the_sample_with_a_byte_order_mark_is_read(tmp_path):
    source, out = tmp_path / "in.json", tmp_path / "out.json"
    source.write_bytes(b"\xef\xbb\xbf" + SAMPLE.read_bytes())

    done = render(source, "-o", out)

    assert done.returncode == 0
    assert json.loads(out.read_text()) == sample_json()


def test_the_example_of_the_specification_prints(tmp_path):
    example = ROOT.parent / "shared/samples/sports-2022.json"
    if not example.is_file():
        pytest.skip("the specification's examples are not on this machine")

    done = render(example, "-o", tmp_path / "out.pdf")

    assert done.returncode == 0
    assert io.BytesIO((tmp_path / "out.pdf").read_bytes()).read(5) == b"%PDF-"

"""Which fonts a print takes: an office's own before the default faces."""

import os
import subprocess
import sys
from pathlib import Path

import pdfplumber
import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

from reports.rendering.fonts import MISDRAWN
from tests.reports.printing import (
    DATA,
    LATIN,
    face,
    print_sample,
    sample,
    sample_json,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def office_folder(tmp_path_factory):
    """A folder with a font that calls itself 仿宋_GB2312, drawn from another face."""
    folder = tmp_path_factory.mktemp("office & co")
    font = TTFont(Path(settings.FONT_DIR) / "FandolKai-Regular.otf")
    for name_id, name in (
        (1, "FangSong_GB2312"),
        (4, "FangSong_GB2312"),
        (6, "OwnFang"),
    ):
        font["name"].setName(name, name_id, 3, 1, 0x409)
        font["name"].setName(name, name_id, 1, 0, 0)
    font.save(folder / "fang.otf")
    return folder


def faces_of_text(out, office):
    subprocess.run(
        [
            sys.executable, "manage.py", "render_report",
            str(DATA / "street-lights.json"),
            "--parts", "report", "-o", str(out),
        ],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PERFEVAL_DEBUG": "1", "PERFEVAL_FONT_DIR": str(office)},
    )  # fmt: skip
    with pdfplumber.open(out) as pdf:
        return {
            face(char): char["text"] for page in pdf.pages[1:3] for char in page.chars
        }


def test_an_offices_own_fonts_go_first(office_folder, tmp_path):
    faces = faces_of_text(tmp_path / "out.pdf", office_folder)

    assert "FangSong_GB2312" in faces
    assert "FandolFang" not in faces
    assert LATIN in faces


def test_an_empty_office_folder_changes_nothing(tmp_path):
    (tmp_path / "office").mkdir()

    faces = faces_of_text(tmp_path / "out.pdf", tmp_path / "office")

    assert "FandolFang" in faces


def test_what_the_default_faces_draw_as_another_character_comes_from_noto():
    text = "￥100～￥200，誠稱準"
    sections = [{"key": "basics", "number": "一、", "title": text, "text": text}]
    rows = [{**sample_json()["indicators"][0], "deviation_note": text}]

    with print_sample(sample(title=text, sections=sections, indicators=rows)) as pdf:
        chars = [char for page in pdf.pages for char in page.chars]

    signs = [char for char in chars if char["text"] in MISDRAWN]
    assert len(signs) == 4 * 6
    assert {face(char)[:5] for char in signs} == {"Noto-"}

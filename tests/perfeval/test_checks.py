"""What is missing on the machine is reported with the way to get it."""

import pytest

from perfeval import checks


@pytest.fixture
def no_system_fonts(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")


@pytest.fixture
def default_faces(settings, tmp_path):
    """The folder of the default faces, complete."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    for face in checks.DEFAULT_FACES:
        (folder / f"{face}.otf").touch()
    settings.FONT_DIR = folder
    settings.OFFICE_FONT_DIR = ""
    return folder


def found(messages):
    return {message.id: message for message in messages}


def test_missing_pango_is_an_error_that_names_the_packages(monkeypatch):
    monkeypatch.setattr(checks, "PANGO_LIBRARIES", ("libc.so.6", "libabsent.so.9"))

    message = found(checks.check_libraries(None))["perfeval.E001"]

    assert "libabsent.so.9" in message.msg
    assert "libc.so.6" not in message.msg
    assert "apt-get install" in message.hint
    assert "libpangoft2-1.0-0" in message.hint


def test_missing_subsetter_is_a_warning_that_names_the_cost(monkeypatch):
    monkeypatch.setattr(checks, "SUBSETTER", "libabsent.so.9")

    message = found(checks.check_libraries(None))["perfeval.W002"]

    assert "6 到 25 倍" in message.msg
    assert "libharfbuzz-subset0" in message.hint


def test_no_chinese_font_at_all_is_an_error(settings, tmp_path, no_system_fonts):
    settings.FONT_DIR = tmp_path
    settings.OFFICE_FONT_DIR = ""

    messages = found(checks.check_fonts(None))

    assert set(messages) == {"perfeval.E003", "perfeval.W004"}
    assert "fonts-noto-cjk" in messages["perfeval.E003"].hint


def test_no_font_for_rare_characters_is_a_warning(default_faces, no_system_fonts):
    messages = found(checks.check_fonts(None))

    assert set(messages) == {"perfeval.W005"}
    assert "生僻字" in messages["perfeval.W005"].msg


def test_a_missing_official_face_is_named(default_faces):
    (default_faces / "FandolKai-Regular.otf").unlink()

    message = found(checks.check_fonts(None))["perfeval.W004"]

    assert "FandolKai-Regular.otf" in message.msg
    assert "FandolFang" not in message.msg


def test_fonts_of_the_office_stand_in_for_the_default_faces(
    settings, tmp_path, no_system_fonts
):
    settings.FONT_DIR = tmp_path / "nothing"
    settings.OFFICE_FONT_DIR = str(tmp_path)
    (tmp_path / "小标宋.TTF").touch()

    assert set(found(checks.check_fonts(None))) == {"perfeval.W005"}
    assert checks.check_office_font_dir(None) == []


def test_a_font_folder_without_fonts_is_reported(settings, tmp_path):
    settings.OFFICE_FONT_DIR = str(tmp_path / "fonts")

    assert set(found(checks.check_office_font_dir(None))) == {"perfeval.W006"}


def test_a_complete_machine_has_nothing_to_report(default_faces):
    assert checks.check_libraries(None) == []
    assert checks.check_fonts(None) == []
    assert checks.check_office_font_dir(None) == []

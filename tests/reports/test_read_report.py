import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data" / "reading" / "mixed-numerals.txt"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def read_report(*arguments, stdin: bytes = b"", **environment):
    """Run the command as a user does, with a database that can't be reached."""
    return subprocess.run(
        [sys.executable, "manage.py", "read_report", *map(str, arguments)],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        env={
            **os.environ,
            "PERFEVAL_DEBUG": "1",
            "DATABASE_URL": "postgres://nobody@localhost:1/none",
            **environment,
        },
        check=False,
    )


def packed(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return stream.getvalue()


def test_the_command_prints_a_document_of_the_schema_and_nothing_else():
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text())

    done = read_report(SAMPLE)

    document = json.loads(done.stdout)
    jsonschema.validate(document, schema)
    assert [section["key"] for section in document["sections"]] == [
        "basics",
        "implementation",
        "results",
        "problems",
        "score",
    ]
    assert (done.returncode, done.stderr) == (0, b"")


def test_standard_input_is_read_by_its_content_and_the_same_text_gives_the_same():
    from_file = read_report(SAMPLE)

    from_text = read_report("-", stdin=SAMPLE.read_bytes())
    from_json = read_report("-", stdin=from_file.stdout)

    assert from_text.stdout == from_file.stdout
    assert json.loads(from_json.stdout) == json.loads(from_file.stdout)


def test_the_result_is_utf8_in_any_locale():
    done = read_report(SAMPLE, PYTHONUTF8="0", PYTHONIOENCODING="gbk")

    assert done.stdout == read_report(SAMPLE).stdout


def test_reading_text_loads_no_word_and_no_database_library():
    code = (
        "import sys; from reports.reading.report import read_report;"
        "read_report('一、项目概况'.encode());"
        "print([m for m in ('docx', 'lxml', 'django') if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True
    )

    assert done.stdout == b"[]\n"


@pytest.mark.parametrize(
    ("name", "content", "answer"),
    [
        ("空.txt", b"", "空的"),
        ("空白.txt", " \n\u3000\ufeff".encode(), "没有文字"),
        ("二进制.txt", b"\x01\x00\xff\xfe\x00\x80" * 50, "不是文本文件"),
        ("旧.docx", OLE + "WordDocument".encode("utf-16-le"), "WPS 中点"),
        ("旧.doc", OLE + "WordDocument".encode("utf-16-le"), "Word 中点"),
        ("旧.wps", OLE + "WordDocument".encode("utf-16-le"), "（.wps）"),
        ("密.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("旧.xls", OLE + "Workbook".encode("utf-16-le"), "read_form"),
        ("表.docx", packed("[Content_Types].xml", "xl/workbook.xml"), "read_form"),
        ("演示.pptx", packed("[Content_Types].xml", "ppt/a.xml"), "演示文稿"),
        ("包.docx", packed("报告.txt"), "压缩包"),
        ("表.csv", "项目,金额".encode(), "*.xlsx"),
        ("表.et", OLE + "Workbook".encode("utf-16-le"), "*.xlsx"),
        ("文.odt", packed("mimetype", "content.xml"), "OpenDocument"),
        ("坏.docx", b"PK\x03\x04 broken", "损坏"),
        ("缺.docx", packed("[Content_Types].xml"), "没有正文"),
        ("版.pdf", b"%PDF-1.7\n", "PDF"),
        ("富.doc", b"{\\rtf1 ...}", "RTF"),
        ("网.doc", b"\xef\xbb\xbf\n<html><body>", "网页"),
        ("图.txt", b"\x89PNG\r\n\x1a\n", "图片"),
        ("断.txt", "一、项目概况\n正文很长很长".encode() + b"\xff\n", "第 2 行"),
        ("大.txt", b"a" * (20 * 1024 * 1024 + 1), "20 MB"),
        ("错.json", b'{"schema": "perfeval-report/1"}', "sections"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path, name, content, answer):
    path = tmp_path / name
    path.write_bytes(content)

    done = read_report(path)

    message = done.stderr.decode()
    assert (done.returncode, done.stdout) == (2, b"")
    assert answer in message
    assert message.count("\n") == 1
    assert "Traceback" not in message


def test_a_missing_file_a_folder_and_a_name_that_cannot_be_are_refused(tmp_path):
    missing = read_report(tmp_path / "没有.txt")
    folder = read_report(tmp_path)
    below = read_report(SAMPLE / "里面")
    none = read_report()

    assert "没有这个文件" in missing.stderr.decode()
    assert "文件夹" in folder.stderr.decode()
    assert "没有这个文件" in below.stderr.decode()
    assert "请给出文件名" in none.stderr.decode()
    for done in (missing, folder, below, none):
        assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_the_right_to_read_is_refused(tmp_path):
    path = tmp_path / "报告.txt"
    path.write_text("一、项目概况")
    path.chmod(0)

    done = read_report(path)

    assert done.returncode == 2
    assert "权限" in done.stderr.decode()

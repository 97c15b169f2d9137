"""What read_report, score_report and render_report share: answers to a command line."""

import pytest
from django.core.management import load_command_class


def answer(capsys, name, *arguments):
    """Exit code and standard error of a command as it is called from a shell."""
    with pytest.raises(SystemExit) as stopped:
        load_command_class("reports", name).run_from_argv(
            ["manage.py", name, *arguments]
        )
    printed = capsys.readouterr()
    assert printed.out == ""
    return stopped.value.code, printed.err


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("read_report", [], "请给出文件名，- 表示标准输入"),
        ("render_report", ["a.json"], "缺少参数：-o"),
        ("render_report", ["a.json", "-o"], "参数 -o 后面没有写值"),
        ("score_report", ["a.json", "b.json", "--nope"], "不认识的参数：b.json --nope"),
        (
            "score_report",
            ["a.json", "--s", "x"],
            "参数 --s 没有写全，可能是：--settings",
        ),
        ("render_report", ["a", "-o", "b", "--draft=1"], "参数 --draft 后面不能写值"),
        (
            "render_report",
            ["a", "-o", "b", "--parts", "form,nope"],
            "参数 --parts：没有“nope”这一部分，可用的有：cover、contents、report",
        ),
        ("read_report", ["a", "-v", "9"], "参数 -v/--verbosity 的值 9 不对，可以是"),
    ],
)
def test_a_wrong_command_line_is_answered_in_one_chinese_line(
    capsys, name, arguments, problem
):
    code, said = answer(capsys, name, *arguments)

    assert code == 2
    assert said.startswith(problem)
    assert said.endswith(f"（用法见 manage.py {name} --help）\n")
    assert said.count("\n") == 1

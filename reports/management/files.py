"""What the commands that work on files have in common: input, messages, exit codes."""

import io
import os
import re
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.document import DocumentError, ReportDocument, parse_document
from reports.reading.files import ReadingError, load_bytes

REFUSED = 2

# argparse speaks English alone: what it says of a command line, and what is said here.
USAGE_PROBLEMS = {
    r"the following arguments are required: (.+)": "缺少参数：{0}",
    r"unrecognized arguments: (.+)": "不认识的参数：{0}",
    r"argument (.+): expected one argument": "参数 {0} 后面没有写值",
    r"argument (.+): ignored explicit argument (.+)": "参数 {0} 后面不能写值：{1}",
    r"argument (.+): invalid choice: (.+) \(choose from (.+)\)": (
        "参数 {0} 的值 {1} 不对，可以是：{2}"
    ),
    r"argument (.+): invalid \w+ value: (.+)": "参数 {0} 的值 {1} 不对",
    r"argument (.+): (没有.+)": "参数 {0}：{1}",
    r"ambiguous option: (.+) could match (.+)": (
        "参数 {0} 没有写全，可能是：{1}，请写出全名"
    ),
}


class FileCommand(BaseCommand):
    """A command that turns files into a result on standard output.

    Needs no database. Refused input (ReadingError, DocumentError, CommandError) leaves
    one line per problem on standard error, nothing on standard output, and exit code 2.
    """

    requires_system_checks = []
    missing_args_message = "请给出文件名，- 表示标准输入"

    def run_from_argv(self, argv: list[str]) -> None:
        # The result is UTF-8 whatever the terminal's language is.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        try:
            super().run_from_argv(argv)
        except CommandError as error:
            problem = _usage_problem(str(error).removeprefix("Error: "))
            how = f"{argv[0]} {argv[1]} --help"
            self._refuse([f"{problem}（用法见 {how}）"])

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        """Return a parser that raises CommandError instead of ending the process."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = False
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            result = super().execute(*args, **options)
            self.stdout.flush()
        except (ReadingError, DocumentError) as error:
            self._refuse(error.problems)
        except CommandError as error:
            self._refuse(str(error).split("\n"))
        except BrokenPipeError:
            # The reader of the pipe left early (| head); Python's own flush at exit
            # would complain once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(REFUSED)
        return result

    def _refuse(self, problems: list[str]) -> NoReturn:
        for problem in problems:
            self.stderr.write(problem)
        sys.exit(REFUSED)


def _usage_problem(message: str) -> str:
    """Return what argparse says in Chinese, an unknown sentence as it is."""
    for pattern, words in USAGE_PROBLEMS.items():
        if found := re.fullmatch(pattern, message):
            return words.format(*found.groups())
    return message


def load_document(name: str) -> ReportDocument:
    """Return the document of a JSON file, of standard input for -.

    Raises ReadingError and DocumentError.
    """
    data = load_bytes(name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadingError(
            f"{name}：第 {line} 行不是 UTF-8 编码的文字，JSON 文件应以 UTF-8 编码保存"
        ) from None
    return parse_document(text)

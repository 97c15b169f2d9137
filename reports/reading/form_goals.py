"""年度总体目标 of a form: what was expected, what was done; several in some of them."""

import itertools
import re
from dataclasses import replace
from decimal import Decimal

from perfeval.numbers import normal_text
from perfeval.workbooks.grid import Block, Cell
from reports.document import Goal
from reports.reading.form_cells import UNCERTAIN, CellReader
from reports.reading.form_labels import (
    ACTUAL,
    EXPECTED,
    GROUP,
    NUMBERED_GOAL,
    field_of,
    glued_fields,
    is_label,
    label_key,
)

# 年度绩效目标1（40分）: points of 100, or a percentage.
SHARE = re.compile(r"\((?:权重|占比|分值)?:?([0-9]{1,3}(?:\.[0-9]+)?)(?:分|%)\)")
BRACKETED = re.compile(r"[(（][^()（）]*[)）]")
AFTER_COLON = re.compile(r"[^:：]{0,20}[:：]\s*(.+)", re.DOTALL)
# Of a row with both: what was planned and what became of it.
GOAL_AND_ACTUAL = re.compile("(?:年度|全年|总体|绩效)*目标(?:完成|实现|达成)情况")
# Where the label has no number.
ONLY = "1"


def read_goals(
    rows: list[int], beside: list[Cell], reader: CellReader
) -> tuple[Goal, ...]:
    """Return the goals of a form in their order.

    rows: those of no table; beside: the labels 年度绩效目标1… beside the indicators,
    which say the order and the shares where there are several.
    """
    written = _WrittenGoals(reader)
    written.read(rows)
    if len(beside) < 2:
        goals = written.goals.values()
        return tuple(each for each in goals if each.expected or each.actual)
    return tuple(_beside(cell.text, written.goals) for cell in beside)


def _beside(label: str, written: dict[str, Goal]) -> Goal:
    goal = written.get(_number(label), Goal())
    text = AFTER_COLON.fullmatch(BRACKETED.sub("", label))
    return replace(
        goal,
        expected=goal.expected or (text[1].strip() if text else ""),
        ratio=_share(label) or goal.ratio,
    )


def _number(label: str) -> str:
    found = NUMBERED_GOAL.match(label_key(label))
    return (
        found[1].translate(str.maketrans("一二三四五六七八九", "123456789"))
        if found
        else ONLY
    )


def _share(label: str) -> Decimal | None:
    found = SHARE.search(normal_text(label[:120]))
    return Decimal(found[1]).scaleb(-2) if found else None


class _WrittenGoals:
    """The goals written out in rows of their own, by number."""

    def __init__(self, reader: CellReader) -> None:
        self._reader = reader
        self._sheet = reader.sheet
        self.goals: dict[str, Goal] = {}

    def read(self, rows: list[int]) -> None:
        heads: tuple[Block, Block] | None = None
        before = -1
        for row in rows:
            follows, before = row == before + 1, row
            if heads and follows and self._read_below(row, heads):
                continue
            heads = self._heads(row)
            if heads is None:
                self._read_beside(row)

    def _heads(self, row: int) -> tuple[Block, Block] | None:
        """Return 预期目标 and 实际完成情况 where they head two columns."""
        filled = [each for each in self._sheet.filled(row) if each.area[0] == row]
        for left, right in itertools.pairwise(filled):
            if (_is(EXPECTED, left) or _is(GROUP, left)) and _is(ACTUAL, right):
                return left, right
        return None

    def _read_below(self, row: int, heads: tuple[Block, Block]) -> bool:
        """Read a row below the two heads; False: it is not theirs any more."""
        cells = [self._sheet.block(row, head.first) for head in heads]
        own = [each for each in self._sheet.filled(row) if each.area[0] == row]
        labels = [each for each in own if each.last < heads[0].first]
        if any(_is_other_label(each.text) for each in (*cells, *labels)):
            return False
        if not any(each.text for each in cells):
            return False
        if any(
            each.area[0] != row or each.last >= heads[1].first for each in cells[:1]
        ):
            return False
        texts = [self._reader.text(each.cell) for each in cells]
        number = next((_number(each.text) for each in labels), ONLY)
        self._add(number, *texts)
        for name, cell in zip(("expected", "actual"), cells, strict=True):
            self._reader.locate(f"goal.{name}", cell.cell)
        return True

    def _read_beside(self, row: int) -> None:
        """Read labels with their text at the right."""
        blocks = [each for each in self._sheet.blocks(row) if each.area[0] == row]
        for place, block in enumerate(blocks):
            after = blocks[place + 1 :]
            key = label_key(block.text)
            if _is(NUMBERED_GOAL, block):
                number = _number(key)
                self._add(number, self._text_after(after, "expected"), "")
                share = _share(block.text)
                self.goals[number] = replace(self.goals[number], ratio=share)
            elif self._is_of_both(block):
                self._read_both(key, self._texts(after))
            elif _is(ACTUAL, block):
                self._add(ONLY, "", self._text_after(after, "actual"))
            elif _is(EXPECTED, block):
                self._add(ONLY, self._text_after(after, "expected"), "")

    def _is_of_both(self, block: Block) -> bool:
        """Whether a label may head the plan and what was done, without sub-headings.

        总体目标完成情况 below a plan of its own row is what was done and nothing else.
        """
        known = self.goals.get(ONLY, Goal())
        is_whole = _is(GOAL_AND_ACTUAL, block) and not known.expected
        return is_whole or _is(GROUP, block)

    def _read_both(self, key: str, cells: list[Cell]) -> None:
        """Read the plan and what was done; of one text alone the label decides."""
        names = ["expected", "actual"]
        if len(cells) == 1 and GOAL_AND_ACTUAL.fullmatch(key):
            names = ["actual"]
            reason = "没有分开写预期目标和实际完成情况，请核对这里写的是哪一项"
            self._reader.note(UNCERTAIN, cells[0], reason)
        texts = dict.fromkeys(("expected", "actual"), "")
        for name, cell in zip(names, cells, strict=False):
            self._reader.locate(f"goal.{name}", cell)
            texts[name] = self._reader.text(cell)
        self._add(ONLY, **texts)

    def _texts(self, blocks: list[Block]) -> list[Cell]:
        """Return the filled cells up to the next label, after the first no figures."""
        own = itertools.takewhile(lambda each: not _is_other_label(each.text), blocks)
        filled = [each.cell for each in own if each.text]
        return filled[:1] + [each for each in filled[1:] if each.number is None]

    def _text_after(self, blocks: list[Block], name: str) -> str:
        for block in blocks:
            if _is_other_label(block.text):
                return ""
            if block.text:
                self._reader.locate(f"goal.{name}", block.cell)
                return self._reader.text(block.cell)
        return ""

    def _add(self, number: str, expected: str, actual: str) -> None:
        known = self.goals.get(number, Goal())
        self.goals[number] = replace(
            known,
            expected="\n".join(filter(None, (known.expected, expected))),
            actual="\n".join(filter(None, (known.actual, actual))),
        )


def _is(words: re.Pattern[str], block: Block) -> bool:
    return len(block.text) <= 40 and bool(words.fullmatch(label_key(block.text)))


def _is_other_label(text: str) -> bool:
    if NUMBERED_GOAL.match(label_key(text)):
        return False
    return bool(is_label(text) or field_of(text) or glued_fields(text))

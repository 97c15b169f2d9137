"""Scoring schemes: read from indicators/schemes/*.toml and checked on load.

A scheme holds whatever differs between provinces and years: weights, rules per
comparator, bands, step tables, grades, form layout, section titles, money unit, review
levels. Each rule names its number in docs/rules.md. Ratios and shares are fractions of
1, points are Decimal. No Django here.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from indicators.deductions import DEDUCTIONS, Deduction
from indicators.scheme_checks import scheme_problems
from indicators.scheme_reading import read_table


class SchemeError(ValueError):
    """A scheme is unknown or its file is wrong; problems: one line for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


DIRECTORY = Path(__file__).with_name("schemes")
DEFAULT_SCHEME = "mof-2020"
UNVERIFIED = "待核实"
REFERENCE = re.compile(r"([a-z0-9][a-z0-9-]*)(?:@([1-9][0-9]{0,3}))?", re.ASCII)

Achievement = Literal["met", "partly", "unmet"]
MoneyUnit = Literal["元", "万元"]
ReverseMethod = Literal["linear", "ratio", "zero"]
SatisfactionMethod = Literal["positive", "graded"]
OvershootMethod = Literal["none", "reason", "deduct"]
NotApplicable = Literal["rescale", "exclude"]
FULL_POINTS = Decimal(100)
WIDE_GAP = Decimal(10)


@dataclass(frozen=True, kw_only=True)
class Step:
    """From this ratio (fraction) upward a row gets these points."""

    from_ratio: Decimal
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class Execution:
    """How the execution ratio (预算执行率) earns points: in the funds block or a row.

    indicator: words by which the level-3 name of that row is known, "" in the funds
    block; aliases: other words for it, looked for in this order. base: what executed is
    divided by; received falls back to adjusted where the document has no 到位数.
    reason_below: ratio under which a reason is asked for.
    """

    place: Literal["funds", "indicator"]
    indicator: str = ""
    aliases: tuple[str, ...] = ()
    base: Literal["adjusted", "received"] = "adjusted"
    max_points: Decimal
    method: Literal["proportional", "steps"]
    steps: tuple[Step, ...] = ()
    reason_below: Decimal | None = None
    rule: str

    @property
    def names(self) -> tuple[str, ...]:
        """The words of the row execution is scored in, () in the funds block."""
        return (self.indicator, *self.aliases) if self.indicator else ()


@dataclass(frozen=True, kw_only=True)
class WeightSet:
    """One allowed division of 100 points: execution and level 1, by name.

    without: level-1 names whose absence makes this set the valid one.
    """

    execution: Decimal
    level1: Mapping[str, Decimal]
    without: tuple[str, ...] = ()
    rule: str


@dataclass(frozen=True, kw_only=True)
class Band:
    """One level of a qualitative indicator; shares of the row's maximum (分值).

    to_share is excluded unless it is 1. words: what people write for this level.
    """

    achievement: Achievement
    label: str
    from_share: Decimal
    to_share: Decimal
    default_share: Decimal
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OvershootStep:
    """From this completion ratio upward, this share of the maximum is deducted."""

    from_ratio: Decimal
    deduct_share: Decimal


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The switches of row scoring; each with the number of its rule.

    floor: completion ratio below which a proportional row gets nothing, None without.
    satisfaction_floor: ratio below which a graded satisfaction row gets nothing.
    """

    positive_rule: str
    equal_rule: str
    reverse: ReverseMethod
    reverse_rule: str
    satisfaction: SatisfactionMethod
    satisfaction_floor: Decimal = Decimal("0.6")
    satisfaction_rule: str
    overshoot: OvershootMethod
    overshoot_at: Decimal | None = None
    overshoot_steps: tuple[OvershootStep, ...] = ()
    overshoot_rule: str
    floor: Decimal | None = None
    floor_rule: str = ""
    not_applicable: NotApplicable
    not_applicable_rule: str
    qualitative_rule: str
    rubric_rule: str
    date_rule: str
    grade_rule: str


@dataclass(frozen=True, kw_only=True)
class GradeBound:
    """A grade and the total from which it is given."""

    name: Literal["优", "良", "中", "差"]
    from_points: Decimal


@dataclass(frozen=True, kw_only=True)
class ReviewLevel:
    """One level of review; role: a Role of the workflow."""

    name: str
    role: str
    gives_points: bool = False


@dataclass(frozen=True, kw_only=True)
class SectionTitle:
    """Title of one report section; max_length: characters, None without limit."""

    key: str
    title: str
    max_length: int | None = None


@dataclass(frozen=True, kw_only=True)
class RubricItem:
    """One row of a scheme's own sheet, from which an assessment can be filled."""

    level1: str
    level2: str
    level3: str
    max_points: Decimal
    standard: str


ColumnKey = Literal[
    "level1",
    "level2",
    "level3",
    "target",
    "nature",
    "value",
    "unit",
    "method",
    "actual",
    "max_points",
    "points",
    "note",
]


@dataclass(frozen=True, kw_only=True)
class FormColumn:
    """One column of the form (自评表).

    key: target is sign, number and unit in one (≥50个); nature, value and unit are
    its parts (≥, 50, 个) in columns of their own; method: 得分计算方法.
    """

    key: ColumnKey
    title: str


FORM_COLUMNS = (
    FormColumn(key="level1", title="一级指标"),
    FormColumn(key="level2", title="二级指标"),
    FormColumn(key="level3", title="三级指标"),
    FormColumn(key="target", title="年度指标值"),
    FormColumn(key="actual", title="实际完成值"),
    FormColumn(key="max_points", title="分值"),
    FormColumn(key="points", title="得分"),
    FormColumn(key="note", title="偏差原因分析及改进措施"),
)


@dataclass(frozen=True, kw_only=True)
class TextBox:
    """A row under the form's total for a text, printed also where it is empty."""

    title: str
    text: Literal["conclusion", "problems", "remarks"]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the annex is printed.

    level2: {level1: (level2, …)} in the form's order. people: fields of
    document.people printed at the foot. funds_labels: {source: label}. columns: of the
    form; boxes: its texts under the total, () for those that the document has;
    grade_in_total: whether the grade stands in the row of the total.
    """

    annex: Literal["form", "score_sheet"]
    annex_title: str
    annex_label: str = "附件"
    landscape: bool = False
    show_empty_level2: bool = False
    level2: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    funds_labels: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[FormColumn, ...] = FORM_COLUMNS
    boxes: tuple[TextBox, ...] = ()
    grade_in_total: bool = False


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """A scoring scheme (评分方案) in one version, as checked on load.

    verified: False where no official text could be compared; then the name says so.
    phrases: those of a first draft that differ from the program's (phrases.py).
    deductions: reasons of a recheck, () for the program's (deductions.py). wide_gap:
    points by which a recheck differs strikingly from the self-evaluation (参考).
    severities: {finding code: error | warning | info | off} where this scheme differs
    from the program's own.
    """

    id: str
    version: int
    name: str
    verified: bool
    source: str
    money_unit: MoneyUnit
    execution: Execution
    weights: tuple[WeightSet, ...]
    rules: Rules
    bands: tuple[Band, ...]
    grades: tuple[GradeBound, ...]
    review_levels: tuple[ReviewLevel, ...]
    sections: tuple[SectionTitle, ...]
    layout: Layout
    items: tuple[RubricItem, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)
    phrases: Mapping[str, str] = field(default_factory=dict)
    deductions: tuple[Deduction, ...] = ()
    wide_gap: Decimal = WIDE_GAP

    @property
    def ref(self) -> str:
        """The id with its version: mof-2020@1."""
        return f"{self.id}@{self.version}"

    def band(self, achievement: Achievement) -> Band:
        return next(each for each in self.bands if each.achievement == achievement)

    @property
    def deduction_reasons(self) -> tuple[Deduction, ...]:
        """The reasons a recheck chooses from: its own, or the program's."""
        return self.deductions or DEDUCTIONS

    def grade(self, total: Decimal) -> GradeBound:
        """Return the grade of a total; the lowest one below every bound."""
        return next(
            (each for each in self.grades if total >= each.from_points), self.grades[-1]
        )


def scheme_ids() -> tuple[str, ...]:
    """Return the ids of all schemes that ship with the program, in order."""
    return tuple(sorted({name.split("@")[0] for name in _shipped()}))


def shipped_refs() -> tuple[str, ...]:
    """Return every shipped scheme version as id@version, in order."""
    return tuple(sorted(_shipped()))


def scheme_text(ref: str) -> str:
    """Return the TOML text of a shipped scheme; raise SchemeError."""
    return _path(ref).read_text(encoding="utf-8")


def load_scheme(ref: str) -> Scheme:
    """Return a shipped scheme by id (newest version) or id@version.

    Raises SchemeError: no such scheme, or its file is wrong.
    """
    return _load(_path(ref))


@cache
def _load(path: Path) -> Scheme:
    scheme = parse_scheme(path.read_text(encoding="utf-8"))
    if scheme.ref != path.stem:
        raise SchemeError([f"文件 {path.name} 中写的是 {scheme.ref}，两者应一致"])
    return scheme


@cache
def _shipped() -> tuple[str, ...]:
    return tuple(path.stem for path in DIRECTORY.glob("*.toml"))


def _path(ref: str) -> Path:
    found = REFERENCE.fullmatch(ref)
    versions = sorted(
        int(name.split("@")[1])
        for name in _shipped()
        if found and name.split("@")[0] == found[1]
    )
    wanted = int(found[2]) if found and found[2] else versions[-1] if versions else 0
    if not found or wanted not in versions:
        shown = ref if len(ref) <= 40 else f"{ref[:39]}…"
        raise SchemeError(
            [f"没有评分方案“{shown}”，可用的有：{'、'.join(sorted(_shipped()))}"]
        )
    return DIRECTORY / f"{found[1]}@{wanted}.toml"


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise SchemeError([f"评分方案不是有效的 TOML 文件：{error}"]) from None


def _extended(data: dict[str, Any]) -> dict[str, Any]:
    """Return a scheme's data laid over its base; in a table, name by name.

    The base is a version, which never changes, and has no base of its own.
    """
    ref = data["extends"]
    if not isinstance(ref, str) or ref not in _shipped():
        raise SchemeError([f"extends：“{ref}”应为一个评分方案的版本，如 mof-2020@1"])
    base = _toml(scheme_text(ref))
    if "extends" in base:
        raise SchemeError([f"extends：{ref} 本身也有 extends，请写它所依据的方案"])
    own = {name: value for name, value in data.items() if name != "extends"}
    return base | {
        name: base[name] | value
        if isinstance(value, dict) and isinstance(base.get(name), dict)
        else value
        for name, value in own.items()
    }


def parse_scheme(text: str) -> Scheme:
    """Return the scheme of a TOML text; raise SchemeError naming every problem.

    extends = "mof-2020@1": it says only what differs from that shipped version.
    """
    data = _toml(text)
    if "extends" in data:
        data = _extended(data)
    problems: list[str] = []
    scheme = read_table(data, Scheme, problems)
    problems = problems or scheme_problems(scheme)
    if problems:
        raise SchemeError(problems)
    return scheme

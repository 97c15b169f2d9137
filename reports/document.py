"""The report as one document (ReportDocument), to and from its JSON form.

Readers make it, scoring and checks look at it, renderers print it. The JSON form is
docs/report.schema.json (perfeval-report/1). Money is in funds.unit (元 or 万元),
ratios are fractions of 1, points are Decimal; unknown is None. Nothing is judged here:
a document with parts missing or values wrong is valid as long as its types are right.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

SCHEMA = "perfeval-report/1"

SectionKey = Literal[
    "basics", "implementation", "results", "problems", "score", "other"
]
FundSource = Literal[
    "total",
    "appropriation",
    "carryover",
    "other",
    "fiscal",
    "special_account",
    "unit_funds",
]
Comparator = Literal[">=", ">", "=", "<=", "<", "qualitative", "rubric"]
Achievement = Literal["met", "partly", "unmet"]
Grade = Literal["优", "良", "中", "差"]
MoneyUnit = Literal["元", "万元"]
PartName = Literal["form", "report", "score"]

SECTION_KEYS: tuple[SectionKey, ...] = (
    "basics",
    "implementation",
    "results",
    "problems",
    "score",
)

DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


class DocumentError(ValueError):
    """The data is not a report document; problems holds one line for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Part:
    """Common to all parts: what keeps the way from JSON and back exact.

    given: names of the fields that the JSON held although they say nothing ("" or
    null); a reader adds the names it wants written as null. extra: fields this version
    does not know, kept as they are.
    """

    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Project(Part):
    code: str = ""
    name: str = ""
    supervising_department: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class FundsRow(Part):
    """One funding source (资金来源); amounts in the unit of the funds."""

    source: FundSource
    label: str = ""
    initial: Decimal | None = None
    adjusted: Decimal | None = None
    received: Decimal | None = None
    executed: Decimal | None = None
    max_points: Decimal | None = None
    ratio: Decimal | None = None
    points: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Funds(Part):
    unit: MoneyUnit = "万元"
    rows: tuple[FundsRow, ...] = ()

    @property
    def total(self) -> FundsRow | None:
        """The row 年度资金总额, None where the form has none."""
        return next((row for row in self.rows if row.source == "total"), None)


@dataclass(frozen=True, kw_only=True)
class Goal(Part):
    expected: str = ""
    actual: str = ""
    ratio: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Section(Part):
    """One section; text: paragraphs separated by a newline."""

    key: SectionKey
    title: str
    text: str
    number: str = ""

    @property
    def paragraphs(self) -> list[str]:
        return [line for line in self.text.split("\n") if line.strip()]


@dataclass(frozen=True, kw_only=True)
class Indicator(Part):
    """One level-3 indicator with its result; target and actual as people wrote them.

    target_before: as target, or with a sign of its own; adjustment: what else is to be
    said of the 绩效目标调整, in words.
    """

    level1: str
    level2: str = ""
    level3: str
    comparator: Comparator | None = None
    target: str | None = None
    target_before: str | None = None
    adjustment: str = ""
    unit: str = ""
    actual: str | None = None
    achievement: Achievement | None = None
    max_points: Decimal | None = None
    points: Decimal | None = None
    review_points: Decimal | None = None
    deduction: Decimal | None = None
    deviation_note: str = ""
    review_note: str = ""
    goal: int = 0
    standard: str = ""
    basis: str = ""
    formula: str = ""
    data_source: str = ""
    applicable: bool = True


@dataclass(frozen=True, kw_only=True)
class Figures(Part):
    """What a reader found in the text; money in unit."""

    year: int | None = None
    budget: Decimal | None = None
    executed: Decimal | None = None
    unit: str = ""
    score: Decimal | None = None
    grade: str | None = None


@dataclass(frozen=True, kw_only=True)
class People(Part):
    unit_leader: str = ""
    project_leader: str = ""
    finance_leader: str = ""
    filler: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Attachment(Part):
    label: str = ""
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class EvidenceFile(Part):
    """One piece of evidence (佐证材料); indicators: indexes from 0; size: bytes."""

    name: str = ""
    sha256: str = ""
    size: int = 0
    indicators: tuple[int, ...] = ()
    section: str = ""


@dataclass(frozen=True, kw_only=True)
class Opinion(Part):
    level: str = ""
    body: str = ""
    person: str = ""
    date: str = ""
    decision: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ReadingNote(Part):
    """What a reader repaired or could not place; code: a finding code.

    original: what stood there; reason: why the reader is not sure, in Chinese.
    """

    code: str
    where: str
    original: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Release(Part):
    state: Literal["draft", "submitted", "approved"] = "draft"
    version: int = 0
    submission: str = ""
    code: str = ""
    url: str = ""
    approved_at: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportDocument(Part):
    schema: Literal["perfeval-report/1"] = "perfeval-report/1"
    scheme: str = ""
    year: int | None = None
    title: str = ""
    project: Project = field(default_factory=Project)
    issuer: str = ""
    date: str | None = None
    funds: Funds = field(default_factory=Funds)
    goal: Goal = field(default_factory=Goal)
    goals: tuple[Goal, ...] = ()
    sections: tuple[Section, ...]
    indicators: tuple[Indicator, ...] = ()
    total: Decimal | None = None
    max_total: Decimal | None = None
    review_total: Decimal | None = None
    grade: Grade | None = None
    figures: Figures = field(default_factory=Figures)
    conclusion: str = ""
    remarks: str = ""
    watermark: str = ""
    people: People = field(default_factory=People)
    attachments: tuple[Attachment, ...] = ()
    evidence: tuple[EvidenceFile, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    parts: tuple[PartName, ...] = ()
    reading_notes: tuple[ReadingNote, ...] = ()
    release: Release = field(default_factory=Release)

    def section(self, key: SectionKey) -> Section | None:
        """The section of this kind; each of the five occurs once at most."""
        return next((part for part in self.sections if part.key == key), None)


def parse_document(text: str) -> ReportDocument:
    """Return the document that a JSON text holds; raise DocumentError."""
    try:
        data = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except DocumentError:
        raise
    except (ValueError, RecursionError) as error:
        where = (
            f"第 {error.lineno} 行第 {error.colno} 列"
            if isinstance(error, json.JSONDecodeError)
            else "全文"
        )
        raise DocumentError([f"{where}：不是有效的 JSON 文件"]) from None
    return document_from_json(data)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; of a name written twice one value would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        problem = f"同一对象里{_shown(twice)}写了不止一次，请只留一个"
        raise DocumentError([f"全文：{problem}"])
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise DocumentError([f"全文：JSON 里没有 {name} 这个值，未知的写 null"])


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise DocumentError([f"全文：{_shown(number)}太大，读不出"])
    return value


def document_from_json(data: object) -> ReportDocument:
    """Return the document that JSON data holds; raise DocumentError with all problems.

    Each problem names the path of what is wrong: indicators[2].max_points.
    """
    problems: list[str] = []
    document = _read(data, ReportDocument, "", problems)
    if problems:
        raise DocumentError(problems)
    assert isinstance(document, ReportDocument)
    return document


def document_to_json(document: ReportDocument) -> dict[str, Any]:
    """Return the document as JSON data, its fields in the order of the classes."""
    return _write_part(document)


def dump_document(document: ReportDocument) -> str:
    """Return the document as JSON text, the same text for the same document."""
    data = document_to_json(document)
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


@cache
def _hints(part: type) -> dict[str, Any]:
    hints = get_type_hints(part)
    return {f.name: hints[f.name] for f in _own_fields(part)}


@cache
def _own_fields(part: type) -> tuple[Any, ...]:
    return tuple(f for f in fields(part) if f.name not in ("given", "extra"))


def _empty(spec: Any) -> Any:
    """Return what a field holds where nothing is said, MISSING where it must be."""
    if spec.default_factory is not MISSING:
        return spec.default_factory()
    return spec.default


def _read(value: Any, hint: Any, path: str, problems: list[str]) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        if value is None:
            return None
        (hint,) = [each for each in get_args(hint) if each is not NoneType]
        origin = get_origin(hint)
    if origin is Literal:
        choices = get_args(hint)
        if value not in choices or not isinstance(value, str):
            problems.append(f"{path}：{_shown(value)}应为 {'、'.join(choices)} 之一")
        return value
    if origin is tuple:
        return tuple(_read_items(value, get_args(hint)[0], path, problems))
    if isinstance(hint, type) and issubclass(hint, Part):
        return _read_part(value, hint, path, problems)
    return _read_scalar(value, hint, path, problems)


def _read_items(value: Any, hint: Any, path: str, problems: list[str]) -> Iterator[Any]:
    if not isinstance(value, list):
        problems.append(f"{path}：{_shown(value)}应为数组 [ ]")
        return
    for index, item in enumerate(value):
        yield _read(item, hint, f"{path}[{index}]", problems)


def _read_part(value: Any, part: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(value, dict):
        problems.append(f"{path or '全文'}：{_shown(value)}应为对象 {{ }}")
        return None
    start = len(problems)
    hints = _hints(part)
    found: dict[str, Any] = {}
    given = []
    for spec in _own_fields(part):
        inner = f"{path}.{spec.name}" if path else spec.name
        default = _empty(spec)
        must_be_written = default is MISSING or spec.name == "schema"
        if spec.name in value:
            found[spec.name] = _read(
                value[spec.name], hints[spec.name], inner, problems
            )
            if found[spec.name] == default:
                given.append(spec.name)
        elif must_be_written:
            problems.append(f"{inner}：缺少此项")
    extra = {name: item for name, item in value.items() if name not in hints}
    for name, item in extra.items():
        _refuse_broken_text(item, f"{path}.{name}" if path else name, problems)
    if len(problems) > start:
        return None
    return part(**found, given=frozenset(given), extra=extra)


def _read_scalar(value: Any, hint: Any, path: str, problems: list[str]) -> Any:
    if hint is str and isinstance(value, str):
        _refuse_broken_text(value, path, problems)
        return value
    if hint is Decimal and isinstance(value, str) and DECIMAL.fullmatch(value):
        return Decimal(value)
    if hint is bool and isinstance(value, bool):
        return value
    if hint is int and not isinstance(value, bool):
        if isinstance(value, int):
            return value
        if isinstance(value, float) and value.is_integer():
            return int(value)
    problems.append(f"{path}：{_shown(value)}应为{_EXPECTED[hint]}")
    return None


_EXPECTED = {
    str: "文字（加引号）",
    Decimal: '小数写成的文字，如 "13.32"，不带单位、逗号和百分号',
    int: "整数",
    bool: "true 或 false",
}


def _refuse_broken_text(value: Any, path: str, problems: list[str]) -> None:
    """A lone surrogate is no character: nothing could be written with it."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            problems.append(
                f"{path}：第 {error.start + 1} 个字符不是有效的 Unicode 字符"
            )
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_broken_text(name, path, problems)
            _refuse_broken_text(item, f"{path}.{name}", problems)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_broken_text(item, f"{path}[{index}]", problems)


def _shown(value: Any) -> str:
    """Return a value as a message shows it: short, as written in JSON."""
    text = json.dumps(value)
    if isinstance(value, str):
        text = f"“{value}”".encode(errors="replace").decode()
    return text if len(text) <= 40 else f"{text[:39]}…"


def _write_part(part: Part) -> dict[str, Any]:
    # Any: mypy takes the hash of Part's instances for that of the class.
    kind: Any = type(part)
    written = {
        spec.name: _write(value)
        for spec in _own_fields(kind)
        if (value := getattr(part, spec.name)) != (default := _empty(spec))
        or default is MISSING
        or spec.name == "schema"
        or spec.name in part.given
    }
    return {**written, **part.extra}


def _write(value: Any) -> Any:
    if isinstance(value, Part):
        return _write_part(value)
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value

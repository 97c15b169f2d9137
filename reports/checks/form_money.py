"""Checks of the form's funds block: sums, execution, and what must be explained."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from indicators.scoring_rules import percent, plain
from perfeval.numbers import is_blank
from reports.checks.case import Case, in_row
from reports.checks.findings import FundsColumn, InFunds
from reports.checks.registry import Found, check
from reports.document import FundsRow

COLUMNS: tuple[tuple[FundsColumn, str], ...] = (
    ("initial", "年初预算数"),
    ("adjusted", "全年预算数"),
    ("received", "到位数"),
    ("executed", "全年执行数"),
)
FORM_RULE = "财预〔2020〕10号 附件1（项目支出绩效自评表）"
EXECUTION_RULE = "docs/rules.md R-02、R-15"
PRACTICE = "审核惯例"
# 财政资金 is the sum of these in some forms, one source of several in others.
IN_FISCAL = ("appropriation", "carryover")

SENTENCE = re.compile("[^。；;！!？?\n]+")
EXECUTION_WORDS = re.compile(
    "执行率|支出率|支付率|支出进度|执行进度|支付进度|资金支出|资金支付|结余|未支[付出]|未执行|尾款"
    "|质保金|保证金|预算执行|支出|付款|结算|资金"
)
LOW_REASON = re.compile(
    "因|由于|受.{1,20}影响|原因|主要是|尚未|未能|未支[付出]|推迟|推后|延[期后迟]|滞后|结转|节[约省]"
    "|压减|核减|尾款|质保金|跨年|次年|下年|取消|偏低|较低|不高|不足|缓慢|较慢|偏慢|未达|没有达到"
)
# Work that was held up: money is paid as it goes on, so its cause is told.
HELD_UP = re.compile(
    "(?<![未不没无])(?<!没有)(?:影响|拖慢|耽误|延误|制约|迟滞).{0,8}(?:进度|工期|进展|实施|交付|验收)"
    "|(?:进度|工期|工作|进展|交付|验收|开工|招标|采购).{0,6}"
    "(?:滞后|缓慢|较慢|偏慢|延误|延[期后迟]|推迟|顺延|晚于|受[阻限]|受.{1,12}影响)"
)
CHANGE_WORDS = re.compile(
    "调[减增剂整]|追加|[压核缩削]减|收回|增加预算|减少预算|预算变[更动]|缩减|增拨|划[转拨]|统筹"
)
# Said in every report, whether or not anything was adjusted.
SET_PHRASE = re.compile(
    "涉及|如有|如需|确需|按规定履行|能按|严格|不存在|未经|调整报批手续"
)
GAP_RATIO = Decimal("0.6")
GAP_SHARE = Decimal("0.95")


@check(
    "funds-total-mismatch",
    group="form",
    severity="error",
    source=FORM_RULE,
    help="年度资金总额应等于各资金来源之和（年初预算、全年预算、到位、执行各列）",
)
def funds_total_mismatch(case: Case) -> Found:
    if case.total_row is None:
        return
    place, total = case.total_row
    unit = case.document.funds.unit
    sources = [row for row in case.document.funds.rows if row.source != "total"]
    for column, name in COLUMNS:
        whole = getattr(total, column)
        parts = [(row.source, getattr(row, column)) for row in sources]
        known = [value for _, value in parts if value is not None]
        if whole is None or not known or whole in _sums(parts):
            continue
        written = " + ".join(plain(value) for value in known)
        yield (
            InFunds(row=place, column=column),
            f"自评表“{name}”：年度资金总额 {plain(whole)} {unit}，各资金来源相加 "
            f"{written} = {plain(sum(known, Decimal(0)))} {unit}，两者不一致；"
            "请核对总额或各来源",
        )


def _sums(parts: Sequence[tuple[str, Decimal | None]]) -> set[Decimal]:
    """Return what the sources may add up to: all, or without those summed in others."""
    known = [(source, value) for source, value in parts if value is not None]
    every = sum((value for _, value in known), Decimal(0))
    fiscal = sum((value for source, value in known if source == "fiscal"), Decimal(0))
    inside = sum((value for source, value in known if source in IN_FISCAL), Decimal(0))
    return {every, every - fiscal} if fiscal and fiscal == inside else {every}


@check(
    "execution-points-mismatch",
    group="form",
    severity="error",
    source=EXECUTION_RULE,
    help="预算执行率和执行率得分应由金额算出，按方案计分",
)
def execution_points_mismatch(case: Case) -> Found:
    if case.total_row is None or case.execution is None:
        return
    if case.money is None or case.execution.ratio is None:
        return
    place, row = case.total_row
    yield from _ratio_mismatch(place, row, case)
    index = case.execution_index
    if index is None and case.scheme.execution.place == "funds":
        yield from _funds_points(place, row, case)
    elif index is not None:
        yield from _row_points(index, case)


def _ratio_mismatch(place: int, row: FundsRow, case: Case) -> Found:
    money, execution = case.money, case.execution
    if row.ratio is None or money is None or execution is None or not money.budget:
        return
    ratio = money.executed / money.budget
    if agrees(row.ratio, ratio, least_places=2):
        return
    yield (
        InFunds(row=place, column="ratio"),
        f"自评表执行率 {percent(row.ratio)}，按全年执行数 {plain(money.executed)} ÷ "
        f"全年预算数 {plain(money.budget)} 应为 {percent(ratio)}；请改执行率或核对金额",
    )


def agrees(written: Decimal, exact: Decimal, least_places: int = 0) -> bool:
    """Whether an exact figure rounds to one as written; idle zeros say nothing."""
    exponent = written.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    places = max(-exponent, least_places, 0)
    return abs(written - exact) <= Decimal(5).scaleb(-places - 1)


def _funds_points(place: int, row: FundsRow, case: Case) -> Found:
    expected = case.execution
    if row.points is None or expected is None:
        return
    if expected.points is None or expected.points == row.points:
        return
    yield (
        InFunds(row=place, column="points"),
        f"自评表执行率得分 {plain(row.points)} 分，按规则应为 {expected.points} 分"
        f"（{expected.explanation}）；请改为 {expected.points}",
    )


def _row_points(index: int, case: Case) -> Found:
    row, expected = case.row_of(index), case.score.rows[index]
    if row.points is None or expected.points in (None, row.points):
        return
    yield (
        in_row(index, "points"),
        f"第 {index + 1} 行“{row.level3}”得分 {plain(row.points)} 分，按规则应为 "
        f"{expected.points} 分（{expected.explanation}）；请改为 {expected.points}",
    )


@check(
    "executed-exceeds-budget",
    group="form",
    severity="error",
    source=FORM_RULE,
    help="全年执行数大于全年预算数：预算未调整到位，或金额填错",
)
def executed_exceeds_budget(case: Case) -> Found:
    unit = case.document.funds.unit
    for place, row in enumerate(case.document.funds.rows):
        if row.executed is None or row.adjusted is None or row.executed <= row.adjusted:
            continue
        label = "年度资金总额" if row.source == "total" else row.label or row.source
        yield (
            InFunds(row=place, column="executed"),
            f"自评表“{label}”：全年执行数 {plain(row.executed)} {unit} 大于全年预算数 "
            f"{plain(row.adjusted)} {unit}；请核对金额，确有追加的先改全年预算数",
        )


@check(
    "low-execution-unexplained",
    group="form",
    severity="warning",
    source=EXECUTION_RULE,
    help="执行率低于方案规定的比例，资金备注、组织实施和存在问题都没有说明原因",
)
def low_execution_unexplained(case: Case) -> Found:
    below, execution, money = (
        case.scheme.execution.reason_below,
        case.execution,
        case.money,
    )
    if below is None or execution is None or money is None:
        return
    if execution.ratio is None or execution.ratio >= below or money.executed < 0:
        return
    if _has_note(case) or _explained(case, EXECUTION_WORDS, LOW_REASON):
        return
    if any(HELD_UP.search(sentence) for sentence in _sentences(case)):
        return
    yield (
        case.money_place,
        f"执行率 {percent(execution.ratio)}（执行 {plain(money.executed)}，预算 "
        f"{plain(money.budget)} {money.unit}）低于 {percent(below)}，没有写明原因；"
        "请在资金备注、组织实施情况或存在问题中说明",
    )


def _has_note(case: Case) -> bool:
    notes = [row.note for row in case.document.funds.rows]
    index = case.execution_index
    if index is not None:
        notes.append(case.row_of(index).deviation_note)
    return any(not is_blank(note) for note in notes)


def _explained(case: Case, subject: re.Pattern[str], reason: re.Pattern[str]) -> bool:
    return any(
        subject.search(sentence) and reason.search(sentence)
        for sentence in _sentences(case)
    )


def _sentences(case: Case) -> Iterator[str]:
    """Yield the sentences in which money may be explained."""
    for section in case.document.sections:
        if section.key in ("implementation", "problems", "other"):
            yield from SENTENCE.findall(section.text)
    yield from SENTENCE.findall(f"{case.document.remarks}\n{case.document.conclusion}")


@check(
    "score-execution-gap",
    group="form",
    severity="info",
    source=PRACTICE,
    help="执行率不到 60% 而其他指标几乎满分：请核对完成情况，或说明少花钱的原因",
)
def score_execution_gap(case: Case) -> Found:
    execution = case.execution
    if execution is None or execution.ratio is None or execution.ratio >= GAP_RATIO:
        return
    pairs = [
        (row.points, row.max_points)
        for index, row in case.applicable()
        if index != case.execution_index
    ]
    if not pairs or any(None in pair for pair in pairs):
        return
    earned = sum((points or Decimal(0) for points, _ in pairs), Decimal(0))
    most = sum((maximum or Decimal(0) for _, maximum in pairs), Decimal(0))
    if most <= 0 or earned < GAP_SHARE * most:
        return
    yield (
        case.money_place,
        f"执行率只有 {percent(execution.ratio)}，其他指标却得 {plain(earned)} 分"
        f"（共 {plain(most)} 分）；请核对实际完成值，或说明未花钱也完成的原因",
    )


@check(
    "budget-change-unexplained",
    group="form",
    severity="warning",
    source=PRACTICE,
    help="全年预算数与年初预算数不同，资金备注和报告都没有说明调整原因",
)
def budget_change_unexplained(case: Case) -> Found:
    if case.total_row is None or not case.has_report:
        return
    place, row = case.total_row
    if row.initial is None or row.adjusted is None or row.initial == row.adjusted:
        return
    if _has_note(case) or _change_is_named(case):
        return
    unit = case.document.funds.unit
    yield (
        InFunds(row=place, column="adjusted"),
        f"自评表年初预算数 {plain(row.initial)} {unit}，全年预算数 "
        f"{plain(row.adjusted)} {unit}，没有说明调整原因；请在资金备注或报告中写明",
    )


def _without_rest(sentence: str) -> str:
    """Return a sentence without 收回 where it tells what becomes of the rest."""
    if re.search("[结剩]余|余[0-9款]|收回[^，。；]{0,4}$", sentence):
        return sentence.replace("收回", "")
    return sentence


def _change_is_named(case: Case) -> bool:
    document = case.document
    text = "\n".join(
        (
            *(section.text for section in document.sections),
            document.remarks,
            document.conclusion,
            *(row.adjustment for row in document.indicators),
        )
    )
    return any(
        CHANGE_WORDS.search(_without_rest(sentence)) and not SET_PHRASE.search(sentence)
        for sentence in SENTENCE.findall(text)
    )

"""Checks of the form's indicators, row by row: results, reasons, units, names."""

import re
from decimal import Decimal

from perfeval.numbers import (
    Quantity,
    Value,
    Words,
    is_blank,
    normal_text,
    normal_unit,
    read_value,
    unit_factor,
)
from reports.checks.case import Case, in_row, row_name
from reports.checks.findings import InFunds
from reports.checks.registry import Found, check
from reports.document import Indicator

RULES = "财预〔2020〕10号"
PRACTICE = "审核惯例"
NO_REASON = frozenset(("无", "没有", "暂无", "不适用", "略", "无偏差"))
CAUSES = re.compile("偏差原因分析：.")
# Names that belong under another level 2, and the words that say so.
MISFITS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "数量",
        re.compile(
            "满意[度率]|合格率|优良率|及时率|按时|按期|支付率|执行率|支出率|资金支付"
        ),
        "数量指标应说做了多少",
    ),
    (
        "质量",
        re.compile("满意[度率]|及时率|按时|按期|时限|单价|支付率|执行率"),
        "质量指标应说做得怎样",
    ),
    (
        "时效",
        re.compile("满意[度率]|合格率|优良率|单价|人次数?$|数量$|支付率|执行率"),
        "时效指标应说何时做完",
    ),
    (
        "成本",
        re.compile("满意[度率]|合格率|优良率|及时率|按时|按期|人次数?$"),
        "成本指标应说花了多少",
    ),
    ("经济效益", re.compile("满意[度率]"), "满意度应放在满意度指标下"),
    ("生态效益", re.compile("满意[度率]"), "满意度应放在满意度指标下"),
    (
        "满意度",
        re.compile(
            "^(?!.*(?:满意|投诉|好评|认可|评价)).*(?:数量|人数|次数|及时率|合格率)"
        ),
        "满意度指标应说服务对象是否满意",
    ),
)
VAGUE = re.compile(
    "^(?:若干|一定|适量|适当|较多|许多|大量|足够|尽量|尽可能|酌情|视情况|有所)|等等?$|左右$|上下$"
)


@check(
    "result-missing",
    group="form",
    severity="error",
    source=RULES,
    help="有指标值而没有填实际完成值或得分；有预算数而没有填执行数",
)
def result_missing(case: Case) -> Found:
    if case.total_row:
        place, funds = case.total_row
        if funds.adjusted is not None and funds.executed is None:
            yield (
                InFunds(row=place, column="executed"),
                "自评表年度资金总额没有填全年执行数；请填写",
            )
    scored = any(row.points is not None for row in case.document.indicators)
    for index, row in case.applicable():
        if _lacks_actual(row):
            yield (
                in_row(index, "actual"),
                f"{row_name(index, row)}没有填实际完成值；请填写",
            )
        elif scored and row.points is None and row.max_points is not None:
            yield in_row(index, "points"), f"{row_name(index, row)}没有得分；请填写"


def _lacks_actual(row: Indicator) -> bool:
    if row.comparator == "rubric" or row.achievement is not None:
        return False
    return is_blank(row.actual) and not is_blank(row.target)


@check(
    "deviation-reason-missing",
    group="form",
    severity="error",
    source=RULES,
    help="得分低于分值的指标，偏差原因分析及改进措施不能空着",
)
def deviation_reason_missing(case: Case) -> Found:
    # Some forms ask for all reasons in one row below the table.
    if CAUSES.search(case.document.remarks):
        return
    for index, row in case.applicable():
        points = case.score.rows[index].points if row.points is None else row.points
        if points is None or row.max_points is None or points >= row.max_points:
            continue
        if is_blank(row.actual) and row.points is None:
            continue
        if not _is_empty(row.deviation_note):
            continue
        # 得分依据 of a score sheet is where its reasons are asked for.
        if row.comparator == "rubric" and not _is_empty(row.basis):
            continue
        yield (
            in_row(index, "deviation_note"),
            f"{row_name(index, row)}得分 {points} 分，低于分值 {row.max_points} 分，"
            "没有填偏差原因分析及改进措施；请填写",
        )


def _is_empty(note: str) -> bool:
    return is_blank(note) or note.strip(" 。.　") in NO_REASON


@check(
    "overshoot-unexplained",
    group="form",
    severity="warning",
    source="docs/rules.md R-10",
    help="完成值远超指标值（方案规定的比例），没有说明原因",
)
def overshoot_unexplained(case: Case) -> Found:
    if CAUSES.search(case.document.remarks):
        return
    for index, row in case.applicable():
        scored = case.score.rows[index]
        if index == case.execution_index or not _is_empty(row.deviation_note):
            continue
        if "完成值为指标值的" in scored.reason_because:
            because = scored.reason_because.split("；")[0]
            yield (
                in_row(index, "deviation_note"),
                f"{row_name(index, row)}{because}，没有说明原因；"
                "请说明超额的原因，或指标值是否定得过低",
            )


@check(
    "unit-mismatch",
    group="form",
    severity="error",
    source="docs/rules.md R-19",
    help="指标值与实际完成值的单位不同，或一个写百分数、一个写小数",
)
def unit_mismatch(case: Case) -> Found:
    for index, row in case.applicable():
        target, actual = read_value(row.target or ""), read_value(row.actual or "")
        if not isinstance(target, Quantity) or not isinstance(actual, Quantity):
            continue
        left = normal_unit(row.unit) or target.unit
        other = _other_unit(left, target) or _other_unit(left, actual)
        if other:
            yield (
                in_row(index, "actual" if other == actual.unit else "target"),
                f"{row_name(index, row)}指标值“{row.target}{row.unit}”与完成值"
                f"“{row.actual}”的单位不同（{left}、{other}）；请改为同一单位",
            )
        elif _is_fraction_beside_percent(left, target, actual, row):
            yield (
                in_row(index, "actual"),
                f"{row_name(index, row)}指标值“{row.target}{row.unit}”，"
                f"完成值“{row.actual}”，一个是百分数、一个是小数；请统一写成百分数",
            )


def _other_unit(unit: str, value: Quantity) -> str:
    """Return the value's unit where it is truly another one than the row's, or ""."""
    own = value.unit
    if not unit or not own or unit_factor(own, unit) is not None:
        return ""
    if own == "%" or unit == "%":
        return own
    longer, shorter = sorted((own, unit), key=len, reverse=True)
    rest = longer.removeprefix(shorter)
    # 48个社区 counts in 个; 48场次 in 场; but 48人次 are not 48人.
    if rest != longer and not (rest == "次" and shorter in ("人", "户", "家")):
        return ""
    return own


def _is_fraction_beside_percent(
    unit: str, target: Quantity, actual: Quantity, row: Indicator
) -> bool:
    if row.comparator in ("<=", "<") or target.sign in ("<=", "<"):
        return False
    one, ten = Decimal(1), Decimal(10)
    in_percent = "%" in (unit, target.unit)
    if in_percent and actual.unit in ("", unit):
        # 98 % and 0.965; that 1 stands for 1 % is just as wrong.
        return target.value > ten and 0 < actual.value <= one
    if not unit and target.value <= one:
        return target.value > 0 and actual.unit == "%" and actual.value > ten
    return False


@check(
    "indicator-misfit",
    group="form",
    severity="info",
    source=PRACTICE,
    help="三级指标与所在的二级指标不相称（如满意度放在数量指标下）",
)
def indicator_misfit(case: Case) -> Found:
    for index, row in case.applicable():
        level2, name = normal_text(row.level2), normal_text(row.level3)
        for words, pattern, why in MISFITS:
            if level2.startswith(words) or (words == "满意度" and words in level2):
                found = pattern.search(name)
                if found:
                    yield (
                        in_row(index, "level2"),
                        f"{row_name(index, row)}放在“{row.level2}”下不相称：{why}；"
                        "请移到相应的二级指标",
                    )
                break


@check(
    "indicator-duplicated",
    group="form",
    severity="warning",
    source=PRACTICE,
    help="同一个三级指标出现了两次",
)
def indicator_duplicated(case: Case) -> Found:
    seen: dict[tuple[str, int, str], int] = {}
    for index, row in case.applicable():
        name = _bare(row.level3)
        if len(name) < 2 or row.comparator == "rubric":
            continue
        for mark in (f"u{normal_unit(row.unit)}", f"t{normal_text(row.target or '')}"):
            first = seen.setdefault((name, row.goal, mark), index)
            if first != index and len(mark) > 1:
                yield (
                    in_row(index, "level3"),
                    f"{row_name(index, row)}与第 {first + 1} 行是同一个指标；"
                    "请删去一行，或写明两者的区别",
                )
                break


def _bare(name: str) -> str:
    return re.sub(r"[\W_]|^(?:指标)?[0-9]+", "", normal_text(name))


@check(
    "target-unmeasurable",
    group="form",
    severity="warning",
    source="财预〔2015〕88号（指标应可衡量）",
    help="没有指标值，或定量指标的指标值不是数字、过于含糊",
)
def target_unmeasurable(case: Case) -> Found:
    given = any(not is_blank(row.target) for row in case.document.indicators)
    for index, row in case.applicable():
        if row.comparator == "rubric" or not given:
            continue
        target = read_value(row.target or "")
        problem = _unmeasurable(row, target)
        if problem:
            yield (
                in_row(index, "target"),
                f"{row_name(index, row)}{problem}；"
                "请写成可以核对的数量、比例、日期或标准",
            )


def _unmeasurable(row: Indicator, target: Value) -> str:
    if is_blank(row.target):
        return "没有填指标值"
    if not isinstance(target, Words):
        return ""
    if row.comparator in (">=", ">", "=", "<=", "<"):
        if re.search("[0-9一二三四五六七八九十百千]", normal_text(target.text)):
            return ""
        return f"是定量指标，指标值“{target.text}”不是数字"
    if VAGUE.search(target.text):
        return f"指标值“{target.text}”过于含糊，无法衡量"
    return ""

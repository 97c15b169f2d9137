"""What must hold in a scheme beyond its types; every problem at once, in Chinese."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from indicators.phrases import PHRASES

if TYPE_CHECKING:
    from indicators.schemes import Execution, Rules, Scheme

RULE = re.compile(r"R-[0-9]{2}", re.ASCII)
SECTION_KEYS = ("basics", "implementation", "results", "problems", "score")
ACHIEVEMENTS = ("met", "partly", "unmet")
LEVELS = ("level1", "level2", "level3")
SMALLEST_FORM = 8  # columns, for the eight that the funds block has
GRADES = ("优", "良", "中", "差")
# off: this scheme does not want the finding.
SEVERITIES = ("error", "warning", "info", "off")


def scheme_problems(scheme: "Scheme") -> list[str]:
    """Return one line for each thing wrong in a scheme, [] where it is sound."""
    return [
        *_name(scheme),
        *_weights(scheme),
        *_execution(scheme.execution),
        *_bands(scheme),
        *_grades(scheme),
        *_rules(scheme.rules),
        *_rule_numbers(scheme),
        *_sections(scheme),
        *_items(scheme),
        *_severities(scheme),
        *_columns(scheme),
        *_phrases(scheme),
        *_deductions(scheme),
    ]


def _columns(scheme: "Scheme") -> Iterator[str]:
    """Yield what keeps a form's columns off the grid that head and total need."""
    keys = [each.key for each in scheme.layout.columns]
    if tuple(keys[:3]) != LEVELS:
        yield f"layout.columns：前三栏应为 {'、'.join(LEVELS)}"
    if len(keys) != len(set(keys)):
        yield "layout.columns：同一栏只能出现一次"
    if len(keys) < SMALLEST_FORM:
        yield f"layout.columns：至少要有 {SMALLEST_FORM} 栏"
    if tuple(keys[-3:]) != ("max_points", "points", "note"):
        yield "layout.columns：最后三栏应为 max_points、points、note"


def _name(scheme: "Scheme") -> Iterator[str]:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", scheme.id, re.ASCII):
        yield f"id：“{scheme.id}”只能用小写字母、数字和连字符"
    if scheme.version < 1:
        yield f"version：{scheme.version} 应从 1 起"
    if not scheme.verified and "待核实" not in scheme.name:
        yield f"name：未核实的方案，名称“{scheme.name}”中应写明“待核实”"


def _weights(scheme: "Scheme") -> Iterator[str]:
    if not scheme.weights:
        yield "weights：至少要有一组权重"
    for index, each in enumerate(scheme.weights):
        parts = [each.execution, *each.level1.values()]
        if min(parts) < 0:
            yield f"weights[{index}]：权重不能为负数"
        if sum(parts) != 100:
            yield f"weights[{index}]：各项相加为 {sum(parts)}，应为 100"
        # Where execution is a row, its points are inside that row's level 1.
        counted = scheme.execution.max_points
        expected = counted if scheme.execution.place == "funds" else Decimal(0)
        if each.execution != expected:
            yield (
                f"weights[{index}].execution：{each.execution} 与 "
                f"预算执行率在资金栏的分值 {expected} 不一致"
            )
        for name in set(each.without) & set(each.level1):
            yield f"weights[{index}]：“{name}”既写明没有，又给了权重"


def _execution(execution: "Execution") -> Iterator[str]:
    if execution.max_points <= 0:
        yield f"execution.max_points：{execution.max_points} 应大于 0"
    if (execution.place == "indicator") is not bool(execution.indicator):
        yield "execution.indicator：在指标行计分时须写三级指标名，在资金栏时不写"
    if (execution.method == "steps") is not bool(execution.steps):
        yield "execution.steps：分档计分时须写分档，按比例时不写"
    yield from _falling(
        "execution.steps", [step.from_ratio for step in execution.steps]
    )
    yield from _falling(
        "execution.steps 的得分", [step.points for step in execution.steps]
    )
    for index, step in enumerate(execution.steps):
        if not 0 <= step.points <= execution.max_points:
            yield (
                f"execution.steps[{index}]：得分 {step.points} "
                f"应在 0 与 {execution.max_points} 之间"
            )
    if execution.steps and execution.steps[0].points != execution.max_points:
        yield f"execution.steps：最高一档应得 {execution.max_points}"
    yield from _share("execution.reason_below", execution.reason_below)


def _bands(scheme: "Scheme") -> Iterator[str]:
    """The bands go from 1 down to 0 without hole or overlap, each default inside."""
    names = tuple(band.achievement for band in scheme.bands)
    if names != ACHIEVEMENTS:
        yield f"bands：应依次为 {'、'.join(ACHIEVEMENTS)} 三档"
        return
    if scheme.bands[0].to_share != 1 or scheme.bands[-1].from_share != 0:
        yield "bands：三档应从 1 到 0 覆盖全部分值"
    for upper, lower in pairwise(scheme.bands):
        if lower.to_share != upper.from_share:
            word = "重叠" if lower.to_share > upper.from_share else "有空档"
            yield (
                f"bands：“{upper.label}”从 {upper.from_share} 起，"
                f"“{lower.label}”到 {lower.to_share} 止，两档{word}"
            )
    for index, band in enumerate(scheme.bands):
        if band.from_share >= band.to_share:
            yield f"bands[{index}]：下限 {band.from_share} 应小于上限 {band.to_share}"
        inside = band.from_share <= band.default_share < band.to_share
        if not inside and not band.default_share == band.to_share == 1:
            yield f"bands[{index}]：默认 {band.default_share} 不在本档之内"
    words = [word for band in scheme.bands for word in band.words]
    for word in sorted({word for word in words if words.count(word) > 1}):
        yield f"bands：“{word}”出现在不止一档中"


def _grades(scheme: "Scheme") -> Iterator[str]:
    names = tuple(grade.name for grade in scheme.grades)
    if names != tuple(name for name in GRADES if name in names) or not names:
        yield f"grades：应按 {'、'.join(GRADES)} 的顺序，各一次"
    bounds = [grade.from_points for grade in scheme.grades]
    yield from _falling("grades", bounds)
    if bounds and (bounds[0] > 100 or bounds[-1] != 0):
        yield "grades：最高一级不超过 100 分，最低一级从 0 分起"


def _rules(rules: "Rules") -> Iterator[str]:
    yield from _share("rules.floor", rules.floor)
    yield from _share("rules.satisfaction_floor", rules.satisfaction_floor)
    if (rules.floor is not None) is not bool(rules.floor_rule):
        yield "rules.floor_rule：有及格线时须写规则编号，没有时不写"
    if rules.overshoot != "none" and (
        rules.overshoot_at is None or rules.overshoot_at <= 1
    ):
        yield "rules.overshoot_at：超额完成须写明从何比例起（大于 1）"
    if (rules.overshoot == "deduct") is not bool(rules.overshoot_steps):
        yield "rules.overshoot_steps：超额扣分时须写扣分分档，否则不写"
    steps = rules.overshoot_steps
    for lower, upper in pairwise(steps):
        if (
            upper.from_ratio <= lower.from_ratio
            or upper.deduct_share < lower.deduct_share
        ):
            yield "rules.overshoot_steps：应从低到高，扣分不减少"
    for index, step in enumerate(steps):
        yield from _share(f"rules.overshoot_steps[{index}]", step.deduct_share)
        if step.from_ratio <= 1:
            yield f"rules.overshoot_steps[{index}]：起点 {step.from_ratio} 应大于 1"


def _rule_numbers(scheme: "Scheme") -> Iterator[str]:
    named = {
        "execution.rule": scheme.execution.rule,
        **{
            f"weights[{index}].rule": each.rule
            for index, each in enumerate(scheme.weights)
        },
        **{
            f"rules.{name}": value
            for name, value in vars(scheme.rules).items()
            if name.endswith("_rule") and (value or name != "floor_rule")
        },
    }
    for path, rule in named.items():
        if not RULE.fullmatch(rule):
            yield f"{path}：“{rule}”应为规则编号，如 R-01"


def _sections(scheme: "Scheme") -> Iterator[str]:
    keys = [section.key for section in scheme.sections]
    if sorted(keys) != sorted(SECTION_KEYS):
        yield f"sections：应有 {'、'.join(SECTION_KEYS)}，各一次"
    for section in scheme.sections:
        if section.max_length is not None and section.max_length < 1:
            yield f"sections：“{section.title}”的字数上限应大于 0"


def _items(scheme: "Scheme") -> Iterator[str]:
    """A scheme's own sheet adds up to 100, and per level 1 to the first weights."""
    if not scheme.items or not scheme.weights:
        return
    sums: dict[str, Decimal] = {}
    for index, item in enumerate(scheme.items):
        sums[item.level1] = sums.get(item.level1, Decimal(0)) + item.max_points
        if item.max_points <= 0:
            yield f"items[{index}]：“{item.level3}”的分值应大于 0"
    for name, expected in scheme.weights[0].level1.items():
        if sums.pop(name, Decimal(0)) != expected:
            yield f"items：“{name}”各行分值相加与权重 {expected} 不一致"
    for name in sums:
        yield f"items：“{name}”没有权重"
    yield from _execution_row(scheme)


def _execution_row(scheme: "Scheme") -> Iterator[str]:
    execution = scheme.execution
    rows = [
        item
        for item in scheme.items
        if execution.indicator and execution.indicator in item.level3
    ]
    if execution.place == "indicator" and (
        len(rows) != 1 or rows[0].max_points != execution.max_points
    ):
        yield (f"items：应恰有一行“{execution.indicator}”，分值 {execution.max_points}")


def _phrases(scheme: "Scheme") -> Iterator[str]:
    for name in scheme.phrases.keys() - PHRASES.keys():
        yield f"phrases.{name}：没有这种用语，可用的有：{'、'.join(PHRASES)}"


def _deductions(scheme: "Scheme") -> Iterator[str]:
    keys = [each.key for each in scheme.deductions]
    if len(keys) != len(set(keys)):
        yield "deductions：同一个 key 只能出现一次"
    for index, each in enumerate(scheme.deductions):
        if not re.fullmatch(r"[a-z0-9-]{1,40}", each.key, re.ASCII):
            yield (
                f"deductions[{index}].key：“{each.key}”只能用小写字母、数字和连字符，"
                "不超过 40 个"
            )
        yield from _share(f"deductions[{index}].share", each.share)
    if scheme.wide_gap <= 0:
        yield f"wide_gap：{scheme.wide_gap} 应大于 0"


def _severities(scheme: "Scheme") -> Iterator[str]:
    for code, severity in scheme.severities.items():
        if severity not in SEVERITIES:
            yield f"severities.{code}：“{severity}”应为 {'、'.join(SEVERITIES)} 之一"


def _falling(path: str, values: Sequence[Decimal]) -> Iterable[str]:
    if any(upper <= lower for upper, lower in pairwise(values)):
        return [f"{path}：应从高到低排列，不得重复"]
    return []


def _share(path: str, value: Decimal | None) -> Iterable[str]:
    return [f"{path}：{value} 应在 0 与 1 之间"] if _outside(value) else []


def _outside(value: Decimal | None) -> bool:
    return value is not None and not 0 <= value <= 1

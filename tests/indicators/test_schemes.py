"""Schemes are read from TOML; what is wrong in one is named, all at once."""

import re
import tomllib
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from indicators.schemes import (
    DIRECTORY,
    SchemeError,
    load_scheme,
    parse_scheme,
    scheme_ids,
    scheme_text,
)

RULES = Path(settings.BASE_DIR) / "docs" / "rules.md"
GOOD = scheme_text("mof-2020")
FOUR = scheme_text("guangdong-four")


@pytest.mark.parametrize("path", sorted(DIRECTORY.glob("*.toml")), ids=lambda p: p.stem)
def test_every_shipped_scheme_is_sound_and_named_like_its_file(path):
    scheme = load_scheme(path.stem)

    assert scheme.ref == path.stem
    assert scheme.verified or "待核实" in scheme.name


def test_three_schemes_ship_and_an_id_alone_is_the_newest_version():
    assert scheme_ids() == (
        "guangdong-four",
        "mof-2020",
        "mof-2021-cost",
        "sichuan-2023",
        "yunnan-2022",
    )
    assert load_scheme("mof-2020") is load_scheme("mof-2020@1")


@pytest.mark.parametrize(
    "ref", ["", "nosuch", "mof-2020@9", "mof-2020@", "../mof-2020", "mof-2020@1.toml"]
)
def test_an_unknown_scheme_is_refused_with_those_there_are(ref):
    with pytest.raises(SchemeError, match="可用的有：guangdong-four@1、mof-2020@1"):
        load_scheme(ref)


def test_the_national_scheme_holds_the_weights_and_bounds_of_the_regulation():
    scheme = load_scheme("mof-2020")

    assert [dict(each.level1) for each in scheme.weights] == [
        {"产出指标": 50, "效益指标": 30, "满意度指标": 10},
        {"产出指标": 50, "效益指标": 40},
    ]
    assert {grade.name: grade.from_points for grade in scheme.grades} == {
        "优": 90,
        "良": 80,
        "中": 60,
        "差": 0,
    }
    assert scheme.execution.reason_below == Decimal("0.9")
    assert (scheme.rules.reverse, scheme.rules.overshoot_at) == (
        "linear",
        Decimal("1.3"),
    )


def test_the_four_dimension_sheet_has_its_rows_with_a_standard_each():
    scheme = load_scheme("guangdong-four")
    sums = {
        level2: sum(item.max_points for item in scheme.items if item.level2 == level2)
        for level2s in scheme.layout.level2.values()
        for level2 in level2s
    }

    assert scheme.name == "投入—过程—产出—效益评分表（参考，待核实）"
    assert scheme.layout.annex == "score_sheet"
    assert all(len(item.standard) > 10 for item in scheme.items)
    assert sums == {
        "项目立项": 12,
        "资金落实": 8,
        "资金管理": 12,
        "事项管理": 8,
        "经济性": 5,
        "效率性": 25,
        "效果性": 25,
        "公平性": 5,
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"产出指标" = 50, "效益指标" = 40', '"产出指标" = 50', "相加为 60，应为 100"),
        ("max_points = 10", "max_points = 20", "资金栏的分值 20 不一致"),
        ("to_share = 0.8", "to_share = 0.75", "0.75 止，两档有空档"),
        ("to_share = 0.8", "to_share = 0.85", "0.85 止，两档重叠"),
        ("from_share = 0\n", "from_share = 0.1\n", "应从 1 到 0 覆盖全部分值"),
        ("default_share = 0.7", "default_share = 0.8", "默认 0.8 不在本档之内"),
        ('achievement = "unmet"', 'achievement = "partly"', "met、partly、unmet 三档"),
        ("from_points = 90", "from_points = 70", "grades：应从高到低"),
        ("from_points = 0\n", "from_points = 10\n", "最低一级从 0 分起"),
        ('name = "良"', 'name = "优"', "应按 优、良、中、差 的顺序"),
        ("overshoot_at = 1.3", "overshoot_at = 0.9", "从何比例起（大于 1）"),
        ('overshoot = "reason"', 'overshoot = "deduct"', "超额扣分时须写扣分分档"),
        ('reverse = "linear"', 'reverse = "none"', "应为 linear、ratio、zero 之一"),
        ('reverse = "linear"\n', "", "rules.reverse：缺少此项"),
        ('reverse = "linear"', 'revers = "linear"', "rules.revers：没有这一项"),
        ('reverse_rule = "R-06"', 'reverse_rule = "六"', "应为规则编号，如 R-01"),
        ('rule = "R-02"', 'rule = ""', "execution.rule：“”应为规则编号"),
        ("reason_below = 0.9", "reason_below = 90", "reason_below：90 应在 0 与 1"),
        ("reason_below = 0.9", 'reason_below = "0.9"', "应为数字（不加引号）"),
        ("reason_below = 0.9", "reason_below = nan", "应为数字"),
        ("verified = true", "verified = false", "名称“项目支出绩效自评（财预"),
        ("version = 1", "version = true", "version：“True”应为整数"),
        ('key = "score"', 'key = "basics"', "sections：应有 basics"),
        ('"达成年度指标", "达成预期指标"', '"部分达成"', "出现在不止一档中"),
        ("[execution]", "[execution", "不是有效的 TOML"),
        ("[layout]", '[severities]\ngoal-copied = "fatal"\n[layout]', "goal-copied"),
    ],
)
def test_a_fault_in_a_scheme_is_named_where_it_stands(old, new, problem):
    assert old in GOOD

    with pytest.raises(SchemeError) as error:
        parse_scheme(GOOD.replace(old, new, 1))

    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("from_ratio = 0.8", "from_ratio = 0.95", "steps：应从高到低排列"),
        (
            "from_ratio = 0.7, points = 4",
            "from_ratio = 0.7, points = 5",
            "的得分：应从",
        ),
        ("from_ratio = 0.9, points = 6", "from_ratio = 0.9, points = 5.5", "应得 6"),
        ('method = "steps"', 'method = "proportional"', "按比例时不写"),
        ('indicator = "支出率"\n', "", "须写三级指标名"),
        ("execution = 0\n", "execution = 6\n", "相加为 106，应为 100"),
        ('"效益" = 30 }', '"效益" = 20, "其他" = 10 }', "“效益”各行分值相加与权重 20"),
        ("资金支付：资金支出率", "资金支付", "应恰有一行“支出率”，分值 6"),
    ],
)
def test_a_fault_in_a_sheet_with_rows_is_named(old, new, problem):
    assert old in FOUR

    with pytest.raises(SchemeError) as error:
        parse_scheme(FOUR.replace(old, new, 1))

    assert problem in str(error.value)


def test_all_faults_are_named_at_once():
    text = GOOD.replace("from_points = 90", "from_points = 70").replace(
        "to_share = 0.8", "to_share = 0.75"
    )

    with pytest.raises(SchemeError) as error:
        parse_scheme(text)

    assert len(error.value.problems) == 2


def rules_written_down():
    lines = RULES.read_text(encoding="utf-8").splitlines()
    rows = (line.split("|") for line in lines if line.startswith("| R-"))
    return {row[1].strip(): re.findall(r"`([a-z_]+\.[\w.]+)`", row[4]) for row in rows}


def test_every_rule_that_is_named_is_written_down():
    sources = [*DIRECTORY.glob("*.toml"), *DIRECTORY.parent.glob("*.py")]
    named = {
        rule
        for path in sources
        for rule in re.findall(r"R-[0-9]{2}\b", path.read_text(encoding="utf-8"))
    }

    assert named - rules_written_down().keys() == set()
    assert len(named) > 15


def resolve(dotted):
    app, module, *names = dotted.split(".")
    found = import_module(f"{app}.{module}")
    for name in names:
        found = getattr(found, name)
    return found


def test_every_function_a_rule_names_exists():
    rules = rules_written_down()

    for functions in rules.values():
        assert functions
        assert all(callable(resolve(dotted)) for dotted in functions)
    assert list(rules) == [f"R-{number:02}" for number in range(1, len(rules) + 1)]


def test_every_rule_a_scheme_leaves_open_says_so_in_the_document():
    text = RULES.read_text(encoding="utf-8")
    four = tomllib.loads(FOUR)

    for rule in (four["execution"]["rule"], four["weights"][0]["rule"]):
        (line,) = re.findall(rf"^\| {rule} \|.*$", text, re.MULTILINE)
        assert "待核实" in line

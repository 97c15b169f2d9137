"""One act on many self-assessments: each by itself, told one by one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from indicators.models import SelfAssessment

Left = tuple[SelfAssessment, str]


@dataclass
class Outcome:
    """done: those acted on; left: those not, each with why; nothing is half done."""

    done: list[SelfAssessment] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def left_words(left: Iterable[Left]) -> str:
    """Return those left in words: 甲项目（已有决定）；乙项目（没有等级）."""
    return "；".join(f"{each.project.shown_name}（{why}）" for each, why in left)

"""Reasons for which a recheck deducts points (扣分原因), where a scheme has none.

参考，待核实: drawn up after a city's rules for third parties; no national text lists
them. A scheme may replace the list ([[deductions]]). No Django here.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Deduction:
    """One reason; share: what is usually deducted of the row's 分值, None as judged."""

    key: str
    label: str
    share: Decimal | None = None


ALL = Decimal(1)
DEDUCTIONS = (
    Deduction(key="no-evidence", label="没有佐证材料，完成值无法核实", share=ALL),
    Deduction(key="value-differs", label="完成值与佐证材料不一致，按核实值计分"),
    Deduction(key="unrelated", label="指标与项目内容无关", share=ALL),
    Deduction(key="vague-serious", label="定性描述空泛，无法核实", share=ALL),
    Deduction(key="vague", label="定性描述含糊", share=Decimal("0.6")),
    Deduction(key="vague-slight", label="定性描述不够规范", share=Decimal("0.3")),
    Deduction(key="no-survey", label="满意度没有调查依据", share=ALL),
    Deduction(key="part-undone", label="几项子任务有未完成的", share=Decimal("0.3")),
    Deduction(key="duplicate", label="产出与效益重复设置同一指标", share=ALL),
    Deduction(key="misplaced", label="三级指标与所属二级指标不符", share=ALL),
    Deduction(key="payment", label="以资金支付作数量指标", share=ALL),
    Deduction(key="miscounted", label="没有按计分规则计算得分"),
    Deduction(key="documents-differ", label="报告与盖章的自评表不一致"),
    Deduction(key="reason-unfit", label="偏差原因与计分不相符"),
    Deduction(key="other", label="其他（在说明中写明）"),
)

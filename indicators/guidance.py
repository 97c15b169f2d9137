"""What each text of a self-assessment must tell, as the writing page lists it."""

from indicators.models import NarrativeKey

MUST_TELL: dict[str, tuple[str, ...]] = {
    NarrativeKey.BASICS: (
        "项目做什么、由谁实施、服务对象是谁",
        "立项依据：文件名称和文号照原文写",
        "年度总体目标和主要任务",
    ),
    NarrativeKey.IMPLEMENTATION: (
        "投入：预算安排金额、绩效目标如何设定和批复",
        "过程：实际支出金额和执行率，审批、采购、验收和财务制度的执行情况",
        "预算有调整的，写明调整金额和程序；执行率低的，写明原因",
        "金额、执行率与自评表一致",
    ),
    NarrativeKey.RESULTS: (
        "按绩效指标逐项写做了什么、完成多少，数字与自评表一致",
        "产出之后取得的效果，有何依据",
        "主要做法和经验",
    ),
    NarrativeKey.PROBLEMS: (
        "实际存在的问题及原因，失分指标和执行偏低要在这里说明",
        "改进措施：做什么、谁负责、何时完成",
        "对今后预算安排和绩效目标的建议",
    ),
    NarrativeKey.SCORE: (
        "采用的评分办法",
        "自评得分和等级，与自评表一致",
        "自评结果拟如何应用；写明见附表",
    ),
    NarrativeKey.GOAL: (
        "对照预期目标写实际完成情况，不照抄目标",
        "未完成的部分写明差距",
    ),
    NarrativeKey.FUNDS: (
        "执行率偏低、为零或超过预算的原因",
        "年中调整预算的，写明调整的依据和程序",
    ),
    NarrativeKey.REMARKS: ("自评表其他栏目写不下、又需要审核人知道的事项；没有可不填",),
}

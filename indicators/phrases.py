"""The phrases of a first draft (初稿); a scheme may have its own. No Django here.

{…} are names of figures (linked_figures.py), 【待填：…】 gaps for a person to fill,
《方案》 and the like are put in where the draft is made.
"""

PHRASES: dict[str, str] = {
    "basics": "（一）项目概况\n"
    "{项目名称}由{实施单位}组织实施，主管部门为{主管部门}。"
    "【待填：项目做什么、服务对象是谁】\n"
    "（二）立项依据\n"
    "【待填：立项依据的文件名称和文号】\n"
    "（三）绩效目标\n"
    "<目标>",
    "implementation": "（一）资金投入和使用情况\n"
    "{年度}年度年初预算数{年初预算数}，全年预算数{全年预算数}，全年执行数{全年执行数}，"
    "预算执行率{预算执行率}。",
    "adjusted": "年中预算由{年初预算数}调整为{全年预算数}，"
    "【待填：预算调整的依据和程序】。",
    "low_execution": "预算执行率偏低，原因是：<执行说明>",
    "management": "（二）项目组织管理情况\n"
    "【待填：审批、采购、验收和财务制度的执行情况】",
    "result": "指标值{指标值}，实际完成{完成值}，该指标得{得分}。",
    "practice": "主要做法\n【待填：主要做法和经验】",
    "score": "（一）自评结论\n"
    "按照《<评分方案>》评分，项目自评得分{自评得分}，等级为“{等级}”。"
    "评分明细见附表《<附表>》。\n"
    "（二）自评结果应用\n"
    "【待填：自评结果拟如何应用】",
}

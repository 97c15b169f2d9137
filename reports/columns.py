"""The columns of what waits for a reviewer."""

from django.db.models import F

from indicators.columns import CODE, DEPARTMENT, NAME, UNIT
from perfeval.lists import Column
from perfeval.sheets import Ratio
from reports.inbox import REVIEW_DUE, flags

INBOX_COLUMNS = (
    CODE,
    NAME,
    Column(
        key="level",
        label="级次",
        value=lambda row: row.current_level.name,
        order=(F("level"),),
    ),
    Column(
        key="due",
        label="审核截止",
        value=lambda row: row.review_due_at,
        order=(REVIEW_DUE,),
        width=18,
    ),
    UNIT,
    DEPARTMENT,
    Column(
        key="ratio",
        label="执行率",
        value=lambda row: (
            None
            if row.project.execution_ratio is None
            else Ratio(row.project.execution_ratio)
        ),
        css="num",
    ),
    Column(
        key="total",
        label="自评得分",
        value=lambda row: row.total,
        order=(F("total"),),
        css="num",
    ),
    Column(key="grade", label="等级", value=lambda row: row.grade, order=("grade",)),
    Column(
        key="flags",
        label="提示",
        value=lambda row: "、".join(word for word, _ in flags(row)),
        width=30,
        on_screen=False,
    ),
)

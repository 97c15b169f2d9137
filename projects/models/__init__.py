"""Departments and who works in them; budget projects and their funding."""

from perfeval.fields import PHONE
from projects.models.changes import (
    CLASSIFIED_REASON,
    CLASSIFIED_REFUSAL,
    AmountCorrection,
    ChangeRequest,
    ChangeState,
    StatusChange,
)
from projects.models.delegations import LENT_ROLES, Delegation, Handover
from projects.models.departments import (
    DEPARTMENT_CODE,
    Department,
    FormerName,
    Membership,
    Role,
)
from projects.models.projects import (
    AMOUNT_LABELS,
    AMOUNTS,
    EMPTY_IF_CLASSIFIED,
    NOT_REPORTING,
    PROJECT_CODE,
    BudgetProject,
    Continuity,
    FundingLine,
    FundNature,
    FundSource,
    ProjectStatus,
    ratio_of,
    sum_known,
)
from projects.models.shares import UnitShare

__all__ = [
    "AMOUNTS",
    "AMOUNT_LABELS",
    "CLASSIFIED_REASON",
    "CLASSIFIED_REFUSAL",
    "DEPARTMENT_CODE",
    "EMPTY_IF_CLASSIFIED",
    "LENT_ROLES",
    "NOT_REPORTING",
    "PHONE",
    "PROJECT_CODE",
    "AmountCorrection",
    "BudgetProject",
    "ChangeRequest",
    "ChangeState",
    "Continuity",
    "Delegation",
    "Department",
    "FormerName",
    "FundNature",
    "FundSource",
    "FundingLine",
    "Handover",
    "Membership",
    "ProjectStatus",
    "Role",
    "StatusChange",
    "UnitShare",
    "ratio_of",
    "sum_known",
]

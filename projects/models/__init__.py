"""Departments and who works in them; budget projects and their funding."""

from projects.models.departments import (
    DEPARTMENT_CODE,
    Department,
    FormerName,
    Membership,
    Role,
)
from projects.models.projects import (
    EMPTY_IF_CLASSIFIED,
    NOT_REPORTING,
    PHONE,
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

__all__ = [
    "DEPARTMENT_CODE",
    "EMPTY_IF_CLASSIFIED",
    "NOT_REPORTING",
    "PHONE",
    "PROJECT_CODE",
    "BudgetProject",
    "Continuity",
    "Department",
    "FormerName",
    "FundNature",
    "FundSource",
    "FundingLine",
    "Membership",
    "ProjectStatus",
    "Role",
    "ratio_of",
    "sum_known",
]

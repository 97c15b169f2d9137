"""Schemes, tasks, indicators, self-assessments and what reviewers say of them."""

from indicators.models.assessments import (
    EDITABLE,
    FINAL,
    SECTION_KEYS,
    Achievement,
    IndicatorResult,
    Narrative,
    NarrativeKey,
    SelfAssessment,
    Status,
)
from indicators.models.library import IndicatorTemplate
from indicators.models.reviews import (
    ItemComment,
    ReviewRecord,
)
from indicators.models.shares import ShareResult
from indicators.models.targets import (
    JUDGED,
    Combination,
    Comparator,
    Indicator,
    TargetAdjustment,
)
from indicators.models.tasks import (
    DueRule,
    EvaluationTask,
    Holiday,
    Material,
    MaterialRule,
    ScoringScheme,
    TaskExemption,
    TaskLevel,
    TaskPassing,
    TaskState,
)
from indicators.models.versions import NarrativeVersion, VersionKind

__all__ = [
    "EDITABLE",
    "FINAL",
    "JUDGED",
    "SECTION_KEYS",
    "Achievement",
    "Combination",
    "Comparator",
    "DueRule",
    "EvaluationTask",
    "Holiday",
    "Indicator",
    "IndicatorResult",
    "IndicatorTemplate",
    "ItemComment",
    "Material",
    "MaterialRule",
    "Narrative",
    "NarrativeKey",
    "NarrativeVersion",
    "ReviewRecord",
    "ScoringScheme",
    "SelfAssessment",
    "ShareResult",
    "Status",
    "TargetAdjustment",
    "TaskExemption",
    "TaskLevel",
    "TaskPassing",
    "TaskState",
    "VersionKind",
]

"""Schemes, tasks, indicators, self-assessments and what reviewers say of them."""

from indicators.models.assessments import (
    EDITABLE,
    FINAL,
    SECTION_KEYS,
    Achievement,
    IndicatorResult,
    Material,
    Narrative,
    NarrativeKey,
    SelfAssessment,
    Status,
)
from indicators.models.reviews import (
    ItemComment,
    ReviewRecord,
)
from indicators.models.targets import (
    JUDGED,
    Comparator,
    Indicator,
)
from indicators.models.tasks import (
    EvaluationTask,
    ScoringScheme,
    TaskLevel,
    TaskState,
)

__all__ = [
    "EDITABLE",
    "FINAL",
    "JUDGED",
    "SECTION_KEYS",
    "Achievement",
    "Comparator",
    "EvaluationTask",
    "Indicator",
    "IndicatorResult",
    "ItemComment",
    "Material",
    "Narrative",
    "NarrativeKey",
    "ReviewRecord",
    "ScoringScheme",
    "SelfAssessment",
    "Status",
    "TaskLevel",
    "TaskState",
]

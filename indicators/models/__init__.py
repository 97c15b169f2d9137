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
from indicators.models.evidence import Evidence, EvidenceLink
from indicators.models.library import IndicatorTemplate
from indicators.models.parts import (
    EVIDENCE,
    MONEY,
    PART_NAMES,
    ROWS,
    PartAssignment,
)
from indicators.models.reviews import (
    ItemComment,
    ReviewDraft,
    ReviewPhrase,
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
    "EVIDENCE",
    "FINAL",
    "JUDGED",
    "MONEY",
    "PART_NAMES",
    "ROWS",
    "SECTION_KEYS",
    "Achievement",
    "Combination",
    "Comparator",
    "DueRule",
    "EvaluationTask",
    "Evidence",
    "EvidenceLink",
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
    "PartAssignment",
    "ReviewDraft",
    "ReviewPhrase",
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

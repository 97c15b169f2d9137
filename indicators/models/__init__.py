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
from indicators.models.rectification import (
    COUNTED,
    UNFINISHED,
    WITH_UNIT,
    Problem,
    ProblemFile,
    ProblemSource,
    ProblemState,
    ProblemStep,
)
from indicators.models.result_use import ResultUse, Use, UseRule
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
    "COUNTED",
    "EDITABLE",
    "EVIDENCE",
    "FINAL",
    "JUDGED",
    "MONEY",
    "PART_NAMES",
    "ROWS",
    "SECTION_KEYS",
    "UNFINISHED",
    "WITH_UNIT",
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
    "Problem",
    "ProblemFile",
    "ProblemSource",
    "ProblemState",
    "ProblemStep",
    "ResultUse",
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
    "Use",
    "UseRule",
    "VersionKind",
]

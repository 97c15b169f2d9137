"""The texts of a self-assessment as its pages list them."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.figure_list import figures_of
from indicators.guidance import MUST_TELL
from indicators.linked_figures import has_marks, resolve
from indicators.models import Evidence, ItemComment, Narrative, SelfAssessment
from indicators.progress import count_characters, text_limits, text_title
from indicators.proofs import proofs_of
from indicators.services import narrative_keys


@dataclass(frozen=True, kw_only=True)
class TextPart:
    """One text as a page lists it; limit: most characters, None without.

    shown: the text as the report has it.
    """

    narrative: Narrative
    shown: str
    title: str
    count: int
    limit: int | None
    comments: list[ItemComment]
    evidence: list[Evidence]

    @property
    def is_too_long(self) -> bool:
        return self.limit is not None and self.count > self.limit

    @property
    def must_tell(self) -> tuple[str, ...]:
        return MUST_TELL[self.narrative.key]


def text_parts(
    assessment: SelfAssessment, comments: Sequence[ItemComment] = ()
) -> list[TextPart]:
    """Return the texts that the material asks for, in the order of the report."""
    limits = text_limits(assessment)
    proven = proofs_of(assessment).by_text
    stored = {each.key: each for each in assessment.narratives.all()}
    shown = shown_texts(assessment)
    return [
        TextPart(
            narrative=stored[key],
            shown=shown[key],
            title=text_title(assessment, key),
            count=count_characters(stored[key].text),
            limit=limits.get(key),
            comments=[each for each in comments if each.narrative_key == key],
            evidence=proven.get(key, []),
        )
        for key in narrative_keys(assessment.material)
        if key in stored
    ]


def shown_texts(assessment: SelfAssessment) -> dict[str, str]:
    """Return each text as the report has it, by key: figures in place of their names.

    assessment: loaded with_content().
    """
    texts = {each.key: each.text for each in assessment.narratives.all()}
    if not any(has_marks(text) for text in texts.values()):
        return texts
    figures = figures_of(assessment)
    return {key: resolve(text, figures) for key, text in texts.items()}

"""Evidence as pages and the report list it: which file proves what."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from indicators.models import Evidence, SelfAssessment


@dataclass(frozen=True)
class Proofs:
    """The files of a self-assessment: current ones by what they prove, and the others.

    by_indicator: {key of indicator: files}; by_text: {key of text: files}; superseded:
    {key of the current file: those before it, the newest first}.
    """

    current: list[Evidence] = field(default_factory=list)
    by_indicator: dict[int, list[Evidence]] = field(default_factory=dict)
    by_text: dict[str, list[Evidence]] = field(default_factory=dict)
    superseded: dict[int, list[Evidence]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes of all files, those superseded too."""
        old = [each for files in self.superseded.values() for each in files]
        return sum(each.file.size for each in (*self.current, *old))

    @property
    def rows(self) -> list[tuple[Evidence, list[Evidence]]]:
        """Each current file with those it took the place of."""
        return [(each, self.superseded.get(each.pk, [])) for each in self.current]


def proofs_of(assessment: SelfAssessment) -> Proofs:
    """Return the evidence of a self-assessment loaded with_content()."""
    files = {each.pk: each for each in assessment.evidence.all()}
    replaced = {each.replaces_id for each in files.values()}
    proofs = Proofs()
    for each in files.values():
        if each.pk in replaced:
            continue
        proofs.current.append(each)
        proofs.superseded[each.pk] = list(_before(each, files))
        for link in each.links.all():
            if link.indicator_id:
                proofs.by_indicator.setdefault(link.indicator_id, []).append(each)
            else:
                proofs.by_text.setdefault(link.narrative_key, []).append(each)
    return proofs


def _before(evidence: Evidence, files: dict[int, Evidence]) -> Iterator[Evidence]:
    while evidence.replaces_id:
        evidence = files[evidence.replaces_id]
        yield evidence

"""Forms of evidence: what a file proves, a file in the place of another."""

from typing import Any

from django import forms
from django.conf import settings
from django.db import models

from indicators.forms.entry import EntryForm
from indicators.models import Evidence, SelfAssessment
from indicators.progress import text_title
from indicators.services import narrative_keys
from perfeval.conflicts import (
    Conflict,
    Difference,
    differences,
    with_version,
    words_of,
)
from perfeval.files import KINDS, MEGABYTE
from perfeval.forms import PlainMessages


class ProvesForm(PlainMessages, forms.Form):
    """Which indicators and texts files prove; any number of each."""

    indicators = forms.TypedMultipleChoiceField(
        label="证明的指标",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    texts = forms.MultipleChoiceField(
        label="证明的文字部分", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, assessment: SelfAssessment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [each.indicator for each in assessment.results.all()]
        keys = narrative_keys(assessment.material)
        self._choose("indicators", [(each.pk, each.level3) for each in rows])
        self._choose("texts", [(str(x), text_title(assessment, x)) for x in keys])

    def _choose(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class EvidenceForm(ProvesForm, EntryForm):
    """The note of a stored file, and what it proves."""

    note = forms.CharField(
        label="说明",
        required=False,
        max_length=200,
        help_text="如：第 2 至 5 页为签到表",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("note", "indicators", "texts", "version")

    def __init__(self, *args: Any, evidence: Evidence, **kwargs: Any) -> None:
        self.evidence = evidence
        kwargs["initial"] = {
            "note": evidence.note,
            "version": evidence.version,
            **_proven(evidence),
        }
        super().__init__(*args, assessment=evidence.assessment, **kwargs)

    def show_conflict(self, current: models.Model) -> None:
        """Set what is stored beside what was typed; the next save decides."""
        assert isinstance(current, Evidence)
        stored = _proven(current)
        found = differences(self, {"note": current.note})
        for name in ("indicators", "texts"):
            if set(self.cleaned_data[name]) != set(stored[name]):
                found.append(self._difference(name, stored[name]))
        self.conflict = Conflict(found)
        self.data = with_version(self.data, "version", current.version)  # type: ignore[arg-type]

    def _difference(self, name: str, stored: list[Any]) -> Difference:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        typed = self.cleaned_data[name]
        sides = [
            "、".join(words_of(field, key) for key in keys) or "（空）"
            for keys in (stored, typed)
        ]
        return Difference(str(field.label), sides[0], sides[1], name)


def _proven(evidence: Evidence) -> dict[str, list[Any]]:
    links = list(evidence.links.all())
    return {
        "indicators": [each.indicator_id for each in links if each.indicator_id],
        "texts": [each.narrative_key for each in links if each.narrative_key],
    }


class SupersedeForm(PlainMessages, forms.Form):
    """A file in the place of another, and why."""

    file = forms.FileField(label="新文件")
    reason = forms.CharField(
        label="更换原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = limits_in_words()


def limits_in_words() -> str:
    """Return which files are taken, for the pages that ask for some."""
    largest = settings.EVIDENCE_LARGEST // MEGABYTE
    of_all = settings.EVIDENCE_TOTAL // MEGABYTE
    return f"{KINDS} 文件，每个不超过 {largest} MB，一份自评合计不超过 {of_all} MB"

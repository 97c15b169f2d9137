"""Forms of 问题整改: what to list, a draft, what the unit does, a decision."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.conf import settings

from indicators.forms.entry import EntryForm, TextInput
from indicators.models import Problem
from indicators.problem_proposals import Proposal
from indicators.rectification import NewProblem
from perfeval.files import KINDS, MEGABYTE
from perfeval.forms import PlainMessages

LONGEST = 4000


def _date(label: str, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=widget,
        error_messages={"invalid": f"{label}请写成 2026-03-31 的样子"},
    )


class ProposalsForm(PlainMessages, forms.Form):
    """Candidates to tick and word anew, one more in own words, one due date for all."""

    own_text = TextInput(label="问题", max_length=LONGEST)
    own_measure = TextInput(label="建议的整改措施", max_length=LONGEST)
    due_on = _date("整改期限", "可以不填，由单位自己填写；填了的单位不能改")

    def __init__(
        self, *args: Any, proposals: Sequence[Proposal], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.proposals = [each for each in proposals if not each.is_listed]
        for each in self.proposals:
            self._add(each)

    def _add(self, proposal: Proposal) -> None:
        key, name = proposal.key, proposal.text[:20]
        self.fields[f"take-{key}"] = forms.BooleanField(
            label=f"列入：{name}",
            required=False,
            widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        )
        for kind, label, value in (
            ("text", "问题", proposal.text),
            ("measure", "建议的整改措施", proposal.measure),
        ):
            field = TextInput(label=label, initial=value, max_length=LONGEST, rows=2)
            self.fields[f"{kind}-{key}"] = field

    @property
    def rows(self) -> Iterator[tuple[Proposal, Any, Any, Any]]:
        """Yield each candidate with its fields: box, text, measure."""
        for each in self.proposals:
            names = (f"{kind}-{each.key}" for kind in ("take", "text", "measure"))
            box, text, measure = (self[name] for name in names)
            yield each, box, text, measure

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        taken = [each for each in self.proposals if data.get(f"take-{each.key}")]
        for each in taken:
            if not data.get(f"text-{each.key}", "").strip():
                self.add_error(f"text-{each.key}", "列入的问题请写明内容")
        if data.get("own_measure", "").strip() and not data.get("own_text", "").strip():
            self.add_error("own_text", "请写明问题，再写整改措施")
        if not taken and not data.get("own_text", "").strip() and not self.errors:
            self.add_error(None, "请勾选要列入清单的问题，或者在下面另行提出")
        return data

    @property
    def chosen(self) -> list[NewProblem]:
        """What is to be listed, of a valid form."""
        data = self.cleaned_data
        found = [
            NewProblem(
                text=data[f"text-{each.key}"].strip(),
                source=each.source,
                place=each.place,
                quote=each.quote,
                measure=data[f"measure-{each.key}"].strip(),
                due_on=data["due_on"],
            )
            for each in self.proposals
            if data[f"take-{each.key}"]
        ]
        if own := data["own_text"].strip():
            measure = data["own_measure"].strip()
            found.append(NewProblem(text=own, measure=measure, due_on=data["due_on"]))
        return found


class DraftForm(EntryForm):
    """A problem before it is sent out."""

    text = TextInput(label="问题", required=True, max_length=LONGEST, rows=4)
    measure = TextInput(
        label="建议的整改措施", max_length=LONGEST, help_text="单位可以改写"
    )
    due_on = _date("整改期限", "可以不填，由单位自己填写；填了的单位不能改")

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        names = ("text", "measure", "due_on", "version")
        kwargs["initial"] = {name: getattr(problem, name) for name in names}
        super().__init__(*args, **kwargs)


class MendingForm(EntryForm):
    """What the unit does about a problem; a due date that was given is not asked."""

    measure = TextInput(label="整改措施", max_length=LONGEST, rows=4)
    person = forms.CharField(
        label="整改责任人",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    due_on = _date("整改期限")
    result = TextInput(
        label="整改结果",
        max_length=LONGEST,
        rows=4,
        help_text="做了什么、达到什么效果；证明材料在下面上传",
    )

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        names = ("measure", "person", "due_on", "result", "version")
        kwargs["initial"] = {name: getattr(problem, name) for name in names}
        super().__init__(*args, **kwargs)
        if problem.is_due_given:
            del self.fields["due_on"]


def limits_in_words() -> str:
    """Return which files are taken as 整改佐证."""
    return f"{KINDS} 文件，每个不超过 {settings.EVIDENCE_LARGEST // MEGABYTE} MB"


class JudgementForm(PlainMessages, forms.Form):
    """Confirmed, sent back, cancelled: the words that go with it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = TextInput(label="意见", max_length=LONGEST, help_text="退回、撤销时必须填写")

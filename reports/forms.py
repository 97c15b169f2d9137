"""Forms of the flow: answers to findings, a decision, a due time, the sealed scan."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils import timezone

from indicators.forms.entry import EntryForm, TextInput
from indicators.forms.tasks import MomentInput
from indicators.holidays import calendar
from indicators.workflow import NOTES, Transition
from perfeval.conflicts import Conflict, differences, with_version
from perfeval.deadlines import DAY, is_working_day
from perfeval.files import AttachmentField
from perfeval.forms import PlainMessages
from reports.answers import KEY_LENGTH, SendingCheck
from reports.models import FindingAnswers

LONGEST_NOTE = 4000
LONGEST_ANSWER = 2000
MOST_ANSWERS = 200
ANSWERS = "answers"
ANSWER = re.compile(rf"{ANSWERS}-([0-9a-f]{{{KEY_LENGTH}}})")
DAYS_TO_MEND = 5
END_OF_WORK = 17, 30


class AnswersForm(EntryForm):
    """What the unit says to each 需说明事项; one field each, named by its key.

    What was typed to a finding that is no more comes back as a field of its own.
    saved: the row as it was stored, None before.
    """

    VERSION = f"{ANSWERS}-version"

    def __init__(self, data: QueryDict | None = None, *, check: SendingCheck) -> None:
        super().__init__(
            data, prefix=ANSWERS, initial={"version": check.answers.version}
        )
        self.check, self.saved = check, cast(FindingAnswers | None, None)
        for each in check.asked:
            self._add(each.key, each.finding.message, each.text)
        for key in self._typed_before():
            said = check.answers.texts.get(key, {})
            label = said.get("message", "检查结果已有变化，您填写的说明")
            self._add(key, label, said.get("text", ""))

    def _add(self, key: str, label: str, text: str) -> None:
        field = TextInput(label=label, max_length=LONGEST_ANSWER, rows=2, strip=True)
        field.initial = text
        self.fields[key] = field

    @classmethod
    def is_answer(cls, name: str) -> bool:
        """Whether a name that was posted is the one of an answer."""
        return bool(ANSWER.fullmatch(name))

    def _typed_before(self) -> list[str]:
        found = [ANSWER.fullmatch(name) for name in self.data]
        keys = [each[1] for each in found if each and each[1] not in self.fields]
        return keys[:MOST_ANSWERS]

    def show_conflict(self, current: models.Model) -> None:
        answers = cast(FindingAnswers, current)
        stored = {key: answers.text_of(key) for key in self.changes}
        named = [
            replace(each, name=self.add_prefix(each.name))
            for each in differences(self, stored)
        ]
        self.conflict = Conflict(named)
        typed = cast(QueryDict, self.data)
        self.data = with_version(typed, self.VERSION, answers.version)


class StepForm(PlainMessages, forms.Form):
    """One step of the flow: the words and the due time that go with it.

    version: of the page on which it is decided.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = TextInput(label="意见", rows=4, max_length=LONGEST_NOTE, strip=True)
    due_at = MomentInput(
        label="修改期限", help_text="到该分钟结束为止；遇节假日按任务的规定移动"
    )

    def __init__(
        self, *args: Any, step: Transition, version: int, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"version": version, "due_at": days_to_mend()}
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.required = step.note
        note.label = NOTES.get(step.action, f"{step.label}的意见")
        note.error_messages["required"] = f"请填写{note.label}"
        if not step.note and not step.judges:
            del self.fields["note"]
        if not step.due:
            del self.fields["due_at"]


class DecisionForm(PlainMessages, forms.Form):
    """What a reviewer decides: one of the open steps, with words where it asks them."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = TextInput(
        label="审核意见",
        rows=5,
        max_length=LONGEST_NOTE,
        strip=True,
        help_text="退回时必须填写，写明要改什么",
    )
    due_at = MomentInput(
        label="退回后的修改期限",
        required=False,
        help_text="退回时必须填写；遇节假日按任务的规定移动",
    )
    decision = forms.ChoiceField(label="决定")

    def __init__(
        self,
        *args: Any,
        steps: list[Transition],
        version: int,
        note: str = "",
        **kwargs: Any,
    ) -> None:
        """note: what was written of the opinion and not said yet."""
        kwargs["initial"] = {
            "version": version,
            "note": note,
            "due_at": days_to_mend(),
        }
        super().__init__(*args, **kwargs)
        self.steps = {step.action: step for step in steps}
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(step.action, step.label) for step in steps]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        step = self.steps.get(data.get("decision", ""))
        if step is None:
            return data
        if step.note and not data.get("note") and "note" not in self.errors:
            self.add_error("note", f"请填写{NOTES[step.action]}")
        if not step.due:
            self.errors.pop("due_at", None)
            data["due_at"] = None
        elif not data.get("due_at") and "due_at" not in self.errors:
            self.add_error("due_at", "请填写退回后的修改期限")
        return data


class ScanForm(PlainMessages, forms.Form):
    """The sealed scan, and the end of the code printed on its sheets."""

    file = AttachmentField(
        label="盖章扫描件",
        required=True,
        help_text="PDF、PNG 或 JPG 文件，不超过 20 MB",
    )
    code_end = forms.CharField(
        label="查验码的后四位",
        max_length=4,
        help_text="印在报送件每页页脚，用来核对盖章的就是这一份",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 6}),
    )

    def clean_code_end(self) -> str:
        text: str = self.cleaned_data["code_end"].strip().upper()
        if len(text) != 4:
            raise ValidationError("请填写查验码的后四位")
        return text


def days_to_mend() -> datetime:
    """Return the due time that a return offers: the end of the fifth working day."""
    day, known = timezone.localdate(), calendar()
    left = DAYS_TO_MEND
    while left:
        day += DAY
        left -= is_working_day(day, known)
    hour, minute = END_OF_WORK
    moment = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
    return timezone.make_aware(moment)

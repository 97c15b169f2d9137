"""Forms of a task under way: a reason, a later time, what is passed down, a holiday."""

from collections.abc import Sequence
from typing import Any

from django import forms

from indicators.forms.entry import EntryForm, TextInput
from indicators.forms.tasks import YEARS, MomentInput
from indicators.models import TaskPassing
from perfeval.files import AttachmentField
from perfeval.forms import PlainMessages
from projects.forms import indented
from projects.models import Department

LONGEST_REASON = 200


class ReasonForm(PlainMessages, forms.Form):
    """Why something is done to the self-assessments chosen."""

    reason = TextInput(
        label="原因",
        required=True,
        strip=True,
        max_length=LONGEST_REASON,
        help_text="写明依据，如文件或会议；填报单位在经过中看到",
    )


class ExtendForm(ReasonForm):
    due_at = MomentInput(label="延期到", help_text="到该分钟结束为止")

    field_order: Sequence[str] = ("due_at", "reason")


class ExtendDepartmentForm(ExtendForm):
    department = forms.ModelChoiceField(
        label="单位",
        queryset=Department.objects.none(),
        empty_label="请选择",
        help_text="包括其下级单位",
    )

    field_order = ("department", "due_at", "reason")

    def __init__(self, *args: Any, departments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = departments
        field.label_from_instance = indented  # type: ignore[assignment, method-assign]


class PassingForm(EntryForm):
    """What a department passes down: an earlier time and words of its own."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    due_at = MomentInput(
        label="本部门截止时间",
        required=False,
        help_text="不晚于任务的截止时间；留空则用任务的截止时间",
    )
    remarks = TextInput(
        label="本部门补充说明",
        rows=6,
        max_length=4000,
        help_text="本部门及下级单位的填报人在工作台和自评页面上看到",
    )

    def __init__(self, *args: Any, passing: TaskPassing | None, **kwargs: Any) -> None:
        if passing:
            names = ("due_at", "remarks", "version")
            kwargs["initial"] = {name: getattr(passing, name) for name in names}
        super().__init__(*args, **kwargs)


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class HolidayForm(PlainMessages, forms.Form):
    """A day or a row of days off, or worked at a week's end."""

    first = forms.DateField(
        label="开始日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label="结束日期",
        required=False,
        help_text="只有一天的留空",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    name = forms.CharField(
        label="名称",
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_workday = forms.BooleanField(
        label="调休上班日", required=False, help_text="周末因调休上班的日子"
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("first", "last"):
            day = data.get(name)
            if day and day.year not in YEARS:
                self.add_error(
                    name, f"年份应在 {YEARS[0]} 与 {YEARS[-1]} 之间，请检查日期"
                )
        return data


class AttachmentForm(PlainMessages, forms.Form):
    file = AttachmentField(required=True)

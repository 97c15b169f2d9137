"""The form that gives parts of a self-assessment to a person."""

from typing import Any

from django import forms

from indicators.assignments import people_for_parts
from indicators.models import SelfAssessment
from indicators.parts import part_keys, part_name
from perfeval.forms import PlainMessages
from perfeval.models import User


class GivePartsForm(PlainMessages, forms.Form):
    """Which parts, to whom, by when."""

    parts = forms.MultipleChoiceField(label="部分", widget=forms.CheckboxSelectMultiple)
    user = forms.ModelChoiceField(
        label="填写人", queryset=User.objects.none(), empty_label="请选择"
    )
    due_on = forms.DateField(
        label="完成日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label="说明",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, assessment: SelfAssessment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts, person = self.fields["parts"], self.fields["user"]
        assert isinstance(parts, forms.MultipleChoiceField)
        assert isinstance(person, forms.ModelChoiceField)
        parts.choices = [
            (key, part_name(assessment, key)) for key in part_keys(assessment)
        ]
        person.queryset = people_for_parts(assessment.project)

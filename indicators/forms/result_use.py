"""Forms of 结果应用: a decision, and what is suggested at a grade."""

from typing import Any

from django import forms

from indicators.forms.entry import EntryForm, TextInput
from indicators.models import ResultUse, Use, UseRule
from perfeval.amounts import MoneyUnit
from projects.forms import AmountInput

NO_CHOICE = [("", "请选择"), *Use.choices]


class ResultUseForm(EntryForm):
    """A decision; its reason is asked for once the unit knows it."""

    use = forms.ChoiceField(label="应用方式", choices=NO_CHOICE)
    note = TextInput(label="下一年度预算安排意见", max_length=2000, rows=4)
    reason = forms.CharField(
        label="修改原因",
        required=False,
        max_length=300,
        help_text="决定已发给单位，修改后单位会收到消息和原因",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("use", "amount", "note", "reason", "version")

    def __init__(
        self, *args: Any, decision: ResultUse, money_unit: MoneyUnit, **kwargs: Any
    ) -> None:
        names = ("use", "note", "amount")
        kwargs["initial"] = {
            "version": decision.version if decision.pk else 0,
            **{name: getattr(decision, name) for name in names},
        }
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountInput(
            label="建议安排金额", money_unit=money_unit, help_text="可以不填"
        )
        if not decision.is_sent:
            del self.fields["reason"]
        self.order_fields(self.field_order)

    def show_conflict(self, current: Any) -> None:
        """Set what is stored beside what was typed; the reason is of this change."""
        reason = self.cleaned_data.pop("reason", None)
        super().show_conflict(current)
        if reason is not None:
            self.cleaned_data["reason"] = reason


class UseRuleForm(EntryForm):
    """What is suggested at one grade."""

    use = forms.ChoiceField(label="建议", choices=NO_CHOICE)
    note = TextInput(label="下一年度预算安排意见", max_length=500, rows=4)

    def __init__(self, *args: Any, rule: UseRule, **kwargs: Any) -> None:
        names = ("use", "note", "version")
        kwargs["initial"] = {name: getattr(rule, name) for name in names}
        super().__init__(*args, **kwargs)

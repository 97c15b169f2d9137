"""Forms of changes that need approval: asking for one, deciding it."""

from decimal import Decimal
from typing import Any

from django import forms

from perfeval.amounts import MoneyUnit
from perfeval.files import AttachmentField
from perfeval.forms import PlainMessages
from perfeval.models import User
from projects.forms import AmountInput
from projects.models import (
    AMOUNT_LABELS,
    NOT_REPORTING,
    BudgetProject,
    Department,
    FundingLine,
    ProjectStatus,
)

TOLD = ("reason", "document", "document_date", "attachment")
ASKED = {"reason": "原因", "document": "依据文号", "document_date": "文件日期"}


class BasisForm(PlainMessages, forms.Form):
    """Why something is to change and by what document."""

    reason = forms.CharField(
        label="原因",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    document = forms.CharField(
        label="依据文号",
        max_length=100,
        required=False,
        help_text="照文件原文填写，没有文号的填文件名称",
    )
    document_date = forms.DateField(
        label="文件日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，如 2024-06-30"},
    )
    attachment = AttachmentField()

    def ask_for_basis(self, data: dict[str, Any]) -> None:
        """Ask for what is missing of reason and document."""
        for name, label in ASKED.items():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, f"请填写{label}")

    @property
    def basis(self) -> dict[str, Any]:
        """Return what the service is to write, of a valid form."""
        data = self.cleaned_data
        told = {name: data[name] for name in ASKED}
        return {**told, "upload": data["attachment"]}


class StatusChangeForm(BasisForm):
    """A project is not to report: why, and where it went."""

    to_status = forms.ChoiceField(
        label="改为",
        choices=[
            (status.value, "合并至其他项目" if status == "merged" else status.label)
            for status in NOT_REPORTING
        ],
        widget=forms.RadioSelect,
    )
    merged_code = forms.CharField(
        label="并入项目编码",
        max_length=40,
        required=False,
        help_text="改为“合并”时填写本年度并入的项目",
    )
    field_order = ["to_status", "merged_code", *TOLD]

    def __init__(
        self, *args: Any, project: BudgetProject, user: User, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.user = user
        self.successor: BudgetProject | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        status = data.get("to_status")
        if status == ProjectStatus.CLASSIFIED:
            for name in TOLD:
                if data.get(name):
                    self.add_error(
                        name, "涉密项目在本系统不得填写说明、文号和附件，请清空此项"
                    )
        elif status:
            self.ask_for_basis(data)
        if status == ProjectStatus.MERGED:
            self._find_successor(data.get("merged_code", ""))
        return data

    def _find_successor(self, code: str) -> None:
        if not code:
            self.add_error("merged_code", "请填写并入的项目编码")
            return
        seen = BudgetProject.objects.visible_to(self.user)
        others = seen.exclude(pk=self.project.pk)
        self.successor = others.filter(year=self.project.year, code=code).first()
        if self.successor is None:
            self.add_error("merged_code", f"本年度没有编码为“{code}”的其他项目")

    def values(self) -> dict[str, Any]:
        """Return what the service is to write, of a valid form."""
        status = self.cleaned_data["to_status"]
        return {**self.basis, "to_status": status, "merged_into": self.successor}


class CorrectionForm(BasisForm):
    """Another value for an imported amount, and why; documents are not asked for."""

    amount = forms.ChoiceField(label="更正哪一项")
    field_order = ["amount", "new_value", *TOLD]

    def __init__(
        self, *args: Any, line: FundingLine, money_unit: MoneyUnit, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.line = line
        self.fields["new_value"] = AmountInput(
            label="更正为", money_unit=money_unit, required=True
        )
        self.order_fields(self.field_order)
        amount = self.fields["amount"]
        assert isinstance(amount, forms.ChoiceField)
        amount.choices = [
            (name, label)
            for name, label in AMOUNT_LABELS.items()
            if name in line.imported_amounts
        ]
        self.fields["reason"].required = True
        self.fields["reason"].label = "更正原因"
        self.fields["reason"].error_messages["required"] = "请填写更正原因"
        self.fields["new_value"].error_messages["required"] = "请填写更正后的金额"
        self.fields["document"].help_text = "没有可不填"

    @property
    def standing(self) -> list[tuple[str, Decimal | None, str]]:
        """The imported amounts as they are: name, 元, where from."""
        return [
            (label, getattr(self.line, name), self.line.origin_of(name))
            for name, label in AMOUNT_LABELS.items()
            if name in self.line.imported_amounts
        ]


class DecisionForm(PlainMessages, forms.Form):
    """An opinion; asked for where something is refused."""

    note = forms.CharField(
        label="审批意见",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不同意时必填",
    )


class ShareForm(PlainMessages, forms.Form):
    """A unit that is to share a project, by its code; cleaned it is the unit."""

    code = forms.CharField(
        label="单位编码", max_length=20, help_text="参与实施单位的编码，如 107001"
    )

    def clean_code(self) -> Department:
        code = self.cleaned_data["code"].strip()
        found = Department.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(f"没有编码为“{code}”的单位")
        return found

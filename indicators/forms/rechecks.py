"""Forms of spot checks and rechecks: drawing, giving out, what a third party writes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from indicators.deductions import Deduction
from indicators.forms.entry import EntryForm, PointsInput, TextInput
from indicators.forms.tasks import MomentInput
from indicators.models import RecheckRow, RecheckText
from indicators.rechecks import Order
from indicators.sampling import DEFAULT_SHARE
from perfeval.deadlines import is_overdue
from perfeval.forms import PlainMessages
from projects.models import Membership

LONGEST_TEXT = 4000
PERSON, BODY = "person", "body"


class DrawForm(PlainMessages, forms.Form):
    """How a sample is drawn."""

    percent = forms.DecimalField(
        label="抽取比例",
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        decimal_places=2,
        initial=DEFAULT_SHARE * 100,
        help_text="常用 15%（参考）；不足一个的按一个抽",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    large_first = forms.BooleanField(
        label="大额优先",
        required=False,
        help_text="各部门名额的一半给全年预算数最大的项目，其余随机",
    )
    seed = forms.CharField(
        label="随机种子",
        required=False,
        max_length=64,
        help_text="留空由系统生成；填写同一种子，对同一总体抽出同样的项目",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    @property
    def share(self) -> Decimal:
        """The share as a fraction of 1."""
        percent: Decimal = self.cleaned_data["percent"]
        return percent / 100


class AssignForm(PlainMessages, forms.Form):
    """To whom rechecks are given, and by when they are due."""

    checker = forms.ChoiceField(
        label="复核人或复核机构", help_text="交给机构的，该机构的第三方人员都可以办理"
    )
    due_at = MomentInput(label="复核期限", help_text="到该分钟结束为止")
    contractor = forms.CharField(
        label="受托机构（收款单位）",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = TextInput(label="复核要求", max_length=2000, rows=3, strip=True)

    def __init__(self, *args: Any, offered: Sequence[Membership], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offered = offered
        field = self.fields["checker"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *_by_body(offered)]

    def clean_due_at(self) -> Any:
        due = self.cleaned_data["due_at"]
        if is_overdue(due, timezone.now()):
            raise ValidationError("复核期限已经过去，请填写以后的时间")
        return due

    @property
    def order(self) -> Order:
        data = self.cleaned_data
        kind, _, key = data["checker"].partition(":")
        if kind == PERSON:
            people = {each.user_id: each.user for each in self.offered}
            chosen: dict[str, Any] = {"person": people[int(key)]}
        else:
            bodies = {each.department_id: each.department for each in self.offered}
            chosen = {"body": bodies[int(key)]}
        return Order(
            due_at=data["due_at"],
            contractor=data["contractor"],
            note=data["note"],
            **chosen,
        )


def _by_body(offered: Sequence[Membership]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for each in offered:
        body = each.department
        whole = (f"{BODY}:{body.pk}", f"{body}（机构）")
        _, choices = groups.setdefault(body.pk, (body.name, [whole]))
        choices.append((f"{PERSON}:{each.user_id}", str(each.user)))
    return list(groups.values())


class RecheckRowForm(EntryForm):
    """What a third party finds on one indicator; empty points: the unit's own stand."""

    actual = forms.CharField(
        label="复核完成值",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    points = PointsInput(label="复核得分", help_text="留空按自评得分")
    reason = forms.ChoiceField(label="扣分原因", required=False)
    note = TextInput(label="说明", max_length=LONGEST_TEXT, rows=2)

    def __init__(
        self, *args: Any, row: RecheckRow, reasons: Sequence[Deduction], **kwargs: Any
    ) -> None:
        names = ("actual", "points", "reason", "note", "version")
        kwargs["initial"] = {name: getattr(row, name) for name in names}
        kwargs.setdefault("auto_id", f"id_recheck{row.result_id}_%s")
        super().__init__(*args, **kwargs)
        self.row = row
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "没有扣分")] + [(x.key, _told(x)) for x in reasons]
        known = {each.key for each in reasons}
        if row.reason and row.reason not in known:  # of an earlier list
            field.choices = [*field.choices, (row.reason, row.reason)]
        self.fields["points"].widget.attrs["class"] = "num"


def _told(reason: Deduction) -> str:
    if reason.share is None:
        return reason.label
    return f"{reason.label}（参考扣 {reason.share * 100:.0f}%）"


class RecheckTextForm(EntryForm):
    """What a third party says of a section, or of the whole (复核意见)."""

    text = TextInput(label="备注", max_length=LONGEST_TEXT, rows=2)

    def __init__(
        self, *args: Any, row: RecheckText, label: str, rows: int = 2, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"text": row.text, "version": row.version}
        kwargs.setdefault("auto_id", f"id_recheck_{row.key}_%s")
        super().__init__(*args, **kwargs)
        self.row = row
        self.fields["text"].label = label
        self.fields["text"].widget.attrs["rows"] = rows

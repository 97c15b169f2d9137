"""Forms of people: data, a role, its end, a deactivation."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet

from perfeval.forms import PlainMessages
from perfeval.models import User
from perfeval.widgets import LongSelect
from projects.department_forms import DayField, DepartmentField
from projects.models import Role

if TYPE_CHECKING:
    PersonModelForm = forms.ModelForm[User]
    PersonChoice = forms.ModelChoiceField[User]
else:  # at run time the classes take no parameters
    PersonModelForm = forms.ModelForm
    PersonChoice = forms.ModelChoiceField


class PersonForm(PlainMessages, PersonModelForm):
    """A person's data; the user name stays what it was."""

    class Meta:
        model = User
        fields = ["username", "name", "phone", "email"]
        labels = {"email": "电子邮箱"}
        help_texts = {"username": "登录用，建立后不能改，如 wangfang"}
        error_messages = {"username": {"unique": "已有这个用户名，请换一个"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "用户名"
        for name in ("username", "name", "phone", "email"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        if self.instance.pk:
            del self.fields["username"]
            self.fields["version"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=self.instance.version
            )


class RoleForm(PlainMessages, forms.Form):
    """A role in a department, from a day on."""

    department = DepartmentField(label="单位")
    role = forms.ChoiceField(label="角色", choices=[("", "请选择"), *Role.choices])
    valid_from = DayField(label="生效日期")
    valid_to = DayField(
        label="失效日期",
        required=False,
        initial=None,
        help_text="担任该角色的最后一天；留空为一直有效",
    )


class EndRoleForm(PlainMessages, forms.Form):
    valid_to = DayField(label="失效日期", help_text="担任该角色的最后一天")


class DeactivateForm(PlainMessages, forms.Form):
    reason = forms.CharField(
        label="停用原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如 调离、退休、借调结束；记入审计记录",
    )


class PersonField(PersonChoice):
    """A person in use, chosen by name and user name."""

    widget = LongSelect

    def __init__(self, **options: Any) -> None:
        options.setdefault("queryset", User.objects.none())
        options.setdefault("empty_label", "请选择")
        super().__init__(**options)

    def label_from_instance(self, person: User) -> str:
        return f"{person}（{person.username}）"


class LendForm(PlainMessages, forms.Form):
    """To whom one lends one's roles, and for which days."""

    deputy = PersonField(label="代办人", help_text="同一部门的在用人员")
    first = DayField(label="开始日期")
    last = DayField(label="结束日期", initial=None, help_text="代办的最后一天")
    reason = forms.CharField(
        label="原因", max_length=200, help_text="如 休假、出差；记入审计记录"
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["deputy"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people


class HandoverForm(PlainMessages, forms.Form):
    """Who takes a person's work over, and why."""

    taker = PersonField(label="接办人", help_text="同一部门的在用人员")
    reason = forms.CharField(
        label="原因", max_length=200, help_text="如 调离、退休；写入交接清单"
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["taker"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people

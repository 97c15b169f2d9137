"""Forms of departments: own fields, a new name, a merger."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone

from perfeval.forms import PlainMessages
from perfeval.widgets import LongSelect
from projects.forms import indented
from projects.models import Department

if TYPE_CHECKING:
    DepartmentModelForm = forms.ModelForm[Department]
    DepartmentChoice = forms.ModelChoiceField[Department]
else:  # at run time the classes take no parameters
    DepartmentModelForm = forms.ModelForm
    DepartmentChoice = forms.ModelChoiceField


class DepartmentField(DepartmentChoice):
    """A body in use, chosen from the tree by code and name."""

    widget = LongSelect

    def __init__(self, **options: Any) -> None:
        options.setdefault("queryset", Department.objects.filter(is_active=True))
        options.setdefault("empty_label", "请选择")
        super().__init__(**options)
        self.queryset = self.queryset.order_by("path")  # type: ignore[union-attr]

    def label_from_instance(self, department: Department) -> str:
        return f"{indented(department)}（{department.code}）"


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar or typed."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        options.setdefault("initial", timezone.localdate)
        options.setdefault("error_messages", {"invalid": "请照 2024-01-01 填写日期"})
        super().__init__(**options)


class VersionedForm(PlainMessages, forms.Form):
    """A form about a row that others may save meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class DepartmentForm(PlainMessages, DepartmentModelForm):
    """A department's own fields and its place in the tree."""

    parent = DepartmentField(label="上级单位", required=False, empty_label="无上级单位")
    section = DepartmentField(
        label="归口业务科室",
        required=False,
        empty_label="不设",
        help_text="财政部门中负责本部门的业务科室；其审核人可看到本部门的项目",
    )

    class Meta:
        model = Department
        fields = ["code", "name", "parent", "section", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=self.instance.version
        )
        for name in ("parent", "section"):
            self._keep_current(name)
        if self.instance.pk:
            self.fields["name"].help_text = "只改错字；更名请用“更名”，旧报告保留旧名称"
        else:
            del self.fields["is_active"]

    def _keep_current(self, name: str) -> None:
        """Keep what is stored among the choices, else saving would change it."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        current = getattr(self.instance, f"{name}_id")
        usable = Department.objects.filter(is_active=True)
        field.queryset = (usable | Department.objects.filter(pk=current)).order_by(
            "path"
        )

    def values(self) -> dict[str, Any]:
        """Return what the service is to write."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "version"
        }


class RenameForm(VersionedForm):
    name = forms.CharField(label="新名称", max_length=100)
    since = DayField(
        label="启用日期", help_text="从这一天起用新名称；此前年度的报告仍用旧名称"
    )


class MergeForm(VersionedForm):
    target = DepartmentField(label="并入单位")
    on = DayField(
        label="合并日期", help_text="从这一天起，人员、下级单位和本年度项目归并入的单位"
    )

    def __init__(self, *args: Any, source: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        assert isinstance(field, DepartmentField)
        others = Department.objects.filter(is_active=True)
        below = others.exclude(path__startswith=source.path)
        field.queryset = below.order_by("path")

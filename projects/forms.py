"""The form of a project's own fields, and the field for an amount of money."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.db.models import Q

from perfeval.amounts import AmountError, MoneyUnit, from_yuan, read_amount
from perfeval.forms import PlainMessages
from perfeval.models import User
from perfeval.numbers import is_blank
from perfeval.templatetags.units import form_amount
from projects.access import roles_of
from projects.models import (
    EMPTY_IF_CLASSIFIED,
    NOT_REPORTING,
    BudgetProject,
    ChangeState,
    Department,
    ProjectStatus,
    Role,
)

if TYPE_CHECKING:
    ProjectModelForm = forms.ModelForm[BudgetProject]
else:  # at run time the class takes no parameters
    ProjectModelForm = forms.ModelForm


class AmountInput(forms.CharField):
    """An amount as people write it; cleaned to 元, None where blank.

    money_unit: that of a number written without one, and of the amount shown.
    """

    def __init__(self, *, money_unit: MoneyUnit = "万元", **options: Any) -> None:
        self.money_unit: MoneyUnit = money_unit
        options.setdefault("required", False)
        options.setdefault("max_length", 60)
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        return {**attrs, "inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        """Return the amount in 元; raise ValidationError saying how to mend it."""
        text = super().to_python(value) or ""
        if is_blank(text):
            return None
        try:
            amount = read_amount(text, self.money_unit)
        except AmountError as error:
            raise forms.ValidationError(str(error)) from None
        if amount < 0:
            raise forms.ValidationError("金额不能为负数")
        return amount

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return form_amount(from_yuan(value, self.money_unit))
        return value

    def run_validators(self, value: Any) -> None:
        """Leave a number alone: the validators here are those of a text."""


def indented(department: Department) -> str:
    """Return a department's name, set in by its depth in the tree."""
    depth = department.path.count("/") - 1
    return "　" * max(depth, 0) + department.name


class ProjectForm(PlainMessages, ProjectModelForm):
    """A project's own fields, in the order of the paper form.

    Units are those the person may enter projects for, departments also those above.
    """

    class Meta:
        model = BudgetProject
        fields = [
            "year",
            "code",
            "name",
            "supervising_department",
            "unit",
            "section",
            "level1_code",
            "level1_name",
            "category",
            "fund_nature",
            "continuity",
            "status",
            "status_reason",
            "goal",
            "unit_leader",
            "project_leader",
            "finance_leader",
            "contact",
            "phone",
        ]
        widgets = {
            "year": forms.TextInput(attrs={"inputmode": "numeric"}),
            "goal": forms.Textarea(attrs={"rows": 6}),
            "status_reason": forms.TextInput(),
        }
        help_texts = {
            "code": "照预算批复填写，如 440700210000000012345",
            "section": "留空时取主管部门的归口业务科室",
            "goal": "照批复的绩效目标填写，可分条，每条一行",
            "status": "不再自评的（合并、撤销、未安排支出、涉密另报）在项目页申请，"
            "由绩效科审批",
            "category": "如 部门预算项目、专项资金项目",
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self._limit_departments()
        self._name_people()
        self._limit_status()
        self.fields["name"].required = False
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=self.instance.version
        )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = project_layout("section" in self.fields)

    def _limit_status(self) -> None:
        """Offer what needs no approval, and what the status is now.

        A project that does not report comes back by the 绩效科 alone, or where it never
        was approved. A new classified one is entered as such: its name is told nowhere.
        """
        current = self.instance.status
        offered = [each for each in ProjectStatus if each not in NOT_REPORTING]
        if self.instance.pk is None:
            offered.append(ProjectStatus.CLASSIFIED)
        elif current in NOT_REPORTING:
            stays = Role.PERFORMANCE_SECTION not in roles_of(self.user)
            kept = [] if stays and not _was_refused(self.instance) else offered
            offered = [*kept, ProjectStatus(current)]
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.value, each.label) for each in offered]

    def _limit_departments(self) -> None:
        usable = Department.objects.fillable_by(self.user)
        units = self._or_current(usable, "unit")
        departments = self._or_current(
            usable.with_those_above(), "supervising_department"
        )
        for name, choices in (("unit", units), ("supervising_department", departments)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = choices.order_by("path")
            field.label_from_instance = indented  # type: ignore[assignment, method-assign]
            field.empty_label = "请选择"
        if Role.PERFORMANCE_SECTION not in roles_of(self.user):
            # The section decides who sees the project: not for the unit to choose.
            del self.fields["section"]
            return
        section = self.fields["section"]
        assert isinstance(section, forms.ModelChoiceField)
        supervising = Department.objects.filter(supervised__isnull=False)
        section.queryset = self._or_current(supervising, "section").distinct()

    def _or_current(self, usable: Any, name: str) -> Any:
        """Keep what is stored among the choices, else saving would change it."""
        current = getattr(self.instance, f"{name}_id")
        return Department.objects.filter(Q(pk__in=usable.values("pk")) | Q(pk=current))

    def _name_people(self) -> None:
        for name in ("unit_leader", "project_leader", "finance_leader", "contact"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["phone"].widget.attrs["inputmode"] = "tel"

    def clean(self) -> dict[str, Any]:
        """Check what hangs together: status, name, merged project, section."""
        data = super().clean() or {}
        if data.get("status") == ProjectStatus.CLASSIFIED:
            self._refuse_text(data)
        elif "name" not in self.errors and not data.get("name"):
            self.add_error("name", "请填写项目名称")
        self._refuse_code_in_use(data)
        is_merged = data.get("status") == ProjectStatus.MERGED
        data["merged_into"] = self.instance.merged_into if is_merged else None
        if "section" not in self.fields:
            data["section"] = self._own_section(data)
        elif not data.get("section") and data.get("supervising_department"):
            data["section"] = data["supervising_department"].section
        return data

    def _refuse_text(self, data: dict[str, Any]) -> None:
        for name in EMPTY_IF_CLASSIFIED:
            if data.get(name):
                self.add_error(name, "涉密项目在本系统只登记编码和状态，请清空此项")

    def _refuse_code_in_use(self, data: dict[str, Any]) -> None:
        year, code = data.get("year"), data.get("code")
        if year is None or code is None:
            return
        same = BudgetProject.objects.filter(year=year, code=code)
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("code", "本年度已有此编码的项目")

    def _own_section(self, data: dict[str, Any]) -> Department | None:
        department = data.get("supervising_department")
        if self.instance.pk and "supervising_department" not in self.changed_data:
            return self.instance.section
        return department.section if department else None

    def values(self) -> dict[str, Any]:
        """Return what the service is to write."""
        values = self.cleaned_data.items()
        return {name: value for name, value in values if name != "version"}


def _was_refused(project: BudgetProject) -> bool:
    """Whether the 绩效科 refused what the project was entered as."""
    latest = project.status_changes.first()
    return latest is not None and latest.state == ChangeState.REFUSED


def project_layout(with_section: bool) -> Layout:
    """Return the fields in two columns, parts divided by headings."""
    return Layout(
        part(
            "项目",
            "year",
            "code",
            wide("name"),
            "supervising_department",
            "unit",
            *(["section"] if with_section else []),
            "level1_code",
            "level1_name",
            "category",
            "fund_nature",
            "continuity",
        ),
        part("状态", "status", wide("status_reason")),
        part("绩效目标", wide("goal")),
        part(
            "人员",
            "unit_leader",
            "project_leader",
            "finance_leader",
            "contact",
            "phone",
        ),
        "version",
    )


def part(title: str, *fields: Any) -> Fieldset:
    """Return a titled part of a form, its fields in two columns."""
    return Fieldset(
        title, Div(*fields, css_class="form-columns"), css_class="form-part"
    )


def wide(name: str) -> Field:
    """Return a field over both columns."""
    return Field(name, wrapper_class="wide")

"""Forms of a task: the notice with times and material, its levels, its rules."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from indicators.forms.entry import EntryForm, TextInput
from indicators.models import DueRule, EvaluationTask, Material, ScoringScheme
from indicators.task_setup import LEVEL_NAMES, LevelPlan, RulePlan
from perfeval.conflicts import Conflict, differences
from perfeval.forms import PlainMessages
from projects.forms import AmountInput, part, wide
from projects.models import PHONE, Role

if TYPE_CHECKING:
    LevelFormSetBase = forms.BaseFormSet["LevelForm"]
    RuleFormSetBase = forms.BaseFormSet["RuleForm"]
else:  # at run time the classes take no parameters
    LevelFormSetBase = RuleFormSetBase = forms.BaseFormSet

ROLES = tuple(LEVEL_NAMES)
YEARS = range(2000, 2101)
MOST_RULES = 20


class MomentInput(forms.DateTimeField):
    """A day and an hour, office time; the seconds are none."""

    default_error_messages = {"invalid": "请填写日期和时间，如 2025-03-31 17:30"}

    def __init__(self, **options: Any) -> None:
        attrs = {"type": "datetime-local", "autocomplete": "off"}
        widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str) and value[:4].isdigit():
            # Before the time zone is reckoned with: a year like 1 has none.
            self._check_year(int(value[:4]))
        moment: datetime | None = super().to_python(value)
        if moment is None:
            return None
        self._check_year(moment.year)
        return moment.replace(second=0, microsecond=0)

    def _check_year(self, year: int) -> None:
        if year not in YEARS:
            raise ValidationError(
                f"年份应在 {YEARS[0]} 与 {YEARS[-1]} 之间，请检查日期"
            )


class TaskForm(EntryForm):
    """The task itself; year and scheme are fixed once it is in use."""

    title = forms.CharField(label="任务名称", max_length=200)
    year = forms.IntegerField(
        label="评价年度",
        min_value=YEARS[0],
        max_value=YEARS[-1],
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    scheme = forms.ModelChoiceField(
        label="评分方案",
        queryset=ScoringScheme.objects.order_by("scheme_id", "-version"),
        empty_label="请选择",
    )
    notice_number = forms.CharField(
        label="通知文号", max_length=100, required=False, help_text="照通知原文填写"
    )
    notice = TextInput(
        label="通知内容",
        rows=10,
        max_length=20_000,
        help_text="填报单位在工作台和自评页面上看到这段文字",
    )
    contact = forms.CharField(label="联系人", max_length=50, required=False)
    phone = forms.CharField(
        label="联系电话", max_length=40, required=False, validators=[PHONE]
    )
    opens_at = MomentInput(label="开始时间")
    due_at = MomentInput(label="填报截止时间", help_text="到该分钟结束为止")
    due_rule = forms.ChoiceField(
        label="截止时间遇节假日",
        choices=DueRule.choices,
        help_text="适用于填报、审核、延期和主管部门转发的截止时间",
    )
    default_material = forms.ChoiceField(
        label="材料要求", choices=Material.choices, help_text="不符合下列规则时适用"
    )
    needs_sealed_scan = forms.BooleanField(label="要求上传盖章扫描件", required=False)

    def __init__(
        self, *args: Any, task: EvaluationTask, in_use: bool, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {**stored_values(task), "version": task.version}
        super().__init__(*args, **kwargs)
        for name in ("contact", "title", "notice_number"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        if in_use:
            for name in ("year", "scheme"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "已下达项目，不能修改"
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = _layout()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        opens, due = data.get("opens_at"), data.get("due_at")
        if opens and due and opens >= due:
            self.add_error("due_at", "填报截止时间应晚于开始时间")
        return data

    def show_conflict(self, current: models.Model) -> None:
        super().show_conflict(current)
        assert isinstance(current, EvaluationTask)
        self.conflict = Conflict(differences(self, stored_values(current)))


def stored_values(task: EvaluationTask) -> dict[str, Any]:
    """Return what the form shows of a stored task: due times as they were typed."""
    if task.pk is None:
        return {"year": task.year, "default_material": Material.FORM_REPORT}
    names = set(TaskForm.base_fields) - {"version", "due_at", "scheme"}
    return {
        **{name: getattr(task, name) for name in names},
        "due_at": task.typed_due_at or task.due_at,
        "scheme": task.scheme,
    }


def _layout() -> Layout:
    return Layout(
        part("任务", wide("title"), "year", "scheme"),
        part("通知", wide("notice_number"), wide("notice"), "contact", "phone"),
        part("时间", "opens_at", "due_at", wide("due_rule")),
        "version",
    )


class LevelForm(PlainMessages, forms.Form):
    """One level of review: whether the task has it, and when."""

    is_used = forms.BooleanField(label="设置", required=False)
    opens_at = MomentInput(label="审核开始时间", required=False)
    due_at = MomentInput(label="审核截止时间", required=False)
    gives_points = forms.BooleanField(label="给出复核得分", required=False)

    # Set by the formset: which level of LEVEL_NAMES this is.
    role: Role
    name: str

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        opens, due = data.get("opens_at"), data.get("due_at")
        if opens and due and opens >= due:
            self.add_error("due_at", "审核截止时间应晚于审核开始时间")
        return data


class BaseLevelFormSet(LevelFormSetBase):
    """Always the four levels of the chain, in their order."""

    def __init__(self, *args: Any, in_use: bool = False, **kwargs: Any) -> None:
        self.in_use = in_use
        super().__init__(*args, **kwargs)

    def add_fields(self, form: LevelForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.role = ROLES[index or 0]
        form.name = LEVEL_NAMES[form.role]
        for name, field in form.fields.items():
            field.widget.attrs["aria-label"] = f"{form.name}：{field.label}"
            if self.in_use and name in ("is_used", "gives_points"):
                field.disabled = True

    def clean(self) -> None:
        """Ask for at least one level, and for due times in the order of the chain."""
        used = [each for each in self.forms if each.cleaned_data.get("is_used")]
        if not used:
            raise ValidationError("请至少设置一个审核级次")
        dues = [(each, each.cleaned_data.get("due_at")) for each in used]
        timed = [(each, due) for each, due in dues if due]
        for (before, earlier), (after, later) in pairwise(timed):
            if later < earlier:
                after.add_error(
                    "due_at", f"“{after.name}”的截止时间早于“{before.name}”"
                )

    @property
    def plans(self) -> list[LevelPlan]:
        return [
            LevelPlan(
                role=each.role,
                opens_at=each.cleaned_data["opens_at"],
                due_at=each.cleaned_data["due_at"],
                gives_points=each.cleaned_data["gives_points"],
            )
            for each in self.forms
            if each.cleaned_data["is_used"]
        ]


# Any: the stubs take what a factory makes for Django's own formset.
LevelFormSet: Any = forms.formset_factory(
    LevelForm,
    formset=BaseLevelFormSet,
    extra=0,
    min_num=len(ROLES),
    max_num=len(ROLES),
    absolute_max=len(ROLES),
    validate_min=True,
)


def level_values(task: EvaluationTask) -> list[dict[str, Any]]:
    """Return what the level rows show: of a new task the unit's and the last level."""
    if task.pk is None:
        usual = (Role.UNIT_REVIEWER, Role.PERFORMANCE_SECTION)
        return [
            {
                "is_used": role in usual,
                "gives_points": role == Role.PERFORMANCE_SECTION,
            }
            for role in ROLES
        ]
    stored = {each.role: each for each in task.levels.all()}
    return [
        {
            "is_used": True,
            "opens_at": stored[role].opens_at,
            "due_at": stored[role].typed_due_at or stored[role].due_at,
            "gives_points": stored[role].gives_points,
        }
        if role in stored
        else {"is_used": False}
        for role in ROLES
    ]


class RuleForm(PlainMessages, forms.Form):
    """One rule: from an amount on, or of a category, or both, this material."""

    from_amount = AmountInput(label="全年预算数不少于")
    category = forms.CharField(label="项目类别", max_length=50, required=False)
    material = forms.ChoiceField(
        label="材料要求", required=False, choices=[("", "请选择"), *Material.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].widget.attrs.update(
            list="category-names", autocomplete="off"
        )
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(field.label)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        asks = data.get("from_amount") is not None or bool(data.get("category"))
        if data.get("material") and not asks:
            raise ValidationError("请填写金额或项目类别")
        if asks and not data.get("material"):
            self.add_error("material", "请选择材料要求")
        return data

    @property
    def plan(self) -> RulePlan | None:
        """The rule, None of a row left empty: that is how one is removed."""
        data = self.cleaned_data
        if not data.get("material"):
            return None
        return RulePlan(
            from_amount=data["from_amount"],
            category=data["category"],
            material=data["material"],
        )


class BaseRuleFormSet(RuleFormSetBase):
    @property
    def plans(self) -> list[RulePlan]:
        plans = (each.plan for each in self.forms)
        return [plan for plan in plans if plan is not None]


RuleFormSet: Any = forms.formset_factory(
    RuleForm,
    formset=BaseRuleFormSet,
    extra=2,
    max_num=MOST_RULES,
    absolute_max=MOST_RULES,
)


def rule_values(task: EvaluationTask) -> list[dict[str, Any]]:
    """Return what the rule rows show of a stored task."""
    if task.pk is None:
        return []
    names = ("from_amount", "category", "material")
    rules = task.material_rules.all()
    return [{name: getattr(each, name) for name in names} for each in rules]


def all_valid(checked: Iterable[forms.BaseForm | Any]) -> bool:
    """Whether every form is valid; each is checked, so that all errors show at once."""
    return not [each for each in checked if not each.is_valid()]

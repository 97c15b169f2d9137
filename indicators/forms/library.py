"""The form of an indicator of the library, and the search for some."""

from typing import Any

from django import forms
from django.db.models import Q

from indicators.forms.sheet import SheetRowForm
from indicators.models import IndicatorTemplate
from indicators.querysets import IndicatorTemplateQuerySet
from indicators.schemes import DEFAULT_SCHEME, load_scheme
from perfeval.models import User
from perfeval.templatetags.units import max_points
from projects.access import memberships_of, scope_of
from projects.forms import indented
from projects.models import Department, Role
from projects.querysets import starts_with, with_words

NAMES = (
    "department",
    "level1",
    "level2",
    "level3",
    "comparator",
    "target",
    "unit",
    "max_points",
    "standard",
    "is_active",
)
COMMON = "共性指标"
# The choice of the common ones in the list's filter.
COMMON_KEY = "common"


class TemplateForm(SheetRowForm):
    """department: only those the person keeps; the common ones are the 绩效科's."""

    more = ("department", "is_active")
    splits_target = True

    department = forms.ModelChoiceField(
        label="适用部门", queryset=Department.objects.none(), required=False
    )
    is_active = forms.BooleanField(
        label="供选取", required=False, help_text="不再使用的指标去掉勾选，不必删除"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, scheme=load_scheme(DEFAULT_SCHEME), **kwargs)
        everything = scope_of(user).everything
        department = self.fields["department"]
        assert isinstance(department, forms.ModelChoiceField)
        department.queryset = departments_kept_by(user)
        department.required = not everything
        department.empty_label = COMMON if everything else "请选择"
        department.label_from_instance = indented  # type: ignore[assignment, method-assign]
        self.fields["target"].label = "参考指标值"
        self.fields["max_points"].label = "建议分值"
        self.fields["max_points"].required = False
        for field in self.fields.values():
            field.widget.attrs.pop("aria-label", None)
        self.fields["standard"].widget.attrs["rows"] = 3
        self.order_fields([*NAMES, "version"])


def departments_kept_by(user: User | None) -> Any:
    """Return the departments whose part of the library a person keeps; None: all."""
    active = Department.objects.filter(is_active=True).order_by("path")
    if user is None or scope_of(user).everything:
        return active
    paths = [
        each.department.path
        for each in memberships_of(user)
        if each.role == Role.DEPARTMENT_REVIEWER
    ]
    return active.filter(starts_with("path", paths))


def stored_template(template: IndicatorTemplate) -> dict[str, Any]:
    """Return what the form shows of an indicator of the library."""
    values = {name: getattr(template, name) for name in NAMES}
    points = max_points(template.max_points)
    return {**values, "max_points": points, "version": template.version}


def search(
    templates: IndicatorTemplateQuerySet, words: str, whose: str = "", level1: str = ""
) -> IndicatorTemplateQuerySet:
    """Return those in which all words occur; whose: common, a department's key, ""."""
    names = ("level1", "level2", "level3", "standard", "department__name")
    found = templates.filter(with_words(words, names))
    if whose == COMMON_KEY:
        found = found.filter(department__isnull=True)
    elif whose.isascii() and whose.isdigit():
        found = found.filter(Q(department=int(whose)))
    return found.filter(level1=level1) if level1 else found

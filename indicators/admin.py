"""Administration of scoring schemes (to read) and of tasks with their levels."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from indicators.models import EvaluationTask, ScoringScheme, TaskLevel
from perfeval.admin import AuditedAdmin

if TYPE_CHECKING:
    LevelFormSetBase = BaseInlineFormSet[TaskLevel, EvaluationTask, Any]
    LevelTable = admin.TabularInline[TaskLevel, EvaluationTask]
else:  # at run time the classes take no parameters
    LevelFormSetBase = BaseInlineFormSet
    LevelTable = admin.TabularInline


@admin.register(ScoringScheme)
class ScoringSchemeAdmin(AuditedAdmin):
    """Schemes come from files, by load_schemes; here they are read."""

    list_display = ["name", "reference", "loaded_at", "sha256"]
    fields = ["name", "scheme_id", "version", "loaded_at", "sha256", "text"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LevelFormSet(LevelFormSetBase):
    def clean(self) -> None:
        """Ask for levels 1, 2, 3 … without a gap: the flow counts them."""
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        # Of a task in use they are only shown: then the row has them, not the form.
        positions = [
            form.cleaned_data.get("position", form.instance.position) for form in kept
        ]
        known = sorted(each for each in positions if each is not None)
        if known != list(range(1, len(known) + 1)) or not known:
            raise ValidationError("请至少填写一个审核级次，级次从 1 起连续编号")


class TaskLevelInline(LevelTable):
    """Levels; once self-assessments stand at them only their due times change."""

    model = TaskLevel
    formset = LevelFormSet
    extra = 0

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["position", "name", "role", "gives_points"] if _in_use(obj) else []

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _in_use(obj) and super().has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _in_use(obj) and super().has_delete_permission(request, obj)


@admin.register(EvaluationTask)
class EvaluationTaskAdmin(AuditedAdmin):
    """Tasks; year and scheme are fixed once there are self-assessments."""

    list_display = ["title", "year", "scheme", "opens_at", "due_at", "state"]
    list_filter = ["year", "state"]
    list_select_related = ["scheme"]
    search_fields = ["title"]
    inlines = [TaskLevelInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["year", "scheme"] if _in_use(obj) else []


def _in_use(task: EvaluationTask | None) -> bool:
    return task is not None and task.assessments.exists()

"""Administration of scoring schemes and of tasks with their levels: to read.

Schemes come from files, by load_schemes; tasks from the pages of the 绩效科, which know
of holidays, of what was sent out already and of what departments passed down.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from indicators.models import (
    EvaluationTask,
    ReviewPhrase,
    ScoringScheme,
    TaskLevel,
    UseRule,
)
from perfeval.admin import AuditedAdmin

if TYPE_CHECKING:
    LevelTable = admin.TabularInline[TaskLevel, EvaluationTask]
else:  # at run time the class takes no parameters
    LevelTable = admin.TabularInline


class ReadOnly:
    """A mixin, first among an admin's bases: rows are shown, never written."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ScoringScheme)
class ScoringSchemeAdmin(ReadOnly, AuditedAdmin):
    list_display = ["name", "reference", "loaded_at", "sha256"]
    fields = ["name", "scheme_id", "version", "loaded_at", "sha256", "text"]


class TaskLevelInline(ReadOnly, LevelTable):
    model = TaskLevel


@admin.register(EvaluationTask)
class EvaluationTaskAdmin(ReadOnly, AuditedAdmin):
    list_display = ["title", "year", "scheme", "opens_at", "due_at", "state"]
    list_filter = ["year", "state"]
    list_select_related = ["scheme"]
    search_fields = ["title"]
    inlines = [TaskLevelInline]


@admin.register(ReviewPhrase)
class ReviewPhraseAdmin(AuditedAdmin):
    """The office's phrases for opinions: written here by the system administrator."""

    list_display = ["text", "use", "position", "is_active"]
    list_filter = ["use", "is_active"]
    fields = ["use", "text", "position", "is_active"]


@admin.register(UseRule)
class UseRuleAdmin(AuditedAdmin):
    """What is suggested at a grade where a task says nothing of its own."""

    list_display = ["grade", "use", "note"]
    fields = ["grade", "use", "note"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(task__isnull=True)

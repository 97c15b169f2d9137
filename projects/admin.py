"""Administration of departments and of the roles people hold in them."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from perfeval.admin import AuditedAdmin, VersionedForm
from projects.memberships import check_separation, place_membership
from projects.models import Department, FormerName, Membership
from projects.services import place_department

if TYPE_CHECKING:
    MembershipModelForm = forms.ModelForm[Membership]
    FormerNameTable = admin.TabularInline[FormerName, Department]
else:  # at run time the classes take no parameters
    MembershipModelForm = forms.ModelForm
    FormerNameTable = admin.TabularInline

LONGEST_PATH = Department._meta.get_field("path").max_length or 0


class DepartmentForm(VersionedForm):
    class Meta:
        model = Department
        fields = ["code", "name", "parent", "section", "is_active"]

    def clean(self) -> dict[str, Any]:
        """Refuse a place in the tree that would be below itself or too deep."""
        cleaned: dict[str, Any] = super().clean() or {}
        parent, code = cleaned.get("parent"), cleaned.get("code", "")
        own = self.instance.path
        if parent and own and parent.path.startswith(own):
            raise ValidationError({"parent": "上级单位不能是本单位或本单位的下级"})
        if parent and len(parent.path) + len(code) + 1 > LONGEST_PATH:
            raise ValidationError({"parent": "单位层级过深，请选择更高的上级单位"})
        return cleaned


class FormerNameInline(FormerNameTable):
    model = FormerName
    extra = 0


@admin.register(Department)
class DepartmentAdmin(AuditedAdmin):
    form = DepartmentForm
    list_display = ["code", "name", "parent", "section", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["parent", "section"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent", "section"]
    ordering = ["path"]
    inlines = [FormerNameInline]

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        obj.version += change
        place_department(obj, request.user)  # type: ignore[arg-type]  # logged in


class MembershipForm(MembershipModelForm):
    class Meta:
        model = Membership
        fields = ["user", "department", "role", "valid_from", "valid_to"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("user") and cleaned.get("role"):
            check_separation(
                Membership(
                    pk=self.instance.pk, user=cleaned["user"], role=cleaned["role"]
                )
            )
        return cleaned


@admin.register(Membership)
class MembershipAdmin(AuditedAdmin):
    """A role is given and ended by a date; what it was stays on record."""

    form = MembershipForm
    list_display = ["user", "department", "role", "valid_from", "valid_to"]
    list_filter = ["role"]
    list_select_related = ["user", "department"]
    search_fields = ["user__name", "user__username", "department__name"]
    autocomplete_fields = ["user", "department"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user", "department", "role", "valid_from"] if obj else []

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        place_membership(obj, request.user)  # type: ignore[arg-type]  # logged in

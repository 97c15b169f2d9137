"""Administration of people, and the audit events for those who audit."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict

from perfeval.audit import Change, record, subject_of
from perfeval.conflicts import Conflict, differences, met, with_version
from perfeval.models import AuditEvent, User
from perfeval.versions import StaleError

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    UserAdminBase = DjangoUserAdmin[User]
    AnyModelForm = forms.ModelForm[Any]
else:  # at run time the classes take no parameters
    ModelAdmin = admin.ModelAdmin
    UserAdminBase = DjangoUserAdmin
    AnyModelForm = forms.ModelForm

FOUND = 302


class AuditedAdmin(ModelAdmin):
    """Every save leaves an audit event; nothing is deleted but rows of an inline."""

    actions = None

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        # The class is made anew for each request.
        form.actor = request.user
        return form

    def has_delete_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: models.Model, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        verb = "修改" if change else "新建"
        record_form(request.user, form, verb, obj)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: bool
    ) -> None:
        record_rows(request.user, formset)
        super().save_formset(request, form, formset, change)


class VersionedForm(AnyModelForm):
    """A mixin: the form of a row with a version is refused where somebody saved first.

    What was typed stays in the form, which then holds the new version: saving again
    decides. Its admin shows the field `issued`.
    """

    actor: User
    issued = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "issued" in self.fields:
            self.initial["issued"] = self.instance.version

    def clean(self) -> Any:
        cleaned = super().clean()
        row = self.instance
        if row.pk is None or "issued" not in self.fields:
            return cleaned
        # The admin saves in the transaction of this look.
        locked = type(row)._default_manager.select_for_update().get(pk=row.pk)
        if self.cleaned_data.get("issued") != locked.version:
            name = self.add_prefix("issued")
            self.data = with_version(cast(QueryDict, self.data), name, locked.version)
            names = _field_names(self) & {*self.cleaned_data}
            stored = {each: getattr(locked, each) for each in sorted(names)}
            # The transaction stays: the page is answered with the form.
            found = Conflict(differences(self, stored))
            by = met(self.actor, StaleError(locked), found).by
            raise ValidationError(
                f"{by}刚修改了“{locked}”，没有保存。请另开一页核对现在的内容，"
                "确认后再点保存"
            )
        return cleaned


def record_form(user: Any, form: Any, verb: str, about: models.Model) -> None:
    """Record what a form changes in a row; the event belongs to about's history."""
    names = [name for name in form.changed_data if name in _field_names(form)]
    row = form.instance
    before = {} if verb == "新建" else {name: _before(form, name) for name in names}
    after = {} if verb == "删除" else {name: _after(form, name) for name in names}
    kind = {"新建": "created", "修改": "changed", "删除": "deleted"}[verb]
    change = Change(
        action=f"{row._meta.model_name}.{kind}",
        subject=subject_of(about),
        summary=f"{verb}{row._meta.verbose_name}“{row}”",
        before=before,
        after=after,
    )
    record(user, change)


def record_rows(user: Any, formset: "BaseInlineFormSet[Any, Any, Any]") -> None:
    """Record the rows of an inline that are added, changed or deleted."""
    for form in formset.forms:
        if form in formset.deleted_forms:
            verb = "删除"
        elif form.has_changed():
            verb = "新建" if form.instance._state.adding else "修改"
        else:
            continue
        record_form(user, form, verb, formset.instance)


def _field_names(form: "ModelForm[Any]") -> set[str]:
    # The password is a field of the row, but nobody's to read.
    fields = form.instance._meta.concrete_fields
    return {field.name for field in fields} - {"password"}


def _before(form: Any, name: str) -> Any:
    return _told(form.fields[name].to_python(form.initial.get(name)))


def _after(form: Any, name: str) -> Any:
    return _told(form.cleaned_data.get(name))


def _told(value: Any) -> Any:
    return str(value) if isinstance(value, models.Model) else value


class UserForm(VersionedForm):
    """A person's own fields; roles are memberships, rights follow from them."""

    class Meta:
        model = User
        fields = ["username", "name", "phone"]


@admin.register(User)
class UserAdmin(UserAdminBase, AuditedAdmin):
    """People are created and deactivated, never deleted."""

    form = UserForm
    list_display = ["username", "name", "phone", "is_active", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["username", "name"]
    ordering = ["username"]
    filter_horizontal = []
    # Deactivated with a reason, on the pages for people.
    readonly_fields = ["is_active", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "name", "phone", "is_active", "issued"]}),
        ("登录", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "name", "phone", "password1", "password2"]})
    ]

    def save_model(
        self, request: HttpRequest, obj: models.Model, form: Any, change: bool
    ) -> None:
        person = cast(User, obj)
        person.version += change
        # Who creates a person knows the password.
        person.must_change_password = person.must_change_password or not change
        super().save_model(request, obj, form, change)

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        """Whether a person may change users; a superuser is changed by superusers."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == FOUND:
                person = User.objects.get(pk=id)
                person.must_change_password = True
                person.save(update_fields=["must_change_password"])
                change = Change(
                    action="user.password_set",
                    subject=subject_of(person),
                    summary=f"重置用户“{person}”的密码",
                )
                record(cast(User, request.user), change)
        return response


@admin.register(AuditEvent)
class AuditEventAdmin(ModelAdmin):
    """Read by those whose role it is; not by superusers, who administer."""

    actions = None
    list_display = ["at", "user", "origin", "action", "subject", "summary"]
    list_filter = ["action"]
    list_select_related = ["user"]
    search_fields = ["summary", "subject", "user__name", "user__username"]
    fields = [
        "chain",
        "sequence",
        "at",
        "person",
        "origin",
        "action",
        "subject",
        "summary",
        "before",
        "after",
        "digest",
    ]
    readonly_fields = ["person"]
    ordering = ["-pk"]
    show_full_result_count = False

    @admin.display(description="操作人", empty_value="系统")
    def person(self, event: AuditEvent) -> User | None:
        """Return who it was, without the link to a page that auditors may not open."""
        return event.user

    def has_view_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        if request.user.is_superuser:
            return False
        return super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        return False

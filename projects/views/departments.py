"""Pages of departments: the tree, one body, its fields, a new name, a merger."""

import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from perfeval.audit import subject_of
from perfeval.conflicts import Conflict, differences, met, with_version
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from perfeval.models import AuditEvent
from perfeval.versions import StaleError
from projects.access import check_administers
from projects.columns import DEPARTMENT_COLUMNS
from projects.department_forms import DepartmentForm, MergeForm, RenameForm
from projects.departments import (
    merge_department,
    merger_of,
    named_since,
    rename_department,
    update_department,
)
from projects.history import told
from projects.models import Department, Membership
from projects.people import held_on
from projects.people_filters import DepartmentFilter
from projects.services import place_department

PER_PAGE = 100
RECENT_EVENTS = 12


@login_required
@require_GET
def department_list(request: AuthenticatedRequest) -> HttpResponseBase:
    check_administers(request.user)
    current = held_on(timezone.localdate())
    rows = Department.objects.select_related(
        "parent", "section", "merged_into"
    ).annotate(people=Count("memberships__user", filter=current, distinct=True))
    # Unticked the box is not sent; the rows then are those in use.
    data = request.GET.copy()
    data.setdefault("closed", "")
    found = DepartmentFilter(data, queryset=rows.order_by("path"))
    listing = Listing(
        request, DEPARTMENT_COLUMNS, found.qs, order=("path",), per_page=PER_PAGE
    )
    if listing.is_file:
        return listing.as_file("单位")
    context = {"filter": found, "list": listing, "page_obj": listing.page}
    return render(request, "projects/department_list.html", context)


@login_required
@require_GET
def department_detail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)
    department = _loaded(pk)
    held = Membership.objects.filter(department=department)
    members = held.current().select_related("user").order_by("role", "user__name")
    events = AuditEvent.objects.filter(subject=subject_of(department))
    context = {
        "department": department,
        "named_since": named_since(department),
        "members": list(members),
        "other_members": held.count() - len(members),
        "children": department.children.order_by("code"),
        "supervised": department.supervised.order_by("path"),
        "projects": department.projects.count(),
        "history": told(
            list(events.select_related("user")[:RECENT_EVENTS]), request.user
        ),
    }
    return render(request, "projects/department_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def department_add(request: AuthenticatedRequest) -> HttpResponse:
    check_administers(request.user)
    above = {"parent": request.GET.get("parent")}
    form = DepartmentForm(request.POST or None, initial=above)
    if request.method == "POST" and form.is_valid():
        try:
            department = place_department(Department(**form.values()), request.user)
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, f"已新增单位“{department}”")
            return redirect("departments:detail", department.pk)
    return render(request, "projects/department_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def department_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)
    department = _loaded(pk)
    # The form writes into its instance; what is stored must stay what it is.
    form = DepartmentForm(request.POST or None, instance=copy.copy(department))
    context: dict[str, Any] = {"form": form, "department": department}
    status = 200
    if request.method == "POST" and form.is_valid():
        values = form.values()
        version = form.cleaned_data["version"]
        try:
            changed = update_department(
                request.user, department, values, version=version
            )
        except ValidationError as error:
            form.take_errors(error)
        except StaleError as error:
            context |= _conflict(request, form, error)
            status = 409
        else:
            messages.success(request, "已保存单位信息" if changed else "内容没有变化")
            return redirect("departments:detail", pk)
    return render(request, "projects/department_form.html", context, status=status)


def _conflict(
    request: AuthenticatedRequest, typed: DepartmentForm, error: StaleError
) -> dict[str, Any]:
    """Return the form with what was typed, beside what others saved."""
    stored = error.current
    assert isinstance(stored, Department)
    values = {name: getattr(stored, name) for name in typed.values()}
    data = with_version(request.POST, "version", stored.version)
    found = met(request.user, error, Conflict(differences(typed, values)))
    return {"form": DepartmentForm(data, instance=stored), "conflict": found}


@login_required
@require_http_methods(["GET", "POST"])
def department_rename(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)
    department = _loaded(pk)
    form = RenameForm(request.POST or None, initial={"version": department.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            rename_department(
                request.user,
                department,
                data["name"],
                data["since"],
                version=data["version"],
            )
        except ValidationError as error:
            form.take_errors(error)
        except StaleError as error:
            form = RenameForm(_again(request, form, error))
            status = 409
        else:
            messages.success(request, f"已更名为“{data['name']}”")
            return redirect("departments:detail", pk)
    context = {
        "form": form,
        "department": department,
        "named_since": named_since(department),
    }
    return render(request, "projects/department_rename.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def department_merge(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask into which body and when, show what moves, then do it."""
    check_administers(request.user)
    department = _loaded(pk)
    form = MergeForm(
        request.POST or None,
        source=department,
        initial={"version": department.version},
    )
    context: dict[str, Any] = {"form": form, "department": department}
    status = 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if "confirmed" not in request.POST:
            context["merger"] = merger_of(department, data["on"])
            context |= {"target": data["target"], "on": data["on"]}
            return render(request, "projects/department_merge.html", context)
        try:
            merger = merge_department(
                request.user,
                department,
                data["target"],
                data["on"],
                version=data["version"],
            )
        except ValidationError as error:
            form.take_errors(error)
        except StaleError as error:
            context["form"] = MergeForm(_again(request, form, error), source=department)
            status = 409
        else:
            counts = f"{len(merger.roles)} 个任职角色、{len(merger.projects)} 个项目"
            text = f"已并入“{data['target']}”，转入 {counts}"
            messages.success(request, text)
            return redirect("departments:detail", data["target"].pk)
    return render(request, "projects/department_merge.html", context, status=status)


def _again(request: AuthenticatedRequest, form: Any, error: StaleError) -> Any:
    """Return what was typed for the stored version: the next save decides."""
    names = [name for name in form.cleaned_data if name != "version"]
    typed = Conflict(differences(form, dict.fromkeys(names)))
    by = met(request.user, error, typed).by
    text = f"{by}刚刚修改了这个单位，请核对页面上的内容后再次提交"
    messages.warning(request, text)
    return with_version(request.POST, "version", getattr(error.current, "version", 1))


def _loaded(pk: int) -> Department:
    rows = Department.objects.select_related("parent", "section", "merged_into")
    return get_object_or_404(rows.prefetch_related("former_names"), pk=pk)

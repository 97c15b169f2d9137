"""The administrator's pages of people: by unit, one person, roles, deactivation."""

import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.open_work import open_work_of
from perfeval.audit import subject_of
from perfeval.conflicts import Conflict, differences, met, with_version
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from perfeval.models import AuditEvent, User
from perfeval.people import (
    create_people,
    deactivate,
    issue_passwords,
    reactivate,
    update_person,
)
from perfeval.versions import StaleError
from projects.access import check_administers, memberships_of
from projects.columns import PERSON_COLUMNS
from projects.history import told
from projects.memberships import (
    check_others_administer,
    end_role,
    place_membership,
)
from projects.models import Membership
from projects.people import deputies_missing, people_by_unit
from projects.people_filters import PeopleFilter
from projects.people_forms import DeactivateForm, EndRoleForm, PersonForm, RoleForm
from projects.views.people_import import show_passwords

RECENT_EVENTS = 12


@login_required
@require_GET
def person_list(request: AuthenticatedRequest) -> HttpResponseBase:
    check_administers(request.user)
    found = PeopleFilter(request.GET, queryset=people_by_unit())
    order = (F("unit_path").asc(nulls_last=True), "name", "pk")
    listing = Listing(
        request, PERSON_COLUMNS, found.qs, order=order, prepare=_with_open_work
    )
    if listing.is_file:
        return listing.as_file("人员")
    context = {"filter": found, "list": listing, "page_obj": listing.page}
    return render(request, "indicators/person_list.html", context)


def _with_open_work(people: list[User]) -> None:
    work = open_work_of(people)
    for person in people:
        person.open_work = work[person.pk]  # type: ignore[attr-defined]


@login_required
@require_GET
def person_detail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)
    person = _person(pk)
    roles = person.memberships.select_related("department")
    held = list(roles.order_by("-valid_from", "department__code"))
    events = AuditEvent.objects.filter(
        subject__in=[subject_of(person), *(subject_of(each) for each in held)]
    )
    context = {
        "person": person,
        "work": open_work_of([person])[person.pk],
        "roles": held,
        "current": {each.pk for each in memberships_of(person)},
        "today": timezone.localdate(),
        "may_change": _may_change(request.user, person),
        "history": told(
            list(events.select_related("user")[:RECENT_EVENTS]), request.user
        ),
    }
    return render(request, "indicators/person_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def person_add(request: AuthenticatedRequest) -> HttpResponse:
    check_administers(request.user)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = create_people(request.user, [form.cleaned_data])
        except ValidationError as error:
            form.take_errors(error)
        else:
            person = issued[0].person
            messages.success(request, f"已新增“{person}”，请接着授予角色")
            return show_passwords(request, issued)
    return render(request, "indicators/person_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def person_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    person = person_to_change(request, pk)
    form = PersonForm(request.POST or None, instance=copy.copy(person))
    context: dict[str, Any] = {"form": form, "person": person}
    status = 200
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        version = values.pop("version")
        try:
            update_person(request.user, person, values, version=version)
        except ValidationError as error:
            form.take_errors(error)
        except StaleError as error:
            context |= _conflict(request, form, error)
            status = 409
        else:
            messages.success(request, "已保存人员信息")
            return redirect("people:detail", pk)
    return render(request, "indicators/person_form.html", context, status=status)


def _conflict(
    request: AuthenticatedRequest, typed: PersonForm, error: StaleError
) -> dict[str, Any]:
    stored = error.current
    assert isinstance(stored, User)
    names = [name for name in typed.cleaned_data if name != "version"]
    found = differences(typed, {name: getattr(stored, name) for name in names})
    data = with_version(request.POST, "version", stored.version)
    form = PersonForm(data, instance=stored)
    return {"form": form, "conflict": met(request.user, error, Conflict(found))}


@login_required
@require_http_methods(["GET", "POST"])
def role_add(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    person = person_to_change(request, pk)
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        membership = Membership(user=person, **form.cleaned_data)
        try:
            _refuse_twice(membership)
            place_membership(membership, request.user)
        except ValidationError as error:
            form.take_errors(error)
        else:
            own = "，本人为自己授权，已记入审计记录" if person == request.user else ""
            text = f"已授予“{membership.get_role_display()}”{own}"
            messages.success(request, text)
            return redirect("people:detail", pk)
    context = {"form": form, "person": person}
    return render(request, "indicators/role_form.html", context)


def _refuse_twice(new: Membership) -> None:
    """Refuse a role that the person holds there already in those days."""
    held = Membership.objects.filter(
        user=new.user, department=new.department, role=new.role
    )
    for each in held:
        begins_after = bool(each.valid_to and each.valid_to < new.valid_from)
        ends_before = bool(new.valid_to and new.valid_to < each.valid_from)
        if not begins_after and not ends_before:
            raise ValidationError({"role": "该人员在该单位这段时间已有此角色"})


@login_required
@require_http_methods(["GET", "POST"])
def role_end(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)
    rows = Membership.objects.select_related("user", "department")
    membership = get_object_or_404(rows, pk=pk)
    _check_may_change(request.user, membership.user)
    form = EndRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            end_role(request.user, membership, form.cleaned_data["valid_to"])
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, f"已设定“{membership}”的失效日期")
            return redirect("people:detail", membership.user_id)
    context = {"form": form, "membership": membership, "person": membership.user}
    return render(request, "indicators/role_end.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def person_deactivate(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what the person leaves open, ask for the reason.

    A superuser too: whoever set the system up is not needed any more.
    """
    check_administers(request.user)
    person = _person(pk)
    form = DeactivateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            check_others_administer(person)
            deactivate(request.user, person, form.cleaned_data["reason"])
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, f"已停用“{person}”，其登录已全部失效")
            return redirect("people:detail", pk)
    context = {
        "form": form,
        "person": person,
        "work": open_work_of([person])[person.pk],
        "alone": deputies_missing(person),
    }
    return render(request, "indicators/person_deactivate.html", context)


@login_required
@require_POST
def person_reactivate(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)
    person = _person(pk)
    reactivate(request.user, person)
    messages.success(request, f"已恢复“{person}”")
    return redirect("people:detail", pk)


@login_required
@require_POST
def person_password(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Give a person a new initial password, shown once."""
    person = person_to_change(request, pk)
    if person == request.user:
        raise PermissionDenied("本人的密码请在“修改密码”中修改")
    return show_passwords(request, issue_passwords(request.user, [person]))


@login_required
@require_POST
def passwords_again(request: AuthenticatedRequest) -> HttpResponse:
    """Give new initial passwords to all listed who never logged in."""
    check_administers(request.user)
    people = PeopleFilter(request.POST, queryset=people_by_unit()).qs.filter(
        is_active=True, is_superuser=False, last_login=None
    )
    issued = issue_passwords(request.user, people.exclude(pk=request.user.pk))
    if not issued:
        messages.info(request, "所列人员都已登录过，没有生成新的初始密码")
        return redirect("people:list")
    return show_passwords(request, issued)


def _person(pk: int) -> User:
    return get_object_or_404(people_by_unit(), pk=pk)


def person_to_change(request: AuthenticatedRequest, pk: int) -> User:
    """Return a person whom the administrator may change, or answer 404 or 403."""
    check_administers(request.user)
    person = _person(pk)
    _check_may_change(request.user, person)
    return person


def _check_may_change(user: User, person: User) -> None:
    if not _may_change(user, person):
        raise PermissionDenied("系统的超级用户不在这里修改")


def _may_change(user: User, person: User) -> bool:
    """A superuser is changed by superusers alone: whose password one sets, one is."""
    return user.is_superuser or not person.is_superuser

"""Pages of the indicator library: look through, keep, import."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from indicators.access import keeps_library
from indicators.columns import LIBRARY_COLUMNS
from indicators.filters import LibraryFilter
from indicators.forms.library import (
    TemplateForm,
    departments_kept_by,
    stored_template,
)
from indicators.library import save_template
from indicators.library_import import LIBRARY_IMPORTER
from indicators.models import IndicatorTemplate
from indicators.views.saving import save_entry
from perfeval.http import AuthenticatedRequest
from perfeval.imports.pages import ImportPages
from perfeval.lists import Listing
from perfeval.models import User
from projects.access import scope_of

PER_PAGE = 50


@login_required
@require_GET
def library(request: AuthenticatedRequest) -> HttpResponseBase:
    """The library as a person sees it, or its file; the filter stays in the address."""
    found = LibraryFilter(request.GET, user=request.user)
    listing = Listing(
        request,
        LIBRARY_COLUMNS,
        found.qs,
        order=("level1", "level2", "level3", "pk"),
        load=lambda rows: rows.select_related("department"),
        per_page=PER_PAGE,
    )
    if listing.is_file:
        return listing.as_file("指标库")
    keeps = keeps_library(request.user)
    kept = IndicatorTemplate.objects.kept_by(request.user) if keeps else None
    keys = [each.pk for each in listing.page]
    context = {
        "filter": found,
        "list": listing,
        "page_obj": listing.page,
        "keeps": keeps,
        "editable": frozenset(kept.filter(pk__in=keys).values_list("pk", flat=True))
        if kept is not None
        else frozenset(),
    }
    return render(request, "indicators/library_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def library_add(request: AuthenticatedRequest) -> HttpResponse:
    check_keeps(request.user)
    is_for_all = scope_of(request.user).everything
    own = None if is_for_all else departments_kept_by(request.user).first()
    new = IndicatorTemplate(department=own)
    return _edit(request, new)


@login_required
@require_http_methods(["GET", "POST"])
def library_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    get_object_or_404(IndicatorTemplate.objects.visible_to(request.user), pk=pk)
    kept = IndicatorTemplate.objects.kept_by(request.user).filter(pk=pk).first()
    if kept is None:
        raise PermissionDenied("指标库由绩效科和主管部门各管各的，这一项不由您维护")
    return _edit(request, kept)


def _edit(request: AuthenticatedRequest, template: IndicatorTemplate) -> HttpResponse:
    is_new = template.pk is None
    data = request.POST if request.method == "POST" else None
    initial = stored_template(template)
    form = TemplateForm(data, initial=initial, user=request.user)
    status = 200
    if data is not None:
        status = save_entry(
            request.user,
            form,
            lambda changes, version: save_template(
                request.user, template, changes, version=version
            ),
        )
        if status == 200:
            words = "已新增" if is_new else "已保存"
            messages.success(request, f"{words}指标库指标“{template.level3}”")
            return redirect("indicators:library")
    context = {"form": form, "template": template, "is_new": is_new}
    return render(request, "indicators/library_form.html", context, status=status)


def check_keeps(user: User) -> None:
    """Raise PermissionDenied unless a person keeps some part of the library."""
    if not keeps_library(user):
        raise PermissionDenied("指标库由绩效科和主管部门维护")


def _to_list(_: None) -> HttpResponse:
    return redirect("indicators:library")


LIBRARY_PAGES = ImportPages(LIBRARY_IMPORTER, check_keeps, _to_list)

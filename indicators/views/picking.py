"""Picking indicators for a project: from the library, or from another project."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from indicators.form_order import in_form_order
from indicators.forms.library import search
from indicators.forms.sheet import proposed
from indicators.library import texts_of
from indicators.models import IndicatorTemplate
from indicators.pasting import MOST_ROWS
from indicators.project_scheme import scheme_for
from indicators.views.proposals import checked_page, stored_in_order
from indicators.views.targets import fetch_editable, refuse
from perfeval.http import AuthenticatedRequest, chosen_numbers
from projects.access import why_not_edit
from projects.models import BudgetProject, ProjectStatus
from projects.querysets import with_words

MOST_FOUND = 100
MOST_PROJECTS = 30


@login_required
@require_http_methods(["GET", "POST"])
def library_pick(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    """Search the library (GET); lead the chosen ones to be looked through (POST)."""
    project = fetch_editable(request, project_pk)
    closed = why_not_edit(request.user, project)
    if closed:
        return refuse(request, project, closed)
    seen = IndicatorTemplate.objects.visible_to(request.user).filter(is_active=True)
    seen = seen.select_related("department")
    errors: list[str] = []
    # Searching again keeps what is ticked already: it stands first.
    sent = request.POST if request.method == "POST" else request.GET
    chosen = list(
        seen.filter(pk__in=chosen_numbers(sent.getlist("template")))[:MOST_ROWS]
    )
    if request.method == "POST":
        if chosen:
            return _propose(request, project, [texts_of(each) for each in chosen])
        errors = ["请至少勾选一项指标"]
    words = request.GET.get("q", "")[:100]
    level1 = request.GET.get("level1", "")[:50]
    found = search(seen, words, level1=level1)
    rest = found.exclude(pk__in=[each.pk for each in chosen])
    most = _most(sent)
    templates = list(rest[: most + 1])
    context = {
        "project": project,
        "chosen": chosen,
        "templates": templates[:most],
        "more": most + MOST_FOUND if len(templates) > most else 0,
        "q": words,
        "level1": level1,
        "level1_names": sorted(set(seen.values_list("level1", flat=True))),
        "there": {each.level3 for each in project.indicators.all()},
        "errors": errors,
    }
    whole, part = "indicators/library_pick.html", "indicators/_library_rows.html"
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, part if is_part else whole, context)


def _most(sent: QueryDict) -> int:
    """Return how many to list: more each time that more are asked for."""
    asked = sent.get("most", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 6
    return max(MOST_FOUND, int(asked)) if is_number else MOST_FOUND


@login_required
@require_GET
def targets_copy(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    """Search a project to copy from (q); source: look its indicators through."""
    project = fetch_editable(request, project_pk)
    closed = why_not_edit(request.user, project)
    if closed:
        return refuse(request, project, closed)
    sources = _sources(request, project)
    key = request.GET.get("source", "")
    if key.isascii() and key.isdigit() and len(key) < 19:
        source = get_object_or_404(sources, pk=int(key))
        layout = scheme_for(source).layout
        rows = in_form_order(list(source.indicators.all()), layout)[:MOST_ROWS]
        note = f"以下是“{source}”的指标；指标值是原项目的，请按本年度批复的目标更正"
        return _propose(
            request, project, [texts_of(each) for each in rows], notes=[note]
        )
    words = request.GET.get("q", "")[:100]
    context = {
        "project": project,
        "q": words,
        "last_year": [] if words else _last_year(sources, project),
        "found": _found(sources, words) if words else [],
    }
    return render(request, "indicators/targets_copy.html", context)


def _sources(request: AuthenticatedRequest, project: BudgetProject) -> Any:
    """Return the projects with indicators that a person sees, less this one."""
    seen = BudgetProject.objects.visible_to(request.user).exclude(pk=project.pk)
    seen = seen.exclude(status=ProjectStatus.CLASSIFIED).select_related("unit")
    return seen.annotate(count=Count("indicators")).filter(count__gt=0)


def _last_year(sources: Any, project: BudgetProject) -> list[BudgetProject]:
    """Return what may be the same project a year before: by code, name, then unit."""
    same_code, same_name = Q(code=project.code), Q(name=project.name)
    likeness = Case(
        When(same_code, then=Value(0)),
        When(same_name, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    before = sources.filter(year=project.year - 1)
    near = before.filter(same_code | same_name | Q(unit=project.unit))
    return list(near.annotate(likeness=likeness).order_by("likeness", "code")[:10])


def _found(sources: Any, words: str) -> list[BudgetProject]:
    found = sources.filter(with_words(words, ("name", "code", "unit__name")))
    return list(found.order_by("-year", "code")[:MOST_PROJECTS])


def _propose(
    request: AuthenticatedRequest,
    project: BudgetProject,
    rows: list[dict[str, str]],
    **more: Any,
) -> HttpResponse:
    stored = stored_in_order(project)
    made = proposed(rows, stored, user=request.user, scheme=scheme_for(project))
    return checked_page(request, project, made, **more)

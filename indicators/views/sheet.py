"""The indicators of a project as a sheet: each row is saved on its own, as JSON."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from indicators.arrangement import arrange, move_indicator
from indicators.form_order import in_form_order
from indicators.forms.entry import PointsInput
from indicators.forms.sheet import SheetRowForm
from indicators.forms.targets import level2_names, stored_values
from indicators.models import Indicator
from indicators.pasting import COLUMNS
from indicators.project_scheme import scheme_and_standing, scheme_for
from indicators.restoring import deletions_of, restore_indicator
from indicators.schemes import Scheme
from indicators.services import delete_indicator, save_indicator
from indicators.target_entry import understand
from indicators.target_reading import read_target
from indicators.views.targets import (
    STEPS,
    fetch_editable,
    fetch_project,
    refuse,
)
from indicators.weights import weigh
from perfeval.conflicts import Conflict, differences, met
from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from perfeval.versions import ClosedError, GoneError, StaleError
from projects.access import why_not_edit
from projects.models import BudgetProject

GONE = "该指标已被他人删除；再次保存将作为新指标添加，不需要时请删除该行"


@login_required
@require_GET
def sheet(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    project = fetch_editable(request, project_pk)
    closed = why_not_edit(request.user, project)
    if closed:
        return refuse(request, project, closed)
    scheme, is_provisional = scheme_and_standing(project)
    indicators = in_form_order(list(project.indicators.all()), scheme.layout)
    context = {
        "project": project,
        "scheme": scheme,
        "is_provisional": is_provisional,
        "rows": [(each, _form(request, scheme, each)) for each in indicators],
        "blank": _form(request, scheme, Indicator(project=project)),
        "level1_names": list(scheme.weights[0].level1),
        "level2_names": level2_names(scheme),
        "weights": weigh(indicators, scheme),
        "deletions": deletions_of(project),
    }
    return render(request, "indicators/indicator_sheet.html", context)


def _form(
    request: AuthenticatedRequest,
    scheme: Scheme,
    indicator: Indicator,
    data: QueryDict | None = None,
) -> SheetRowForm:
    return SheetRowForm(
        data,
        initial=stored_values(indicator),
        user=request.user,
        scheme=scheme,
        auto_id=f"row-{indicator.pk or 'new'}-%s",
    )


@login_required
@require_POST
def sheet_row(
    request: AuthenticatedRequest, project_pk: int, pk: int | None = None
) -> HttpResponse:
    """Save one row, new (no pk) or stored; answer what became of it.

    {pk, version}: saved. errors: {column or "": words}, with 422 or 409. conflict:
    {version, by, stored: [{name, label, text, value}]}. gone: others deleted it.
    """
    project = fetch_editable(request, project_pk)
    indicator = Indicator(project=project, position=project.indicators.count() + 1)
    if pk is not None:
        found = project.indicators.filter(pk=pk).first()
        if found is None:
            return JsonResponse({"gone": True, "errors": {"": GONE}}, status=409)
        indicator = found
    scheme = scheme_for(project)
    form = _form(request, scheme, indicator, request.POST)
    if not form.is_valid():
        return _errors(form)
    twin = _twin(project, form) if pk is None else None
    if twin:
        # The answer to the first sending was lost.
        return JsonResponse({"pk": twin.pk, "version": twin.version})
    version = form.cleaned_data["version"]
    try:
        save_indicator(request.user, indicator, form.changes, version=version)
    except ValidationError as error:
        form.take_errors(error)
        return _errors(form)
    except StaleError as error:
        return _conflict(request.user, form, error)
    except ClosedError as error:
        return JsonResponse({"errors": {"": str(error)}}, status=409)
    except GoneError:
        return JsonResponse({"gone": True, "errors": {"": GONE}}, status=409)
    arrange(project, scheme.layout)
    indicator.refresh_from_db()
    return JsonResponse({"pk": indicator.pk, "version": indicator.version})


def _twin(project: BudgetProject, form: SheetRowForm) -> Indicator | None:
    """Return a stored indicator that says all that a new row says."""
    return project.indicators.filter(**form.changes).first()


def _errors(form: SheetRowForm) -> JsonResponse:
    errors = {
        "" if name == "__all__" else name: "；".join(map(str, words))
        for name, words in form.errors.items()
    }
    return JsonResponse({"errors": errors}, status=422)


def _conflict(user: User, form: SheetRowForm, error: StaleError) -> JsonResponse:
    current = error.current
    assert isinstance(current, Indicator)
    values = stored_values(current)
    found = Conflict(
        differences(form, {name: getattr(current, name) for name in COLUMNS})
    )
    by = met(user, error, found).by
    stored = [
        {
            "name": each.name,
            "label": each.label,
            "text": each.stored,
            "value": values[each.name],
        }
        for each in found.differences
    ]
    conflict = {"version": current.version, "stored": stored, "by": by}
    return JsonResponse({"conflict": conflict}, status=409)


@login_required
@require_GET
def sheet_reading(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    """Answer how a row's target is read; split: also take sign and unit off it."""
    fetch_project(request, project_pk)
    names = ("target", "comparator", "unit")
    target, comparator, unit = (request.GET.get(name, "")[:200] for name in names)
    if request.GET.get("split"):
        entry = understand(target, comparator, unit)
        comparator, target, unit = entry.comparator, entry.target, entry.unit
    reading = read_target(comparator, target, unit)
    return JsonResponse(
        {
            "comparator": comparator,
            "target": target,
            "unit": unit,
            "reading": reading.text,
            "is_warning": reading.is_warning,
        }
    )


@login_required
@require_POST
def sheet_weights(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    """Answer the sums of 分值 of what is being typed; nothing is saved.

    level1, max_points: one of each for every row, in order.
    """
    project = fetch_editable(request, project_pk)
    levels, points = (
        request.POST.getlist(name)[:500] for name in ("level1", "max_points")
    )
    rows, unclear = [], []
    for number, (level1, text) in enumerate(zip(levels, points, strict=False), 1):
        try:
            read = PointsInput().clean(text)
        except ValidationError:
            unclear.append(str(number))
            read = None
        if level1.strip():
            rows.append(Indicator(level1=level1.strip(), max_points=read or Decimal(0)))
    context = {"weights": weigh(rows, scheme_for(project)), "unclear": unclear}
    return render(request, "indicators/_indicator_weights.html", context)


@login_required
@require_POST
def sheet_delete(
    request: AuthenticatedRequest, project_pk: int, pk: int
) -> HttpResponse:
    """Delete one row; answer undo, the list of what can be brought back."""
    project = fetch_editable(request, project_pk)
    indicator = project.indicators.filter(pk=pk).first()
    sent = request.POST.get("version", "")
    try:
        if indicator:
            version = int(sent) if sent.isdecimal() else 0
            delete_indicator(request.user, indicator, version=version)
    except StaleError:
        words = "该指标刚有修改，没有删除；请刷新后核对再删除"
        return JsonResponse({"errors": {"": words}}, status=409)
    except ClosedError as error:
        return JsonResponse({"errors": {"": str(error)}}, status=409)
    return JsonResponse({"undo": _undo(request, project)})


def _undo(request: AuthenticatedRequest, project: BudgetProject) -> str:
    context = {"project": project, "deletions": deletions_of(project)}
    return render_to_string("indicators/_deletions.html", context, request)


@login_required
@require_POST
def indicator_restore(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    """Undo a deletion; the sheet asks for JSON and gets the row and its place."""
    project = fetch_editable(request, project_pk)
    sent = request.POST.get("event", "")
    in_sheet = request.headers.get("Accept") == "application/json"
    try:
        back = restore_indicator(
            request.user, project, int(sent) if sent.isdecimal() else 0
        )
    except (ClosedError, ValidationError) as error:
        words = error.messages if isinstance(error, ValidationError) else [str(error)]
        if in_sheet:
            return JsonResponse({"errors": {"": "；".join(words)}}, status=409)
        return refuse(request, project, "；".join(words))
    if not in_sheet:
        name = back.level3 if back else ""
        messages.success(request, f"已恢复指标“{name}”" if back else "该指标已在表中")
        return redirect("indicators:targets", project.pk)
    answer: dict[str, Any] = {"undo": _undo(request, project)}
    if back:
        answer |= {"row": _row(request, project, back), "order": _order(project)}
    return JsonResponse(answer)


def _row(
    request: AuthenticatedRequest, project: BudgetProject, indicator: Indicator
) -> str:
    form = _form(request, scheme_for(project), indicator)
    context = {"project": project, "indicator": indicator, "form": form}
    return render_to_string("indicators/_sheet_row.html", context, request)


def _order(project: BudgetProject) -> list[int]:
    layout = scheme_for(project).layout
    stored = list(Indicator.objects.filter(project=project))
    return [each.pk for each in in_form_order(stored, layout)]


@login_required
@require_POST
def sheet_move(request: AuthenticatedRequest, project_pk: int, pk: int) -> HttpResponse:
    """Move a row up or down among those of its level 2; answer the order of all."""
    project = fetch_editable(request, project_pk)
    indicator = project.indicators.filter(pk=pk).first()
    steps = STEPS.get(request.POST.get("direction", ""))
    if indicator is None or steps is None:
        raise Http404
    try:
        moved = move_indicator(
            request.user, indicator, steps, scheme_for(project).layout
        )
    except ClosedError as error:
        return JsonResponse({"errors": {"": str(error)}}, status=409)
    return JsonResponse({"moved": moved, "order": _order(project)})

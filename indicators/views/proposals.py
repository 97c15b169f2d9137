"""Rows from elsewhere: pasted, of the library, of another project; looked at first."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from indicators.form_order import in_form_order
from indicators.forms.sheet import ProposedForm, ProposedRows, checked, proposed, typed
from indicators.forms.targets import level2_names
from indicators.models import Indicator
from indicators.pasting import COLUMNS, PasteError, read_block
from indicators.project_scheme import scheme_for
from indicators.taking_over import RefusedRowsError, Taking, take_over
from indicators.views.targets import fetch_editable, refuse
from indicators.weights import weigh
from perfeval.conflicts import Conflict, differences, met, with_version
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError, StaleError
from projects.access import why_not_edit
from projects.models import BudgetProject


@login_required
@require_http_methods(["GET", "POST"])
def indicator_paste(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    """Take a copied block; answer its rows to be looked through. Nothing is saved.

    start, row: column and key of the row in the sheet where it was pasted.
    """
    project = fetch_editable(request, project_pk)
    closed = why_not_edit(request.user, project)
    if closed:
        return refuse(request, project, closed)
    context: dict[str, Any] = {"project": project}
    if request.method == "GET":
        return render(request, "indicators/indicator_paste.html", context)
    text = request.POST.get("text", "")
    try:
        pasted = read_block(text, request.POST.get("start", ""))
    except PasteError as error:
        context |= {"text": text, "errors": [str(error)]}
        return render(request, "indicators/indicator_paste.html", context, status=422)
    stored = stored_in_order(project)
    has_names = "level3" in pasted.columns
    at = None if has_names else _place(stored, request.POST.get("row", ""))
    rows = proposed(
        pasted.rows, stored, user=request.user, scheme=scheme_for(project), at=at
    )
    return checked_page(request, project, rows, notes=pasted.notes)


def stored_in_order(project: BudgetProject) -> list[Indicator]:
    return in_form_order(list(project.indicators.all()), scheme_for(project).layout)


def _place(stored: list[Indicator], key: str) -> int:
    """Return where in the sheet a block without names begins, its end by default."""
    keys = [str(each.pk) for each in stored]
    return keys.index(key) if key in keys else len(stored)


@login_required
@require_POST
def proposals_save(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    """Write the rows that are ticked, all or none."""
    project = fetch_editable(request, project_pk)
    stored = stored_in_order(project)
    scheme = scheme_for(project)
    rows = typed(request.POST, stored, user=request.user, scheme=scheme)
    if not rows.is_valid():
        return proposal_page(request, project, rows, status=422)
    taken = rows.taken
    wanted = [
        Taking(
            stored=form.stored,
            values=form.values,
            version=form.cleaned_data["version"],
        )
        for form in taken
    ]
    try:
        added, changed = take_over(request.user, project, wanted, scheme.layout)
    except RefusedRowsError as error:
        return _answer_refused(request, project, rows, error)
    except ClosedError as error:
        return proposal_page(request, project, rows, errors=[str(error)], status=409)
    messages.success(request, f"已新增 {added} 项、修改 {changed} 项指标")
    return redirect("indicators:sheet", project.pk)


def _answer_refused(
    request: AuthenticatedRequest,
    project: BudgetProject,
    rows: ProposedRows,
    error: RefusedRowsError,
) -> HttpResponse:
    """Show every row that was refused; one that others saved with both texts."""
    data: QueryDict = request.POST
    stale: dict[int, StaleError] = {}
    refused: dict[int, ValidationError] = {}
    for place, problem in error.problems.items():
        at = rows.forms.index(rows.taken[place])
        if isinstance(problem, StaleError):
            stale[at] = problem
        else:
            refused[at] = problem
    for at, problem in stale.items():
        stored_row = cast(Indicator, problem.current)
        data = with_version(data, f"{rows.prefix}-{at}-version", stored_row.version)
    stored = stored_in_order(project)
    scheme = scheme_for(project)
    fresh = typed(data, stored, user=request.user, scheme=scheme)
    fresh.is_valid()
    for at, problem in stale.items():
        form = fresh.forms[at]
        told = {name: getattr(problem.current, name) for name in COLUMNS}
        found = Conflict(differences(form, told))
        form.conflict = met(request.user, problem, found)
    for at, problem in refused.items():
        fresh.forms[at].take_errors(problem)
    return proposal_page(request, project, fresh, status=409 if stale else 422)


def checked_page(
    request: AuthenticatedRequest,
    project: BudgetProject,
    rows: ProposedRows,
    **more: Any,
) -> HttpResponse:
    """Answer rows just proposed, with all that is wrong about them said at once."""
    stored, scheme = stored_in_order(project), scheme_for(project)
    sent = typed(checked(rows), stored, user=request.user, scheme=scheme)
    if any(form.is_taken for form in rows.forms):
        sent.is_valid()
        rows = sent
    return proposal_page(request, project, rows, **more)


def proposal_page(
    request: AuthenticatedRequest,
    project: BudgetProject,
    rows: ProposedRows,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Answer the rows with what taking them does, and 分值 as they would then be."""
    scheme = scheme_for(project)
    context = {
        "project": project,
        "rows": rows,
        "weights": weigh(_outcome(stored_in_order(project), rows), scheme),
        "level1_names": list(scheme.weights[0].level1),
        "level2_names": level2_names(scheme),
        **more,
    }
    template = "indicators/indicator_proposals.html"
    return render(request, template, context, status=status)


def _outcome(stored: list[Indicator], rows: ProposedRows) -> list[Indicator]:
    """Return the indicators as they would be; a row not readable counts 0 points."""
    changed = {form.stored.pk for form in rows.forms if form.is_taken and form.stored}
    kept = [each for each in stored if each.pk not in changed]
    return [*kept, *(_weighed(form) for form in rows.forms if form.is_taken)]


def _weighed(form: ProposedForm) -> Indicator:
    field = form.fields["max_points"]
    try:
        points = field.clean(form["max_points"].value())
    except ValidationError:
        points = 0
    return Indicator(level1=str(form["level1"].value() or ""), max_points=points)

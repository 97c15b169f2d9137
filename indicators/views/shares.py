"""What each unit of a shared project filled in, and the form of one unit's part."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from indicators.forms.changes import ShareForm
from indicators.models import IndicatorResult, SelfAssessment, ShareResult
from indicators.share_entry import save_shares
from indicators.shares import Whole, units_of, wholes_of
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError, StaleError
from projects.access import may_fill_share, why_not_fill_share
from projects.models import Department


@dataclass(frozen=True, kw_only=True)
class UnitState:
    """A unit with how many of its values are filled in; may_fill: by the person."""

    unit: Department
    filled: int
    may_fill: bool


@login_required
@require_GET
def shares(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    assessment = _fetch(request, pk)
    wholes = wholes_of(assessment)
    results = [each for each in assessment.results.all() if each.pk in wholes]
    context = {
        "assessment": assessment,
        "rows": [(each, wholes[each.pk]) for each in results],
        "units": _states(request, assessment, list(wholes.values())),
    }
    return render(request, "indicators/share_list.html", context)


def _states(
    request: AuthenticatedRequest, assessment: SelfAssessment, wholes: list[Whole]
) -> list[UnitState]:
    project, open_now = assessment.project, assessment.is_editable
    return [
        UnitState(
            unit=unit,
            filled=sum(bool(whole.parts[place].actual) for whole in wholes),
            may_fill=open_now and may_fill_share(request.user, project, unit),
        )
        for place, unit in enumerate(units_of(project))
    ]


@login_required
@require_http_methods(["GET", "POST"])
def share_fill(request: AuthenticatedRequest, pk: int, unit_pk: int) -> HttpResponse:
    """The values of one unit, saved together or not at all."""
    assessment = _fetch(request, pk)
    found = (each for each in units_of(assessment.project) if each.pk == unit_pk)
    unit = next(found, None)
    if unit is None:
        raise Http404
    if not may_fill_share(request.user, assessment.project, unit):
        words = why_not_fill_share(request.user, assessment.project, unit)
        raise PermissionDenied(words)
    if request.method == "GET" and not assessment.is_editable:
        messages.warning(request, f"{assessment.state_words}，不能修改")
        return redirect("indicators:shares", pk)
    forms = _forms(request, assessment, unit)
    errors: list[str] = []
    status = 200
    if request.method == "POST":
        status, errors = _save(request, assessment, unit, forms)
        if status == 302:
            messages.success(request, f"已保存{unit}的完成值")
            return redirect("indicators:shares", pk)
    context = {
        "assessment": assessment,
        "unit": unit,
        "forms": forms,
        "errors": errors,
    }
    return render(request, "indicators/share_form.html", context, status=status)


def _save(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    unit: Department,
    forms: list[ShareForm],
) -> tuple[int, list[str]]:
    """Save what was typed; return 302, or the status to show it with and its errors."""
    # Every form is asked, so that all that is wrong is said at once.
    if not all([form.is_valid() for form in forms]):  # noqa: C419
        return 200, []
    entries = {
        form.result.pk: (form.cleaned_data["actual"], form.cleaned_data["version"])
        for form in forms
    }
    try:
        save_shares(request.user, assessment, unit, entries)
    except ValidationError as error:
        return 200, error.messages
    except ClosedError as error:
        return 409, [str(error)]
    except StaleError as error:
        stored = error.current
        assert isinstance(stored, ShareResult)
        form = next(each for each in forms if each.result.pk == stored.result_id)
        others = [each.unsaved for each in forms if each is not form]
        form.meet(request.user, error, *others)
        return 409, []
    return 302, []


def _forms(
    request: AuthenticatedRequest, assessment: SelfAssessment, unit: Department
) -> list[ShareForm]:
    wholes = wholes_of(assessment)
    stored = ShareResult.objects.filter(result__assessment=assessment, unit=unit)
    rows = {each.result_id: each for each in stored}
    data = request.POST if request.method == "POST" else None
    return [
        ShareForm(
            data,
            result=result,
            actual=rows[result.pk].actual if result.pk in rows else "",
            version=rows[result.pk].version if result.pk in rows else 1,
        )
        for result in assessment.results.all()
        if result.pk in wholes
    ]


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    """Return a self-assessment with its project's units, or answer 404."""
    seen = SelfAssessment.objects.visible_to(request.user).with_facts()
    results = IndicatorResult.objects.select_related("indicator")
    rows = seen.prefetch_related(Prefetch("results", results), "project__shares__unit")
    return get_object_or_404(rows, pk=pk)

"""What a result row scores while it is typed; nothing is written."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from indicators.access import may_fill_part, why_not_fill_part
from indicators.form_tables import bands_of
from indicators.forms.assessments import ResultForm
from indicators.models import ROWS, IndicatorResult, SelfAssessment
from indicators.progress import reason_asked
from indicators.scheme_store import scheme_of
from indicators.score_sheet import (
    automatic_points,
    execution_result,
    row_score,
    score_with,
    shown_grade,
)
from indicators.services import check_given_points
from indicators.shares import wholes_of
from perfeval.http import AuthenticatedRequest


@login_required
@require_POST
def score_result(
    request: AuthenticatedRequest, pk: int, result_pk: int
) -> HttpResponse:
    """Answer points, sentence, total, grade and ceiling as if the row were saved.

    What cannot be read counts as it stands in the database, and is named.
    """
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    assessment = get_object_or_404(seen, pk=pk)
    if not may_fill_part(request.user, assessment, ROWS):
        raise PermissionDenied(why_not_fill_part(request.user, assessment, ROWS))
    result = get_object_or_404(assessment.results.all(), pk=result_pk)
    form = ResultForm(
        request.POST,
        result=result,
        bands=bands_of(assessment, result),
        by_money=result == execution_result(assessment),
        is_combined=result.pk in wholes_of(assessment),
    )
    problems = _problems(form, result)
    score = score_with(assessment, result, form.changes)
    row = row_score(assessment, score, result)
    scheme = scheme_of(assessment.task.scheme)
    context = {
        "score": score,
        "grade": shown_grade(assessment, score),
        "row_score": row,
        "auto_points": automatic_points(result, row, scheme),
        "asked": reason_asked(result, row, form.changes),
        "field": form["self_points"].id_for_label
        if "self_points" in form.fields
        else "",
        "given": form.changes.get("self_points"),
        "problems": problems,
        "with_totals": "totals" in request.GET,
    }
    return render(request, "indicators/_result_live.html", context)


def _problems(form: ResultForm, result: IndicatorResult) -> list[str]:
    """Return what is wrong in the fields; form.changes then holds the others."""
    if not form.is_valid():
        return [str(each) for errors in form.errors.values() for each in errors]
    try:
        check_given_points(result, form.changes)
    except ValidationError as error:
        return error.messages
    return []

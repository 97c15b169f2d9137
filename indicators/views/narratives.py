"""The texts of a self-assessment: one page to write them all, saved one at a time."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from indicators.access import why_not_fill
from indicators.forms.assessments import NarrativeForm
from indicators.models import Narrative, NarrativeKey, SelfAssessment, VersionKind
from indicators.services import write_narrative
from indicators.text_parts import text_parts
from indicators.views.saving import HOW_FIELD, autosaved, is_autosave, save_entry
from perfeval.http import AuthenticatedRequest
from projects.access import roles_for
from projects.models import Role


@login_required
@require_GET
# A page taken from the browser's store would hold a version long passed.
@never_cache
def narratives(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show all texts, each in a form of its own that autosave.js saves."""
    assessment = _fetch(request, pk)
    if not assessment.is_editable:
        messages.warning(request, why_not_fill(request.user, assessment))
        return redirect("indicators:detail", assessment.pk)
    return _editor(request, assessment)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def edit_narrative(request: AuthenticatedRequest, pk: int, key: str) -> HttpResponse:
    """Save one text; show it alone, for browsers without scripts."""
    assessment = _fetch(request, pk)
    narrative = _narrative(assessment, key)
    if request.method == "POST":
        return _save(request, assessment, narrative)
    if not assessment.is_editable:
        messages.warning(request, why_not_fill(request.user, assessment))
        return redirect("indicators:detail", assessment.pk)
    return _editor(request, assessment, only=_form(narrative))


def _save(
    request: AuthenticatedRequest, assessment: SelfAssessment, narrative: Narrative
) -> HttpResponse:
    form = _form(narrative, request.POST)
    by_itself = request.POST.get(HOW_FIELD) == VersionKind.AUTO
    kind = VersionKind.AUTO if by_itself else VersionKind.SAVED

    def write(changes: Mapping[str, Any], version: int) -> bool:
        text = changes["text"]
        return write_narrative(
            request.user, narrative, text, version=version, kind=kind
        )

    status = save_entry(form, write)
    if is_autosave(request):
        return autosaved(form, status, version=narrative.version)
    if status != 200:
        return _editor(request, assessment, only=form, status=status)
    messages.success(request, f"已保存“{NarrativeKey(narrative.key).label}”")
    return redirect("indicators:narrative", assessment.pk, narrative.key)


def _editor(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    *,
    only: NarrativeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    comments = assessment.comments.select_related("author", "answers")
    parts = text_parts(assessment, list(comments))
    context = {
        "assessment": assessment,
        "parts": parts,
        "writing": [
            (part, only or _form(part.narrative))
            for part in parts
            if only is None or part.narrative == only.narrative
        ],
        "alone": only is not None,
    }
    return render(request, "indicators/narrative_editor.html", context, status=status)


def _form(narrative: Narrative, data: Any = None) -> NarrativeForm:
    return NarrativeForm(data, narrative=narrative, auto_id=f"id_{narrative.key}_%s")


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    """Return a self-assessment its texts are written in; 403 for who never writes."""
    seen = SelfAssessment.objects.visible_to(request.user).with_entries()
    assessment: SelfAssessment = get_object_or_404(seen, pk=pk)
    if Role.FILLER not in roles_for(request.user, assessment.project):
        raise PermissionDenied(why_not_fill(request.user, assessment))
    return assessment


def _narrative(assessment: SelfAssessment, key: str) -> Narrative:
    """Return a text of the assessment; 404 for one its material does not ask."""
    for part in text_parts(assessment):
        if part.narrative.key == key:
            return part.narrative
    raise Http404

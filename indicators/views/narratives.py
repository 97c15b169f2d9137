"""The texts of a self-assessment: one page to write them all, saved one at a time."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from indicators.access import why_not_fill, why_not_fill_part, writes_part
from indicators.figure_list import figures_of, text_problems
from indicators.first_draft import DRAFTED, first_draft
from indicators.forms.assessments import NarrativeForm
from indicators.linked_figures import GAP, TextProblem
from indicators.models import Narrative, NarrativeKey, SelfAssessment, VersionKind
from indicators.progress import count_characters, text_title
from indicators.services import write_narrative
from indicators.text_parts import text_parts
from indicators.views.saving import HOW_FIELD, autosaved, is_autosave, save_entry
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError, StaleError


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
    assessment = _fetch(request, pk, key)
    narrative = _narrative(assessment, key)
    if request.method == "POST":
        return _save(request, assessment, narrative)
    if not assessment.is_editable:
        messages.warning(request, why_not_fill(request.user, assessment))
        return redirect("indicators:detail", assessment.pk)
    return _editor(request, assessment, only=_form(narrative))


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def draft(request: AuthenticatedRequest, pk: int, key: str) -> HttpResponse:
    """Show a first draft beside what stands there; take it over when asked to."""
    assessment = _fetch(request, pk, key)
    narrative = _narrative(assessment, key)
    if key not in DRAFTED:
        raise Http404
    made = first_draft(assessment, key)
    status = 200
    if request.method == "POST":
        text = made
        if "append" in request.POST and narrative.text.strip():
            text = f"{narrative.text.rstrip()}\n{made}"
        status = _take_draft(request, narrative, text)
        if status == 200:
            messages.success(request, "已写入初稿，请补上【待填】的内容")
            return redirect(editor_url(assessment, key))
    elif not assessment.is_editable:
        messages.warning(request, why_not_fill(request.user, assessment))
        return redirect("indicators:detail", assessment.pk)
    context = {
        "assessment": assessment,
        "narrative": _narrative(_fetch(request, pk, key), key),
        "title": text_title(assessment, key),
        "draft": made,
        "gaps": len(GAP.findall(made)),
    }
    return render(request, "indicators/narrative_draft.html", context, status=status)


def _take_draft(request: AuthenticatedRequest, narrative: Narrative, text: str) -> int:
    """Write a draft as a version of its own; return the status to answer with."""
    try:
        version = int(request.POST.get("version", ""))
        write_narrative(
            request.user, narrative, text, version=version, kind=VersionKind.DRAFTED
        )
    except (StaleError, ValueError):
        messages.warning(request, "内容刚有修改，初稿没有写入；请看过再定。")
        return 409
    except ClosedError as error:
        messages.error(request, str(error))
        return 409
    return 200


def editor_url(assessment: SelfAssessment, key: str) -> str:
    """Return the address of a text on the page where all are written."""
    return f"{reverse('indicators:narratives', args=[assessment.pk])}#text-{key}"


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

    status = save_entry(request.user, form, write)
    if is_autosave(request):
        return _autosaved(request, form, status)
    if status != 200:
        return _editor(request, assessment, only=form, status=status)
    messages.success(request, f"已保存“{NarrativeKey(narrative.key).label}”")
    return redirect("indicators:narrative", assessment.pk, narrative.key)


def _autosaved(
    request: AuthenticatedRequest, form: NarrativeForm, status: int
) -> HttpResponse:
    """Answer with what is wrong in the text as it was saved, and its length."""
    narrative = form.narrative
    parts = {}
    if status == 200:
        assessment = _fetch(request, narrative.assessment_id, narrative.key)
        found = {"narrative": narrative, "problems": _problems(assessment, narrative)}
        parts[f"problems-{narrative.key}"] = render_to_string(
            "indicators/_text_problems.html", found
        )
        count = {"key": narrative.key, "count": count_characters(narrative.text)}
        parts[f"count-{narrative.key}"] = render_to_string(
            "indicators/_text_count.html", count
        )
    return autosaved(form, status, version=narrative.version, parts=parts)


def _problems(assessment: SelfAssessment, narrative: Narrative) -> list[TextProblem]:
    return [
        problem for key, problem in text_problems(assessment) if key == narrative.key
    ]


def _editor(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    *,
    only: NarrativeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    comments = assessment.comments.all()
    parts = [
        part
        for part in text_parts(assessment, list(comments))
        if writes_part(request.user, assessment, part.narrative.key)
    ]
    problems = text_problems(assessment)
    context = {
        "assessment": assessment,
        "parts": parts,
        "figures": figures_of(assessment).by_group,
        "drafted": [str(key) for key in DRAFTED],
        "writing": [
            (
                part,
                only or _form(part.narrative),
                [each for key, each in problems if key == part.narrative.key],
            )
            for part in parts
            if only is None or part.narrative == only.narrative
        ],
        "alone": only is not None,
    }
    return render(request, "indicators/narrative_editor.html", context, status=status)


def _form(narrative: Narrative, data: Any = None) -> NarrativeForm:
    return NarrativeForm(data, narrative=narrative, auto_id=f"id_{narrative.key}_%s")


def _fetch(
    request: AuthenticatedRequest, pk: int, key: str | None = None
) -> SelfAssessment:
    """Return a self-assessment its texts are written in; 403 for who never writes
    any of them, or the one named."""
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    assessment: SelfAssessment = get_object_or_404(seen, pk=pk)
    keys = NarrativeKey.values if key is None else [key]
    if not any(writes_part(request.user, assessment, each) for each in keys):
        raise PermissionDenied(why_not_fill_part(request.user, assessment, keys[0]))
    return assessment


def _narrative(assessment: SelfAssessment, key: str) -> Narrative:
    """Return a text of the assessment; 404 for one its material does not ask."""
    for part in text_parts(assessment):
        if part.narrative.key == key:
            return part.narrative
    raise Http404

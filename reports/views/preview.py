"""A text of a self-assessment as it will print, before it is saved."""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from indicators.models import Narrative, SelfAssessment
from indicators.scheme_store import scheme_of
from perfeval.http import AuthenticatedRequest
from reports.assembly import document_of
from reports.document import ReportDocument, Section
from reports.rendering.html import report_view
from reports.rendering.outline import SectionOutline, section_outlines


@login_required
@require_POST
def preview(request: AuthenticatedRequest, pk: int, key: str) -> HttpResponse:
    """Answer one text as typed, set as the report sets it; nothing is written."""
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    assessment = get_object_or_404(seen, pk=pk)
    _put(assessment, key, request.POST.get("text", ""))
    document = document_of(assessment)
    view = report_view(document, scheme_of(assessment.task.scheme))
    found = [each for each in view.sections if each.key == key]
    section = found[0] if found else _of_form(document, key)
    # Beside others on one page, its address must be its own.
    context = {"section": replace(section, anchor=f"preview-text-{key}")}
    return render(request, "reports/_section_preview.html", context)


def _put(assessment: SelfAssessment, key: str, typed: str) -> None:
    """Let the loaded assessment hold what was typed."""
    texts: list[Narrative] = [x for x in assessment.narratives.all() if x.key == key]
    if not texts:
        raise Http404
    texts[0].text = typed.replace("\r\n", "\n")


def _of_form(document: ReportDocument, key: str) -> SectionOutline:
    """Return a text of the form, which prints in a cell, as paragraphs."""
    total = document.funds.total
    texts = {
        "goal": document.goal.actual,
        "funds": total.note if total else "",
        "remarks": document.remarks,
    }
    text = Section(key="other", title="", text=texts.get(key, ""))
    (outline,) = section_outlines(ReportDocument(sections=(text,)))
    return outline

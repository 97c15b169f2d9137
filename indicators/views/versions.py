"""The versions of a text: who changed what and when, any two compared, one restored."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from indicators.access import may_fill_part, writes_part
from indicators.models import (
    Narrative,
    NarrativeVersion,
    SelfAssessment,
    VersionKind,
)
from indicators.narrative_versions import version_rows, versions_of
from indicators.progress import text_title
from indicators.review_chain import VERBS
from indicators.services import write_narrative
from perfeval.differences import compare
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError, StaleError

MOST_ROWS = 200


@login_required
@require_GET
def versions(request: AuthenticatedRequest, pk: int, key: str) -> HttpResponse:
    """List the versions of a text; ?old= and ?new= (pks) are compared."""
    assessment = _fetch(request, pk)
    narrative = get_object_or_404(assessment.narratives, key=key)
    writes = writes_part(request.user, assessment, key)
    found = list(_seen(narrative, rejected=writes)[:MOST_ROWS])
    rows = version_rows(found, _marks(assessment), fold="all" not in request.GET)
    old, new = _chosen(request, found, [each.version for each in rows])
    context = {
        "assessment": assessment,
        "narrative": narrative,
        "title": text_title(assessment, key),
        "rows": rows,
        "has_folded": any(each.folded for each in rows),
        "everything": "all" in request.GET,
        "may_fill": may_fill_part(request.user, assessment, key),
        "old": old,
        "new": new,
        "comparison": compare(old.text, new.text) if old and new else None,
    }
    return render(request, "indicators/narrative_versions.html", context)


@login_required
@require_POST
def restore(
    request: AuthenticatedRequest, pk: int, key: str, version_pk: int
) -> HttpResponse:
    """Write an earlier text again, as a new version; nothing is taken back."""
    assessment = _fetch(request, pk)
    narrative = get_object_or_404(assessment.narratives, key=key)
    version = get_object_or_404(narrative.versions, pk=version_pk)
    if not writes_part(request.user, assessment, key):
        raise PermissionDenied("只有本单位填报人可以恢复版本")
    kept_at = reverse("indicators:versions", args=[pk, key])
    try:
        issued = int(request.POST.get("version", ""))
        write_narrative(
            request.user,
            narrative,
            version.text,
            version=issued,
            kind=VersionKind.RESTORED,
        )
    except (StaleError, ValueError):
        messages.warning(request, "内容刚有修改，没有恢复；请看过新的版本再定。")
        return redirect(kept_at)
    except ClosedError as error:
        messages.error(request, str(error))
        return redirect(kept_at)
    told = f"已恢复第 {version.number} 版的内容，原来的内容留在版本中"
    messages.success(request, told)
    return redirect(f"{reverse('indicators:narratives', args=[pk])}#text-{key}")


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    seen = SelfAssessment.objects.visible_to(request.user).with_facts()
    return get_object_or_404(seen, pk=pk)


def _seen(narrative: Narrative, *, rejected: bool) -> Any:
    """Return the versions; what was not taken over is the writers' own affair."""
    found = versions_of(narrative)
    return found if rejected else found.exclude(kind=VersionKind.REJECTED)


def _chosen(
    request: AuthenticatedRequest,
    found: Sequence[NarrativeVersion],
    listed: Sequence[NarrativeVersion],
) -> tuple[NarrativeVersion | None, NarrativeVersion | None]:
    """Return the two that are asked for, else the newest two that the page lists."""
    by_pk = {str(each.pk): each for each in found}
    taken = [each for each in listed if each.kind != VersionKind.REJECTED]
    new = by_pk.get(request.GET.get("new", ""), taken[0] if taken else None)
    old = by_pk.get(request.GET.get("old", ""), taken[1] if len(taken) > 1 else None)
    return old, new


def _marks(assessment: SelfAssessment) -> list[tuple[Any, str]]:
    records = assessment.review_records.select_related("actor").defer("snapshot")
    return [(x.at, f"{x.actor}{VERBS.get(x.action, x.action)}") for x in records]

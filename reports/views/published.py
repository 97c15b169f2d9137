"""What is published, for everybody: a list by year and unit, each report, its files.

Without log-in where the office opens the page (PERFEVAL_PUBLIC_PAGE); else for whoever
is logged in. Nothing here reads more than the published document.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from indicators.scheme_store import scheme_of
from perfeval.files import as_download
from perfeval.throttle import is_too_often
from projects.models import ProjectStatus
from reports.document import document_from_json
from reports.frozen import make
from reports.models import OUT, Artifact, Publication, PublicationState
from reports.rendering.formats import FORMATS
from reports.rendering.html import report_view

PER_PAGE = 20
MOST_FILES_A_MINUTE = 60
TOO_OFTEN = "下载过于频繁，请一分钟后再试"
KEPT_BACK = {"assessment__project__status": ProjectStatus.CLASSIFIED}


@login_not_required
@require_GET
def published_list(request: HttpRequest) -> HttpResponse:
    """List what is published now; year, unit, q: the search, kept in the address."""
    if not _is_open(request):
        return redirect_to_login(request.get_full_path())
    rows = Publication.objects.filter(state=PublicationState.PUBLISHED)
    rows = rows.exclude(**KEPT_BACK).defer("document")
    year, unit, words = (request.GET.get(x, "")[:100] for x in ("year", "unit", "q"))
    found = rows
    if year.isascii() and year.isdigit():
        found = found.filter(year=int(year[:4]))
    if unit:
        found = found.filter(unit=unit)
    if words.strip():
        found = found.filter(
            Q(title__icontains=words.strip()) | Q(unit__icontains=words.strip())
        )
    page = Paginator(found.order_by("-year", "unit", "title", "pk"), PER_PAGE)
    context = {
        "page_obj": page.get_page(request.GET.get("page")),
        "years": rows.order_by("-year").values_list("year", flat=True).distinct(),
        "units": rows.order_by("unit").values_list("unit", flat=True).distinct(),
        "year": year,
        "unit": unit,
        "q": words,
        "is_filtered": bool(year or unit or words.strip()),
    }
    return render(request, "reports/published_list.html", context)


@login_not_required
@require_GET
def published_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Show a published report as it prints; a corrected one says so and stays."""
    if not _is_open(request):
        return redirect_to_login(request.get_full_path())
    publication = get_object_or_404(_out(), code=code)
    scheme = scheme_of(publication.assessment.task.scheme)
    document = document_from_json(publication.document)
    others = _out().filter(assessment=publication.assessment_id)
    labels = {each.name: each.label for each in FORMATS.values()}
    kinds = publication.artifacts.order_by("pk").values_list("format", flat=True)
    context = {
        "publication": publication,
        "view": report_view(document, scheme, parts=tuple(publication.parts)),
        "files": [(kind, labels[kind]) for kind in kinds],
        "editions": list(others.order_by("-number").defer("document")),
    }
    return render(request, "reports/published_detail.html", context)


@login_not_required
@require_GET
def published_file(
    request: HttpRequest, code: str, suffix: str
) -> FileResponse | HttpResponse:
    if not _is_open(request):
        return redirect_to_login(request.get_full_path())
    if is_too_often(request, "published", MOST_FILES_A_MINUTE):
        return HttpResponse(TOO_OFTEN, status=429, headers={"Retry-After": "60"})
    rows = Artifact.objects.filter(publication__in=_out()).select_related(
        "file", "record", "publication", "assessment__task__scheme"
    )
    artifact = make(get_object_or_404(rows, code=code, format=suffix))
    if artifact.file is None:
        return render(request, "reports/published_missing.html", status=503)
    return as_download(artifact.file)


def _is_open(request: HttpRequest) -> bool:
    return bool(settings.PUBLIC_PAGE or request.user.is_authenticated)


def _out() -> QuerySet[Publication]:
    """Return what is or was published, less what was classified since."""
    rows = Publication.objects.filter(state__in=OUT).exclude(**KEPT_BACK)
    return rows.select_related("assessment__task__scheme")

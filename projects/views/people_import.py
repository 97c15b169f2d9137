"""Pages of the import of units, people and roles; and the initial passwords it made."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfeval.http import AuthenticatedRequest
from perfeval.imports import pages
from perfeval.people import Issued
from projects.access import check_administers
from projects.people import people_by_unit
from projects.people_import.importer import PEOPLE_IMPORTER

# In the session, from the answer that made them to the page that shows them once.
ISSUED = "issued_passwords"


@login_required
@require_http_methods(["GET", "POST"])
def people_import(request: AuthenticatedRequest) -> HttpResponse:
    check_administers(request.user)
    return pages.upload_page(request, PEOPLE_IMPORTER)


@login_required
@require_GET
def people_import_template(request: AuthenticatedRequest) -> HttpResponse:
    check_administers(request.user)
    return pages.template_file(PEOPLE_IMPORTER)


@login_required
@require_GET
def people_import_preview(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)
    return pages.preview_page(request, PEOPLE_IMPORTER, pk)


@login_required
@require_GET
def people_import_marked(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)
    return pages.marked_file(request, PEOPLE_IMPORTER, pk)


@login_required
@require_POST
def people_import_save(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    check_administers(request.user)

    def then(issued: list[Issued]) -> HttpResponse:
        return show_passwords(request, issued) if issued else redirect("people:list")

    return pages.save_import(request, PEOPLE_IMPORTER, pk, then)


def show_passwords(
    request: AuthenticatedRequest, issued: Sequence[Issued]
) -> HttpResponse:
    """Lead to the page that shows initial passwords, once."""
    request.session[ISSUED] = [(each.person.pk, each.password) for each in issued]
    return redirect("people:passwords")


@login_required
@require_GET
@never_cache
def initial_passwords(request: AuthenticatedRequest) -> HttpResponse:
    """Show and forget: whoever needs them again makes new ones."""
    check_administers(request.user)
    issued = dict(request.session.pop(ISSUED, []))
    people = people_by_unit().filter(pk__in=issued)
    rows = [(person, issued[person.pk]) for person in people]
    return render(request, "projects/initial_passwords.html", {"rows": rows})

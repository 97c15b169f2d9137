"""整改佐证: files of a problem, brought, fetched, removed; each through visible_to."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from indicators.access import may_mend
from indicators.models import Problem, ProblemFile
from indicators.problem_files import add_file, remove_file
from indicators.problem_notices import place_of_problem
from perfeval.files import as_download
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError, GoneError

ONLY_UNIT = "由本单位填报人在提交以前上传和删除整改佐证"


@login_required
@require_POST
def problem_upload(
    request: AuthenticatedRequest, pk: int, problem_pk: int
) -> HttpResponse:
    """Take files: from a form, or one by one from upload.js."""
    problem = _problem(request, pk, problem_pk)
    wants_json = request.headers.get("Accept") == "application/json"
    if not may_mend(request.user, problem):
        if wants_json:
            return JsonResponse({"errors": [ONLY_UNIT]}, status=403)
        raise PermissionDenied(ONLY_UNIT)
    uploads = request.FILES.getlist("files")
    problems = [] if uploads else ["请选择文件"]
    for upload in uploads:
        try:
            added = add_file(request.user, problem, upload)
        except ValidationError as error:
            problems += error.messages
        except (ClosedError, GoneError) as error:
            problems.append(str(error))
        else:
            if not wants_json:
                messages.success(request, f"已上传“{added}”")
    address = f"{place_of_problem(problem)}#files"
    if wants_json:
        if problems:
            return JsonResponse({"errors": problems}, status=422)
        return JsonResponse({"next": address}, status=201)
    for each in problems:
        messages.error(request, each)
    return redirect(address)


@login_required
@require_GET
def problem_file(
    request: AuthenticatedRequest, pk: int, problem_pk: int, file_pk: int
) -> FileResponse:
    problem = _problem(request, pk, problem_pk)
    rows = ProblemFile.objects.select_related("file")
    return as_download(get_object_or_404(rows, problem=problem, pk=file_pk).file)


@login_required
@require_POST
def problem_file_remove(
    request: AuthenticatedRequest, pk: int, problem_pk: int, file_pk: int
) -> HttpResponse:
    problem = _problem(request, pk, problem_pk)
    if not may_mend(request.user, problem):
        raise PermissionDenied(ONLY_UNIT)
    file = problem.files.select_related("file").filter(pk=file_pk).first()
    # Removed already by a second press: done.
    if file:
        name = str(file)
        try:
            remove_file(request.user, problem, file)
        except (ClosedError, GoneError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"已删除“{name}”")
    return redirect(f"{place_of_problem(problem)}#files")


def _problem(request: AuthenticatedRequest, pk: int, problem_pk: int) -> Problem:
    seen = Problem.objects.visible_to(request.user).with_facts()
    return get_object_or_404(seen, pk=problem_pk, assessment=pk)

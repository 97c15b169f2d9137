"""A form or report uploaded to a self-assessment: looked at beside it, taken over."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from indicators.access import why_not_fill
from indicators.models import SelfAssessment
from perfeval.forms import PlainMessages
from perfeval.http import AuthenticatedRequest
from perfeval.models import DataImport
from perfeval.versions import ClosedError, StaleError
from perfeval.workbooks.archive import ReadingError
from projects.access import roles_for
from projects.models import Role
from reports.file_names import safe_name
from reports.offline import offline_workbook
from reports.rendering.errors import RenderError
from reports.takeover import ConflictError, Plan, Proposal, TakeoverError, take_over
from reports.takeover.intake import (
    OPTION,
    Intake,
    kind_for,
    note_taken,
    read_intake,
    seen_mark,
    start_intake,
)
from reports.views.report import unprintable

CHANGED = "核对期间又有人修改，请看新的内容后重新选择"
KINDS = (
    ("result", "指标完成情况"),
    ("funds", "项目资金"),
    ("text", "文字"),
    ("goal", "年度总体目标"),
    ("indicator", "指标值和分值"),
    ("create", "系统中没有的指标"),
)


class UploadForm(PlainMessages, forms.Form):
    file = forms.FileField(
        label="文件",
        help_text=(
            "自评表（.xlsx、.xls，各省格式均可）、本系统下载的填报表，"
            "或自评报告（.docx），不超过 20 MB"
        ),
    )
    sheet = forms.CharField(
        label="工作表",
        required=False,
        max_length=31,
        help_text="文件里有几张自评表时，写明读取哪一张；一般不填",
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """One proposal on the page, with what the person typed and ticked."""

    cell: Proposal
    typed: str
    is_taken: bool

    @property
    def seen(self) -> str:
        return seen_mark(self.cell)


@dataclass(frozen=True)
class Answers:
    """What a person chose and corrected on the page."""

    data: QueryDict

    @property
    def matches(self) -> dict[int, int]:
        """{index of the file's row: key of ours, 0 for none}"""
        found = {}
        for name, value in self.data.items():
            index = name.removeprefix("match-")
            if index != name and index.isdigit() and str(value).isdigit():
                found[int(index)] = int(str(value))
        return found

    def line(self, cell: Proposal) -> Line:
        typed = self.data.get(f"new-{cell.key}")
        return Line(
            cell=cell,
            typed=cell.new if typed is None else typed.replace("\r\n", "\n"),
            is_taken=cell.key in self.data.getlist("take") and not cell.closed,
        )

    def chosen(self, plan: Plan) -> list[Proposal]:
        """Return what is to be written; raise ConflictError: others changed it."""
        lines = [self.line(each) for each in plan.proposals]
        taken = [each for each in lines if each.is_taken]
        changed = [
            replace(each.cell, certain=False, why=CHANGED)
            for each in taken
            if self.data.get(f"seen-{each.cell.key}", each.seen) != each.seen
        ]
        if changed:
            raise ConflictError(changed)
        return [replace(each.cell, new=each.typed) for each in taken]


@login_required
@require_GET
def offline(request: AuthenticatedRequest, pk: int) -> HttpResponse | FileResponse:
    """Answer the workbook to be filled in; row and section name a part of it."""
    assessment = _fetch(request, pk)
    if closed := why_not_fill(request.user, assessment):
        messages.warning(request, closed)
        return redirect("indicators:detail", pk)
    rows = [int(each) for each in request.GET.getlist("row") if each.isdecimal()]
    sections = request.GET.getlist("section")
    whole = SelfAssessment.objects.with_content().get(pk=pk)
    is_part = bool(rows or sections)
    try:
        data = offline_workbook(
            whole,
            results=rows if is_part else None,
            sections=sections if is_part else None,
        )
    except RenderError as error:
        return unprintable(request, assessment, error.problems)
    words = "（部分）" if is_part else ""
    name = f"{assessment.project.year}年度{assessment.project.shown_name}填报表{words}"
    file = io.BytesIO(data)
    return FileResponse(file, as_attachment=True, filename=f"{safe_name(name)}.xlsx")


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Take a file and lead to what was understood of it."""
    assessment = _fetch(request, pk)
    if closed := why_not_fill(request.user, assessment):
        messages.warning(request, closed)
        return redirect("indicators:detail", pk)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            sheet = form.cleaned_data["sheet"]
            file = form.cleaned_data["file"]
            started = start_intake(request.user, assessment, file, sheet)
        except ValidationError as error:
            for text in error.messages:
                form.add_error("file", text)
        else:
            return redirect("reports:takeover", pk, started.pk)
    own = DataImport.objects.filter(kind=kind_for(assessment), user=request.user)
    context = {
        "assessment": assessment,
        "form": form,
        "earlier": own.select_related("file")[:5],
    }
    status = 422 if form.errors else 200
    return render(request, "reports/takeover_upload.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def takeover(request: AuthenticatedRequest, pk: int, import_pk: int) -> HttpResponse:
    """Show what a file says beside what stands there; write what is chosen."""
    assessment = _fetch(request, pk)
    closed = why_not_fill(request.user, assessment)
    if closed and request.method == "GET":
        messages.warning(request, closed)
        return redirect("indicators:detail", pk)
    own = DataImport.objects.filter(kind=kind_for(assessment), user=request.user)
    started = get_object_or_404(own.select_related("file"), pk=import_pk)
    answers = Answers(request.POST)
    try:
        intake = read_intake(started, assessment, answers.matches)
    except ReadingError as error:
        # It could be read when it came: the self-assessment has moved on since.
        messages.error(request, str(error).replace(*OPTION))
        return redirect("reports:upload", pk)
    page = _Page(request, assessment, started, intake, answers)
    if request.method == "GET" or "rematch" in request.POST:
        return page.answer()
    if closed:
        return page.answer([closed], status=409)
    try:
        chosen = answers.chosen(intake.plan)
        if not chosen:
            return page.answer(["请先勾选要采用的内容"], status=422)
        count = take_over(request.user, assessment, chosen)
    except ConflictError as error:
        # Read again: the page shows what stands there now.
        page.intake = read_intake(started, assessment, answers.matches)
        return page.answer(["有的内容刚刚有修改"], error.cells, status=409)
    except TakeoverError as error:
        return page.answer(error.problems, status=422)
    except (ClosedError, StaleError) as error:
        return page.answer([str(error)], status=409)
    note_taken(request.user, started, assessment, count)
    left = len(intake.plan.closed)
    rest = f"；另有 {left} 处按规定在别处填写，没有写入" if left else ""
    messages.success(request, f"已从“{started.file.name}”采用 {count} 处{rest}")
    return redirect("indicators:detail", pk)


@dataclass
class _Page:
    """The page of one file, as often as it is shown."""

    request: AuthenticatedRequest
    assessment: SelfAssessment
    started: DataImport
    intake: Intake
    answers: Answers

    def answer(
        self,
        errors: Sequence[str] = (),
        conflicts: Sequence[Proposal] = (),
        *,
        status: int = 200,
    ) -> HttpResponse:
        plan = self.intake.plan
        asked_again = {each.key: each for each in conflicts}
        lines = [
            self._line(asked_again.get(each.key, each), again=each.key in asked_again)
            for each in plan.proposals
        ]
        context: dict[str, Any] = {
            "assessment": self.assessment,
            "started": self.started,
            "intake": self.intake,
            "plan": plan,
            "groups": _groups(lines),
            "results": plan.results,
            "errors": errors,
            "has_doubtful_rows": any(not x.certain or not x.result for x in plan.rows),
            "marked": {x.cell.place for x in lines if not x.cell.certain},
        }
        name = "reports/takeover.html"
        return render(self.request, name, context, status=status)

    def _line(self, cell: Proposal, *, again: bool) -> Line:
        line = self.answers.line(cell)
        if again:
            return replace(line, is_taken=False)
        if f"seen-{cell.key}" in self.answers.data:
            return line
        return replace(line, is_taken=cell in self.intake.plan.ready)


def _groups(lines: Sequence[Line]) -> list[tuple[str, list[Line], list[Line]]]:
    """Return title, short and long lines of each kind that has any."""
    groups = []
    for kind, title in KINDS:
        own = [each for each in lines if each.cell.kind == kind]
        if own:
            short = [each for each in own if not each.cell.is_long]
            groups.append((title, short, [each for each in own if each.cell.is_long]))
    return groups


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    """Return a self-assessment to be filled in: 404 unseen, 403 for who never fills."""
    seen = SelfAssessment.objects.visible_to(request.user).with_facts()
    assessment = get_object_or_404(seen, pk=pk)
    if Role.FILLER not in roles_for(request.user, assessment.project):
        raise PermissionDenied(why_not_fill(request.user, assessment))
    return assessment

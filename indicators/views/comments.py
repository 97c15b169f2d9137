"""The unit's answers to remarks of reviewers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators.access import why_not_fill_part, writes_part
from indicators.drafts import drop_draft
from indicators.forms.reviewing import SayForm
from indicators.models import ReviewDraft, SelfAssessment
from indicators.threads import Thread, answer_remark, part_of, threads_of
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def answer(request: AuthenticatedRequest, pk: int, comment_pk: int) -> HttpResponse:
    """Answer one remark; a refused answer keeps its words."""
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    assessment: SelfAssessment = get_object_or_404(seen, pk=pk)
    thread = _thread(assessment, comment_pk)
    part = part_of(thread.remark)
    if not writes_part(request.user, assessment, part):
        raise PermissionDenied("只有填报人可以答复评语")
    against = why_not_fill_part(request.user, assessment, part)
    place, status = thread.anchor, 200
    if request.method == "POST":
        form = SayForm(request.POST, place=place, label="答复")
        if form.is_valid() and _answered(request, thread, form):
            drop_draft(request.user, assessment, place)
            messages.success(request, "已答复，审核人可以看到")
            page = reverse("indicators:detail", args=[pk])
            return redirect(f"{page}#{thread.anchor}")
        status = 422
    elif against:
        messages.warning(request, against)
        return redirect("indicators:detail", pk)
    else:
        mine = ReviewDraft.objects.filter(assessment=assessment, author=request.user)
        draft = mine.filter(place=place).first()
        form = SayForm(place=place, label="答复", draft=draft)
    context = {"assessment": assessment, "thread": thread, "form": form}
    return render(request, "indicators/comment_answer.html", context, status=status)


def _answered(request: AuthenticatedRequest, thread: Thread, form: SayForm) -> bool:
    try:
        answer_remark(request.user, thread.remark, form.cleaned_data["text"])
    except ClosedError as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, "；".join(error.messages))
    else:
        return True
    return False


def _thread(assessment: SelfAssessment, comment_pk: int) -> Thread:
    for each in threads_of(assessment.comments.all()):
        if each.remark.pk == comment_pk:
            return each
    raise Http404

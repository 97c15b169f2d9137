"""Writing a form through its service: what the page is answered with."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone

from indicators.forms.entry import EntryForm
from perfeval.conflicts import Conflict
from perfeval.login import AUTOSAVE_HEADER
from perfeval.models import User
from perfeval.versions import ClosedError, GoneError, StaleError

# How a save came about, in the field of this name: by itself, or by a button.
HOW_FIELD = "how"


def save_entry(
    user: User, form: EntryForm, write: Callable[[Mapping[str, Any], Any], object]
) -> int:
    """Write a form through its service; return 200, or the status to show it with.

    write: called with the changes and the version of the form. The form then holds what
    was typed, and what is wrong or was saved by others.
    """
    if not form.is_valid():
        return 422
    try:
        write(form.changes, form.cleaned_data["version"])
    except StaleError as error:
        form.meet(user, error)
        return 409
    except (ClosedError, GoneError) as error:
        form.add_error(None, str(error))
        return 409
    except ValidationError as error:
        form.take_errors(error)
        return 422
    return 200


def is_autosave(request: HttpRequest) -> bool:
    """Whether autosave.js sent this and reads the answer of autosaved()."""
    return AUTOSAVE_HEADER in request.headers


def autosaved(
    form: EntryForm,
    status: int,
    *,
    version: int,
    parts: Mapping[str, str] | None = None,
    **more: Any,
) -> JsonResponse:
    """Answer autosave.js after save_entry: saved, refused, or somebody was first.

    version: the row's after saving. parts: {id of an element: HTML that replaces it}.
    more: what else the page's own script wants to know, in the event autosave:saved.
    """
    if status == 200:
        now = timezone.localtime()
        saved = {"version": version, "at": f"{now:%H:%M:%S}", "parts": parts or {}}
        return JsonResponse({**saved, **more})
    if form.conflict is not None:
        return JsonResponse(_conflict(form, form.conflict), status=409)
    if status == 409:
        why = "".join(str(each) for each in form.non_field_errors())
        return JsonResponse({"closed": why}, status=409)
    errors = [
        {"label": _label(form, name), "text": str(text)}
        for name, texts in form.errors.items()
        for text in texts
    ]
    return JsonResponse({"errors": errors}, status=422)


def _conflict(form: EntryForm, conflict: Conflict) -> dict[str, Any]:
    return {
        "version": form.data["version"],
        "stored": {each.name: each.value for each in conflict.differences},
        "by": conflict.by,
        "html": render_to_string("_conflict_choice.html", {"conflict": conflict}),
    }


def _label(form: EntryForm, name: str) -> str:
    return str(form.fields[name].label) if name in form.fields else ""

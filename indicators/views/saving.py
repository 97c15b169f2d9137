"""Writing a form through its service: what the page is answered with."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from indicators.forms.entry import EntryForm
from perfeval.versions import ClosedError, GoneError, StaleError


def save_entry(
    form: EntryForm, write: Callable[[Mapping[str, Any], Any], object]
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
        form.show_conflict(error.current)
        return 409
    except (ClosedError, GoneError) as error:
        form.add_error(None, str(error))
        return 409
    except ValidationError as error:
        form.take_errors(error)
        return 422
    return 200

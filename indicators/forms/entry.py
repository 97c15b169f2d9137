"""What the forms of a self-assessment share: the row's version, both texts."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict

from perfeval.conflicts import Conflict, differences, met, with_version
from perfeval.forms import PlainMessages
from perfeval.models import User
from perfeval.numbers import Quantity, is_blank, read_value
from perfeval.versions import StaleError


class EntryForm(PlainMessages, forms.Form):
    """A form for one stored row; its values are written by a service.

    conflict: what others saved meanwhile, None where nobody did.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflict: Conflict | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The values typed, without the version."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "version"
        }

    def meet(self, user: User, error: StaleError, *beside: Conflict) -> None:
        """Keep what was typed and show both texts; beside: as conflicts.met."""
        self.show_conflict(error.current)
        assert self.conflict is not None
        self.conflict = met(user, error, self.conflict, *beside)

    def show_conflict(self, current: models.Model) -> None:
        """Set what is stored beside what was typed; the next save decides."""
        stored = {name: getattr(current, name) for name in self.changes}
        self.conflict = Conflict(differences(self, stored))
        version: int = getattr(current, "version")  # noqa: B009
        typed = cast(QueryDict, self.data)
        self.data = with_version(typed, self.add_prefix("version"), version)


class PointsInput(forms.CharField):
    """Points as people write them (8, ８．５, 8.5分) become a Decimal, or None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(**options)
        self.widget.attrs.update(inputmode="decimal", autocomplete="off")

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if is_blank(text):
            return None
        read = read_value(text)
        if not isinstance(read, Quantity) or read.sign or read.unit not in ("", "分"):
            raise ValidationError(f"“{text[:30]}”不是分数，请只填数字，如 8.5")
        places = read.value.as_tuple().exponent
        if isinstance(places, int) and places < -2:
            raise ValidationError(f"“{text[:30]}”的小数多于两位，请四舍五入到两位")
        return read.value


class TextInput(forms.CharField):
    """A text of any length up to the column's; line ends become those of the database.

    The browser is told no maximum: it would silently cut what is pasted.
    """

    widget = forms.Textarea
    is_long = True

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("strip", False)
        super().__init__(**options)
        self.widget.attrs.update(rows=rows)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")

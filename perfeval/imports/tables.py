"""What an import asks for: tables, each a sheet, its columns found by headings."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

# text: as it reads; code: the same, but a number that may have lost digits is refused;
# date: a day, however written; amount: money, in the unit that the heading says.
Kind = Literal["text", "code", "date", "amount"]
Value = str | date | Decimal
# Between an amount's key and the word of its part.
PART = "/"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; also: other headings it goes by; help: what to write there.

    required: every row must fill it. check: raises ValidationError for a bad value.
    """

    key: str
    heading: str
    help: str
    also: tuple[str, ...] = ()
    required: bool = False
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    check: Callable[[str], Any] | None = None
    example: str = ""
    width: int = 16

    @property
    def remedy(self) -> str:
        """What to write there, its choices named."""
        return (
            f"{self.help}（{'、'.join(self.choices)}）" if self.choices else self.help
        )


@dataclass(frozen=True, kw_only=True)
class Table:
    """One sheet; optional: a file without it is still a file to import.

    parts: words that head columns with a part of an amount each (sources of money);
    parted: key of the amount that they are parts of where the sheet does not say.
    """

    name: str
    columns: tuple[Column, ...]
    note: str = ""
    optional: bool = False
    parts: tuple[str, ...] = ()
    parted: str = ""

    def column(self, key: str) -> Column:
        """Return a column; of a part (initial/财政拨款) as one of the whole."""
        whole, _, part = key.partition(PART)
        column = next(each for each in self.columns if each.key == whole)
        if not part:
            return column
        return replace(column, key=key, heading=f"{column.heading}·{part}", also=())


@dataclass(frozen=True)
class Problem:
    """Something to mend in the file; place: cell as C12, "" where it is about more."""

    sheet: str
    place: str
    value: str
    reason: str
    remedy: str


def field_check(model: type[models.Model], name: str) -> Callable[[str], Any]:
    """Return the check that a field of a model makes of a text."""
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    most = field.max_length
    # The length is told in words of our own; clean() looks for much else that a text
    # of a long list cannot be.
    others = [x for x in field.validators if not isinstance(x, MaxLengthValidator)]
    is_text = isinstance(field, models.CharField) and not field.choices

    def check(value: str) -> Any:
        if most and len(value) > most:
            reason = f"有 {len(value)} 个字符，多了 {len(value) - most} 个"
            raise ValidationError(reason)
        if not (is_text and value):
            return field.clean(value, None)
        try:
            for validator in others:
                validator(value)
        except ValidationError:
            # Its message is the rule, which the column's help says.
            reason = f"“{value}”不是正确的{field.verbose_name}"
            raise ValidationError(reason) from None
        return value

    return check


def refusal(column: Column, value: str) -> str:
    """Return why a column refuses a value, "" where it takes it."""
    if column.choices and value not in column.choices:
        return f"没有“{value}”这一选项"
    try:
        if column.check:
            column.check(value)
    except ValidationError as error:
        return "；".join(fault_of(each) for each in error.messages)
    return ""


def fault_of(message: str) -> str:
    """Return what a message finds wrong, without what to do: the column tells that."""
    return message.partition("，请")[0].rstrip("。")

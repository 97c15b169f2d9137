"""What an import asks for: tables, each a sheet, its columns found by headings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import models

# text: as it reads; code: the same, but a number that may have lost digits is refused;
# date: a day, however written; amount: money, in the unit that the heading says.
Kind = Literal["text", "code", "date", "amount"]
Value = str | date | Decimal


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


@dataclass(frozen=True, kw_only=True)
class Table:
    """One sheet; optional: a file without it is still a file to import."""

    name: str
    columns: tuple[Column, ...]
    note: str = ""
    optional: bool = False

    def column(self, key: str) -> Column:
        return next(each for each in self.columns if each.key == key)


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

    def check(value: str) -> Any:
        if field.max_length and len(value) > field.max_length:
            raise ValidationError(f"有 {len(value)} 个字符，超过 {field.max_length} 个")
        return field.clean(value, None)

    return check


def refusal(column: Column, value: str) -> str:
    """Return why a column refuses a value, "" where it takes it."""
    if column.choices and value not in column.choices:
        return f"没有“{value}”这一选项"
    try:
        if column.check:
            column.check(value)
    except ValidationError as error:
        return "；".join(error.messages).rstrip("。")
    return ""

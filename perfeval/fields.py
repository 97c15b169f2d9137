"""Columns of the field: amounts in 元, points in 分, ratios as fractions; phones."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models

if TYPE_CHECKING:
    DecimalField = models.DecimalField[Any, Any]
else:  # at run time the class takes no parameters
    DecimalField = models.DecimalField


PHONE = RegexValidator(
    r"^[0-9+() -]{5,40}$", "联系电话只能由数字、空格、括号、加号和连字符组成"
)


class AmountField(DecimalField):
    """An amount of money in 元, exact to the 分, not negative.

    15 digits are what SQLite's 8-byte numbers give back unchanged.
    """

    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        options.setdefault("max_digits", 15)
        options.setdefault("decimal_places", 2)
        options.setdefault("validators", [MinValueValidator(Decimal(0))])
        super().__init__(verbose_name, **options)


class PointsField(DecimalField):
    """Points (分值, 得分) with 2 decimals."""

    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        options.setdefault("max_digits", 6)
        options.setdefault("decimal_places", 2)
        super().__init__(verbose_name, **options)


class ComputedPointsField(PointsField):
    """Points that a query works out: an output_field, not a column.

    SQLite computes with binary fractions and hands back -3.60000000000000.
    """

    def from_db_value(self, value: Decimal | None, *_: Any) -> Decimal | None:
        return None if value is None else value.quantize(Decimal("0.01"))


class RatioField(DecimalField):
    """A ratio as a fraction of 1 with 4 decimals."""

    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        options.setdefault("max_digits", 9)
        options.setdefault("decimal_places", 4)
        super().__init__(verbose_name, **options)

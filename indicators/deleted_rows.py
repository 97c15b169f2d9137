"""What a deletion of an indicator takes along, as its audit event keeps it."""

from typing import Any

from django.contrib.admin.utils import NestedObjects
from django.core import serializers
from django.db import DEFAULT_DB_ALIAS

from indicators.models import Indicator


def rows_of(indicator: Indicator) -> list[Any]:
    """Return an indicator and all rows below it as plain values, itself first.

    Collected by their relations: what is added below results later is kept too.
    """
    collector = NestedObjects(using=DEFAULT_DB_ALIAS, origin=indicator)
    collector.collect(list(indicator.results.all()))
    # What hangs on the indicator itself; that results protect it is no obstacle here.
    collector.collect([indicator])
    along = [
        row for rows in collector.data.values() for row in rows if row != indicator
    ]
    rows: list[Any] = serializers.serialize("python", [indicator, *along])
    return rows

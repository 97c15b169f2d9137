"""The select of many options says the same as Django's own."""

import re

import pytest
from django import forms

from perfeval.widgets import LongSelect

CHOICES = [("", "全部单位"), ("1", "市司法局"), ("2", '<甲> & "乙"')]


def parts(widget, value):
    """Return the tags and texts of a select, blanks between them left out."""
    html = widget(choices=CHOICES, attrs={"class": "form-select"}).render(
        "unit", value, {"id": "id_unit"}
    )
    return [part.strip() for part in re.split("(<[^>]*>)", html) if part.strip()]


@pytest.mark.parametrize("value", [None, "", "1", 2, "9"])
def test_the_long_select_is_written_as_djangos(value):
    own, django = parts(LongSelect, value), parts(forms.Select, value)

    assert own[1:] == django[1:]
    assert set(own[0].strip("<>").split()) == set(django[0].strip("<>").split())


def test_labels_are_escaped():
    assert "&lt;甲&gt; &amp; &quot;乙&quot;" in parts(LongSelect, "2")

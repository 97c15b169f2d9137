"""Forms of a review: points of a row, a remark, an answer, what is not said yet."""

from typing import Any, cast

from django import forms
from django.db import models
from django.http import QueryDict

from indicators.forms.entry import EntryForm, PointsInput, TextInput
from indicators.models import IndicatorResult, ItemComment
from perfeval.conflicts import Conflict, differences, with_version
from perfeval.forms import PlainMessages

LONGEST_TEXT = 4000
LONGEST_QUOTE = 2000


class ReviewForm(EntryForm):
    """What a reviewer gives one row; empty points: the unit's own stand."""

    review_points = PointsInput(label="复核得分")
    review_actual = forms.CharField(
        label="复核完成值",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    review_note = TextInput(
        label="理由", max_length=LONGEST_TEXT, rows=2, help_text="改了得分时必须填写"
    )

    def __init__(self, *args: Any, result: IndicatorResult, **kwargs: Any) -> None:
        kwargs["initial"] = {
            name: getattr(result, name)
            for name in ("review_points", "review_actual", "review_note", "version")
        }
        kwargs.setdefault("auto_id", f"id_review{result.pk}_%s")
        super().__init__(*args, **kwargs)
        self.result = result
        self.fields["review_points"].widget.attrs["class"] = "num"


class SayForm(PlainMessages, forms.Form):
    """One text said once: a remark or an answer; draft_version: of its draft."""

    draft_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = TextInput(
        label="评语", max_length=LONGEST_TEXT, rows=2, required=True, strip=True
    )

    def __init__(
        self, *args: Any, place: str, label: str = "", draft: Any = None, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {
            "text": draft.text if draft else "",
            "draft_version": draft.version if draft else 0,
        }
        kwargs.setdefault("auto_id", f"id_{place}_%s")
        super().__init__(*args, **kwargs)
        self.place = place
        if label:
            self.fields["text"].label = label
        words = self.fields["text"].label
        self.fields["text"].error_messages["required"] = f"请填写{words}"


class RemarkForm(SayForm):
    """A remark on a row or a text; quote: the passage, nth: of several equal ones."""

    quote = TextInput(
        label="所评文字", max_length=LONGEST_QUOTE, rows=2, help_text="在左边选中即可"
    )
    nth = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=100_000
    )


class DraftForm(EntryForm):
    """What is not said yet; its text bears the name it has in the page's form."""

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields[name] = TextInput(label="内容", max_length=LONGEST_TEXT)

    @property
    def text(self) -> str:
        text: str = self.cleaned_data[self.name]
        return text

    def show_conflict(self, current: models.Model) -> None:
        stored = {self.name: getattr(current, "text")}  # noqa: B009
        self.conflict = Conflict(differences(self, stored))
        version: int = getattr(current, "version")  # noqa: B009
        self.data = with_version(cast(QueryDict, self.data), "version", version)


def passage_lost(comment: ItemComment, text: str) -> bool:
    """Whether the passage of a remark stands no longer in a text."""
    return bool(comment.quote) and comment.quote not in text

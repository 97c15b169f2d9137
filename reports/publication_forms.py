"""Forms of a copy to be published: its parts, its pieces, words to hide, a decision."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.boundfield import BoundField
from django.http import QueryDict

from indicators.forms.entry import EntryForm, TextInput
from perfeval.conflicts import Conflict, Difference, with_version
from perfeval.forms import PlainMessages
from reports.copies import Copy, copy_of
from reports.document_texts import place_name, texts_of
from reports.models import Choice, Publication, Redaction
from reports.personal_data import context
from reports.redaction import BLACK, TABLES

NEEDED = {"report", *TABLES}
LONGEST_REASON = 300


class CopyForm(EntryForm):
    """What of a report is published, and what a new version mends."""

    parts = forms.MultipleChoiceField(
        label="公开的部分",
        widget=forms.CheckboxSelectMultiple,
        help_text="佐证材料清单和审核意见一般不公开",
    )
    note = TextInput(
        label="更正说明",
        rows=3,
        max_length=1000,
        strip=True,
        help_text="随新版一并公开：更正了什么、为什么",
    )

    def __init__(
        self, *args: Any, on_offer: dict[str, str], corrects: bool, **kwargs: Any
    ) -> None:
        """corrects: whether it takes the place of a copy that is out."""
        super().__init__(*args, **kwargs)
        field = self.fields["parts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(on_offer.items())
        self.fields["note"].required = corrects
        if not corrects:
            del self.fields["note"]

    def clean_parts(self) -> list[str]:
        parts: list[str] = self.cleaned_data["parts"]
        if not NEEDED & set(parts):
            raise ValidationError("请至少选自评报告、自评表、评分表中的一项")
        return parts

    def show_conflict(self, current: models.Model) -> None:
        """Set what is stored beside what was typed; the next save decides."""
        assert isinstance(current, Publication)
        stored = {"parts": current.parts, "note": current.note}
        self.conflict = Conflict(
            [
                Difference(
                    label=str(self.fields[name].label),
                    stored=self._words(name, stored[name]),
                    typed=self._words(name, typed),
                )
                for name, typed in self.changes.items()
                if typed != stored[name]
            ]
        )
        typed = cast(QueryDict, self.data)
        self.data = with_version(typed, "version", current.version)

    def _words(self, name: str, value: Any) -> str:
        if name != "parts":
            return value or "（空）"
        field = self.fields["parts"]
        assert isinstance(field, forms.MultipleChoiceField)
        names = dict(cast(Any, field.choices))
        return "、".join(str(names.get(part, part)) for part in value)


@dataclass(frozen=True)
class Place:
    """One piece as a page shows it; field: whether it is hidden."""

    row: Redaction
    name: str
    before: str
    after: str
    field: BoundField


@dataclass(frozen=True)
class Group:
    """All pieces of one kind that say the same; reason: why some of them stay."""

    kind: str
    text: str
    places: list[Place]
    reason: BoundField

    @property
    def is_decided(self) -> bool:
        return all(each.row.choice for each in self.places)


class PlacesForm(EntryForm):
    """Every piece of a copy: hidden unless its tick is taken out, for a reason."""

    def __init__(self, *args: Any, copy: Copy, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"version": copy.publication.version})
        super().__init__(*args, **kwargs)
        self.copy = copy
        self.rows: dict[tuple[str, str], list[Redaction]] = {}
        for each in copy.places:
            self.rows.setdefault((each.kind, each.text), []).append(each)
        for rows in self.rows.values():
            self._add_fields(rows)

    def _add_fields(self, rows: list[Redaction]) -> None:
        first = rows[0]
        for each in rows:
            self.fields[f"hide_{each.pk}"] = forms.BooleanField(
                required=False,
                initial=each.choice != Choice.KEEP,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            )
        self.fields[_reason(first)] = forms.CharField(
            label=f"“{first.text}”保留的理由",
            required=False,
            max_length=LONGEST_REASON,
            initial=first.reason,
            widget=forms.TextInput(
                attrs={"class": "form-control", "autocomplete": "off"}
            ),
        )

    @property
    def groups(self) -> Iterator[Group]:
        texts = texts_of(self.copy.document)
        for rows in self.rows.values():
            yield Group(
                kind=rows[0].get_kind_display(),
                text=rows[0].text,
                places=[self._place(each, texts[each.path]) for each in rows],
                reason=self[_reason(rows[0])],
            )

    def _place(self, row: Redaction, text: str) -> Place:
        before, after = context(text, row.start, row.end)
        name = place_name(self.copy.document, row.path)
        return Place(row, name, before, after, self[f"hide_{row.pk}"])

    @property
    def decisions(self) -> dict[int, tuple[str, str]]:
        """{key of a piece: (Choice, reason)}."""
        data = self.cleaned_data
        return {
            each.pk: (
                Choice.HIDE if data[f"hide_{each.pk}"] else Choice.KEEP,
                data.get(_reason(rows[0]), "").strip(),
            )
            for rows in self.rows.values()
            for each in rows
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for rows in self.rows.values():
            stays = any(not data.get(f"hide_{each.pk}") for each in rows)
            name = _reason(rows[0])
            if stays and rows[0].kind != "marked" and not data.get(name, "").strip():
                self.add_error(name, f"请填写“{rows[0].text}”保留的理由，或者勾选遮盖")
        return data

    def show_conflict(self, current: models.Model) -> None:
        """Set what is stored beside what was chosen, group by group."""
        assert isinstance(current, Publication)
        stored = {x.pk: (x.choice, x.reason) for x in copy_of(current).places}
        found = []
        for (_, text), rows in self.rows.items():
            mine = [self.decisions[each.pk] for each in rows]
            theirs = [stored.get(each.pk, ("", "")) for each in rows]
            if mine != theirs:
                found.append(Difference(f"“{text}”", _told(theirs), _told(mine)))
        self.conflict = Conflict(found)
        typed = cast(QueryDict, self.data)
        self.data = with_version(typed, "version", current.version)


class MarkForm(PlainMessages, forms.Form):
    """Words to hide wherever they stand."""

    words = TextInput(
        label="要遮盖的字词或段落",
        rows=3,
        max_length=2000,
        help_text="在预览里选中文字即可填入，也可直接输入；相同的文字每一处都会遮盖",
    )

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if not words.strip():
            raise ValidationError("请填写要遮盖的字词或段落")
        if BLACK[0] in words:
            raise ValidationError("选中的文字里有已经遮盖的部分，请分段选")
        return words


class CopyDecisionForm(PlainMessages, forms.Form):
    """A step with a copy; note: what goes with it, asked for where it is returned."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = TextInput(
        label="批准意见",
        rows=3,
        max_length=1000,
        strip=True,
        help_text="退回时必须填写，写明要改什么",
    )
    previewed = forms.BooleanField(
        label="已预览公开稿，个人信息都已遮盖",
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )


def _reason(row: Redaction) -> str:
    return f"reason_{row.pk}"


def _told(decisions: list[tuple[str, str]]) -> str:
    """Return decisions of one group in words: 遮盖 3 处，保留 1 处（办公电话）."""
    counts = {
        words: sum(choice == each for choice, _ in decisions)
        for each, words in (*Choice.choices, ("", "未确认"))
    }
    told = "，".join(f"{words} {count} 处" for words, count in counts.items() if count)
    reason = next((reason for _, reason in decisions if reason), "")
    return f"{told}（{reason}）" if reason else told

"""What a form shows when somebody else saved first: both texts, nothing lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.db.models import Model
from django.http import QueryDict

from perfeval.audit import REJECTED, Change, about, chain_of, record_rejected
from perfeval.differences import Comparison, Piece, compare
from perfeval.models import AuditEvent, User
from perfeval.versions import StaleError

# A figure, a name: read as a whole. Longer ones are compared by character.
LONGEST_WHOLE = 20
OTHERS, ONESELF = "他人", "您在另一个页面"


@dataclass(frozen=True)
class Difference:
    """One field that others saved differently from what was typed here.

    stored, typed: both in words; value: what is stored, as the field's input holds it.
    """

    label: str
    stored: str
    typed: str
    name: str = ""
    value: str = ""

    @property
    def sides(self) -> Comparison:
        """Both texts in pieces: before is what is stored, after what was typed."""
        if max(len(self.stored), len(self.typed)) <= LONGEST_WHOLE:
            return Comparison(
                before=[Piece(self.stored, True)], after=[Piece(self.typed, True)]
            )
        return compare(self.stored, self.typed)


@dataclass(frozen=True)
class Conflict:
    """What templates/_conflict.html shows; place: which row, "" for a whole form.

    by: who was first, OTHERS or ONESELF.
    """

    differences: list[Difference]
    place: str = ""
    by: str = OTHERS


def met(
    user: User, error: StaleError, conflict: Conflict, *beside: Conflict
) -> Conflict:
    """Keep what was typed in the audit trail; return the conflict with who was first.

    Every view that catches a StaleError of an editing form shows what this returns.
    beside: what else was typed in the same form and is not saved either.
    """
    row = error.current
    found = [(each.place, each.differences) for each in (conflict, *beside)]
    typed = {f"{place}{x.label}": x for place, group in found for x in group}
    if typed and not error.is_kept:
        change = Change(
            action="form.rejected",
            subject=about(row)["subject"],
            summary=f"{row._meta.verbose_name}“{row}”已另有保存，所填内容没有采用",
            before={name: each.stored for name, each in typed.items()},
            after={name: each.typed for name, each in typed.items()},
        )
        record_rejected(user, error, change, chain=chain_of(row))
    return replace(conflict, by=saved_by(user, row))


def saved_by(user: User, row: Model) -> str:
    """Return in words for a person who saved a row last: others, or they themselves."""
    events = AuditEvent.objects.filter(**about(row))
    last = events.exclude(action__endswith=REJECTED).values_list("user_id").first()
    # What a person writes for themselves leaves no event: it has an author.
    author = last[0] if last else getattr(row, "author_id", None)
    return ONESELF if author == user.pk else OTHERS


def differences(form: forms.BaseForm, stored: Mapping[str, Any]) -> list[Difference]:
    """Return the fields of a valid form that differ from what is stored.

    stored: {field name: value as cleaned_data would hold it}.
    """
    return [
        Difference(
            label=str(form.fields[name].label),
            stored=shown(form, name, value),
            typed=shown(form, name, form.cleaned_data.get(name)),
            name=name,
            value=_as_input(form, name, value),
        )
        for name, value in stored.items()
        if form.cleaned_data.get(name) != value
    ]


def _as_input(form: forms.BaseForm, name: str, value: Any) -> str:
    prepared = form.fields[name].prepare_value(value)
    return "" if prepared is None else str(prepared)


def shown(form: forms.BaseForm, name: str, value: Any) -> str:
    """Return a value as the form's field shows it: a choice by its words."""
    field = form.fields[name]
    if value in (None, ""):
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Model):
        return str(value)
    if isinstance(field, forms.ChoiceField):
        return words_of(field, value)
    return str(field.prepare_value(value))


def words_of(field: forms.ChoiceField, value: Any) -> str:
    """Return the words of a choice of a field whose choices are not grouped."""
    choices: Any = field.choices
    return str(dict(choices).get(value, value))


def with_version(data: QueryDict, name: str, version: int) -> QueryDict:
    """Return what was typed, carrying the stored version: a second save decides."""
    copy = data.copy()
    copy[name] = str(version)
    return copy

"""The rows of the indicator sheet, and rows proposed to be taken into it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms

from indicators.forms.targets import IndicatorForm, stored_values
from indicators.models import Indicator
from indicators.pasting import COLUMNS, MOST_ROWS
from indicators.schemes import Scheme
from indicators.target_reading import Reading, read_target
from perfeval.conflicts import Conflict, Difference, shown
from perfeval.models import User

PREFIX = "rows"


class SheetRowForm(IndicatorForm):
    """One row of the sheet: what of an indicator stands in its cells.

    more: fields beside them that a subclass has.
    """

    # The page has done it while the row was typed, and what it made may be corrected.
    splits_target = False
    more: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() - {*COLUMNS, "version", *self.more}:
            del self.fields[name]
        self.fields["standard"].widget.attrs["rows"] = 1
        self.fields["standard"].help_text = ""
        for name in COLUMNS:
            look = "form-select" if name == "comparator" else "form-control"
            self.fields[name].widget.attrs.update(
                {"aria-label": self.fields[name].label, "class": f"{look} cell-input"}
            )

    @property
    def cells(self) -> list[forms.BoundField]:
        return [self[name] for name in COLUMNS]

    @property
    def reading(self) -> Reading:
        names = ("comparator", "target", "unit")
        return read_target(**{name: str(self[name].value() or "") for name in names})


class ProposedForm(SheetRowForm):
    """A row to be taken over or not; indicator: the stored one that it changes.

    Set by the formset: stored, that indicator or None; conflict, what others saved in
    it meanwhile.
    """

    more = ("take", "indicator")

    take = forms.BooleanField(label="写入", required=False)
    indicator = forms.IntegerField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=1)

    def __init__(self, *args: Any, stored: Mapping[int, Indicator], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.by_key = stored
        words = "“%(value)s”不是指标性质，请从列表中选择"
        self.fields["comparator"].error_messages["invalid_choice"] = words
        self.conflict: Conflict | None = None

    def full_clean(self) -> None:
        """Leave a row alone that is not to be taken."""
        if self.is_bound and not self.is_taken:
            self.empty_permitted = True
            self.use_required_attribute = False
            self._errors = forms.utils.ErrorDict()
            self.cleaned_data = {}
            return
        super().full_clean()

    @property
    def is_taken(self) -> bool:
        mark = self["take"]
        return bool(mark.field.to_python(mark.value()))

    @property
    def stored(self) -> Indicator | None:
        key = str(self["indicator"].value() or "")
        return self.by_key.get(int(key)) if key.isdecimal() else None

    @property
    def is_closed(self) -> bool:
        """Whether the stored indicator is approved, so that nothing is taken over."""
        return self.stored is not None and self.stored.is_approved

    @property
    def differs(self) -> list[Difference]:
        """What is stored where the row says something else, as texts."""
        if self.stored is None:
            return []
        before = stored_values(self.stored)
        return [
            Difference(
                label=str(self.fields[name].label),
                stored=shown(self, name, before[name]),
                typed=str(self[name].value() or ""),
                name=name,
            )
            for name in COLUMNS
            if str(self[name].value() or "") != str(before[name] or "")
        ]

    @property
    def what(self) -> str:
        """What taking the row does: create, change, leave, closed."""
        if self.stored is None:
            return "create"
        if self.is_closed:
            return "closed"
        return "change" if self.differs else "leave"

    @property
    def values(self) -> dict[str, Any]:
        """What the service is to write, of a valid row that is taken."""
        return {name: self.cleaned_data[name] for name in COLUMNS}


if TYPE_CHECKING:
    ProposedBase = forms.BaseFormSet[ProposedForm]
else:  # at run time the class takes no parameters
    ProposedBase = forms.BaseFormSet


class ProposedRows(ProposedBase):
    """All rows proposed."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": "页面没有完整提交，请重新打开本页再填写",
        "too_many_forms": f"一次最多写入 {MOST_ROWS} 行，请分几次写入",
    }

    def clean(self) -> None:
        """Refuse a name that stands in two rows; ask for at least one row."""
        seen: dict[tuple[str, ...], int] = {}
        for number, form in enumerate(self.forms, start=1):
            data = getattr(form, "cleaned_data", {})
            if not form.is_taken or not data.get("level3"):
                continue
            name = tuple(data.get(key, "") for key in ("level1", "level2", "level3"))
            if name in seen:
                form.add_error("level3", f"与第 {seen[name]} 行同名")
            seen.setdefault(name, number)
        if not any(form.is_taken for form in self.forms):
            raise forms.ValidationError("请至少勾选一行")

    @property
    def taken(self) -> list[ProposedForm]:
        return [form for form in self.forms if form.is_taken]


ProposedFormSet = cast(
    type[ProposedRows],
    forms.formset_factory(
        ProposedForm,
        formset=ProposedRows,
        extra=0,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
        validate_max=True,
    ),
)


def proposed(
    rows: Sequence[Mapping[str, str]],
    stored: Sequence[Indicator],
    *,
    user: User,
    scheme: Scheme,
    at: int | None = None,
) -> ProposedRows:
    """Return rows of texts as a form; each finds the stored indicator of its name.

    at: the place among stored from which a block without levels is laid over the rows.
    """
    by_name = {(each.level1, each.level2, each.level3): each for each in stored}
    initial = []
    for place, row in enumerate(rows):
        under = None if at is None else at + place
        if under is None:
            level1, level2, level3 = (row.get(name, "") for name in COLUMNS[:3])
            found = by_name.get((level1, level2, level3))
        else:
            found = stored[under] if under < len(stored) else None
        initial.append(_initial(row, found, stored))
    kwargs = _kwargs(user, scheme, stored)
    made = ProposedFormSet(initial=initial, prefix=PREFIX, form_kwargs=kwargs)
    for form in made.forms:
        form.initial["take"] = form.what in ("create", "change")
    return made


def _initial(
    row: Mapping[str, str], found: Indicator | None, stored: Sequence[Indicator]
) -> dict[str, Any]:
    if found is None:
        last = stored[-1] if stored else Indicator()
        levels = {"level1": last.level1, "level2": last.level2}
        kept = {} if "level1" in row else levels
        return {"comparator": ">=", **kept, **row, "version": 1}
    before = stored_values(found)
    told = {name: before[name] for name in (*COLUMNS, "version")}
    # A cell left empty in the block says nothing of what is stored.
    said = {name: text for name, text in row.items() if text}
    return {**told, **said, "indicator": found.pk}


def checked(rows: ProposedRows) -> dict[str, str]:
    """Return rows as a page would send them, to be looked through at once."""
    count = str(len(rows.forms))
    sent = {f"{PREFIX}-TOTAL_FORMS": count, f"{PREFIX}-INITIAL_FORMS": "0"}
    for form in rows.forms:
        for name in form.fields:
            value = form[name].value()
            if name != "take":
                sent[form.add_prefix(name)] = "" if value is None else str(value)
            elif value:
                sent[form.add_prefix(name)] = "on"
    return sent


def typed(
    data: Mapping[str, Any], stored: Sequence[Indicator], *, user: User, scheme: Scheme
) -> ProposedRows:
    """Return the rows as they were sent."""
    kwargs = _kwargs(user, scheme, stored)
    return ProposedFormSet(data, prefix=PREFIX, form_kwargs=kwargs)


def _kwargs(user: User, scheme: Scheme, stored: Sequence[Indicator]) -> dict[str, Any]:
    by_key = {each.pk: each for each in stored}
    return {"user": user, "scheme": scheme, "stored": by_key}

"""All funding lines of a project as one form: rows, their sums, what is to be saved."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import QueryDict

from perfeval.amounts import MoneyUnit
from perfeval.conflicts import Conflict, differences, with_version
from perfeval.forms import PlainMessages
from perfeval.numbers import is_blank
from projects.forms import AmountInput
from projects.models import (
    AMOUNTS,
    BudgetProject,
    Department,
    FundingLine,
    FundSource,
    ratio_of,
    sum_known,
)
from projects.services import FundingEdit

PREFIX = "lines"
# Each source stands once, and there are fewer of them.
MOST_ROWS = 20
UNITS: tuple[MoneyUnit, ...] = ("万元", "元")


class FundingForm(PlainMessages, forms.Form):
    """One funding source with its amounts; line_id is empty in a row not yet saved."""

    line_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(initial=1, widget=forms.HiddenInput)
    source = forms.ChoiceField(label="资金来源", choices=FundSource.choices)
    # (origin, names of the amounts) of what was imported; set by close_imported.
    origins: Sequence[tuple[str, list[str]]] = ()

    def __init__(self, *args: Any, money_unit: MoneyUnit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in AMOUNTS:
            column: Any = FundingLine._meta.get_field(name)
            label = column.verbose_name
            field = AmountInput(label=label, money_unit=money_unit)
            field.widget.attrs["aria-label"] = label
            self.fields[name] = field
        self.fields["source"].widget.attrs["aria-label"] = "资金来源"

    @property
    def amount_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in AMOUNTS]

    @property
    def is_deleted(self) -> bool:
        """Whether the row is marked to go, also in a form with errors."""
        mark = self[DELETION_FIELD_NAME]
        return bool(mark.field.to_python(mark.value()))

    @property
    def stored_pk(self) -> int:
        """The key of the stored line of a cleaned row, 0 for a new one."""
        return self.cleaned_data.get("line_id") or 0

    @property
    def is_idle(self) -> bool:
        """Whether a cleaned row is new and says nothing."""
        data = self.cleaned_data
        return not self.stored_pk and all(data.get(name) is None for name in AMOUNTS)

    def amounts(self) -> dict[str, Any]:
        """Return source and amounts (元) of a valid row."""
        return {name: self.cleaned_data[name] for name in ("source", *AMOUNTS)}

    def readable(self, name: str) -> Decimal | None:
        """Return the amount typed, in 元; None where blank or not readable."""
        field = self.fields[name]
        try:
            amount: Decimal | None = field.clean(self[name].value())
        except forms.ValidationError:
            return None
        return amount

    def is_unclear(self, name: str) -> bool:
        """Whether something was typed that is no amount."""
        blank = is_blank(str(self[name].value() or ""))
        return not blank and self.readable(name) is None

    @property
    def ratio(self) -> Decimal | None:
        return ratio_of(self.readable("executed"), self.readable("adjusted"))


if TYPE_CHECKING:
    FundingBaseFormSet = forms.BaseFormSet[FundingForm]
else:  # at run time the class takes no parameters
    FundingBaseFormSet = forms.BaseFormSet


class FundingFormSet(FundingBaseFormSet):
    """The rows of the funding page."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": "页面没有完整提交，请重新打开本页再填写",
        "too_many_forms": "最多填写 %(num)d 行，请减少行数",
    }

    def clean(self) -> None:
        """Refuse a source that is entered twice; name both rows."""
        seen: dict[str, int] = {}
        for number, form in enumerate(self.forms, start=1):
            source = form.cleaned_data.get("source")
            if not source or form.is_deleted or form.is_idle:
                continue
            if source in seen:
                words = FundSource(source).label
                form.add_error("source", f"“{words}”与第 {seen[source]} 行重复")
            seen.setdefault(source, number)

    @property
    def says_something(self) -> bool:
        """Whether a valid set is about any money."""
        return any(not (form.is_idle or form.is_deleted) for form in self.forms)

    @property
    def kept(self) -> list[FundingForm]:
        return [form for form in self.forms if not form.is_deleted]

    def total(self, name: str) -> Decimal | None:
        """Return the sum of an amount of the rows kept, in 元.

        None where all are blank, and where one is no amount: a sum without it would
        mislead.
        """
        if any(form.is_unclear(name) for form in self.kept):
            return None
        return sum_known(form.readable(name) for form in self.kept)

    @property
    def totals(self) -> list[tuple[str, Decimal | None]]:
        return [(name, self.total(name)) for name in AMOUNTS]

    @property
    def ratio(self) -> Decimal | None:
        return ratio_of(self.total("executed"), self.total("adjusted"))

    def gone(self, lines: Sequence[FundingLine]) -> list[int]:
        """Return the places of rows whose line somebody has deleted meanwhile."""
        stored = {line.pk for line in lines}
        return [
            place
            for place, form in enumerate(self.forms)
            if form.stored_pk and form.stored_pk not in stored and not form.is_deleted
        ]

    def edits(
        self,
        project: BudgetProject,
        lines: Sequence[FundingLine],
        unit: Department | None = None,
    ) -> list[FundingEdit]:
        """Return what the service is to write, of a valid set without rows gone.

        unit: the sharing unit whose lines these are, None for the lead.
        """
        stored = {line.pk: line for line in lines}
        return [
            FundingEdit(
                line=stored.get(form.stored_pk)
                or FundingLine(project=project, unit=unit),
                changes=None if form.is_deleted else form.amounts(),
                version=form.cleaned_data.get("version") or 0,
            )
            for form in self.forms
            if not form.is_idle and (form.stored_pk in stored or not form.is_deleted)
        ]


FundingForms = cast(
    type[FundingFormSet],
    forms.formset_factory(
        FundingForm,
        formset=FundingFormSet,
        extra=0,
        can_delete=True,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
        validate_max=True,
    ),
)


def stored_forms(lines: Sequence[FundingLine], money_unit: MoneyUnit) -> FundingFormSet:
    """Return the rows as they are stored; one empty row where there are none."""
    rows = [
        {
            "line_id": line.pk,
            "version": line.version,
            "source": line.source,
            **{name: getattr(line, name) for name in AMOUNTS},
        }
        for line in lines
    ]
    return _shown(rows or [new_row([])], money_unit)


def close_imported(
    formset: FundingFormSet, lines: Sequence[FundingLine], *, decides: bool
) -> None:
    """Show of each row where its imported amounts come from.

    Who may not decide on them (decides) reads them only; the service refuses the rest.
    """
    stored = {str(line.pk): line for line in lines}
    for form in formset.forms:
        line = stored.get(str(form["line_id"].value()))
        form.origins = line.origins if line else []
        if line and not decides:
            for name in line.imported_amounts:
                form.fields[name].widget.attrs["readonly"] = True


def are_sent(data: QueryDict) -> bool:
    """Whether a request comes from a page with rows of money."""
    return f"{PREFIX}-TOTAL_FORMS" in data


def typed_forms(data: QueryDict) -> FundingFormSet:
    """Return the rows as they were sent."""
    return FundingForms(
        data, prefix=PREFIX, form_kwargs={"money_unit": unit_named(data)}
    )


def unit_named(data: QueryDict) -> MoneyUnit:
    """Return the unit in which the amounts of a request were typed."""
    return "元" if data.get("money_unit") == "元" else "万元"


def other_unit(unit: MoneyUnit) -> MoneyUnit:
    return "万元" if unit == "元" else "元"


def with_one_more(typed: FundingFormSet, money_unit: MoneyUnit) -> FundingFormSet:
    """Return the rows as typed and an empty one, for the first source not yet used."""
    rows = _typed_rows(typed)
    used = [str(row["source"]) for row in rows]
    shown = _shown([*rows, new_row(used)], money_unit)
    shown.forms[-1].fields[AMOUNTS[0]].widget.attrs["autofocus"] = True
    return shown


def in_other_unit(typed: FundingFormSet, money_unit: MoneyUnit) -> FundingFormSet:
    """Return the rows with readable amounts in the other unit, the rest as typed."""
    rows = _typed_rows(typed)
    for form, row in zip(typed.forms, rows, strict=True):
        for name in AMOUNTS:
            amount = form.readable(name)
            row[name] = row[name] if amount is None else amount
    return _shown(rows, money_unit)


def shown_anew(
    data: QueryDict, typed: FundingFormSet
) -> tuple[FundingFormSet, MoneyUnit] | None:
    """Return rows and unit where 增加一行 or 改用…填写 was pressed, else None."""
    unit = unit_named(data)
    if "add_row" in data:
        return with_one_more(typed, unit), unit
    if data.get("switch_to") in UNITS:
        other = other_unit(unit)
        return in_other_unit(typed, other), other
    return None


def kept_as_new(data: QueryDict, places: Sequence[int]) -> tuple[QueryDict, list[str]]:
    """Return what was sent with the rows of these places as new ones, and why."""
    kept = data.copy()
    for place in places:
        kept[f"{PREFIX}-{place}-line_id"] = ""
    words = [
        f"第 {place + 1} 行的资金来源已被他人删除；"
        "再次保存将重新添加，不需要时请删除该行"
        for place in places
    ]
    return kept, words


def beside_stored(
    data: QueryDict, typed: FundingFormSet, stored: FundingLine
) -> tuple[QueryDict, Conflict]:
    """Return what was sent, carrying the version of a line that others saved first,
    and what they saved in it.
    """
    place = next(
        place for place, form in enumerate(typed.forms) if form.stored_pk == stored.pk
    )
    names = ("source", *AMOUNTS)
    found = differences(
        typed.forms[place], {name: getattr(stored, name) for name in names}
    )
    key = f"{PREFIX}-{place}-version"
    conflict = Conflict(found, _words_of_place(place))
    return with_version(data, key, stored.version), conflict


def unsaved(typed: FundingFormSet) -> Iterator[Conflict]:
    """Yield for each row of a valid set what is typed in it and stored nowhere."""
    # Services write into the lines they are given, also where all is undone.
    stored = FundingLine.objects.in_bulk([x.stored_pk for x in typed if x.stored_pk])
    for place, form in enumerate(typed.forms):
        if not (form.is_deleted or form.is_idle):
            line = stored.get(form.stored_pk)
            values = {name: getattr(line, name, None) for name in ("source", *AMOUNTS)}
            yield Conflict(differences(form, values), _words_of_place(place))


def _words_of_place(place: int) -> str:
    return f"资金第 {place + 1} 行"


def new_row(used: Sequence[str]) -> dict[str, Any]:
    free = [source for source in FundSource.values if source not in used]
    return {"version": 1, "source": (free or FundSource.values)[0]}


def _typed_rows(typed: FundingFormSet) -> list[dict[str, Any]]:
    names = ("line_id", "version", "source", *AMOUNTS, DELETION_FIELD_NAME)
    return [{name: form[name].value() for name in names} for form in typed.forms]


def _shown(rows: list[dict[str, Any]], money_unit: MoneyUnit) -> FundingFormSet:
    return FundingForms(
        initial=rows, prefix=PREFIX, form_kwargs={"money_unit": money_unit}
    )

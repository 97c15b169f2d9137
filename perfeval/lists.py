"""Lists: columns that sort, columns to choose, pages at any length, a file of it all.

A page declares its columns and hands over its filtered rows; everything about the list
stands in the address: conditions, sort, columns, page. docs/screens.md says how.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import Case, F, Func, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from perfeval.sheets import XLSX, Value, stream_table

PER_PAGE = 20
if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
    AnyPage = Page[Any]
else:  # at run time the classes take no parameters
    AnyPaginator = Paginator
    AnyPage = Page

# Counting goes on to here; what is beyond is “more than” and reached page by page.
COUNTED = 10_000
FARTHEST_PAGE = 50_000
CHUNK = 500  # rows of a file that are loaded at a time

SORT, COLUMNS, PAGE, FILE = OWN = ("sort", "columns", "page", "file")

Rows = QuerySet[Any] | Sequence[Any]
# A field that is never null by its name, any other as an expression.
Order = str | F | Func | Case | Subquery


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; key: its name in the address and in the row's template.

    value: what the file holds, from a row; order: what sorts by it, none: it does not
    sort (a list in memory sorts by value). shown: without a choice in the address;
    fixed: in every choice; on_screen=False: in files alone.
    """

    key: str
    label: str
    value: Callable[[Any], Value]
    order: tuple[Order, ...] = ()
    width: int = 14
    css: str = ""
    shown: bool = True
    fixed: bool = False
    on_screen: bool = True


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column's head on the screen; url: sorts by it, "" if it does not sort.

    direction: ascending or descending where the list is sorted by it, else "".
    """

    label: str
    css: str
    url: str
    direction: str


class ListPaginator(AnyPaginator):
    """Pages of a list whose rows are counted only so far: is_cut says that it is more.

    counted: the rows without what is loaded with them.
    """

    def __init__(self, rows: Rows, per_page: int, counted: Rows) -> None:
        super().__init__(rows, per_page)
        self._counted = counted

    @cached_property
    def _count(self) -> int:
        if isinstance(self._counted, QuerySet):
            return self._counted.order_by()[: COUNTED + 1].count()
        return len(self._counted)

    @property
    def is_cut(self) -> bool:
        return isinstance(self._counted, QuerySet) and self._count > COUNTED

    @property
    def count(self) -> int:
        return COUNTED if self.is_cut else self._count

    def validate_number(self, number: Any) -> int:
        if not self.is_cut:
            return super().validate_number(number)
        # Any page may be there: its rows will tell.
        try:
            found = int(number)
        except (TypeError, ValueError):
            raise PageNotAnInteger("not a page") from None
        if not 1 <= found <= FARTHEST_PAGE:
            raise EmptyPage("no such page")
        return found

    def get_page(self, number: Any) -> "ListPage":
        try:
            found = super().get_page(number)
        except EmptyPage:  # beyond what was counted, and beyond the end
            found = self.page(self.num_pages)
        assert isinstance(found, ListPage)
        return found

    def page(self, number: Any) -> "ListPage":
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        # One more than is shown tells whether another page follows.
        found = list(self.object_list[first : first + self.per_page + 1])
        if not found and number > 1:
            raise EmptyPage("this page is beyond the end")
        return ListPage(found, number, self)


class ListPage(AnyPage):
    """One page of a list; object_list: its rows, loaded."""

    def __init__(self, found: list[Any], number: int, paginator: ListPaginator) -> None:
        super().__init__(found[: paginator.per_page], number, paginator)
        self._has_next = len(found) > paginator.per_page

    def has_next(self) -> bool:
        return self._has_next

    def next_page_number(self) -> int:
        return self.number + 1


class Listing:
    """A list as the address asks for it: its page, its heads, its file.

    rows: filtered; order: fields by which they stand without a sort in the address.
    load: adds to the queryset what rows show, load_file: for a file, where other ways
    are shorter for many rows; prepare: to loaded rows, page by page.
    """

    def __init__(
        self,
        request: HttpRequest,
        columns: Sequence[Column],
        rows: Rows,
        *,
        order: Sequence[str | OrderBy] = (),
        load: Callable[[Any], Any] = lambda rows: rows,
        load_file: Callable[[Any], Any] | None = None,
        prepare: Callable[[list[Any]], object] = lambda rows: None,
        per_page: int = PER_PAGE,
    ) -> None:
        self.path = request.path
        self.params = request.GET
        self.columns = columns
        self.rows = rows
        self._order = order
        self._load = load_file if load_file and self.is_file else load
        self._prepare = prepare
        self._per_page = per_page

    @cached_property
    def shown(self) -> frozenset[str]:
        """The keys of the columns on the screen."""
        known = [each for each in self.columns if each.on_screen]
        asked = {*self.params.getlist(COLUMNS)} & {each.key for each in known}
        return frozenset(
            each.key
            for each in known
            if each.fixed or (each.key in asked if asked else each.shown)
        )

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """The columns to choose from, each with whether it is shown."""
        free = [each for each in self.columns if each.on_screen and not each.fixed]
        return [(each, each.key in self.shown) for each in free]

    @property
    def heads(self) -> list[Head]:
        return [self._head(each) for each in self.columns if each.key in self.shown]

    def _head(self, column: Column) -> Head:
        by, direction = self._sorted_by
        is_by = by is not None and by.key == column.key
        key = column.key
        if is_by and direction == "ascending":
            key = f"-{key}"
        sorts = column.order or not isinstance(self.rows, QuerySet)
        return Head(
            label=column.label,
            css=column.css,
            url=self._address({SORT: key}) if sorts else "",
            direction=direction if is_by else "",
        )

    @cached_property
    def _sorted_by(self) -> tuple[Column | None, str]:
        """Return the column the address sorts by, and in which direction."""
        asked = self.params.get(SORT, "")
        key = asked.removeprefix("-")
        found = next((each for each in self.columns if each.key == key), None)
        if found is None or (isinstance(self.rows, QuerySet) and not found.order):
            return None, ""
        return found, "descending" if asked.startswith("-") else "ascending"

    @cached_property
    def _ordered(self) -> Rows:
        """The rows in their order, with all that they show."""
        column, direction = self._sorted_by
        is_down = direction == "descending"
        if not isinstance(self.rows, QuerySet):
            if column is None:
                return self.rows
            return _sorted(self.rows, column, is_down)
        order: list[Any] = [*self._order]
        if column:
            order = [_by(each, is_down) for each in column.order] + order
        return self._load(self.rows).order_by(*order)  # type: ignore[no-any-return]

    @cached_property
    def page(self) -> ListPage:
        paginator = ListPaginator(self._ordered, self._per_page, self.rows)
        page = paginator.get_page(self.params.get(PAGE))
        self._prepare(list(page.object_list))
        return page

    @property
    def is_file(self) -> bool:
        """Whether the address asks for the list as a file."""
        return self.params.get(FILE) == "xlsx"

    def as_file(self, title: str, more: Iterable[Any] = ()) -> StreamingHttpResponse:
        """Answer all rows that fit as an .xlsx file, with the columns of the screen.

        more: rows that stand on the page beside the list and belong into its file.
        """
        columns = [
            each
            for each in self.columns
            if not each.on_screen or each.key in self.shown
        ]
        head = [(each.label, each.width) for each in columns]
        rows = chain(self._every_row(), more)
        cells = ([each.value(row) for each in columns] for row in rows)
        response = StreamingHttpResponse(
            stream_table(title, head, cells), content_type=XLSX
        )
        name = f"{title}{timezone.localdate():%Y%m%d}.xlsx"
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response

    def _every_row(self) -> Iterator[Any]:
        for chunk in _chunks(self._ordered):
            self._prepare(chunk)
            yield from chunk

    @property
    def is_sorted(self) -> bool:
        """Whether the address sorts it, rather than its own order."""
        return self._sorted_by[0] is not None

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new filter keeps of the address: sort and columns."""
        return self._pairs(lambda name: name in (SORT, COLUMNS))

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """What a new choice of columns keeps of the address: all but page."""
        return self._pairs(lambda name: name not in (COLUMNS, PAGE, FILE))

    @property
    def file_url(self) -> str:
        return self._address({FILE: "xlsx"})

    @property
    def is_long(self) -> bool:
        """Whether its file is better written in the background."""
        return isinstance(self.page.paginator, ListPaginator) and (
            self.page.paginator.is_cut
        )

    @property
    def file_address(self) -> str:
        """The whole address of its file, for reports/batches/list_job.py."""
        return f"{self.path}{self.file_url}"

    @property
    def plain_url(self) -> str:
        """The address without conditions."""
        return f"?{urlencode(self.kept)}"

    def _pairs(self, keeps: Callable[[str], bool]) -> list[tuple[str, str]]:
        lists = self.params.lists()
        return [
            (name, str(value)) for name, all in lists if keeps(name) for value in all
        ]

    def _address(self, changed: dict[str, str]) -> str:
        kept = self._pairs(lambda name: name not in (PAGE, FILE, *changed))
        return f"?{urlencode([*kept, *changed.items()])}"


def _by(field: Order, is_down: bool) -> OrderBy | str:
    """Return the order by a field; what is not known stands last in both directions."""
    if isinstance(field, str):
        # As an index has it, which NULLS LAST would not use downwards.
        return f"-{field}" if is_down else field
    return field.desc(nulls_last=True) if is_down else field.asc(nulls_last=True)


def _sorted(rows: Sequence[Any], column: Column, is_down: bool) -> list[Any]:
    pairs = [(column.value(row), row) for row in rows]
    known = [pair for pair in pairs if pair[0] not in (None, "")]
    unknown = [row for value, row in pairs if value in (None, "")]
    in_order = sorted(known, key=itemgetter(0), reverse=is_down)
    return [*(row for _, row in in_order), *unknown]


def _chunks(rows: Rows) -> Iterator[list[Any]]:
    if isinstance(rows, QuerySet):
        every: Iterable[Any] = rows.iterator(chunk_size=CHUNK)
    else:
        every = rows
    remaining = iter(every)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk

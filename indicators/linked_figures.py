"""Figures that a text refers to by name: {全年执行数}, {指标:培训人次}. No Django here.

What stands between braces on one line is a name; {{ and }} are braces themselves, a
brace alone is itself too. A text with names is written in the editor and kept in the
database; a report holds what resolve() makes of it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

REFERENCE = re.compile(r"\{\{|\}\}|\{([^{}\n]+)\}")
# What a first draft leaves open, for a person to fill in.
GAP = re.compile(r"【待填[^】\n]*】")
Span = tuple[int, int]


@dataclass(frozen=True)
class Figure:
    """One figure by its full name; make: its value in words, "" where not known yet.

    short: the name without what tells it from others of the same name.
    """

    name: str
    group: str
    make: Callable[[], str]
    short: str = ""

    @property
    def value(self) -> str:
        return self.make()


@dataclass(frozen=True)
class TextProblem:
    """One place of a text that must be mended before it is sent up.

    start, end: in characters of the text; words: what stands there; message: why.
    """

    start: int
    end: int
    words: str
    message: str


class Figures:
    """The figures that the texts of one report may refer to."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.all = list(figures)

    @property
    def by_group(self) -> dict[str, list[tuple[str, str]]]:
        """{group: [(name to write, value)]}: the shortest name that means one alone."""
        listed: dict[str, list[tuple[str, str]]] = {}
        for each in self.all:
            told = (self.shortest(each.name), each.value)
            listed.setdefault(each.group, []).append(told)
        return listed

    def shortest(self, name: str) -> str:
        """Return the shortest name that means this figure alone; name: its full one."""
        (figure,) = self.named(name)
        alone = figure.short and len(self.named(figure.short)) == 1
        return figure.short if alone else figure.name

    def named(self, name: str) -> list[Figure]:
        """Return the figure of this full name, else all that are called so."""
        wanted = plain_name(name)
        exact = [each for each in self.all if each.name == wanted]
        return exact[:1] or [each for each in self.all if each.short == wanted]


def plain_name(name: str) -> str:
    """Return a name as the list has it, however colon and blanks were typed."""
    return re.sub(r"\s", "", name).replace("：", ":").replace("／", "/")


def resolve(text: str, figures: Figures) -> str:
    """Return a text as the report has it; a name that says nothing stays as written."""
    return REFERENCE.sub(lambda found: _shown(found, figures), text)


def _shown(found: re.Match[str], figures: Figures) -> str:
    if found[1] is None:
        return found[0][0]
    named = figures.named(found[1])
    value = named[0].value if len(named) == 1 else ""
    return value or found[0]


def written_span(
    text: str, figures: Figures, start: int, end: int
) -> tuple[int, int, bool]:
    """Return which characters of a text make start to end of what resolve() returns.

    The third is whether they are written as they are shown: no name among them, of
    which a part would be taken for the whole.
    """
    spans, grown = [], 0
    for found in REFERENCE.finditer(text):
        (first, last), length = found.span(), len(_shown(found, figures))
        spans.append(((first + grown, first + grown + length), (first, last)))
        grown += length - (last - first)
    plain = not any(shown[0] < end and shown[1] > start for shown, _ in spans)
    return _written(start, spans, 0), _written(end, spans, 1), plain


def _written(place: int, spans: Sequence[tuple[Span, Span]], side: int) -> int:
    """Return a place of the shown text in the written one; side: 0 first, 1 last."""
    shift = 0
    for shown, written in spans:
        if shown[1] <= place:
            shift = written[1] - shown[1]
        elif shown[0] < place:
            return written[side]
    return place + shift


def as_plain_text(text: str) -> str:
    """Return a text from outside so that its braces are braces: for imports."""
    return text.replace("{", "{{").replace("}", "}}")


def has_marks(text: str) -> bool:
    """Whether a text may hold a name or a gap: most hold none."""
    return "{" in text or "【" in text


def problems_in(text: str, figures: Figures) -> list[TextProblem]:
    """Return what must be mended in a text, in its order: names, values, gaps."""
    found = [*_wrong_references(text, figures), *_gaps(text)]
    return sorted(found, key=lambda each: each.start)


def _gaps(text: str) -> Iterator[TextProblem]:
    for found in GAP.finditer(text):
        yield TextProblem(*found.span(), found[0], "初稿留下的空还没有填")


def _wrong_references(text: str, figures: Figures) -> Iterator[TextProblem]:
    for found in REFERENCE.finditer(text):
        why = _why_wrong(found[1], figures) if found[1] is not None else ""
        if why:
            yield TextProblem(*found.span(), found[0], why)


def _why_wrong(name: str, figures: Figures) -> str:
    named = figures.named(name)
    if not named:
        return "没有这个名称的数据；要写花括号本身，请写成 {{ 和 }}"
    if len(named) > 1:
        names = "、".join(f"{{{each.name}}}" for each in named)
        return f"有 {len(named)} 个同名的，请写明是哪一个：{names}"
    return "" if named[0].value else "这个数据还没有填"

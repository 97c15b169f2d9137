"""What a reviewer's page shows: the paper, a card for each row and text, the totals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from indicators.drafts import drafts_of
from indicators.form_tables import ResultRow, result_rows
from indicators.forms.reviewing import RemarkForm, ReviewForm, SayForm, passage_lost
from indicators.models import (
    Evidence,
    ItemComment,
    ReviewDraft,
    ReviewRecord,
    SelfAssessment,
)
from indicators.reviewing import lacks_reason, review_totals, row_key
from indicators.score_sheet import score_of
from indicators.text_parts import TextPart, text_parts
from indicators.threads import Thread, is_from_above, threads_of
from perfeval.models import User
from reports.answers import sent_check
from reports.checks.findings import SEVERITY_LABELS
from reports.document import ReportDocument, document_from_json
from reports.review_changes import TextChange, changes_between, texts_of

RETURNS = ("send_back", "send_down", "reopen")


@dataclass(frozen=True, kw_only=True)
class ThreadCard:
    """A thread with what goes on it.

    closes: whether the level at hand may close it; lost: the passage it is on stands no
    longer.
    """

    thread: Thread
    form: SayForm
    closes: bool
    lost: bool = False


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is decided on one row or text; changes: since this level returned it."""

    place: str
    title: str
    threads: list[ThreadCard]
    remark: RemarkForm
    evidence: list[Evidence]
    changes: list[TextChange] = field(default_factory=list)

    @property
    def open_threads(self) -> int:
        return sum(each.thread.is_open for each in self.threads)


@dataclass(frozen=True, kw_only=True)
class RowCard(Card):
    """form: None where the level gives no points; lacks_reason: points without why."""

    row: ResultRow
    form: ReviewForm | None
    lacks_reason: bool


@dataclass(frozen=True, kw_only=True)
class TextCard(Card):
    """text: as it was sent up; section: id of it on the paper, "" where not there."""

    text: str
    section: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found as it was sent up, with what the unit says to it.

    label: 需说明事项 …; href: its card on this page, "" without one.
    """

    label: str
    place: str
    href: str
    message: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """All of it. returned: by whom and when it was returned, None where never."""

    found: list[Found]
    rows: list[RowCard]
    texts: list[TextCard]
    changes: list[TextChange]
    returned: ReviewRecord | None
    totals: Any
    drafts: Mapping[str, ReviewDraft]

    @property
    def open_threads(self) -> int:
        return sum(each.open_threads for each in (*self.rows, *self.texts))

    @property
    def changed(self) -> list[tuple[TextChange, list[ThreadCard]]]:
        """Each change with the remarks on what it is in."""
        beside: dict[str, list[ThreadCard]] = {}
        for row in self.rows:
            beside[row_key(row.row.result)] = row.threads
        for text in self.texts:
            beside[text.place.removeprefix("text-")] = text.threads
        return [(each, beside.get(each.where, [])) for each in self.changes]


def workplace(
    user: User,
    assessment: SelfAssessment,
    document: ReportDocument,
    records: Sequence[ReviewRecord],
    *,
    gives_points: bool,
    refused: SayForm | None = None,
    refused_row: ReviewForm | None = None,
) -> Workplace:
    """Return what the page shows; assessment: with_content(), document: sent up.

    records: all of it, the oldest first; snapshots may be deferred.
    refused: a form that came back with what is wrong in it, in its place.
    """
    comments = list(assessment.comments.all())
    drafts = drafts_of(user, assessment)
    score = score_of(assessment)
    returned = _returned(assessment, records)
    changes = _changes(returned, document)
    from_above = {
        each.pk for each in comments if is_from_above(each, assessment, records)
    }
    make = _Maker(drafts, comments, from_above, changes, refused)
    rows = [
        make.row(each, gives_points, refused_row)
        for each in result_rows(assessment, score, comments)
    ]
    texts = [make.text(each, document) for each in text_parts(assessment, comments)]
    return Workplace(
        found=_found(assessment, rows, texts),
        rows=rows,
        texts=texts,
        changes=changes,
        returned=returned,
        totals=review_totals(assessment, score),
        drafts=drafts,
    )


class _Maker:
    """Makes the cards, each with its threads, drafts and changes."""

    def __init__(
        self,
        drafts: Mapping[str, ReviewDraft],
        comments: Sequence[ItemComment],
        from_above: Collection[int],
        changes: Sequence[TextChange],
        refused: SayForm | None,
    ) -> None:
        self.drafts, self.changes, self.refused = drafts, changes, refused
        self.from_above = from_above
        self.threads = threads_of(comments)

    def row(
        self, row: ResultRow, gives_points: bool, refused: ReviewForm | None
    ) -> RowCard:
        result = row.result
        place = f"indicator-{result.indicator_id}"
        form = None
        if gives_points:
            is_refused = refused is not None and refused.result == result
            form = refused if is_refused else ReviewForm(result=result)
        return RowCard(
            place=place,
            title=result.indicator.level3,
            threads=self._threads(indicator=result.indicator_id),
            remark=self._remark(place),
            evidence=row.evidence,
            changes=[each for each in self.changes if each.where == row_key(result)],
            row=row,
            form=form,
            lacks_reason=lacks_reason(result, row.score),
        )

    def text(self, part: TextPart, document: ReportDocument) -> TextCard:
        key = part.narrative.key
        place = f"text-{key}"
        sections = [str(each.key) for each in document.sections]
        shown = texts_of(document).get(key, ("", ""))[1]
        return TextCard(
            place=place,
            title=part.title,
            threads=self._threads(key=key, text=shown),
            remark=self._remark(place),
            evidence=part.evidence,
            changes=[each for each in self.changes if each.where == key],
            text=shown,
            section=f"section-{sections.index(key) + 1}" if key in sections else "",
        )

    def _threads(
        self, indicator: int | None = None, key: str = "", text: str = ""
    ) -> list[ThreadCard]:
        return [
            ThreadCard(
                thread=each,
                form=self._say(each),
                closes=each.remark.pk not in self.from_above,
                lost=bool(key) and passage_lost(each.remark, text),
            )
            for each in self.threads
            if (each.remark.indicator_id, each.remark.narrative_key) == (indicator, key)
        ]

    def _say(self, thread: Thread) -> SayForm:
        place = thread.anchor
        if self.refused is not None and self.refused.place == place:
            return self.refused
        return SayForm(place=place, label="追问", draft=self.drafts.get(place))

    def _remark(self, place: str) -> RemarkForm:
        if isinstance(self.refused, RemarkForm) and self.refused.place == place:
            return self.refused
        return RemarkForm(place=place, draft=self.drafts.get(place))


def _returned(
    assessment: SelfAssessment, records: Sequence[ReviewRecord]
) -> ReviewRecord | None:
    """Return the last return by the level at hand, None where it returned nothing.

    A reopening is one too: what was approved before is what everybody knew.
    """
    levels = (0, assessment.level)
    for each in reversed(records):
        if each.action in RETURNS and each.level in levels:
            return each
    return None


def _changes(
    returned: ReviewRecord | None, document: ReportDocument
) -> list[TextChange]:
    if returned is None or not returned.snapshot:
        return []
    return changes_between(document_from_json(returned.snapshot), document)


def _found(
    assessment: SelfAssessment, rows: Sequence[RowCard], texts: Sequence[TextCard]
) -> list[Found]:
    check = sent_check(assessment)
    if check is None:
        return []
    places = {each.place for each in texts}
    return [
        Found(
            label=SEVERITY_LABELS[each["severity"]],
            place=each["place"],
            href=_href(each["where"], rows, places),
            message=each["message"],
            answer=each["answer"],
        )
        for each in check.findings
    ]


def _href(where: Mapping[str, Any], rows: Sequence[RowCard], texts: set[str]) -> str:
    place = f"text-{where.get('section', '')}"
    if place in texts:
        return f"#{place}"
    index = where.get("indicator", len(rows))
    return f"#row-{rows[index].row.result.pk}" if index < len(rows) else ""

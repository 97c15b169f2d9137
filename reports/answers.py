"""What the checks ask before a report is sent up, and what the unit says to it.

必改问题 block, 需说明事项 want an answer each. An answer belongs to code, place and
message of a finding: it stays while those stay, and is asked anew where they change.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from indicators.models import ReviewRecord, SelfAssessment
from indicators.progress import text_title
from indicators.services import lock_open
from perfeval.audit import Change, keeping_rejected, record, subject_of
from perfeval.models import User
from perfeval.versions import save_versioned
from reports.checks.findings import (
    Finding,
    InFunds,
    InRow,
    InText,
    shortened,
)
from reports.document import ReportDocument
from reports.findings import Shown, findings_of, text_of
from reports.models import FindingAnswers, SentCheck

KEY_LENGTH = 16


@dataclass(frozen=True)
class Asked:
    """A finding; place: where it stands, in words; key: the one of its answer."""

    shown: Shown
    place: str
    key: str

    @property
    def text(self) -> str:
        return self.shown.answer

    @property
    def finding(self) -> Finding:
        return self.shown.finding


@dataclass(frozen=True)
class SendingCheck:
    """All that is found in a self-assessment, each with its answer; answers: their row.

    Equal findings at one place are asked about once.
    """

    found: Sequence[Asked]
    answers: FindingAnswers

    @property
    def shown(self) -> list[Shown]:
        return [each.shown for each in self.found]

    @property
    def errors(self) -> list[Shown]:
        return [x.shown for x in self.found if x.finding.severity == "error"]

    @property
    def asked(self) -> list[Asked]:
        warnings = {x.key: x for x in self.found if x.finding.severity == "warning"}
        return list(warnings.values())

    @property
    def unanswered(self) -> list[Asked]:
        return [each for each in self.asked if not each.text]

    @property
    def hindrances(self) -> list[str]:
        """What keeps it from being sent up, in words."""
        return [
            *(each.finding.message for each in self.errors),
            *(f"请说明：{each.finding.message}" for each in self.unanswered),
        ]

    @property
    def hints(self) -> list[Shown]:
        return [x.shown for x in self.found if x.finding.severity == "info"]

    @property
    def outdated(self) -> list[dict[str, str]]:
        """Answers to what is found no more: code, message and text of each."""
        asked = {each.key for each in self.asked}
        texts: dict[str, dict[str, str]] = self.answers.texts
        return [said for key, said in texts.items() if key not in asked]


def sending_check(
    assessment: SelfAssessment, document: ReportDocument | None = None
) -> SendingCheck:
    """Return what is found in a self-assessment, with what is said to it.

    assessment, document: as in findings_of().
    """
    answers = getattr(assessment, "finding_answers", None)
    answers = answers or FindingAnswers(assessment=assessment)
    found = []
    for shown in findings_of(assessment, document):
        key = _key(assessment, shown.finding)
        place = place_words(assessment, shown.finding)
        said = replace(shown, answer=answers.text_of(key))
        found.append(Asked(said, place, key))
    return SendingCheck(found, answers)


def _key(assessment: SelfAssessment, finding: Finding) -> str:
    """Return what a finding is known by, wherever in its text or table it moves."""
    told = [finding.code, _spot(assessment, finding), finding.message]
    return sha256("\n".join(told).encode()).hexdigest()[:KEY_LENGTH]


def _spot(assessment: SelfAssessment, finding: Finding) -> str:
    where = finding.where
    if isinstance(where, InText):
        return f"{where.section}:{shortened(where.excerpt)}"
    if isinstance(where, InRow):
        row = list(assessment.results.all())[where.index]
        return f"{row.indicator_id}:{where.field}"
    if isinstance(where, InFunds):
        return f"{where.row}:{where.column}"
    return where.field


def place_words(assessment: SelfAssessment, finding: Finding) -> str:
    """Return where a finding stands, in words: 四、存在问题和建议, 项目资金 …"""
    where, key = finding.where, text_of(finding)
    if key and any(each.key == key for each in assessment.narratives.all()):
        return text_title(assessment, key)
    if isinstance(where, InFunds):
        return "项目资金"
    if isinstance(where, InRow):
        row = list(assessment.results.all())[where.index]
        return f"指标“{row.indicator.level3}”"
    return "自评表"


def save_answers(
    user: User,
    check: SendingCheck,
    typed: Mapping[str, str],
    *,
    version: int,
) -> FindingAnswers:
    """Keep what is said to findings; return the row with its version.

    typed: {key: text}, of those that are shown; others stay. version: the one the page
    was made from. Raises ClosedError, ValidationError, or StaleError where somebody
    saved meanwhile: then what was typed is kept in the trail.
    """
    assessment = check.answers.assessment
    with keeping_rejected(
        user,
        "findinganswers.rejected",
        assessment,
        "对检查结果的说明已另有保存，所写内容留在此处",
        {"texts": dict(typed)},
        version=version,
        chain=assessment.chain,
    ):
        return _save_answers(user, check, typed, version)


@transaction.atomic
def _save_answers(
    user: User, check: SendingCheck, typed: Mapping[str, str], version: int
) -> FindingAnswers:
    assessment = lock_open(check.answers.assessment.pk)
    row, _ = FindingAnswers.objects.get_or_create(assessment=assessment)
    before = dict(row.texts)
    if not save_versioned(row, {"texts": _merged(row, check, typed)}, version=version):
        return row
    row.saved_at, row.saved_by = timezone.now(), user
    row.save(update_fields=["saved_at", "saved_by"])
    change = Change(
        action="findinganswers.changed",
        subject=subject_of(assessment),
        summary="填写对检查结果的说明",
        before=_differing(before, row.texts),
        after=_differing(row.texts, before),
    )
    record(user, change, chain=assessment.chain)
    return row


def _merged(
    row: FindingAnswers, check: SendingCheck, typed: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return the texts with what was typed, each with what it was said to."""
    asked = {each.key: each.finding for each in check.found}
    texts: dict[str, dict[str, str]] = dict(row.texts)
    for key, text in typed.items():
        known = texts.get(key, {"code": "", "message": "检查结果已有变化"})
        if key in asked:
            known = {"code": asked[key].code, "message": asked[key].message}
        if text:
            texts[key] = {**known, "text": text}
        else:
            texts.pop(key, None)
    return texts


def _differing(
    texts: Mapping[str, dict[str, str]], others: Mapping[str, dict[str, str]]
) -> dict[str, str]:
    return {key: said["text"] for key, said in texts.items() if said != others.get(key)}


def keep_check(step: ReviewRecord, check: SendingCheck) -> None:
    """Keep what was found in what a step sent up, with the answers."""
    codes: dict[str, Counter[str]] = {}
    for each in check.found:
        finding = each.finding
        codes.setdefault(finding.severity, Counter())[finding.code] += 1
    findings = [
        {
            **each.finding.to_json(),
            "place": each.place,
            "answer": each.text if each.finding.severity == "warning" else "",
        }
        for each in check.found
    ]
    SentCheck.objects.create(
        record=step,
        findings=findings,
        codes=codes,
        answered=len([each for each in check.asked if each.text]),
    )


def sent_check(assessment: SelfAssessment) -> SentCheck | None:
    """Return what was found when it was last sent up, None where nothing is kept."""
    kept = SentCheck.objects.filter(record__assessment=assessment)
    return kept.order_by("-record").first()

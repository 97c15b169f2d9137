"""Audit events in the words of the field: names of columns and choices in Chinese."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from perfeval.audit import REJECTED
from perfeval.fields import AmountField
from perfeval.models import AuditEvent, User

LONGEST = 300
MOST_REJECTED = 50
YES, NO, EMPTY = "是", "否", "（空）"
# What events tell beside the fields of a row; “share.code”: of those actions alone.
WORDS = {
    "sha256": "摘要（SHA-256）",
    "size": "大小（字节）",
    "version": "版本",
    "file": "文件",
    "code": "查验码",
    "submission": "送审编号",
    "assessment.due_at": "办理时限",
    "holiday.is_workday": "调休上班",
    "share.code": "参与单位编码",
    "share.unit": "参与单位",
    "first": "起",
    "last": "止",
    "from": "起",
    "to": "止",
    "roles": "角色",
    "role": "角色",
    "work": "移交事项数",
    "taker": "接手人",
    "units": "单位",
    "people": "人员",
    "projects": "项目",
    "rows": "行数",
    "results": "指标行",
    "levels": "审核级次",
    "rules": "材料要求",
    "scheme": "评分方案",
    "task": "自评任务",
    "material": "报送材料",
    "proves": "佐证的内容",
    "part": "部分",
    "event": "所恢复的记录",
    "deputy": "代办人",
    "document": "批准文号",
    "attachment": "批准文件",
    "drawn": "抽中的项目",
    "quote": "所评的文字",
    "answers": "所答复的评语",
    "count": "条数",
    "before": "早于",
    "goal": "绩效目标",
    "reason": "原因",
    "note": "说明",
}
# {what an action begins with: the models whose fields it tells}, where the subject of
# the event is another row; the apps say it when they are loaded.
_models: dict[str, tuple[str, ...]] = {}


def tells_of(**models: str) -> None:
    """Say whose fields the events of an action tell: funding="projects.fundingline".

    Several models are parted by blanks; the first that has a field names it.
    """
    _models.update({kind: tuple(labels.split()) for kind, labels in models.items()})


def told(
    event: AuditEvent, values: Mapping[str, Any], *, longest: int | None = LONGEST
) -> str:
    """Return what an event holds of before or after, one name a line, in Chinese.

    longest: characters of a value; None tells all of it.
    A name that is no field's and has no word stays as it is: often an indicator's own.
    """
    kind = event.action.partition(".")[0]
    subject = event.subject.rpartition(":")[0]
    lines = []
    for label, text in _pairs(kind, subject, values):
        if longest and len(text) > longest:
            text = f"{text[: longest - 1]}…"
        lines.append(f"{label}：{text}")
    return "\n".join(lines)


def _pairs(
    kind: str, subject: str, values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield name and value of each in words; kind: of the action, or action.name."""
    for name, value in values.items():
        field = _field(kind, subject, name)
        label = WORDS.get(f"{kind}.{name}") or (
            str(field.verbose_name) if field else WORDS.get(name, name)
        )
        yield label, _word(field, value, f"{kind}.{name}")


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One line of a timeline; note: what changed, "" where the summary says it."""

    what: str
    who: str
    at: datetime
    note: str = ""


def rejected_of(person: User) -> list[HistoryLine]:
    """Return what a person typed where somebody else was first, newest first."""
    found = AuditEvent.objects.filter(user=person, action__endswith=REJECTED)
    return [
        HistoryLine(what=x.summary, who=str(person), at=x.at, note=rejected_words(x))
        for x in found[:MOST_REJECTED]
    ]


def rejected_words(event: AuditEvent) -> str:
    """Return the whole of what was typed; a section's text is among its versions."""
    return "" if "sha256" in event.after else told(event, event.after, longest=None)


def subject_words(subject: str) -> str:
    """Return the subject of an event as people name it: 预算项目 12."""
    label, _, key = subject.rpartition(":")
    with suppress(LookupError, ValueError):
        return f"{apps.get_model(label)._meta.verbose_name} {key}"
    return subject


@cache
def _field(kind: str, subject: str, name: str) -> "Field[Any, Any] | None":
    for label in (*_models.get(kind, ()), subject):
        with suppress(LookupError, ValueError, FieldDoesNotExist):
            found = apps.get_model(label)._meta.get_field(name)
            return found if isinstance(found, Field) else None
    return None


def _word(field: "Field[Any, Any] | None", value: Any, within: str) -> str:
    """Return a value in words; within: the kind that names of rows in it belong to."""
    if value in (None, "", []):
        return EMPTY
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Mapping):
        return "，".join("：".join(x) for x in _pairs(within, "", value))
    if isinstance(value, list):
        has_rows = any(isinstance(each, Mapping) for each in value)
        words_of = (_word(field, each, within) for each in value)
        return ("；" if has_rows else "、").join(words_of)
    if isinstance(field, AmountField):
        return f"{value} 元"
    words: dict[Any, Any] = dict(field.flatchoices) if field else {}
    text = str(words.get(value, value))
    with suppress(ValueError):
        if "T" in text and (at := parse_datetime(text)) and timezone.is_aware(at):
            text = f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
    return text

"""What the flow tells people: steps, remarks and answers, tasks sent out.

Each is told in the transaction of its write, once, whoever made it: page, bulk act or
command line. So a step and its notices are there together or not at all; mails follow
by themselves.
"""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from indicators.models import ItemComment, ReviewRecord, SelfAssessment, Status
from indicators.recipients import fillers, holders_of_many, reviewers
from perfeval.models import Notice
from perfeval.notices import mark_read, notify, telling
from projects.models import Role

# What a step tells the unit, and what those who review next.
TO_UNIT = {
    "send_back": "被退回",
    "reopen": "被重新打开，请修改后重新送审",
    "publish": "已公开",
}
TO_REVIEWERS = {
    "submit": "已送审",
    "approve": "已通过上一级审核",
    "send_up": "已报送",
    "send_down": "被退回本级",
}


def listen() -> None:
    """Tell of every step and remark that is stored."""
    post_save.connect(_step_stored, sender=ReviewRecord)
    post_save.connect(_comment_stored, sender=ItemComment)


def _step_stored(instance: ReviewRecord, created: bool, raw: bool, **_: Any) -> None:
    if created and not raw:
        with telling(instance):
            tell_of_step(instance)


def _comment_stored(instance: ItemComment, created: bool, raw: bool, **_: Any) -> None:
    if created and not raw:
        with telling(instance):
            tell_of_comment(instance)


def tell_of_step(record: ReviewRecord) -> None:
    """Tell the unit and who reviews next of a step just taken; not who took it.

    record: with the assessment as the step left it.
    """
    assessment = record.assessment
    name = f"“{assessment.project.shown_name}”"
    levels = {each.position: each for each in assessment.task.levels.all()}
    key, own = f"step:{record.pk}", {record.actor_id}
    _done_with_the_step_before(record)
    note = f"：{record.note}" if record.note else ""
    detail = reverse("indicators:detail", args=[assessment.pk])
    review = reverse("reports:review", args=[assessment.pk])
    level = levels.get(assessment.level)
    if record.action == "withdraw" and record.level in levels:
        people = reviewers(assessment, levels[record.level]) - own
        notify(people, key=key, text=f"{name}已被撤回，不必再审核", address=detail)
    elif record.action in TO_REVIEWERS and level and not assessment.sealing:
        told = note if record.action == "send_down" else ""
        text = f"{name}{TO_REVIEWERS[record.action]}，请办理{level.name}{told}"
        people = reviewers(assessment, level) - own
        notify(people, key=key, text=text, address=review)
    if text := _for_unit(record, assessment, note):
        notify(
            fillers(assessment) - own,
            key=f"{key}:unit",
            text=f"{name}{text}",
            address=detail,
        )


def _done_with_the_step_before(record: ReviewRecord) -> None:
    """Take as read what the step before asked of reviewers: somebody has done it."""
    earlier = ReviewRecord.objects.filter(
        assessment=record.assessment_id, pk__lt=record.pk
    )
    before = earlier.order_by("-pk").values_list("pk", flat=True).first()
    if before is not None:
        asked = Notice.objects.filter(key__startswith=f"step:{before}:")
        mark_read(asked.exclude(key__startswith=f"step:{before}:unit:"))


def _for_unit(record: ReviewRecord, assessment: SelfAssessment, note: str) -> str:
    if record.action in TO_UNIT:
        return f"{TO_UNIT[record.action]}{note}"
    if record.action != "approve":
        return ""
    if assessment.status == Status.APPROVED:
        return "已审定"
    if assessment.sealing:
        return "已通过本单位审核，请上传盖章扫描件后报送"
    levels = {each.position: each.name for each in assessment.task.levels.all()}
    return f"已通过{levels.get(record.level, '审核')}"


def tell_of_comment(comment: ItemComment) -> None:
    """Tell the unit of a remark, who made it or asked on of the unit's answer."""
    root = comment.answers or comment
    assessment = comment.assessment
    name = f"“{assessment.project.shown_name}”"
    place = comment.indicator.level3 if comment.indicator else _part(comment)
    if comment is root or comment.by_reviewer:
        people = fillers(assessment)
        text = f"{comment.author}对{name}的“{place}”提出评语：{comment.text}"
        page = reverse("indicators:detail", args=[assessment.pk])
    else:
        asked_on = root.replies.filter(by_reviewer=True)
        people = {root.author_id, *asked_on.values_list("author_id", flat=True)}
        text = f"{comment.author}答复了您对{name}“{place}”的评语：{comment.text}"
        page = reverse("reports:review", args=[assessment.pk])
    notify(
        people - {comment.author_id},
        key=f"comment:{comment.pk}",
        text=text,
        address=f"{page}#comment-{root.pk}",
    )


def _part(comment: ItemComment) -> str:
    return comment.get_narrative_key_display()


def tell_when_sent_out(started: Collection[SelfAssessment]) -> None:
    """Tell the fillers what begins, in the transaction that sends it out."""
    if started:
        with telling(started):
            tell_of_start([each.pk for each in started])


def tell_of_start(pks: Collection[int]) -> None:
    """Tell each filler how many begin for them in a task, and by when they are due."""
    rows = SelfAssessment.objects.filter(pk__in=pks).with_facts()
    by_project = {each.project_id: each for each in rows.order_by("pk")}
    if not by_project:
        return
    projects = [each.project for each in by_project.values()]
    for person, own in holders_of_many(projects, Role.FILLER).items():
        mine = [by_project[pk] for pk in sorted(own)]
        due = timezone.localtime(min(each.deadline for each in mine))
        when = date_format(due, "DATETIME_FORMAT")
        first, count = mine[0], len(mine)
        what = f"“{first.project.shown_name}”" if count == 1 else f"{count} 个项目"
        notify(
            [person],
            key=f"sent:{first.task_id}:{min(pks)}",
            text=f"“{first.task}”已下达：{what}待填报，{when} 截止",
            address=place_of(mine),
        )


def place_of(assessments: Collection[SelfAssessment]) -> str:
    """Return the page of the one, or the list where there are several."""
    first = next(iter(assessments))
    if len(assessments) == 1:
        return reverse("indicators:detail", args=[first.pk])
    return f"{reverse('indicators:list')}?task={first.task_id}"

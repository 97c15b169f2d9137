"""What rechecks tell people: given out, due, opened again, handed in, confirmed."""

from collections.abc import Collection
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from indicators.models import Recheck
from indicators.recipients import fillers
from perfeval.notices import notify
from projects.models import Membership, Role


def people_of(recheck: Recheck) -> set[int]:
    """Return the keys of those who recheck: the person, or the body's people today."""
    if recheck.person_id:
        return {recheck.person_id}
    held = Membership.objects.current().filter(
        role=Role.THIRD_PARTY, department=recheck.body_id, user__is_active=True
    )
    return set(held.values_list("user", flat=True))


def page_of(recheck: Recheck) -> str:
    return reverse("rechecks:page", args=[recheck.pk])


def tell_assigned(rechecks: Collection[Recheck]) -> None:
    """Tell the third party what was given to it; all of one order, so one notice."""
    if not rechecks:
        return
    first = next(iter(rechecks))
    when = date_format(timezone.localtime(first.due_at), "DATETIME_FORMAT")
    name = first.assessment.project.shown_name
    count = len(rechecks)
    what = f"“{name}”" if count == 1 else f"{count} 个项目"
    address = page_of(first) if count == 1 else reverse("indicators:my_rechecks")
    text = f"请复核{what}的绩效自评，{when} 截止"
    key = f"recheck:{first.pk}:assigned"
    notify(people_of(first), key=key, text=text, address=address)


def tell_of_recheck(recheck: Recheck, action: str) -> None:
    """Tell of a step taken with a recheck whom it concerns; not who took it."""
    name = f"“{recheck.assessment.project.shown_name}”"
    texts = {
        "hand_in": f"{recheck.who}提交了{name}的复核，请确认",
        "confirm": f"{name}的第三方复核结果已确认，可以查看",
        "reopen": f"{name}的复核被退回修改：{recheck.state_note}",
        "withdraw": f"{name}的复核已收回，不必再复核：{recheck.state_note}",
    }
    people: set[int] = set()
    address = page_of(recheck)
    if action == "hand_in":
        people = {recheck.assigned_by_id} if recheck.assigned_by_id else set()
    elif action == "confirm":
        people = fillers(recheck.assessment)
    else:
        people = people_of(recheck)
    if action == "withdraw":
        address = reverse("indicators:my_rechecks")
    key = f"recheck:{recheck.pk}:{action}:{recheck.version}"
    notify(people, key=key, text=texts[action], address=address)


def tell_due(recheck: Recheck, stage: int, today: date) -> None:
    """Remind of a recheck that is due soon or late; once a stage (reminders.py)."""
    due = timezone.localdate(recheck.due_at)
    gap = (due - today).days
    when = f"还有 {gap} 天到期" if gap > 0 else f"已逾期 {-gap} 天"
    name = recheck.assessment.project.shown_name
    notify(
        people_of(recheck),
        key=f"recheck:{recheck.pk}:due:{due:%Y%m%d}:{stage}",
        text=f"“{name}”待复核，{when}（{date_format(due)}）",
        address=page_of(recheck),
    )

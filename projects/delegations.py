"""代办授权: a person on leave lends their roles to a colleague, from day to day."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from projects.models import LENT_ROLES, Delegation, Membership
from projects.querysets import starts_with


def lendable(user: User) -> list[Membership]:
    """Return the roles of today that a person can lend: their own, not lent ones."""
    held = Membership.objects.current().filter(user=user, role__in=LENT_ROLES)
    return list(held.select_related("department"))


def colleagues_of(user: User) -> QuerySet[User]:
    """Return the people in use who work in the same department, or below it.

    The body above a person's own counts as the department.
    """
    held = Membership.objects.current().filter(user=user).select_related("department")
    codes = [each.department.path.split("/")[:-1] for each in held]
    # Below the root alone everybody would be a colleague.
    paths = ["/".join(parts[: max(2, len(parts) - 1)]) + "/" for parts in codes]
    working = Membership.objects.current().filter(
        starts_with("department__path", paths)
    )
    people = User.objects.filter(is_active=True, pk__in=working.values("user"))
    return people.exclude(pk=user.pk).order_by("name", "pk")


@transaction.atomic
def lend(
    user: User, deputy: User, *, first: date, last: date, reason: str
) -> Delegation:
    """Let a colleague act in one's roles from a day to a day, both included.

    Raises ValidationError: nothing to lend, days in the wrong order or past, no
    colleague.
    """
    if not lendable(user):
        raise ValidationError("您没有可以授权的角色")
    if last < timezone.localdate():
        raise ValidationError({"last": "结束日期已经过去"})
    if not colleagues_of(user).filter(pk=deputy.pk).exists():
        raise ValidationError({"deputy": "代办人应是同一部门的在用人员"})
    row = Delegation(
        grantor=user, deputy=deputy, valid_from=first, valid_to=last, reason=reason
    )
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError({"last": error.messages}) from None
    row.save()
    change = Change(
        action="delegation.granted",
        subject=subject_of(row),
        summary=f"“{user}”授权“{deputy}”代办，{first}至{last}：{reason}",
        after={"deputy": deputy.username, "from": first, "to": last},
    )
    record(user, change)
    return row


@transaction.atomic
def take_back(user: User, delegation: Delegation) -> bool:
    """End what one lent, at once; return whether it still counted."""
    row = Delegation.objects.select_for_update().get(pk=delegation.pk)
    if row.is_over:
        return False
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    change = Change(
        action="delegation.revoked",
        subject=subject_of(row),
        summary=f"“{user}”收回对“{row.deputy}”的代办授权",
        after={"revoked_at": row.revoked_at},
    )
    record(user, change)
    return True

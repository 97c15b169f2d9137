"""Writes of memberships: who holds which role where, and who may enter the admin."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from perfeval.audit import Change, record, record_many, subject_of
from perfeval.models import User
from projects.models import Department, Membership, Role

# The site's administration is open to them; what they see there: permissions.py.
ADMIN_ROLES = (Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)


@transaction.atomic
def place_membership(membership: Membership, user: User | None = None) -> Membership:
    """Save a membership; its person may enter the admin if a role asks for it.

    Raises ValidationError, also where one person would hold both administrators' roles.
    """
    before = Membership.objects.filter(pk=membership.pk).first()
    membership.full_clean()
    check_separation(membership)
    membership.save()
    person = membership.user
    administers = person.memberships.filter(role__in=ADMIN_ROLES).exists()
    person.is_staff = person.is_superuser or administers
    person.save(update_fields=["is_staff"])
    record(user, _change(user, membership, before))
    return membership


@transaction.atomic
def grant_roles(user: User | None, memberships: Sequence[Membership]) -> None:
    """Create many memberships at once, each checked before by who calls."""
    Membership.objects.bulk_create(memberships)
    administers = [each.user_id for each in memberships if each.role in ADMIN_ROLES]
    User.objects.filter(pk__in=administers).update(is_staff=True)
    record_many(user, [_change(user, each, None) for each in memberships])


@transaction.atomic
def end_role(user: User | None, membership: Membership, last: date) -> Membership:
    """End a role with a day, the last on which it counts; it stays on record.

    Raises ValidationError: before it began, or its person's last way to administer.
    """
    if last < membership.valid_from:
        begin = date_format(membership.valid_from)
        text = f"该角色自{begin}起生效，失效日期不能早于这一天"
        raise ValidationError({"valid_to": text})
    if membership.role == Role.SYSTEM_ADMIN:
        _check_one_administers(membership, last)
    membership.valid_to = last
    return place_membership(membership, user)


def _check_one_administers(membership: Membership, last: date) -> None:
    """Refuse to end the role by which alone the system can still be administered."""
    later = max(last, timezone.localdate()) + timedelta(days=1)
    others = Membership.objects.current(later).filter(
        role=Role.SYSTEM_ADMIN, user__is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        raise ValidationError("这是唯一的系统管理员，请先授予另一人该角色")


def check_others_administer(person: User) -> None:
    """Raise ValidationError where nobody else could administer the system."""
    held = Membership.objects.current().filter(role=Role.SYSTEM_ADMIN)
    own = held.filter(user=person)
    others = held.filter(user__is_active=True).exclude(user=person)
    if own.exists() and not others.exists():
        raise ValidationError("这是唯一的系统管理员，请先授予另一人该角色")


@transaction.atomic
def move_roles(
    user: User | None, memberships: Iterable[Membership], target: Department, on: date
) -> None:
    """End roles in one department the day before and give them in another from on.

    One that begins on that day or later is moved as it is, unless held there already.
    """
    held = set(
        Membership.objects.current(on)
        .filter(department=target)
        .values_list("user_id", "role")
    )
    for each in memberships:
        new = (each.user_id, each.role) not in held
        if each.valid_from < on:
            valid_to = each.valid_to
            each.valid_to = on - timedelta(days=1)
            place_membership(each, user)
            if new:
                moved = Membership(
                    user=each.user,
                    department=target,
                    role=each.role,
                    valid_from=on,
                    valid_to=valid_to,
                )
                place_membership(moved, user)
        elif new:
            each.department = target
            place_membership(each, user)


def _change(
    user: User | None, membership: Membership, before: Membership | None
) -> Change:
    """Return the event of a membership; one given to oneself says so."""
    verb = "修改" if before else "授予"
    own = user is not None and user == membership.user
    if own:
        verb = f"本人为自己{verb}"
    action = "changed" if before else "self_granted" if own else "created"
    return Change(
        action=f"membership.{action}",
        subject=subject_of(membership),
        summary=f"{verb}任职角色“{membership}”",
        before=_told(before) if before else {},
        after=_told(membership),
    )


def check_separation(membership: Membership) -> None:
    """Raise ValidationError where a person would administer and audit at once."""
    others = Membership.objects.filter(user=membership.user, role__in=ADMIN_ROLES)
    others = others.exclude(pk=membership.pk).exclude(role=membership.role)
    if membership.role in ADMIN_ROLES and others.exists():
        raise ValidationError({"role": "系统管理员和审计管理员不能由同一人担任"})


def _told(membership: Membership) -> dict[str, object]:
    return {
        "user": membership.user.username,
        "department": membership.department.name,
        "role": membership.role,
        "valid_from": membership.valid_from,
        "valid_to": membership.valid_to,
    }

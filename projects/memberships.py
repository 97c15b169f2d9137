"""Writes of memberships: who holds which role where, and who may enter the admin."""

from django.core.exceptions import ValidationError
from django.db import transaction

from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from projects.models import Membership, Role

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
    change = Change(
        action="membership.changed" if before else "membership.created",
        subject=subject_of(membership),
        summary=f"{'修改' if before else '授予'}任职角色“{membership}”",
        before=_told(before) if before else {},
        after=_told(membership),
    )
    record(user, change)
    return membership


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

"""In whose name a command writes."""

from django.core.management.base import CommandError

from perfeval.models import User


def person_named(username: str | None) -> User | None:
    """Return the person of this user name, None for the system itself.

    Raises CommandError: no such person, or no longer active.
    """
    if username is None:
        return None
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise CommandError(f"没有用户名为“{username}”的在用用户")
    return found

"""What a role may do in the site's administration: people and reference data alone.

No right is stored: it follows from the memberships of today. Nobody may delete people,
departments or tasks, and who administers the system does not read its audit events.
"""

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from perfeval.models import User
from projects.access import roles_of
from projects.models import Role

ADMINISTERED = {
    "perfeval.user": ("view", "add", "change"),
    "projects.department": ("view", "add", "change"),
    "projects.formername": ("view", "add", "change", "delete"),
    "projects.membership": ("view", "add", "change"),
    "indicators.scoringscheme": ("view",),
    "indicators.evaluationtask": ("view",),
    "indicators.tasklevel": ("view",),
    "indicators.reviewphrase": ("view", "add", "change"),
    "indicators.userule": ("view", "add", "change"),
}
AUDITED: dict[str, tuple[str, ...]] = {"perfeval.auditevent": ("view",)}


class RoleBackend(BaseBackend):
    """Gives permissions by role; logs nobody in."""

    def get_user_permissions(
        self, user_obj: User | AnonymousUser, obj: Model | None = None
    ) -> set[str]:
        if obj is not None or not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        roles = roles_of(user_obj)
        granted: set[str] = set()
        if Role.SYSTEM_ADMIN in roles:
            granted |= _permissions(ADMINISTERED)
        elif Role.AUDIT_ADMIN in roles:
            granted |= _permissions(AUDITED)
        return granted

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        """Whether a person sees anything of an app on the admin's first page."""
        granted = self.get_user_permissions(user_obj)
        return any(each.startswith(f"{app_label}.") for each in granted)


def _permissions(actions: dict[str, tuple[str, ...]]) -> set[str]:
    """Return {"projects.change_department", …}."""
    return {
        f"{model.partition('.')[0]}.{action}_{model.partition('.')[2]}"
        for model, allowed in actions.items()
        for action in allowed
    }

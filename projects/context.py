"""The navigation: what a person's roles open, in the order of the work."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from perfeval.models import User
from perfeval.notices import count_unread
from projects.access import administers, memberships_of, roles_of
from projects.models import Membership, Role

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN})
# Third parties see the self-assessments assigned to them, not the projects, nor what
# becomes of the results.
PROJECT_ROLES = frozenset(Role) - ADMINISTRATORS - {Role.THIRD_PARTY}
ASSESSMENT_ROLES = frozenset(Role) - ADMINISTRATORS
TASK_ROLES = frozenset({Role.PERFORMANCE_SECTION, Role.DEPARTMENT_REVIEWER})


@dataclass(frozen=True)
class Entry:
    """One line of the navigation, on offer to whom allowed() accepts."""

    label: str
    url_name: str
    allowed: Callable[[User], bool]


@dataclass(frozen=True)
class Shown:
    """An entry as a page shows it."""

    label: str
    url: str
    is_current: bool


def _holds(roles: frozenset[Role]) -> Callable[[User], bool]:
    return lambda user: bool(roles & roles_of(user))


ENTRIES = (
    Entry("工作台", "workbench", lambda user: True),
    Entry("项目", "projects:list", _holds(PROJECT_ROLES)),
    Entry("自评任务", "indicators:tasks", _holds(TASK_ROLES)),
    Entry("指标库", "indicators:library", _holds(PROJECT_ROLES)),
    Entry("我的复核", "indicators:my_rechecks", _holds(frozenset({Role.THIRD_PARTY}))),
    Entry("绩效自评", "indicators:list", _holds(ASSESSMENT_ROLES)),
    Entry("问题整改", "indicators:problems", _holds(PROJECT_ROLES)),
    Entry("结果应用", "indicators:result_uses", _holds(PROJECT_ROLES)),
    Entry("公开的报告", "published:list", _holds(ASSESSMENT_ROLES)),
    Entry("批量任务", "batches:list", _holds(ASSESSMENT_ROLES)),
    Entry("快速检查", "checks:quick", _holds(ASSESSMENT_ROLES)),
    Entry("单位管理", "departments:list", administers),
    Entry("人员管理", "people:list", administers),
    Entry("审计记录", "audit", _holds(frozenset({Role.AUDIT_ADMIN}))),
    Entry("系统管理", "admin:index", lambda user: user.is_staff),
)


def navigation(request: HttpRequest) -> dict[str, object]:
    """Add navigation, roles, unread notices; read only where a page prints them."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}

    def shown() -> list[Shown]:
        return entries_for(user, request.path)

    def roles() -> list[Membership]:
        return memberships_of(user)

    def unread() -> int:
        held = memberships_of(user)
        return held[0].unread_notices if held else count_unread(user)  # type: ignore[attr-defined]

    return {
        "unread_notices": SimpleLazyObject(unread),
        "navigation": SimpleLazyObject(shown),
        "person_roles": SimpleLazyObject(roles),
    }


def entries_for(user: User, path: str) -> list[Shown]:
    """Return the entries a person has; the one whose pages hold the path is current."""
    allowed = [entry for entry in ENTRIES if entry.allowed(user)]
    return [_shown(entry.label, reverse(entry.url_name), path) for entry in allowed]


def _shown(label: str, url: str, path: str) -> Shown:
    # The workbench's address is the beginning of every other.
    return Shown(label, url, path == url if url == "/" else path.startswith(url))

"""Passwords as graded protection (等保) asks: kinds of characters, not used again,
changed after some time, and the first one only good for setting an own one."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import (
    PBKDF2PasswordHasher,
    check_password,
    get_hasher,
    make_password,
)
from django.core.exceptions import ValidationError
from django.utils import timezone

from perfeval.demo import is_demo
from perfeval.models import FormerPassword, User

# Without those that look like another one in print: 0 O o, 1 l I i, 5 S, 2 Z.
ALPHABET = "abcdefghjkmnpqrstuvwxyABCDEFGHJKLMNPQRTUVWXY346789"
GROUPS, GROUP_LENGTH = 3, 4
# 12 letters of 50 are 67 bits: nobody tries them all, however cheap a try. Thousands
# are made in one transaction; the own password that follows takes the full rounds.
ROUNDS_FOR_RANDOM = 2_000


class CharacterKindsValidator:
    """Asks for three of: small letters, capitals, digits, other characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        if _kinds(password) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_uniform")

    def get_help_text(self) -> str:
        return "密码须含大写字母、小写字母、数字、其他字符中的至少三种。"


class NotUsedBefore:
    """Refuses the last passwords of a person, the one in use among them."""

    def __init__(self, last: int = 5) -> None:
        self.last = last

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        former = user.former_passwords.values_list("hash", flat=True)[: self.last]
        hashes = dict.fromkeys([user.password, *former])
        if any(check_password(password, each) for each in list(hashes)[: self.last]):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        return f"新密码不能与最近 {self.last} 次用过的密码相同。"

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Keep the hash; Django calls it whenever a new password has been saved."""
        if user is None:
            return
        User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now())
        FormerPassword.objects.create(user=user, hash=user.password)
        kept = list(user.former_passwords.values_list("pk", flat=True)[: self.last])
        user.former_passwords.exclude(pk__in=kept).delete()


def why_new_password(user: User) -> str:
    """Return why a person who logs in is to set a new password first, "" if not."""
    if is_demo():
        return ""
    if user.must_change_password:
        return "您现在的密码是管理员给出的，只能用来设置自己的密码。"
    days = settings.PASSWORD_DAYS
    since = user.password_changed_at or user.date_joined
    if days and timezone.now() - since > timedelta(days=days):
        return f"您的密码已使用超过 {days} 天，请换一个新密码。"
    return ""


def random_password() -> str:
    """Return an initial password that the validators accept: Kf7m-w3Xp-9dTy."""
    while True:
        groups = ("".join(_letters(GROUP_LENGTH)) for _ in range(GROUPS))
        password = "-".join(groups)
        if _kinds(password) == 4:
            return password


def _letters(count: int) -> list[str]:
    return [secrets.choice(ALPHABET) for _ in range(count)]


def hash_of_random(password: str) -> str:
    """Return the hash of a random password, quickly: hundreds are made at once."""
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return hasher.encode(password, hasher.salt(), iterations=ROUNDS_FOR_RANDOM)
    return make_password(password)


def _kinds(password: str) -> int:
    return len({_kind(character) for character in password})


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.islower():
        return "small"
    return "capital" if character.isupper() else "other"

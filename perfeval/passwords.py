"""Passwords of several kinds of characters, as graded protection (等保) asks."""

from django.core.exceptions import ValidationError

from perfeval.models import User


class CharacterKindsValidator:
    """Asks for three of: small letters, capitals, digits, other characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        kinds = {_kind(character) for character in password}
        if len(kinds) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_uniform")

    def get_help_text(self) -> str:
        return "密码须含大写字母、小写字母、数字、其他字符中的至少三种。"


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.islower():
        return "small"
    return "capital" if character.isupper() else "other"

"""Forms that say in plain words what is missing; the log-in form."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm


class PlainMessages(forms.BaseForm):
    """A mixin, first among a form's bases: each field asks for itself by its label.

    A message that a field or its form has set itself stands.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if (
                field.error_messages["required"]
                == forms.Field.default_error_messages["required"]
            ):
                field.error_messages["required"] = _asking_for(field, name)


def _asking_for(field: forms.Field, name: str) -> str:
    label = field.label or name
    if isinstance(field, forms.FileField):
        return f"请选择{label}的文件"
    if isinstance(field, forms.BooleanField):
        return f"请确认：{label}"
    return (
        f"请选择{label}" if isinstance(field, forms.ChoiceField) else f"请填写{label}"
    )


class LoginForm(PlainMessages, AuthenticationForm):
    """User name and password, refused in plain words."""

    error_messages = {
        "invalid_login": "用户名或密码不正确，请检查大小写和输入法",
        "inactive": "该用户已停用，请联系系统管理员",
    }

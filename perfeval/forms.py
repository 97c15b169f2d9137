"""Forms that say in plain words what is missing; log-in, password, own data."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from perfeval.audit import Change, record, subject_of
from perfeval.models import User

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
else:  # at run time the class takes no parameters
    UserModelForm = forms.ModelForm


# Django's own words for these speak of variables and null characters.
PLAIN_WORDS = {
    "max_length": "最多 {limit_value} 个字符，现有 {show_value} 个，请删减",
    "max_value": "不能大于 {limit_value}",
    "min_value": "不能小于 {limit_value}",
    "null_characters_not_allowed": "含有不可见的控制字符，请删去后重新输入",
}


class PlainMessages(forms.BaseForm):
    """A mixin, first among a form's bases: each field asks for itself by its label.

    A message that a field or its form has set itself stands; of lengths, limits and
    characters every form speaks in the same plain words.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _say(field, "required", _asking_for(field, name))
            if isinstance(field, forms.DecimalField | forms.FloatField):
                _say(field, "invalid", "请填写数字")
            elif isinstance(field, forms.IntegerField):
                _say(field, "invalid", "请填写整数")
            if isinstance(field, forms.ChoiceField):
                _say(field, "invalid_choice", "请从列表中选择")

    def add_error(self, field: str | None, error: Any) -> None:
        """Add an error to a field, or to the form (None), in plain words."""
        plain = _in_plain_words(error) if isinstance(error, ValidationError) else error
        super().add_error(field, plain)

    def take_errors(self, error: ValidationError) -> None:
        """Show a service's errors at their fields, those of other fields in front."""
        told: Mapping[str, list[ValidationError]] = (
            error.error_dict
            if hasattr(error, "error_dict")
            else {NON_FIELD_ERRORS: error.error_list}
        )
        for name, errors in told.items():
            place = name if name in self.fields else None
            self.add_error(place, ValidationError(errors))


def _say(field: forms.Field, code: str, words: str) -> None:
    """Set a field's message, unless the field has one of its own."""
    of_django = [
        getattr(each, "default_error_messages", {}).get(code)
        for each in type(field).__mro__
        if each.__module__.startswith("django.")
    ]
    if field.error_messages[code] in of_django:
        field.error_messages[code] = words


def _in_plain_words(error: ValidationError) -> ValidationError:
    if hasattr(error, "error_dict"):
        return ValidationError(
            {name: list(_plain(each)) for name, each in error.error_dict.items()}
        )
    return ValidationError(list(_plain(error.error_list)))


def _plain(errors: list[ValidationError]) -> Iterator[ValidationError]:
    for each in errors:
        words = PLAIN_WORDS.get(str(each.code))
        if words and each.params:
            words = words.format_map(each.params)
        yield ValidationError(words or each.message, each.code, each.params)


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


class NewPasswordForm(PlainMessages, PasswordChangeForm):
    """The old password, and the new one twice."""

    error_messages = {
        "password_incorrect": "原密码不正确",
        "password_mismatch": "两次输入的新密码不一致",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due = getattr(self.user, "must_change_password", False)
        self.fields["old_password"].label = "初始密码" if due else "原密码"
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password1"].help_text = (
            "至少 10 位，含大写字母、小写字母、数字、其他字符中的三种，"
            "不能与最近 5 次用过的密码相同"
        )
        self.fields["new_password2"].label = "再输一遍新密码"
        self.fields["new_password2"].help_text = ""

    def save(self, commit: bool = True) -> User:
        """Set the password, on record; what an administrator asked for is done."""
        person: User = self.user
        with transaction.atomic():
            person.must_change_password = False
            super().save(commit)
            change = Change(
                action="user.password_changed",
                subject=subject_of(person),
                summary=f"用户“{person}”修改本人密码",
            )
            record(person, change)
        return person


class OwnDataForm(PlainMessages, UserModelForm):
    """What a person may change of their own data."""

    class Meta:
        model = User
        fields = ["name", "phone", "email"]
        labels = {"email": "电子邮箱"}
        help_texts = {
            "phone": "催办和退回时联系您用，如 0750-3333333",
            "email": "填写后，未读的消息也发到邮箱，每小时最多一封",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=self.instance.version
        )

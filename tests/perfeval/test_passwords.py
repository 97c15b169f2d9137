import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from perfeval.models import User


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Aa1#aaaaa", "10"),
        ("abcdefghij12", "三种"),
        ("20231124202311", "三种"),
        ("Zhangwei#2024", "用户名"),
    ],
    ids=["short", "two kinds", "digits only", "the person's name"],
)
def test_a_weak_password_is_refused_with_the_reason(password, reason):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, User(username="zhangwei"))

    assert reason in "".join(refused.value.messages)


@pytest.mark.parametrize("password", ["Gz-finance2024", "绩效finance2024"])
def test_a_password_of_three_kinds_is_accepted(password):
    validate_password(password, User(username="zhangwei"))

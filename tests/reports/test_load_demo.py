"""Where the demo is not loaded: outside debug, and beside somebody else's data."""

import pytest
from django.core.management import CommandError, call_command

from perfeval.models import AuditEvent
from projects.models import Department
from tests.factories import make_department, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path):
    settings.DEBUG, settings.VAR_DIR = True, tmp_path
    return tmp_path


def test_outside_debug_it_is_refused(settings, folder):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="只能在调试模式下装入") as refused:
        call_command("load_demo")

    assert refused.value.returncode == 2
    assert not Department.objects.exists()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "real",
    [
        lambda: make_department(code="100", name="某市财政局"),
        lambda: make_user(username="finance"),
    ],
    ids=["a department", "a person of the same name"],
)
def test_a_database_of_somebody_else_is_left_alone(folder, real):
    real()
    departments, events = Department.objects.count(), AuditEvent.objects.count()

    with pytest.raises(CommandError, match="没有装入演示数据") as refused:
        call_command("load_demo")

    assert refused.value.returncode == 2
    assert Department.objects.count() == departments
    assert AuditEvent.objects.count() == events
    assert list(folder.iterdir()) == []

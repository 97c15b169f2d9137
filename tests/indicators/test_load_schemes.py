"""load_schemes brings the shipped schemes into the database, and only once."""

import io

import pytest
from django.core.management import CommandError, call_command

from indicators.models import ScoringScheme
from indicators.schemes import shipped_refs
from perfeval.models import AuditEvent
from tests.factories import make_task

pytestmark = pytest.mark.django_db


def load_schemes():
    output = io.StringIO()
    call_command("load_schemes", stdout=output)
    return output.getvalue()


def test_every_shipped_scheme_is_loaded_once():
    first = load_schemes()
    events = AuditEvent.objects.count()
    second = load_schemes()

    stored = {each.reference for each in ScoringScheme.objects.all()}
    assert stored == set(shipped_refs())
    assert all(ref in first for ref in shipped_refs())
    assert "没有改动" in second
    assert AuditEvent.objects.count() == events


def test_a_version_in_use_that_differs_is_refused():
    scheme = make_task().scheme
    ScoringScheme.objects.filter(pk=scheme.pk).update(sha256="0" * 64)

    with pytest.raises(CommandError, match="mof-2020@1 已被自评任务使用") as refused:
        load_schemes()

    assert refused.value.returncode == 2
    assert ScoringScheme.objects.count() == 1

"""Workbooks that were uploaded and never imported do not stay for ever."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from perfeval.files import path_of, store_file
from perfeval.imports.cleaning import remove_abandoned_imports
from perfeval.models import DataImport, StoredFile
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def make_import(user, content, *, days, is_done=False):
    file = store_file(user, SimpleUploadedFile("名册.pdf", content))
    started = DataImport.objects.create(kind="people", file=file, user=user)
    done_at = timezone.now() if is_done else None
    begun = timezone.now() - timedelta(days=days)
    DataImport.objects.filter(pk=started.pk).update(started_at=begun, done_at=done_at)
    return started


def test_old_ones_never_imported_go_and_the_others_stay(
    django_capture_on_commit_callbacks,
):
    user = make_user()
    old = make_import(user, b"%PDF-old", days=40)
    shared = make_import(user, b"%PDF-shared", days=40)
    kept = store_file(user, SimpleUploadedFile("附件.pdf", b"%PDF-shared"))
    imported = make_import(user, b"%PDF-done", days=40, is_done=True)
    new = make_import(user, b"%PDF-new", days=1)

    with django_capture_on_commit_callbacks(execute=True):
        removed = remove_abandoned_imports(timezone.now() - timedelta(days=30))

    assert removed == 2
    assert set(DataImport.objects.all()) == {imported, new}
    assert not default_storage.exists(path_of(old.file.sha256))
    assert default_storage.exists(path_of(shared.file.sha256))
    assert default_storage.exists(path_of(imported.file.sha256))
    assert set(StoredFile.objects.all()) == {kept, imported.file, new.file}

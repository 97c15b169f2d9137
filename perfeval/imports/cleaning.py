"""Taking away workbooks that were uploaded to be imported and never were."""

from datetime import datetime

from django.core.files.storage import default_storage
from django.db import transaction

from perfeval.files import path_of
from perfeval.models import DataImport, StoredFile


def remove_abandoned_imports(before: datetime) -> int:
    """Remove imports started before a moment and never written; return how many.

    What was imported stays: its event names the workbook. A content that something
    else holds, under whatever name, stays as well.
    """
    abandoned = DataImport.objects.filter(done_at=None, started_at__lt=before)
    removed = 0
    for pk in list(abandoned.values_list("pk", flat=True)):
        removed += _removed(pk)
    return removed


@transaction.atomic
def _removed(pk: int) -> bool:
    """Remove one import with its file, unless somebody writes it at this moment."""
    waiting = DataImport.objects.select_for_update(of=("self",)).filter(done_at=None)
    found = waiting.select_related("file").filter(pk=pk).first()
    if found is None:
        return False
    stored = found.file
    found.delete()
    stored.delete()
    if not StoredFile.objects.filter(sha256=stored.sha256).exists():
        path = path_of(stored.sha256)
        transaction.on_commit(lambda: default_storage.delete(path))
    return True

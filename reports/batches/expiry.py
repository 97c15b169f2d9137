"""What batches made is kept for a while only: it can be made again."""

from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ManyToOneRel

from perfeval.files import path_of
from perfeval.models import StoredFile
from reports.models import OPEN_STATES, Batch

KEPT = timedelta(days=30)


def expire_batches(before: datetime) -> int:
    """Remove the files of batches that ended before this; return how many batches.

    A file that something else holds as well, such as a frozen one, stays.
    """
    ended = Batch.objects.exclude(state__in=OPEN_STATES).filter(finished_at__lt=before)
    count = 0
    for batch in ended:
        files = {batch.result} | {
            item.file for item in batch.items.select_related("file")
        }
        files.discard(None)
        if not files:
            continue
        with transaction.atomic():
            batch.items.update(file=None)
            Batch.objects.filter(pk=batch.pk).update(result=None)
            for file in files:
                assert file is not None
                _remove(file)
        count += 1
    return count


def _remove(file: StoredFile) -> None:
    if _is_held(file):
        return
    digest = file.sha256
    file.delete()
    if not StoredFile.objects.filter(sha256=digest).exists():
        transaction.on_commit(lambda: default_storage.delete(path_of(digest)))


def _is_held(file: StoredFile) -> bool:
    """Whether any row of any model names the file."""
    relations = StoredFile._meta.get_fields(include_hidden=True)
    return any(
        each.field.model._base_manager.filter(**{each.field.name: file}).exists()
        for each in relations
        if isinstance(each, ManyToOneRel)
    )

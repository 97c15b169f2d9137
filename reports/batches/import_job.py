"""The batch that writes one import: as the page does, in the same one transaction."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from indicators.views.library import LIBRARY_PAGES
from indicators.views.target_import import TARGET_PAGES
from perfeval.imports.flow import (
    CHANGED,
    AlreadyDoneError,
    ChangedMeanwhileError,
    finish_import,
)
from perfeval.imports.pages import IN_BACKGROUND
from perfeval.models import DataImport
from projects.views.project_import import EXECUTION_PAGES, PROJECT_PAGES
from reports.batches.jobs import ItemError, Job
from reports.models import Batch, BatchItem
from reports.views.forms_import import FORM_PAGES

# Not the import of people: it shows initial passwords once, to who does it.
PAGES = {
    each.importer.kind: each
    for each in (
        PROJECT_PAGES,
        EXECUTION_PAGES,
        TARGET_PAGES,
        LIBRARY_PAGES,
        FORM_PAGES,
    )
}


def write_import(item: BatchItem) -> None:
    """Write an import; one that is written already, by a worker that died, stays."""
    started = DataImport.objects.select_related("file", "user").get(pk=int(item.key))
    pages = PAGES[started.kind]
    if not started.user.is_active:
        raise ItemError("发起人已停用")
    try:
        pages.check(started.user)
        finish_import(
            pages.importer, started.user, started, item.batch.params["digest"]
        )
    except AlreadyDoneError:
        pass
    except PermissionDenied as error:
        raise ItemError(str(error)) from None
    except ChangedMeanwhileError:
        raise ItemError(CHANGED) from None
    except ValidationError as error:
        raise ItemError("；".join(error.messages)) from None
    started.refresh_from_db()
    Batch.objects.filter(pk=item.batch_id).update(message=f"已导入：{started.result}")


def _back(batch: Batch) -> tuple[str, str]:
    """Return where an import is looked through again."""
    started = DataImport.objects.get(pk=int(batch.items.get().key))
    urls = PAGES[started.kind].importer.urls
    return "返回核对", reverse(f"{urls}_preview", args=[started.pk])


JOB = Job(IN_BACKGROUND, "导入", write_import, back=_back)

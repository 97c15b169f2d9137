"""The batch that makes the frozen files of many steps, such as approvals in bulk."""

from collections.abc import Iterable

from indicators.models import SelfAssessment
from perfeval.models import User
from reports import frozen
from reports.batches import queue
from reports.batches.jobs import ItemError, Job
from reports.models import (
    OPEN_STATES,
    Artifact,
    ArtifactKind,
    Batch,
    BatchItem,
    ItemState,
    WorkerBeat,
)

KIND = "freeze"
BEING_MADE = "文件正在后台生成，请稍后刷新本页再下载"


def start_freezing(user: User, assessments: Iterable[SelfAssessment]) -> Batch | None:
    """Start making what these lack of their frozen files; None where they lack none."""
    keys = [each.pk for each in assessments]
    missing = Artifact.objects.filter(assessment__in=keys, file=None).order_by("record")
    steps = missing.values_list("record", "kind", "assessment__project__name")
    labels = {
        str(record): f"{name}　{ArtifactKind(kind).label}"
        for record, kind, name in steps
    }
    if not labels:
        return None
    title = f"生成归档文件（{len(labels)} 项）"
    return queue.start(user, KIND, title, labels.items())


def freeze(item: BatchItem) -> None:
    """Make the files of one step; those that are made already stay as they are."""
    frozen.make_missing(int(item.key))
    left = Artifact.objects.filter(record=int(item.key), file=None)
    if problems := set(left.values_list("problem", flat=True)):
        raise ItemError("；".join(sorted(problems)))


def being_made(records: Iterable[int]) -> set[int]:
    """Return the steps of these whose files a living worker is about to make."""
    waiting = BatchItem.objects.filter(
        batch__kind=KIND,
        batch__state__in=OPEN_STATES,
        key__in=[str(each) for each in records],
        state=ItemState.WAITING,
    )
    found = {int(key) for key in waiting.values_list("key", flat=True)}
    return found if found and WorkerBeat.any_alive() else set()


def is_waited_for(assessment: SelfAssessment, suffix: str) -> bool:
    """Whether the report's 归档件 of a format is about to be made by a worker."""
    artifact = frozen.archived(assessment, suffix)
    if artifact is None or artifact.file_id:
        return False
    return bool(being_made([artifact.record_id]))


JOB = Job(KIND, "生成归档文件", freeze, is_quiet=True)

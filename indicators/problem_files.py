"""整改佐证: files that show what was done about a problem.

Each function that writes is one transaction with its audit event.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from indicators.access import may_mend
from indicators.models import WITH_UNIT, Problem, ProblemFile
from indicators.rectification import lock_problem, record_problem
from perfeval.files import store_file
from perfeval.models import User
from perfeval.versions import ClosedError

MOST_FILES = 50


@transaction.atomic
def add_file(user: User, problem: Problem, upload: "UploadedFile[Any]") -> ProblemFile:
    """Keep a file that shows what was done; a file that is there already stays one.

    Raises ClosedError, or ValidationError: of a wrong kind, too large, too many.
    """
    lock_problem(problem, WITH_UNIT)
    if not may_mend(user, problem):
        raise ClosedError("由本单位填报人上传整改佐证")
    if problem.files.count() >= MOST_FILES:
        raise ValidationError(f"一个问题最多 {MOST_FILES} 个文件")
    stored = store_file(user, upload, largest=settings.EVIDENCE_LARGEST)
    same = problem.files.filter(file__sha256=stored.sha256).first()
    if same:
        stored.delete()
        return same
    added = ProblemFile.objects.create(problem=problem, file=stored)
    after = {"name": str(stored), "sha256": stored.sha256, "size": stored.size}
    words = f"上传整改佐证“{stored}”：{{}}"
    record_problem(user, problem, "problem.file_added", words, after=after)
    return added


@transaction.atomic
def remove_file(user: User, problem: Problem, file: ProblemFile) -> None:
    """Take away a file that was never handed in; its content stays stored.

    Raises ClosedError: it was handed in once, or the problem is not with the unit.
    """
    lock_problem(problem, WITH_UNIT)
    if not may_mend(user, problem):
        raise ClosedError("由本单位填报人删除整改佐证")
    if was_handed_in(problem, file):
        raise ClosedError(f"“{file}”已随整改结果提交，不能删除")
    before = {"name": str(file), "sha256": file.file.sha256}
    words = f"删除整改佐证“{file}”：{{}}"
    record_problem(user, problem, "problem.file_removed", words, before=before)
    file.delete()


def was_handed_in(problem: Problem, file: ProblemFile) -> bool:
    """Whether a file went up with a result (uses prefetched steps)."""
    return any(
        each.action == "submit" and each.at >= file.file.uploaded_at
        for each in problem.steps.all()
    )

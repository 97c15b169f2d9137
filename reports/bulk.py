"""One decision on many self-assessments: each by itself, told one by one."""

import logging
from collections.abc import Iterable
from datetime import datetime

from indicators.models import SelfAssessment
from indicators.outcome import Outcome
from indicators.workflow import TransitionError
from perfeval.models import User
from reports.batches.freeze_job import start_freezing
from reports.submission import Decision, decide

logger = logging.getLogger(__name__)
FAILED = "办理时出错，没有改动，已记入日志"


def decide_many(
    user: User,
    chosen: Iterable[tuple[SelfAssessment, int]],
    decision: Decision,
    *,
    note: str = "",
    due_at: datetime | None = None,
) -> Outcome:
    """Take the same decision on each; chosen: with the version that the list showed.

    Each is one transaction of submission.decide: what is refused, or fails, stops none
    of the others. The files frozen by them are made in the background.
    """
    outcome = Outcome()
    for assessment, version in chosen:
        try:
            after = decide(
                user,
                assessment,
                decision,
                version=version,
                note=note,
                due_at=due_at,
                makes_files=False,
            )
        except TransitionError as error:
            outcome.left.append((assessment, str(error)))
        except Exception:
            logger.exception("bulk %s of assessment %s", decision, assessment.pk)
            outcome.left.append((assessment, FAILED))
        else:
            outcome.done.append(after)
    start_freezing(user, outcome.done)
    return outcome

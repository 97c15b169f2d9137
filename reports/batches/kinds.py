"""Every kind of work that runs in batches, made known when the program starts."""

from reports.batches import freeze_job, report_job
from reports.batches.jobs import register


def register_jobs() -> None:
    for module in (report_job, freeze_job):
        register(module.JOB)

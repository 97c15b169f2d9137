"""Every kind of work that runs in batches, made known when the program starts."""

from perfeval.background import taken_by
from reports.batches import freeze_job, import_job, list_job, report_job
from reports.batches.errands import Batches
from reports.batches.jobs import register


def register_jobs() -> None:
    for job in (report_job.JOB, freeze_job.JOB, import_job.JOB, list_job.JOB):
        register(job)
    taken_by(Batches())

"""What is handed to the task queue: the call to work on a batch, nothing of its state.

A call that is lost or comes twice does no harm: workers look for batches by themselves,
and an item is only one worker's at a time.
"""

from django_tasks import task


@task()
def work_on_batch(batch_pk: int) -> None:
    """Do items of a batch until none is free."""
    from reports.batches.working import work_on

    work_on(batch_pk)

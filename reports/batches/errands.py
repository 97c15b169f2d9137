"""Errands of the apps below (perfeval/background.py) become batches of one item."""

from django.urls import reverse

from perfeval.background import Errand
from perfeval.models import User
from reports.batches import queue
from reports.models import OPEN_STATES, Batch


class Batches:
    """Takes errands as perfeval.background.Background."""

    def start(self, user: User, errand: Errand) -> str:
        items = [(errand.key, errand.title)]
        batch = queue.start(
            user, errand.kind, errand.title, items, params=errand.params
        )
        return batch.get_absolute_url()

    def under_way(self, kind: str, key: str) -> str | None:
        found = Batch.objects.filter(
            kind=kind, state__in=OPEN_STATES, items__key=key
        ).values_list("pk", flat=True)
        return reverse("batches:detail", args=[found[0]]) if found else None

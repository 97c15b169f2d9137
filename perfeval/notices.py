"""Telling people: notices on the site, each made once; mails.py mails them."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from perfeval.models import Notice, User

logger = logging.getLogger(__name__)

MOST_WORDS = 400


@contextmanager
def telling(about: object) -> Iterator[None]:
    """Tell inside, behind a savepoint: a write stays whatever becomes of its notice."""
    try:
        with transaction.atomic():
            yield
    except Exception:
        logger.exception("nobody was told of %s", about)


def notify(people: Iterable[int], *, key: str, text: str, address: str) -> None:
    """Tell people (their keys) one thing; who was told under that key is not again.

    address: the page it is about, a path of this site. Called in the transaction of the
    write it tells of, so that no process can die between the two.
    """
    text = text if len(text) <= MOST_WORDS else f"{text[: MOST_WORDS - 1]}…"
    rows = [
        Notice(person_id=person, key=f"{key}:{person}", text=text, address=address)
        for person in sorted(set(people))
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def unread(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(person=user, read_at=None)


def count_unread(user: User) -> int:
    return unread(user).count()


def unread_count(user: User) -> Coalesce:
    """Return count_unread as an expression, to be asked along with something else."""
    counted = (
        unread(user).order_by().values("person").annotate(all=Count("pk")).values("all")
    )
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def mark_read(notices: QuerySet[Notice]) -> int:
    return notices.filter(read_at=None).update(read_at=timezone.now())

"""Mailing notices: one mail a person and hour at most; what fails is tried again.

A notice is claimed before its mail is handed over and marked when the server has taken
it. A claim that is an hour old is of a process that died: the mail is sent again.
"""

import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q, QuerySet
from django.utils import timezone

from perfeval.models import Notice, User

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
# As many are told in one mail; of the rest their number.
MOST_TOLD = 50


@dataclass
class Mailing:
    """What one round did: mails sent, people whose mail failed and waits."""

    sent: int = 0
    failed: int = 0


def send_mails() -> Mailing:
    """Mail what is unread to everybody who has an address, as far as it is due."""
    mailing = Mailing()
    if not settings.HAS_MAIL:
        return mailing
    now = timezone.now()
    people = list(_due(now))
    if not people:
        return mailing
    connection = get_connection()
    for place, person in enumerate(people):
        try:
            mailing.sent += _mail(connection, person, now)
        except (smtplib.SMTPRecipientsRefused, ValueError) as error:
            logger.warning("the mail server refuses %s: %s", person.username, error)
            mailing.failed += 1
        except (OSError, smtplib.SMTPException) as error:
            logger.warning("mails wait: %s", error)
            mailing.failed += len(people) - place
            break  # a server that is down is down for all
    connection.close()
    return mailing


def _due(now: datetime) -> QuerySet[User]:
    """Return who has an address, something unmailed, and no mail in the last hour."""
    recent = Notice.objects.filter(mailed_at__gt=now - HOUR)
    return (
        User.objects.filter(
            is_active=True, pk__in=_waiting(now).order_by().values("person")
        )
        .exclude(email="")
        .exclude(pk__in=recent.order_by().values("person"))
        .order_by("pk")
    )


def _waiting(now: datetime) -> QuerySet[Notice]:
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - HOUR)
    return Notice.objects.filter(free, read_at=None, mailed_at=None)


def _mail(connection: BaseEmailBackend, person: User, now: datetime) -> int:
    """Send a person one mail with all that waits; return how many were sent."""
    claimed = _waiting(now).filter(person=person).update(claimed_at=now)
    if not claimed:  # another process was quicker
        return 0
    own = Notice.objects.filter(person=person, claimed_at=now, mailed_at=None)
    notices = list(own.order_by("pk"))
    try:
        _message(connection, person, notices).send()
    except Exception:
        own.update(claimed_at=None)
        raise
    own.update(mailed_at=timezone.now(), claimed_at=None)
    return 1


def _message(
    connection: BaseEmailBackend, person: User, notices: Sequence[Notice]
) -> EmailMessage:
    told = [_lines(each) for each in notices[:MOST_TOLD]]
    if len(notices) > MOST_TOLD:
        told.append(f"另有 {len(notices) - MOST_TOLD} 条，请登录系统查看。")
    first = notices[0].text
    subject = first if len(notices) == 1 else f"您有 {len(notices)} 条新消息"
    return EmailMessage(
        subject=f"【绩效自评】{subject}"[:100].replace("\n", " "),
        body="\n\n".join([f"{person}：", *told, "本邮件由系统自动发送，请勿回复。"]),
        to=[person.email],
        connection=connection,
    )


def _lines(notice: Notice) -> str:
    site = settings.SITE_ADDRESS.rstrip("/")
    link = f"\n{site}{notice.address}" if site else ""
    return f"{notice.text}{link}"

"""What people are writing in a review and have not said yet, kept as they type."""

from django.db import IntegrityError, transaction

from indicators.models import ReviewDraft, SelfAssessment
from perfeval.models import User
from perfeval.versions import StaleError, save_versioned

OPINION = "opinion"


def drafts_of(user: User, assessment: SelfAssessment) -> dict[str, ReviewDraft]:
    """Return {place: draft} of a person in a self-assessment."""
    found = ReviewDraft.objects.filter(assessment=assessment, author=user)
    return {each.place: each for each in found}


def save_draft(
    user: User, assessment: SelfAssessment, place: str, text: str, *, version: int
) -> int:
    """Keep what a person writes at a place; return the draft's version.

    version: the one it was written on, 0 where there was none. Raises StaleError where
    the same person wrote there in another window, ValidationError.
    """
    stored = ReviewDraft.objects.filter(
        assessment=assessment, author=user, place=place
    ).first()
    if stored is None:
        draft = ReviewDraft(assessment=assessment, author=user, place=place, text=text)
        draft.full_clean(exclude=["assessment", "author"], validate_constraints=False)
        try:
            with transaction.atomic():
                draft.save()
        except IntegrityError:  # the other window was first
            stored = ReviewDraft.objects.get(
                assessment=assessment, author=user, place=place
            )
            raise StaleError(stored) from None
        return draft.version
    save_versioned(stored, {"text": text}, version=version)
    return stored.version


def drop_draft(user: User, assessment: SelfAssessment, place: str) -> None:
    """Forget a draft whose text was said."""
    ReviewDraft.objects.filter(assessment=assessment, author=user, place=place).delete()

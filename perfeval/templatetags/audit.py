"""Audit events in words, for templates: event.subject|subject_words."""

from django import template

register = template.Library()


@register.filter
def subject_words(subject: str) -> str:
    # Only here: the commands that print a file load every library, and no models.
    from perfeval.audit_words import subject_words as words

    return words(subject)

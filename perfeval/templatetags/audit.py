"""Audit events in words, for templates: event.subject|subject_words."""

from django import template

from perfeval.audit_words import subject_words

register = template.Library()
register.filter("subject_words", subject_words)

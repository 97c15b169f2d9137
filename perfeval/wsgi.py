"""Server entry."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfeval.settings")

if not settings.DEBUG and not settings.ALLOWED_HOSTS:
    raise ImproperlyConfigured("PERFEVAL_ALLOWED_HOSTS must be set outside debug")

application = get_wsgi_application()

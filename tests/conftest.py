"""What every test gets: cheap password hashes, files in a folder of their own."""

import pytest
from django.conf import settings


@pytest.fixture(autouse=True, scope="session")
def _quick_and_contained(tmp_path_factory):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")

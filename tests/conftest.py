"""What every test gets: cheap password hashes, files in a folder of their own."""

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from tests.installations import close_for_good, empty_installations

# A busy machine is no failure, and a run leaves nothing behind in the tree.
hypothesis.settings.register_profile("perfeval", deadline=None, database=None)
# ./perfeval.sh test --all: twenty times as many examples as usual.
hypothesis.settings.register_profile(
    "long", deadline=None, database=None, max_examples=2000
)
hypothesis.settings.load_profile("perfeval")


def pytest_addoption(parser):
    parser.addoption(
        "--database-only",
        action="store_true",
        help="only tests that ask for a database: others say the same on each kind",
    )


def pytest_collection_modifyitems(config, items):
    if config.getoption("--database-only"):
        others = [item for item in items if not asks_for_database(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if asks_for_database(item)]


def asks_for_database(item):
    marked = item.get_closest_marker("django_db") is not None
    return marked or "django_db_setup" in item.fixturenames


@pytest.fixture(autouse=True, scope="session")
def _quick_and_contained(tmp_path_factory):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")
    settings.AUDIT_HEADS = tmp_path_factory.mktemp("heads")


@pytest.fixture
def make_place(tmp_path):
    """Make empty installations by name, on the kind of database under test."""
    with empty_installations(tmp_path) as make:
        yield make


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Make the test databases; nobody holds on to one when it is dropped.

    A browser's last request may still be answered when its test is over.
    """
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            close_for_good()

"""Counting what a page asks of the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

# The session is saved in a transaction of its own; its bounds are no queries.
BOUNDS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def queries_of(client, url):
    """Return the SQL of all queries that a page makes, log-in and session included."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return [each["sql"] for each in asked if not each["sql"].startswith(BOUNDS)]

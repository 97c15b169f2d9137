"""/healthz tells a load balancer whether this process can work."""

import pytest
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor

from perfeval import health


@pytest.mark.django_db
def test_a_migrated_database_is_healthy_without_log_in(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_a_missing_migration_is_told(client, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [1, 2])

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["problem"] == "2 migrations not applied"


@pytest.mark.django_db
def test_a_silent_database_is_told(client, monkeypatch):
    class Silent:
        def cursor(self):
            raise OperationalError("gone")

    monkeypatch.setattr(health, "connection", Silent())

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["problem"] == "database does not answer"

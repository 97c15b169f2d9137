"""A database of the demo's 30 projects, and one of a thousand times as many.

The thousand-fold one holds the very rows of the other and copies of them, made inside
PostgreSQL: what is opened on both is the same project with the same texts.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import psycopg
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

from indicators.models import (
    Indicator,
    IndicatorResult,
    ItemComment,
    Narrative,
    ReviewRecord,
    SelfAssessment,
)
from perfeval.audit import SITE_CHAIN
from perfeval.models import AuditChain, AuditEvent
from projects.models import BudgetProject, Department, FormerName, FundingLine
from reports.demo.data import read_demo
from reports.demo.loading import load

COPIES = 999
# 30,000 projects are those of 300 bodies, a hundred each; the demo has two each.
DEPARTMENT_COPIES = 19
# 1,020 projects and 100,020, both in the same 300 bodies.
FEW_COPIES, MANY_COPIES = 33, 3333
STEP = 1_000_000  # between the keys of one copy and the next

OF_DEPARTMENTS: tuple[type[models.Model], ...] = (Department, FormerName)
OF_PROJECTS: tuple[type[models.Model], ...] = (
    BudgetProject,
    FundingLine,
    Indicator,
    SelfAssessment,
    IndicatorResult,
    Narrative,
    ReviewRecord,
    ItemComment,
    AuditChain,
    AuditEvent,
)
OF_LISTS = (BudgetProject, FundingLine, Indicator, SelfAssessment)
# What must differ between copies, as SQL on a row t of copy n.
DIFFERENT = {
    (Department, "code"): "t.code || '-' || n",
    (Department, "path"): "replace(t.path, '/', '-' || n || '/')",
    (BudgetProject, "code"): "t.code || '-' || n",
    (BudgetProject, "name"): "CASE WHEN t.name = '' THEN '' ELSE t.name || n END",
    (AuditChain, "key"): f"split_part(t.key, ':', 1) || ':' || t.id + n * {STEP}",
    (AuditEvent, "subject"): (
        "split_part(t.subject, ':', 1) || ':' ||"
        f" split_part(t.subject, ':', 2)::bigint + n * {STEP}"
    ),
}


@contextmanager
def database(url: str, name: str, template: str = "template1") -> Iterator[str]:
    """Create a database on the server of a URL, yield its URL, drop it at the end."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield re.sub(r"/[^/]*$", f"/{name}", url)
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def load_demo_year(today: date | None = None) -> None:
    """Migrate an empty database and load the demo's 30 projects into it."""
    call_command("migrate", verbosity=0)
    today = today or timezone.localdate()
    demo = read_demo(today)
    load(demo, {each.username: "not for use" for each in demo.people}, today)
    _vacuum()


def multiply() -> None:
    """Add 999 copies of everything that belongs to a project, and 19 of each body."""
    _copy(COPIES, OF_PROJECTS)


def enlarge(copies: int) -> None:
    """Add so many copies of everything that belongs to a project."""
    if copies > 0:
        _copy(copies, OF_PROJECTS)


def grow(copies: int) -> None:
    """Add copies of what lists read of projects, and 19 of each body."""
    _copy(copies, OF_LISTS)


def _copy(copies: int, of_projects: Sequence[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # keys fit by design
        for model in OF_DEPARTMENTS:
            cursor.execute(_copies(model, DEPARTMENT_COPIES))
        for model in of_projects:
            cursor.execute(_copies(model, copies))
        cursor.execute("SET session_replication_role = DEFAULT")
    _vacuum()


def _copies(model: type[models.Model], count: int) -> str:
    """Return the statement that copies a model's rows count times."""
    table = connection.ops.quote_name(model._meta.db_table)
    fields = model._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(each.column)) for each in fields)
    values = ", ".join(_value(model, each) for each in fields)
    rows = f"{table} t CROSS JOIN generate_series(1::bigint, {count}) n"
    originals = f"t.id < {STEP}"
    if model is AuditChain:
        originals += f" AND t.key <> '{SITE_CHAIN}'"
    if model is AuditEvent:  # the site's other events tell of people and tasks
        originals += " AND t.subject ~ '^(projects.budgetproject|indicators.selfass)'"
    return (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {rows} WHERE {originals}"
    )


def _value(model: type[models.Model], field: models.Field) -> str:  # type: ignore[type-arg]
    """Return what a column holds in copy n."""
    column = f"t.{connection.ops.quote_name(str(field.column))}"
    if (model, field.name) in DIFFERENT:
        return DIFFERENT[model, field.name]
    target = field.related_model if field.is_relation else model
    if model is AuditEvent and field.name == "chain":
        site = f"SELECT id FROM perfeval_auditchain WHERE key = '{SITE_CHAIN}'"
        moved = f"{column} + n * {STEP}"
        return f"CASE WHEN {column} IN ({site}) THEN {column} ELSE {moved} END"
    if model is AuditEvent and field.name == "sequence":
        return f"{column} + n * {STEP}"
    if not (field.primary_key or field.is_relation):
        return column
    if target in OF_DEPARTMENTS:
        return f"{column} + n % {DEPARTMENT_COPIES + 1} * {STEP}"
    return f"{column} + n * {STEP}" if target in OF_PROJECTS else column


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

"""On PostgreSQL the table of audit events refuses every change of a row.

A later migration that has to change rows disables the trigger for itself:
ALTER TABLE perfeval_auditevent DISABLE TRIGGER perfeval_auditevent_stays.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION perfeval_auditevent_stays() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'audit events are only added, never changed or deleted';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER perfeval_auditevent_stays
    BEFORE UPDATE OR DELETE ON perfeval_auditevent
    FOR EACH ROW EXECUTE FUNCTION perfeval_auditevent_stays();
"""
ALLOW = """
DROP TRIGGER perfeval_auditevent_stays ON perfeval_auditevent;
DROP FUNCTION perfeval_auditevent_stays();
"""


def refuse(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE, params=None)


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW, params=None)


class Migration(migrations.Migration):
    dependencies = [("perfeval", "0004_access_events")]

    operations = [migrations.RunPython(refuse, allow)]

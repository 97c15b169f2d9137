"""The database of the last landed version, kept so that migrations can be tried on it.

    python -m tests.landed

writes, for the kind of database at DATABASE_URL (an empty one), the backup of a loaded
demo and the documents of its self-assessments to tests/data/landed/. Run it once for
each kind when a version has landed, and commit what it wrote in place of the old.
"""

import lzma
import os
import sys
import tempfile
from pathlib import Path

import django

FOLDER = Path(__file__).parent / "data" / "landed"

# Run by ./manage.py shell: the documents, as every renderer would get them.
DOCUMENTS = """
import json
from indicators.models import SelfAssessment
from reports.assembly import document_of
from reports.document import document_to_json
rows = SelfAssessment.objects.with_content().order_by("pk")
print(json.dumps(
    {row.pk: document_to_json(document_of(row)) for row in rows},
    ensure_ascii=False, sort_keys=True,
))
"""


def kept(vendor: str, what: str) -> Path:
    """Return where the backup.tar or documents.json of a kind of database is kept."""
    return FOLDER / f"{vendor}.{what}.xz"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfeval.settings")
    django.setup()
    from django.db import connection

    from tests.installations import Place

    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "landed", os.environ["DATABASE_URL"])
        place.done("migrate", "-v0")
        place.done("load_demo")
        backup = Path(folder) / "backup.tar"
        place.done("backup", str(backup))
        documents = place.done("shell", "-v0", "-c", DOCUMENTS)
        FOLDER.mkdir(exist_ok=True)
        kept(connection.vendor, "backup.tar").write_bytes(
            lzma.compress(backup.read_bytes())
        )
        kept(connection.vendor, "documents.json").write_bytes(
            lzma.compress(documents.encode())
        )
    sys.stdout.write(f"{connection.vendor}: {FOLDER}\n")


if __name__ == "__main__":
    main()

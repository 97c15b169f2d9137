"""The database of the last landed version becomes one of this version."""

import json
import lzma

import pytest
from django.db import connection

from tests.landed import DOCUMENTS, kept


@pytest.mark.django_db
def test_the_last_landed_database_migrates_and_says_the_same(make_place, tmp_path):
    place = make_place("landed")

    place.done("restore", str(kept(connection.vendor, "backup.tar")))
    place.done("migrate", "-v0")

    then = json.loads(
        lzma.decompress(kept(connection.vendor, "documents.json").read_bytes())
    )
    now = json.loads(place.done("shell", "-v0", "-c", DOCUMENTS))
    assert now.keys() == then.keys()
    for key, document in then.items():
        # 演示数据 follows from the installation's folder, not from its database.
        document.pop("watermark")
        # Counted anew: 版次 in place of the row's version, and the 送审编号.
        release = document.pop("release", {})
        state = release.get("state")
        assert now[key].get("release", {}).get("state") == state, key
        # What a later version adds to a document is no loss.
        changed = {name for name in document if document[name] != now[key].get(name)}
        assert not changed, key
    assert "No planned" in place.done("migrate", "--plan")

"""The keys under which stores hold replaced files."""

from __future__ import annotations

from openknowledge.manifest import CacheClass, FileRole, ManifestEntry, Twin
from openknowledge.publish.targets.object_store import backup_key


def test_the_key_of_a_backup_never_changes():
    """Stores hold files under it that an earlier version has written."""
    twin = Twin("gzip", "a/index.html.gz", "cd" * 32, 3)
    entry = ManifestEntry("a/index.html", "ab" * 32, 5, "text/html", CacheClass.PAGE, FileRole.PAGE, (twin,))

    digest = "df3bdeeffce6aa44e0b65844521bdf4ac69f32aa883e39fa455163e389c91669"
    assert backup_key(entry, "p1") == f"_openknowledge/kept/{digest}"

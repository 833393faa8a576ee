"""What goes into a build, and what does not."""

from __future__ import annotations

from openknowledge.engine.inputs import digest_settings

DAY = {"BUILD_DATE": "2026-01-01"}


def test_where_the_site_is_published_changes_no_page():
    here = {**DAY, "SITENAME": "A", "PUBLISH_TARGET": {"kind": "directory", "path": "here"}}

    assert digest_settings(here) == digest_settings({**here, "PUBLISH_TARGET": {"kind": "s3"}, "PUBLISH_GRACE_H": 1})


def test_what_pages_show_does():
    assert digest_settings({**DAY, "SITENAME": "A"}) != digest_settings({**DAY, "SITENAME": "B"})

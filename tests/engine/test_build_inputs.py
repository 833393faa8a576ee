"""The digest of what goes into a build covers what changes a page, and nothing else."""

from __future__ import annotations

from openknowledge.engine.build_inputs import digest_settings
from openknowledge.engine.session import BuildSession

DAY = {"BUILD_DATE": "2026-01-01"}


def test_where_the_site_is_published_changes_no_page():
    settings = {**DAY, "SITENAME": "A", "PUBLISH_TARGET": {"kind": "directory", "path": "here"}}
    others = {**settings, "PUBLISH_TARGET": {"kind": "s3"}, "PUBLISH_GRACE_H": 1}

    assert digest_settings(settings) == digest_settings(others)


def test_the_session_that_a_build_shares_changes_no_page():
    assert digest_settings(DAY) == digest_settings({**DAY, "BUILD_SESSION": BuildSession()})


def test_a_setting_that_pages_show_changes_the_digest():
    assert digest_settings({**DAY, "SITENAME": "A"}) != digest_settings({**DAY, "SITENAME": "B"})

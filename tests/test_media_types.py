"""The media type of a file depends on its name alone."""

import mimetypes

import pytest

from openknowledge.media_types import MEDIA_TYPES, guess_media_type


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("theme/main.0a1b2c3d.js", "text/javascript; charset=utf-8"),
        ("covers/course/coding.0a1b2c3d.svg", "image/svg+xml; charset=utf-8"),
        ("data/counters.json", "application/json; charset=utf-8"),
        ("feed/all.rss.xml", "application/rss+xml; charset=utf-8"),
        ("feed/all.atom.xml", "application/atom+xml; charset=utf-8"),
        ("sitemap.xml", "application/xml; charset=utf-8"),
        ("site.webmanifest", "application/manifest+json; charset=utf-8"),
        ("media/Photo.JPG", "image/jpeg"),
        ("media/slides.pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("media/v1.2/README", "application/octet-stream"),
        ("media/unknown.thing", "application/octet-stream"),
        ("CNAME", "application/octet-stream"),
        (".html", "application/octet-stream"),
    ],
)
def test_every_file_has_its_media_type(path, expected):
    assert guess_media_type(path) == expected


def test_the_media_types_of_the_machine_are_not_used(monkeypatch):
    monkeypatch.setitem(mimetypes.types_map, ".thing", "text/thing")
    monkeypatch.setitem(mimetypes.types_map, ".html", "text/other")

    assert guess_media_type("a.thing") == "application/octet-stream"
    assert guess_media_type("a.html") == "text/html; charset=utf-8"


def test_the_suffixes_are_in_lower_case():
    assert [suffix for suffix in MEDIA_TYPES if suffix != suffix.lower()] == []

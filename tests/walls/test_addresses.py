"""Every address of a record has a sort, with a syntax that nothing dangerous fits into."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
import typing
from pathlib import Path
from typing import Any

import pytest
from tests.builders import COURSE, problems

from openknowledge import model
from openknowledge.content.type_hints import resolve_type_hints
from openknowledge.model.addresses import AddressSyntax
from openknowledge.model.values import Link, Value

ADDRESS_NAMES = re.compile(
    r"(.*_)?(url|uri|href|src|link|links|e?mail|phone|mobile|fax|orcid|ror|doi|youtube_id|save_as|alias|aliases|site)"
)
"""What fields of addresses are called."""
DERIVED = {("Image", "path")}
"""What the readers fill in."""


def models() -> list[type]:
    """Return all classes of records and of their parts."""
    for module in pkgutil.iter_modules(model.__path__):
        importlib.import_module(f"{model.__name__}.{module.name}")
    found, waiting = [], list(Value.__subclasses__())
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if dataclasses.is_dataclass(cls) and cls not in found:
            found.append(cls)
    return sorted(found, key=lambda cls: cls.__qualname__)


def annotations(hint: Any) -> list[Any]:
    return [*getattr(hint, "__metadata__", ()), *(mark for part in typing.get_args(hint) for mark in annotations(part))]


def test_no_field_of_an_address_is_plain_text() -> None:
    plain = []
    for cls in models():
        for name, hint in resolve_type_hints(cls).items():
            is_links = Link in typing.get_args(hint)
            is_address = ADDRESS_NAMES.fullmatch(name) and (cls.__name__, name) not in DERIVED and not is_links
            if is_address and not any(isinstance(mark, AddressSyntax) for mark in annotations(hint)):
                plain.append(f"{cls.__name__}.{name}")

    assert plain == []
    assert len(models()) > 20


HOSTILE = (
    *(
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:x",
    ),
    *("data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "ftp://example.org/"),
    *("//example.org", "http:example.org", "http:///example.org", "https://", "https://x", "http://[bad", ""),
    *("https://user:secret@example.org/", "https://example.org/ x", "https://example.org\\@evil.example/"),
    *('https://example.org/"onclick=x', "https://-a.org/", "https://example.org:99999/", "https://exa mple.org"),
    *("https://example.org/\u202egnp.exe", "blob:https://example.org/x", "https://example.org/" + "a" * 2_000),
    *("https://" + "a" * 64 + ".org/", "mailto:a@example.org", "view-source:x"),
)
FIELDS = {
    "courses": 'runs: [{{key: k, label: l, url: "{}"}}]',
    "press": 'published: 2020-01-01\ncontact: {{name: n, url: "{}"}}',
    "people": 'links: [{{title: t, url: "{}"}}]',
    "pages": 'sources: [{{title: t, url: "{}"}}]',
    "partners": 'image: {{src: a.png, alt: {{it: x, en: x}}, credit: {{author: a, url: "{}"}}}}',
}
FILES = {"courses": "courses/x/index.md", "press": "press/2020/x.md"}


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: repr(url)[:40])
@pytest.mark.parametrize("kind", FIELDS)
def test_no_field_takes_an_address_that_is_none_of_the_web(tmp_path: Path, kind: str, url: str) -> None:
    written = url.encode("unicode_escape").decode().replace('"', '\\"').replace("\\\\@", "\\\\@")
    text = f"---\ntitle: x\n{FIELDS[kind].format(written)}\n---\nx\n"

    messages = problems(tmp_path, {FILES.get(kind, f"{kind}/x.md"): text})

    assert any("is not a web address" in one or "control" in one or "another sign" in one for one in messages), messages


@pytest.mark.parametrize(
    "url",
    [
        "https://www.polimi.it/",
        "http://example.org",
        "https://example.org:8443/a?b=c&d=e#f",
        "https://città.example/perché",
        "https://例え.jp/",
        "https://203.0.113.7/",
        "https://[2001:db8::1]/",
        "https://a.b.c.example.museum/x_(y)",
    ],
)
def test_addresses_of_the_web_are_taken(tmp_path: Path, url: str) -> None:
    text = COURSE.replace("---\nUn", f'sources: [{{title: t, url: "{url}"}}]\n---\nUn')

    assert problems(tmp_path, {"courses/algebra/index.md": text}) == []


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("videos", "youtube_id", "abc\"onload='x"),
        ("videos", "youtube_id", "abc/../../x"),
        ("videos", "youtube_id", "abc?autoplay=1"),
        ("playlists", "youtube_id", "PL&x=1"),
        ("people", "orcid", "0000-0002-1825-0098"),
        ("people", "orcid", "https://orcid.org/0000-0002-1825-0097"),
        ("partners", "ror", "01nffqt89"),
        ("partners", "ror", "../01nffqt8"),
    ],
)
def test_an_id_has_no_room_for_anything_else(tmp_path: Path, kind: str, field: str, value: str) -> None:
    written = value.replace("\\", "\\\\").replace('"', '\\"')
    published = "published: 2020-01-01T00:00:00Z\n" if kind == "videos" else ""
    text = f'---\ntitle: x\n{published}{field}: "{written}"\n---\nx\n'

    messages = problems(tmp_path, {f"{kind}/x.md": text})

    assert any(f" {field}: " in message and " is not " in message for message in messages), messages


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "a@b"),
        ("email", "a@example.org?cc=b@example.org"),
        ("email", "javascript:x@example.org"),
        ("email", "a b@example.org"),
        ("phone", "javascript:alert(1)"),
        ("phone", "+39 02;x=1"),
        ("mobile", "1" * 40),
    ],
)
def test_a_contact_has_a_real_mail_and_telephone(tmp_path: Path, field: str, value: str) -> None:
    text = f'---\ntitle: x\npublished: 2020-01-01\ncontact: {{name: n, {field}: "{value}"}}\n---\nx\n'

    (message,) = problems(tmp_path, {"press/2020/x.md": text})

    assert message.startswith(f'content/press/2020/x.md:4: contact.{field}: "')


@pytest.mark.parametrize(
    "src", ["//evil.example/p.png", "https://evil.example/p.png", "a\\p.png", "data:image/png,x", "~/p"]
)
def test_a_cover_is_a_file_of_the_site(tmp_path: Path, src: str) -> None:
    course = COURSE.replace("---\nUn", f"image: {{src: '{src}', alt: {{it: x, en: x}}}}\n---\nUn")

    (message,) = problems(tmp_path, {"courses/algebra/index.md": course})

    assert message.startswith("content/courses/algebra/index.md:4: image.src:")

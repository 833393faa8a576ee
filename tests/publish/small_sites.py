"""Versions of a small site: about forty files that refer to each other, of which each version changes some."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from tests.publish.builders import SITE, a_site

from openknowledge.manifest import MANIFEST, FileRole, Manifest
from openknowledge.publish.built_site import BuiltSite, open_site
from openknowledge.publish.release import Commit
from openknowledge.redirects.table import Redirect

__all__ = ["TARGETED", "a_version", "files_of_version"]

PAGES, STYLES, PICTURES = 22, 3, 8
TARGETED = Commit("1" * 40, "2026-11-01T10:00:00Z")


def files_of_version(number: int) -> tuple[dict[str, str], dict[str, str]]:
    """The files of a version, and which old addresses lead where: a page that is absent has been renamed."""
    chance = random.Random(number)
    styles = {}
    for one in range(STYLES):
        body = f"/* {chance.choice(('light', 'dark'))} {one} */ body {{ margin: {chance.randrange(3)}px }}"
        styles[f"theme/style-{one}.{sha256(body.encode()).hexdigest()[:8]}.css"] = body
    pictures = {f"media/p{one}.svg": f"<svg>{one} {chance.randrange(3)}</svg>" for one in range(PICTURES)}
    names, renamed = [], {}
    for one in range(PAGES):
        is_renamed = chance.random() < 0.15
        names.append(f"q{one}" if is_renamed else f"p{one}")
        if is_renamed:
            renamed[f"p{one}/index.html"] = f"/q{one}/"
    files = {**styles, **pictures}
    for name in names:
        links = "".join(f'<a href="/{other}/">{other}</a>' for other in chance.sample(names, 4))
        picture = chance.choice(sorted(pictures))
        style = chance.choice(sorted(styles))
        words = f"words {chance.randrange(2)} " * 40
        files[f"{name}/index.html"] = (
            f'<link rel="stylesheet" href="/{style}"><a href="/">home</a><p>{words}</p>{links}<img src="/{picture}">'
        )
    for path, target in renamed.items():
        files[path] = f'<meta http-equiv="refresh" content="0; url={target}"><a href="{target}">moved</a>'
    everything = "".join(f'<a href="/{name}/">{name}</a>' for name in names)
    files["index.html"] = f'<link rel="alternate" href="/feed.xml"><a href="/counters.json">n</a>{everything}'
    files["feed.xml"] = f"<rss>{everything}</rss>"
    files["counters.json"] = f'{{"n": {number}}}'
    return files, renamed


def a_version(output: Path, number: int, *, is_stamped: bool = False) -> BuiltSite:
    """The site of a version in a folder, with gzip twins, and its renamed pages as redirects.

    Where it `is_stamped` each page says its version: none is in two of them.
    """
    files, renamed = files_of_version(number)
    if is_stamped:
        files.update((path, f"{body}<!-- {number} -->") for path, body in files.items() if path.endswith(".html"))
    forwards = [Redirect(f"/{path.removesuffix('index.html')}", target=target) for path, target in renamed.items()]
    forwards += [Redirect(f"/q{one}/", target="/") for one in range(PAGES) if f"q{one}/index.html" not in files]
    site = a_site(output, files, forwards=forwards, has_twins=True)
    return _with_redirects(site, renamed)


def _with_redirects(site: BuiltSite, renamed: Mapping[str, str]) -> BuiltSite:
    entries = (
        replace(
            entry,
            role=FileRole.REDIRECT
            if entry.path in renamed
            else FileRole.LIST
            if entry.path == "index.html"
            else entry.role,
        )
        for entry in site.manifest.entries
    )
    (site.output / MANIFEST).write_bytes(Manifest.from_entries(SITE, entries).dump())
    return open_site(site.output, TARGETED)

"""A preview that lives through many edits needs no more memory for each."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest
from blinker import Signal
from pelican import signals
from tests.chance import Chance
from tests.preview.previews import a_project

from openknowledge.preview import builder as builder_module
from openknowledge.preview.builder import PreviewBuilder
from openknowledge.preview.handler import PreviewState

PAGE = "content/courses/algebra/index.md"
RELEASE = "content/press/2025/cento-corsi.md"
EDITS = 2_000
"""How many edits a thorough run makes; a quick one makes ten."""

FEW = 64
"""How many entries a cache may have that need not be looked at."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """Return a project in the folder that builds run in; what a build sets in this process is put back."""
    before, handlers = Path.cwd(), list(logging.getLogger().handlers)
    project = a_project(tmp_path / "project")
    os.chdir(project)
    yield project
    os.chdir(before)
    logging.getLogger().handlers[:] = handlers
    gc.enable()


def test_neither_the_objects_of_a_preview_nor_what_listens_grow_with_its_edits(
    project: Path, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder_module, "COLLECT_EVERY", 2)
    builder = PreviewBuilder(project, PreviewState(project / ".cache/preview/site"), "2026-01-10")
    counts, listening = [], []
    for number in range(EDITS if chance.is_thorough else 10):
        page = project / PAGE
        page.write_text(f"{page.read_text('utf-8')}\nEdizione {number}.\n", "utf-8")
        assert builder.build().problems == ()
        counts.append(len(gc.get_objects()))
        receivers = sum(len(one.receivers) for one in vars(signals).values() if isinstance(one, Signal))
        listening.append((receivers, len(logging.getLogger("pelican").filters)))

    assert len(set(listening[1:])) == 1
    half = len(counts) // 2
    assert max(counts[half:]) < 1.2 * max(counts[2:half])


def test_what_a_preview_caches_does_not_grow_with_the_edits_of_a_page(
    project: Path, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count entries: a cache that has one more after each edit is full only after thousands of them."""
    monkeypatch.setattr(builder_module, "COLLECT_EVERY", 100)
    builder = PreviewBuilder(project, PreviewState(project / ".cache/preview/site"), "2026-01-10")
    page, counts = project / RELEASE, []
    text = page.read_text("utf-8")
    for number in range(30 if chance.is_thorough else 16):
        page.write_text(f"{text}\nEdizione {number}.\n", "utf-8")
        assert builder.build().problems == ()
        if number in (9, 15, 29):
            counts.append(count_entries())

    grown = {name: (before, after) for name, before in counts[0].items() if (after := counts[-1][name]) > before + 4}
    assert grown == {}


def count_entries() -> dict[str, int]:
    """Return how many entries the caches of our functions have, and how many objects there are.

    A cache of a few dozen entries is full after as many edits, and may be so.
    """
    gc.collect()
    found = gc.get_objects()
    caches = [
        one for one in found if isinstance(one, _lru_cache_wrapper) and one.__module__.startswith("openknowledge.")
    ]
    sizes = {
        f"{one.__module__}.{one.__qualname__}": one.cache_info().currsize
        for one in caches
        if (one.cache_info().maxsize or FEW + 1) > FEW
    }
    return {**sizes, "objects": len(found) - len(caches)}

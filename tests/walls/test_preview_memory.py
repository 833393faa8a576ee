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
"""How many edits a thorough run makes; a quick one makes sixteen."""


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


def test_the_objects_of_a_preview_do_not_grow_with_its_edits(
    project: Path, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder_module, "COLLECT_EVERY", 2)
    builder = PreviewBuilder(project, PreviewState(project / ".cache/preview/site"), "2026-01-10")
    counts = []
    for number in range(EDITS if chance.is_thorough else 16):
        page = project / PAGE
        page.write_text(f"{page.read_text('utf-8')}\nEdizione {number}.\n", "utf-8")
        assert builder.build().problems == ()
        counts.append(len(gc.get_objects()))

    half = len(counts) // 2
    assert max(counts[half:]) < 1.2 * max(counts[2:half])


def test_what_a_preview_caches_does_not_grow_with_the_edits_of_a_page(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count entries: a cache that has one more after each edit is full only after thousands of them."""
    monkeypatch.setattr(builder_module, "COLLECT_EVERY", 100)
    builder = PreviewBuilder(project, PreviewState(project / ".cache/preview/site"), "2026-01-10")
    page, counts = project / RELEASE, []
    text = page.read_text("utf-8")
    for number in range(30):
        page.write_text(f"{text}\nEdizione {number}.\n", "utf-8")
        assert builder.build().problems == ()
        if number % 10 == 9:
            counts.append(count_entries())

    grown = {name: (before, after) for name, before in counts[0].items() if (after := counts[-1][name]) > before + 4}
    assert grown == {}


def count_entries() -> dict[str, int]:
    """Return how many entries the caches of our functions have, and how many objects there are."""
    gc.collect()
    found = gc.get_objects()
    caches = [
        one for one in found if isinstance(one, _lru_cache_wrapper) and one.__module__.startswith("openknowledge.")
    ]
    sizes = {f"{one.__module__}.{one.__qualname__}": one.cache_info().currsize for one in caches}
    return {**sizes, "objects": len(found) - len(caches)}


def test_a_build_leaves_nothing_that_listens_for_the_next_one(project: Path) -> None:
    builder = PreviewBuilder(project, PreviewState(project / ".cache/preview/site"), "2026-01-10")
    listening = []
    for _ in range(3):
        builder.build()
        receivers = sum(len(one.receivers) for one in vars(signals).values() if isinstance(one, Signal))
        listening.append((receivers, len(logging.getLogger("pelican").filters)))

    assert listening[1] == listening[2]

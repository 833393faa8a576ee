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
from openknowledge.rendering.render import MacroCache

PAGE = "content/courses/algebra/index.md"
RELEASE = "content/press/2025/cento-corsi.md"
EDITS = 2_000
"""How many edits a thorough run makes; a quick one makes twelve."""
RENEWALS = 3
"""After how many edits caches are renewed here."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """Return a project in the folder that builds run in; what a build sets in this process is put back."""
    gc.collect()
    gc.freeze()  # What tests before this one left is neither counted nor looked through again and again.
    before, handlers = Path.cwd(), list(logging.getLogger().handlers)
    project = a_project(tmp_path / "project")
    os.chdir(project)
    yield project
    os.chdir(before)
    logging.getLogger().handlers[:] = handlers
    gc.enable()


def test_neither_what_a_preview_keeps_nor_what_listens_grows_with_its_edits(
    project: Path, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count entries: a cache that has one more after each edit is full only after thousands of them."""
    monkeypatch.setattr(builder_module, "COLLECT_EVERY", 2)
    monkeypatch.setattr(builder_module, "RENEW_EVERY", RENEWALS)
    builder = PreviewBuilder(project, PreviewState(project / ".cache/preview/site"), "2026-01-10")
    texts = {name: (project / name).read_text("utf-8") for name in (PAGE, RELEASE)}
    counts = []
    for number in range(EDITS if chance.is_thorough else 4 * RENEWALS):
        for name, text in texts.items():
            new = f"{text}\nEdizione {number}.\n".replace("title: ", f"title: E{number} ")
            (project / name).write_text(new, "utf-8")
        assert builder.build().problems == ()
        if (number + 1) % RENEWALS == 0:
            counts.append(count_entries())

    # What grows does so each time; what is made once, by whatever runs in this process, does not.
    *_, first, second, third = counts
    growing = {name: (first[name], second[name], count) for name, count in third.items()}
    assert {name: row for name, row in growing.items() if min(row[1] - row[0], row[2] - row[1]) > 4} == {}


def count_entries() -> dict[str, int]:
    """Return how many entries the caches of our functions and of markup have, how many objects and who listens."""
    gc.collect()
    found = gc.get_objects()
    caches = [
        one for one in found if isinstance(one, _lru_cache_wrapper) and one.__module__.startswith("openknowledge.")
    ]
    sizes = {f"{one.__module__}.{one.__qualname__}": one.cache_info().currsize for one in caches}
    return {
        **sizes,
        "markup": sum(len(one._newer) + len(one._older) for one in found if isinstance(one, MacroCache)),
        "objects": len(found) - len(caches),
        "receivers": sum(len(one.receivers) for one in vars(signals).values() if isinstance(one, Signal)),
        "filters": len(logging.getLogger("pelican").filters),
    }

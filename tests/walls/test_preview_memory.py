"""A preview that lives through many edits needs no more memory for each."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
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


def test_a_build_leaves_nothing_that_listens_for_the_next_one(project: Path) -> None:
    builder = PreviewBuilder(project, PreviewState(project / ".cache/preview/site"), "2026-01-10")
    listening = []
    for _ in range(3):
        builder.build()
        receivers = sum(len(one.receivers) for one in vars(signals).values() if isinstance(one, Signal))
        listening.append((receivers, len(logging.getLogger("pelican").filters)))

    assert listening[1] == listening[2]

"""What a page costs: every step is seen, and counted as often as it ran."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import corpus, scale

ITEMS = 20


def test_each_step_of_a_build_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "GROUPS", {"topic": 4, "person": 3, "strand": 2, "partner": 2, "initiative": 2})

    numbers = scale.measure(corpus.Corpus(ITEMS), "markdown", tmp_path)

    read = ITEMS + sum(corpus.GROUPS.values()) + 1
    assert [name for name in scale.STEPS if not numbers.get(f"cold: {name} s")] == []
    assert numbers["cold: read times"] == read
    assert numbers["cold: view times"] == numbers["pages"] > read
    assert numbers["word: read times"] == numbers["word: render times"] == 1
    assert numbers["state: artifacts"] >= numbers["pages"]
    assert numbers["bytes: output"] > numbers["bytes: output/.ledger"] > 0

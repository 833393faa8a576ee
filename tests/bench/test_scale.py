"""What a page costs: every step is seen, and counted as often as it was taken."""

from __future__ import annotations

from bench import scale

GROUPS = 600
"""Topics and people of the made-up site."""


def test_each_step_of_a_build_is_measured(tmp_path):
    found = scale.measured(12, "markdown", tmp_path)

    assert [name for name in scale.STEPS if not found.get(f"cold: {name} s")] == []
    assert found["cold: read times"] == 12 + GROUPS + 1
    assert found["cold: view times"] == found["pages"] > 12 + GROUPS
    assert found["word: read times"] == found["word: render times"] == 1
    assert found["word: s"] < found["cold: s"]
    assert found["book: products"] >= found["pages"]
    assert found["bytes: output"] > found["bytes: output/.ledger"] > 0

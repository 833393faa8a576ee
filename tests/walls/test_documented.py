"""What the operators' guide promises of pull requests is what tests hold."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_promise_about_pull_requests_has_its_test() -> None:
    section = (ROOT / "docs/operators.md").read_text("utf-8").partition("### What a pull request can and cannot do")[2]
    rows = [row for row in section.partition("\n## ")[0].split("\n") if row.startswith("| ")][1:]
    named = [re.findall(r"`([\w/]+\.py)::(test_\w+)`", row) for row in rows]

    assert len(rows) >= 14
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    for tests in named:
        for file, name in tests:
            folder = ROOT if file.startswith("tests/") else Path(__file__).parent
            assert f"def {name}(" in (folder / file).read_text("utf-8"), (file, name)

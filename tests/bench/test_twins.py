"""The table of levels is about the files that a build compresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.twins import GROUPS, format_table, main, read_files


def test_only_what_is_compressed_is_measured(tmp_path: Path) -> None:
    for name in ("a.css", "fonts/a.woff2", "icons/a.svg"):
        path = tmp_path / "theme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())

    assert list(read_files(tmp_path, GROUPS["stylesheets, scripts, icons"])) == [b"a.css", b"icons/a.svg"]


def test_the_levels_of_a_build_are_bold_and_a_group_without_files_has_no_column() -> None:
    text = format_table({"pages": (b"<p>Una parola.</p>" * 100,) * 3, "feeds": (), "drawn covers": (b"<svg/>" * 100,)})
    rows = {row.split("|")[1].strip(): row.split("|")[2:-1] for row in text.splitlines()}

    assert [head.strip() for head in rows["level"]] == ["pages: 3 of 1.8 kB", "drawn covers: 1 of 0.6 kB"]
    assert ["**" in cell for cell in rows["Brotli 5"]] == [True, False]
    assert ["**" in cell for cell in rows["Brotli 11"]] == [False, True]
    assert ["**" in cell for cell in rows["gzip 9"]] == [False, True]


def test_a_folder_without_pages_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--output", str(tmp_path)])

    assert "build the site first" in capsys.readouterr().err

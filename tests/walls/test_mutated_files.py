"""Files that are broken in random ways are read or named: no traceback, and no reader is another one afterwards."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.builders import LANGS
from tests.chance import Chance
from tests.site.small import FILES, MOVED
from tests.walls.test_bounded_reading import READERS, SHORT_S, SOUND, read
from tests.walls.torture import MARKDOWN, YAML

from openknowledge.content import read_item as read_item_module
from openknowledge.content.located_yaml import load_yaml
from openknowledge.content.markdown.render import render_markdown
from openknowledge.content.numbers import read_figures
from openknowledge.content.series import read_series_file
from openknowledge.redirects.sources import parse_redirects

TIMES = 10_000
"""How many broken files a thorough run reads; a quick one reads a tenth."""
PIECES = (
    *(text[:3_000] for text in YAML.values()),
    *(text[:300] for text in MARKDOWN.values()),
    *("", "\0", "9" * 5_000, "-1", "1e999", "nan", ".inf", "[", "{", "}", "]", ":", "- ", "\n", "!!int foo", "&a [*a]"),
    *("*b", "null", "~", "true", "2025-13-45", "0000-00-00", "99999-01-01", "\u202e", '"', "'", ",", ",,,", "\t", "#"),
    *("---\n", "x" * 3_000, "/../", "javascript:x", "http://[bad", "è", "😀", "٣", "\ufeff", "\x1b[31m", "\r"),
)


def broken(chance: Chance, text: str) -> str:
    """Return a text with some pieces put in or in place of others."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 0, 1, 3, 10, 40)))
        text = text[:start] + chance.choice(PIECES) + text[end:]
    return text


@pytest.mark.parametrize("reader", READERS)
def test_a_broken_item_is_a_record_or_a_problem_and_leaves_the_reader_as_it_was(
    tmp_path: Path, chance: Chance, reader: str
) -> None:
    before = render_markdown(SOUND, reader)
    sound = FILES["courses/algebra/index.md"]
    with mock.patch.object(read_item_module, "MAX_CPU_S", SHORT_S):
        for _ in range(chance.times(TIMES) // 2):
            text = broken(chance, sound)
            parsed = read(tmp_path, text.encode("utf-8", "surrogatepass"), reader)
            assert parsed.problems or parsed.row is not None, text
            assert not any("stumble" in problem.message for problem in parsed.problems), text
            assert "\x1b" not in "".join(map(str, parsed.problems)), text
    assert render_markdown(SOUND, reader) == before


def test_broken_numbers_and_redirects_are_read_or_named(chance: Chance) -> None:
    readers: tuple[tuple[str, Any], ...] = (
        (FILES["figures.yaml"], lambda text: read_figures(text, "content/figures.yaml", LANGS, date(2026, 1, 1))),
        (
            FILES["snapshots/enrollments/algebra.csv"],
            lambda text: read_series_file(text, "x.csv", "x", date(2026, 1, 1)),
        ),
        (MOVED["redirects.yaml"], lambda text: parse_redirects(text, "content/redirects.yaml", LANGS)),
    )
    for _ in range(chance.times(TIMES) // 3):
        for sound, read_text in readers:
            read_text(broken(chance, sound).encode("utf-8", "ignore").decode())


@pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\u2029", "\r\n"])
@pytest.mark.parametrize("text", ["a: x{}{} -y", "a:\n- x{}{}{}  - y", "a: x{} # y{}", 'a: "x{}\\u0041{}"'])
def test_a_line_may_end_in_any_way_that_yaml_knows(text: str, end: str) -> None:
    """The library's marks count lines that other programs do not; U+2028 once led behind the last one."""
    load_yaml(text.replace("{}", end), "content/figures.yaml")

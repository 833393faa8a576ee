"""Which reader read the texts of a site: the build says where the fast one left them to the other."""

from __future__ import annotations

from pathlib import Path

from tests.site.small import SiteBuild, build, built, digest, small_content

FAST = 'MARKDOWN_READER="fast"'


def test_the_build_says_how_many_texts_the_fast_reader_left_to_the_other(tmp_path: Path) -> None:
    content = small_content(tmp_path)
    course = content / "courses/algebra/index.md"
    course.write_text(course.read_text("utf-8") + "\n!!! note\n    Da non dimenticare.\n", "utf-8")
    cache = f'CACHE_PATH="{tmp_path / "cache"}"'

    first = build(content, tmp_path / "output", FAST, cache)
    again = build(content, tmp_path / "output", FAST, cache)

    assert "The fast reader left 1 item to the default one." in first.stdout
    assert "The fast reader left 1 item to the default one." in again.stdout


def test_a_site_that_the_fast_reader_can_read_is_the_same_site_and_says_nothing(
    small_site: SiteBuild, tmp_path: Path
) -> None:
    fast = built(tmp_path, FAST)

    assert "fast reader" not in fast.stdout
    assert set(digest(fast.output)) == set(digest(small_site.output))

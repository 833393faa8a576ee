"""The same data gives the same bytes anywhere, and a change leaves no trace of what was before."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.feeds.strict import check_rss
from tests.site.small import digest
from tests.site.whole import Dump, WholeSite, output_of, start_build

from openknowledge.engine.build_state import BUILD_STATE

pytestmark = pytest.mark.conformance

ELSEWHERE = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "7"}


@pytest.fixture(scope="module")
def first(whole_site: WholeSite) -> dict[str, str]:
    """Return the digests of the whole site by path."""
    return digest(whole_site.output)


def changed_row(path: Path, which: Callable[[dict[str, Any]], bool], **changes: Any) -> None:
    """Change one line of a snapshot, as a later sync would; without changes the line goes."""
    lines = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    (row,) = [line for line in lines if which(line)]
    retained = [{**line, **changes} if line is row else line for line in lines if changes or line is not row]
    path.write_text("".join(json.dumps(line, sort_keys=True) + "\n" for line in retained), "utf-8")


def times_of(output: Path) -> dict[Path, int]:
    """Return when each file of the site was written, without the build's own."""
    files = (path for path in output.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path: path.stat().st_mtime_ns for path in files}


def test_building_again_writes_nothing(whole_site: WholeSite, first: dict[str, str]) -> None:
    times = times_of(whole_site.output)

    text = output_of(start_build(whole_site.content, whole_site.output))

    assert "0 files changed, 0 removed" in text
    assert times_of(whole_site.output) == times
    assert digest(whole_site.output) == first


def test_the_same_data_gives_the_same_bytes_elsewhere(
    whole_site: WholeSite, first: dict[str, str], tmp_path: Path
) -> None:
    content = tmp_path / "another place" / "content"
    shutil.copytree(whole_site.content, content)

    output_of(start_build(content, tmp_path / "out", **ELSEWHERE))

    assert digest(tmp_path / "out") == first


@pytest.fixture(scope="module")
def later(
    whole_site: WholeSite, dump: Dump, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, dict[str, str]]:
    """Build the site after a change of its data, over the old site and from nothing.

    A playlist is gone, another has taken up one of its videos, and a title got control characters.
    """
    folder = tmp_path_factory.mktemp("later")
    content = folder / "content"
    shutil.copytree(whole_site.content, content)
    gone, taker, marred = chosen(dump)
    videos, playlists = content / "snapshots/youtube", content / "snapshots/youtube/playlists.jsonl"
    year = dump.videos[marred]["snippet"]["publishedAt"][:4]
    members = [whole_site.slugs[name] for name in (*dump.members[taker], marred)]
    title = f"\x07{dump.title(marred)}\x00\x1f\ud800"
    changed_row(playlists, lambda row: row["youtube_id"] == gone)
    changed_row(playlists, lambda row: row["youtube_id"] == taker, videos=members)
    changed_row(videos / f"videos-{year}.jsonl", lambda row: row["youtube_id"] == marred, title=title)
    shutil.copytree(whole_site.output, folder / "over", copy_function=link_pages)
    builds = [start_build(content, folder / "over"), start_build(content, folder / "clean")]
    for build in builds:
        output_of(build)
    return folder / "over", folder / "clean", {"gone": gone, "taker": taker, "marred": marred}


def link_pages(source: str, target: str) -> None:
    """Link a file of the site, which a build replaces; copy one of the build state, which has the folder's lock."""
    if BUILD_STATE in Path(source).parts:
        shutil.copy2(source, target)
    else:
        os.link(source, target)


def chosen(dump: Dump) -> tuple[str, str, str]:
    """Choose a playlist to remove, another to add to, and a video of a third."""
    gone, taker, third = sorted(dump.members, key=lambda name: (len(dump.members[name]), name))[:3]
    return gone, taker, dump.members[third][0]


def test_a_site_built_over_an_old_site_equals_a_clean_build(
    later: tuple[Path, Path, dict[str, str]], first: dict[str, str]
) -> None:
    over, clean, _ = later

    assert digest(over) == digest(clean)
    assert digest(clean) != first


def test_a_playlist_that_is_gone_leaves_no_page_and_no_feed(
    whole_site: WholeSite, later: tuple[Path, Path, dict[str, str]]
) -> None:
    over, _, names = later
    slug = whole_site.playlist_slugs[names["gone"]]

    assert (whole_site.output / "video/playlist" / slug / "index.html").is_file()
    assert not (over / "video/playlist" / slug).exists()
    assert not list(over.rglob(f"{slug}.*.xml"))


def test_a_video_in_two_playlists_has_a_single_page_that_names_both(
    whole_site: WholeSite, dump: Dump, later: tuple[Path, Path, dict[str, str]]
) -> None:
    over, _, names = later
    page = (over / whole_site.video(names["marred"], "en").strip("/") / "index.html").read_text("utf-8")
    home = next(name for name, members in dump.members.items() if names["marred"] in members)

    assert f'href="{whole_site.playlist(home, "en")}"' in page
    assert f'href="{whole_site.playlist(names["taker"], "en")}"' in page
    assert page.count("<h1") == 1
    assert not (over / "en/videos" / f"{whole_site.slugs[names['marred']]}-2").exists()


def test_control_characters_cost_neither_the_page_nor_the_feed(
    whole_site: WholeSite, dump: Dump, later: tuple[Path, Path, dict[str, str]]
) -> None:
    over, _, names = later
    home = next(name for name, members in dump.members.items() if names["marred"] in members)
    feed = (over / f"en/feeds/playlist/{whole_site.playlist_slugs[home]}.rss.xml").read_bytes()
    page = (over / whole_site.video(names["marred"], "it").strip("/") / "index.html").read_text("utf-8")

    check_rss(feed)
    assert dump.title(names["marred"]) in [item.findtext("title") for item in check_rss(feed).iter("item")]
    assert not {"\x00", "\x07", "\x1f"} & set(page)

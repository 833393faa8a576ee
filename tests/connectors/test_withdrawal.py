"""What is withdrawn leaves its address and nothing else, for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.builders import settings_for, write
from tests.connectors.snapshots import DAY, a_row, after, some_facts, written

from openknowledge.catalogue.assemble import assemble
from openknowledge.catalogue.kinds import KINDS
from openknowledge.connectors.comparison import leave_to_others, read_slug_names
from openknowledge.connectors.snapshot import Snapshot, find_changed_files, read_snapshot
from openknowledge.connectors.source import SourceFacts, SyncFindings
from openknowledge.connectors.withdrawal import withdraw
from openknowledge.engine.file_transaction import replace_files
from openknowledge.redirects.sources import parse_redirects
from openknowledge.rendering.locale import load_languages

FACTS = SourceFacts(
    rows={
        "video": {"a": a_row("a", "Secret words"), "b": a_row("b")},
        "playlist": {"P": a_row("P", "All of them", videos=["a", "b"])},
    },
    counts={"video": {"a": 5, "b": 6}},
)
EDITED = '---\nyoutube_id: "a"\ntitle: Secret words of an editor\n---\nA secret transcript.\n'
FILES = {
    "videos/secret-words.md": EDITED,
    "videos/secret-words.en.md": EDITED,
    "videos/captions/a.it.vtt": "WEBVTT\n\n00:00.000 --> 00:01.000\nA secret\n",
    "videos/captions/b.it.vtt": "WEBVTT\n",
    "snapshots/sample/videos.jsonl": '{"slug": "prova", "title": "Prova", "sample": true}\n',
    "videos/lesson-b.md": '---\nyoutube_id: "b"\n---\nText.\n',
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return a content folder with two videos; the first one is missing, and has been held back."""
    root = write(tmp_path, FILES)
    snapshot = after(Snapshot(), FACTS)[0]
    snapshot = after(snapshot, replace(FACTS, counts={"video": {"a": 0, "b": 6}}))[0]
    replace_files(root, find_changed_files(root, "youtube", snapshot))
    return root


def sync(content: Path, facts: SourceFacts, day: date) -> Snapshot:
    snapshot, _ = after(read_snapshot(content, "youtube", SyncFindings()), facts, day)
    replace_files(content, find_changed_files(content, "youtube", snapshot))
    return snapshot


def visible_text(content: Path) -> str:
    paths = (path for path in sorted(content.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return "\n".join(path.read_text() for path in paths)


def test_title_text_transcript_and_numbers_go_and_the_slug_stays_taken(content: Path) -> None:
    assert "ecret words" in visible_text(content) and "A secret" in visible_text(content)

    replace_files(content, withdraw(content, "a", DAY, SyncFindings()))

    assert "ecret words" not in visible_text(content) and "A secret" not in visible_text(content)
    assert written(content)["retired.jsonl"] == (
        b'{"kind": "video", "slug": "secret-words", "withdrawn": "2026-12-01", "youtube_id": "a"}\n'
    )
    assert written(content)["views.csv"] == b"# as_of: 2026-12-01\nyoutube_id,views\nb,6\n"
    assert b'"videos": ["lesson-b"]' in written(content)["playlists.jsonl"]
    assert "held-back.jsonl" not in written(content)
    assert sorted(path.name for path in (content / "videos").rglob("*.*")) == ["b.it.vtt", "lesson-b.md"]


@pytest.mark.parametrize("redirects", [None, "- {from: /a/, to: /b/}", "- from: /a/\n  to: /b/\n"])
def test_the_old_addresses_of_its_page_are_gone_too(content: Path, redirects: str | None) -> None:
    alias = 'aliases: [/vecchio/uno/, "/vecchio/è:due/"]\n'
    (content / "videos/secret-words.md").write_text(EDITED.replace("title:", f"{alias}title:"))
    if redirects:
        (content / "redirects.yaml").write_text(redirects)

    replace_files(content, withdraw(content, "a", DAY, SyncFindings()))

    rules, problems = parse_redirects((content / "redirects.yaml").read_text(), "redirects.yaml", ("it", "en"))
    assert problems == []
    assert {rule.source: rule.target for rule in rules} == {
        **({"/a/": "/b/"} if redirects else {}),
        "/vecchio/uno/": None,
        "/vecchio/è:due/": None,
    }


def test_later_syncs_do_not_bring_it_back_and_give_its_slug_to_no_other(content: Path) -> None:
    replace_files(content, withdraw(content, "a", DAY, SyncFindings()))
    before = written(content)
    assert sync(content, FACTS, date(2026, 12, 2)).facts.rows["video"].keys() == {"b"}
    assert written(content) == before

    other = some_facts("b")
    other.rows["video"]["c"] = a_row("c", "Secret words")  # type: ignore[index]
    sync(content, other, date(2026, 12, 3))

    assert read_snapshot(content, "youtube", SyncFindings()).slugs("video") == {
        "a": "secret-words",
        "b": "lesson-b",
        "c": "secret-words-2020",
    }


def test_another_source_of_the_channel_does_not_bring_it_back_either(content: Path) -> None:
    replace_files(content, withdraw(content, "a", DAY, SyncFindings()))
    findings = SyncFindings()
    names = read_slug_names(content, "feed", Snapshot(), findings)

    facts = leave_to_others(some_facts("a", "new", is_complete=False), names, "feed", findings)

    assert facts.rows["video"].keys() == {"new"}


def test_withdrawing_twice_changes_nothing_the_second_time(content: Path) -> None:
    replace_files(content, withdraw(content, "a", DAY, SyncFindings()))

    assert withdraw(content, "a", date(2026, 12, 9), SyncFindings()) == {}


def test_a_playlist_can_be_withdrawn_and_leaves_its_videos(content: Path) -> None:
    replace_files(content, withdraw(content, "P", DAY, SyncFindings()))

    snapshot = sync(content, FACTS, date(2026, 12, 2))
    assert (snapshot.facts.rows["playlist"], snapshot.facts.rows["video"].keys()) == ({}, {"a", "b"})


def test_an_id_that_no_snapshot_has_is_a_problem(content: Path) -> None:
    findings = SyncFindings()

    assert withdraw(content, "zzz", DAY, findings) == {}
    assert 'no snapshot has the video or playlist "zzz"' in str(findings.problems[0])
    assert len(findings.problems) == 1, "samples are no broken snapshot"


def test_a_file_with_the_name_of_something_withdrawn_is_refused(content: Path) -> None:
    replace_files(content, withdraw(content, "a", DAY, SyncFindings()))
    (content / "videos/secret-words.md").write_text(
        "---\ntitle: Again\npublished: 2026-01-01T09:00:00Z\n---\nA text.\n"
    )
    settings = settings_for(content)
    languages = load_languages(settings.locale, settings.site.langs, settings.timezone, {})

    problems = assemble(settings, KINDS, languages).problems

    assert [(problem.path, problem.message) for problem in problems if "withdrawn" in problem.message] == [
        ("content/videos/secret-words.md", "what has this name was withdrawn on 2026-12-01, and its address says so")
    ]

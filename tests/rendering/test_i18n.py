"""The digest of a language depends on its messages, and not on the time of reading."""

from __future__ import annotations

import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from openknowledge.rendering.locale import load_gettext, load_languages

WORDS = """msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Search"
msgstr "Cerca"
"""


class AnHourLater(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.now(tz) + datetime.timedelta(hours=1)


def fingerprint(folder: Path, words: str) -> bytes:
    path = folder / "it/LC_MESSAGES/messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, "utf-8")
    return load_languages(folder, ("it",), "Europe/Rome", {})["it"].fingerprint


def test_words_read_an_hour_later_are_the_same_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Babel puts the time of reading into a catalogue without a date."""
    before = fingerprint(tmp_path, WORDS)
    later = {**vars(datetime), "datetime": AnHourLater}
    monkeypatch.setattr("babel.messages.catalog.datetime", SimpleNamespace(**later))

    assert fingerprint(tmp_path, WORDS) == before


@pytest.mark.parametrize(
    ("old", "new"), [("Cerca", "Trova"), ('msgid "Search"', 'msgid "Find"'), ("(n != 1)", "(n > 1)")]
)
def test_other_words_or_plurals_are_others(old: str, new: str, tmp_path: Path) -> None:
    assert fingerprint(tmp_path, WORDS.replace(old, new)) != fingerprint(tmp_path, WORDS)


def test_editors_are_told_in_the_sites_language_unless_the_settings_say_another(tmp_path: Path) -> None:
    path = tmp_path / "locale/it/LC_MESSAGES/problems.po"
    path.parent.mkdir(parents=True)
    path.write_text(WORDS, "utf-8")
    settings = {"THEME": str(tmp_path), "DEFAULT_LANG": "it"}

    assert load_gettext(settings)("Search") == "Cerca"
    assert load_gettext({**settings, "MESSAGES_LANG": "en"})("Search") == "Search"
    assert load_gettext({**settings, "DEFAULT_LANG": "fr", "MESSAGES_LANG": ""})("Search") == "Search"

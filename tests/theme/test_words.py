"""The interface is complete in each of its languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jinja2
import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from tests.theme.rendering import THEME

from openknowledge.editing.extract_messages import collect_messages

CATALOGUES = sorted((THEME / "locale").glob("*/LC_MESSAGES/*.po"))
ROOT = THEME.parent


def entries(path: Path) -> Iterator[tuple[Message, tuple[str, ...], tuple[str, ...]]]:
    """Yield each message with its original and its translated strings."""
    with path.open("rb") as file:
        for message in read_po(file, locale=path.parts[-3]):
            if message.id:
                yield message, as_tuple(message.id), as_tuple(message.string)


def as_tuple(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_message_is_translated_and_none_is_fuzzy_or_obsolete(path: Path) -> None:
    missing = [original[0] for message, original, translated in entries(path) if not all(translated) or message.fuzzy]

    assert missing == []
    assert "#~" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_translation_has_the_placeholders_of_its_message(path: Path) -> None:
    for _message, original, translated in entries(path):
        assert placeholders(translated[-1]) == placeholders(original[-1])
        assert all(placeholders(text) <= placeholders(original[-1]) for text in translated)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))


@cache
def used_messages(catalogue_name: str) -> set[str]:
    """Return the messages of one catalogue that code and templates use, in any language."""
    template = collect_messages((ROOT / "plugins" / "openknowledge", ROOT / "theme" / "templates"), catalogue_name)
    return {as_tuple(message.id)[0] for message in template if message.id}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_the_catalogue_has_all_messages_of_code_and_templates(path: Path) -> None:
    assert used_messages(path.stem) == {original[0] for _message, original, _translated in entries(path)}


@pytest.mark.parametrize("path", sorted((THEME / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_templates_mark_whole_sentences_and_choose_between_none(path: Path) -> None:
    """A message that is put together is in no catalogue."""
    tree = jinja2.Environment(extensions=["jinja2.ext.i18n"]).parse(path.read_text("utf-8"))
    calls = [call for call in tree.find_all(jinja2.nodes.Call) if getattr(call.node, "name", "") in ("_", "gettext")]

    assert [call.lineno for call in calls if not isinstance(call.args[0], jinja2.nodes.Const)] == []

"""Messages are collected from code and templates, and nothing else changes in the catalogues."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from openknowledge.editing.extract_messages import collect_messages, update_catalogue


@pytest.fixture
def template(tmp_path: Path) -> Catalog:
    (tmp_path / "code.py").write_text(
        'LABEL = N_("Press")\n'
        'language.gettext("Year %(year)s", year=1)\nlanguage.plural("one", "many", 2)\ngettext(name)\n'
    )
    (tmp_path / "page.html").write_text('{{ _("Search") }}{% trans %}\n  Skip to\n  content\n{% endtrans %}')
    return collect_messages((tmp_path,))


def ids(catalog: Catalog) -> list[object]:
    return [message.id for message in catalog if message.id]


def test_messages_are_collected_from_code_and_templates(template):
    assert sorted(map(str, ids(template))) == sorted(
        ["Press", "Year %(year)s", "('one', 'many')", "Search", "Skip to content"]
    )


MARKED = {
    "in another call": ('gettext(ACTIONS.get(state, N_("See it")))', ["See it"]),
    "in the arguments of another message": (
        'gettext("of %(name)s", name=gettext("a course"))',
        ["of %(name)s", "a course"],
    ),
    "in an f-string": ("f\"{language.gettext('Playlist')}, {total}\"", ["Playlist"]),
    "in an f-string in another call": ("print(f\"{f(N_('A'), gettext('B'))}\")", ["A", "B"]),
    "a choice": ('gettext("one" if x else "other")', ["one", "other"]),
    "over several lines": ('gettext(\n    "one "\n    "sentence"\n)', ["one sentence"]),
    "plurals in a list": ('[x.plural("%(number)s a", "%(number)s b", len(y))]', [("%(number)s a", "%(number)s b")]),
    "in a decorator": ('@mark(N_("A"))\ndef f(): ...', ["A"]),
    "in a lambda and a default": ('f = lambda x=N_("A"): gettext("B")', ["A", "B"]),
    "not a literal": ('gettext(name); gettext(f"a {b}"); gettext(); plural("a", b, 1)', []),
}


@pytest.mark.parametrize(("code", "messages"), MARKED.values(), ids=MARKED)
def test_a_message_is_collected_wherever_it_is_marked(tmp_path: Path, code: str, messages: list[object]) -> None:
    (tmp_path / "code.py").write_text(code)

    assert sorted(map(str, ids(collect_messages((tmp_path,))))) == sorted(map(str, messages))


def test_what_editors_are_told_is_collected_for_a_catalogue_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text('Problem(p, 1, None, Message("%(a)s is", a=gettext("A")), Message("Write it."))')

    assert sorted(ids(collect_messages((tmp_path,), "problems"))) == ["%(a)s is", "Write it."]
    assert ids(collect_messages((tmp_path,))) == ["A"]


def test_a_message_takes_its_translation_along_into_another_catalogue() -> None:
    template, other = Catalog(), Catalog()
    template.add("missing")
    other.add("missing", "manca")

    assert b'msgid "missing"\nmsgstr "manca"' in update_catalogue(b"", "it", template, [other])


def test_translations_stay_new_messages_are_empty_and_old_ones_go(template):
    old = b'msgid ""\nmsgstr "Language: it\\n"\n\nmsgid "Press"\nmsgstr "Stampa"\n\nmsgid "Gone"\nmsgstr "Andato"\n'

    catalog = read_po(BytesIO(update_catalogue(old, "it", template)), locale="it")

    assert catalog["Press"].string == "Stampa"
    assert catalog["Search"].string == ""
    assert "Gone" not in catalog
    assert not any(message.fuzzy for message in catalog)


@pytest.mark.parametrize(
    ("lang", "forms"),
    [("zh-Hant", "nplurals=1"), ("pt-BR", "nplurals=2"), ("sr-Latn", "nplurals=3"), ("ar", "nplurals=6")],
)
def test_a_new_catalogue_has_the_plurals_of_its_language(template: Catalog, lang: str, forms: str) -> None:
    text = update_catalogue(b"", lang, template)

    assert forms.encode() in text
    assert update_catalogue(text, lang, template) == text


def test_a_second_time_changes_no_byte_and_no_clock_is_written(template):
    once = update_catalogue(b"", "it", template)

    assert update_catalogue(once, "it", template) == once
    assert b"Date" not in once
    assert b"Babel" not in once
    assert b'"Plural-Forms: nplurals=2; plural=(n != 1);\\n"' in once

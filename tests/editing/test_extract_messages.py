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


def test_translations_stay_new_messages_are_empty_and_old_ones_go(template):
    old = b'msgid ""\nmsgstr "Language: it\\n"\n\nmsgid "Press"\nmsgstr "Stampa"\n\nmsgid "Gone"\nmsgstr "Andato"\n'

    catalog = read_po(BytesIO(update_catalogue(old, "it", template)), locale="it")

    assert catalog["Press"].string == "Stampa"
    assert catalog["Search"].string == ""
    assert "Gone" not in catalog
    assert not any(message.fuzzy for message in catalog)


def test_a_second_time_changes_no_byte_and_no_clock_is_written(template):
    once = update_catalogue(b"", "it", template)

    assert update_catalogue(once, "it", template) == once
    assert b"Date" not in once
    assert b"Babel" not in once
    assert b'"Plural-Forms: nplurals=2; plural=(n != 1);\\n"' in once

"""Any language of BCP 47 is spelled, named, written and sorted as its readers expect."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.support import NullTranslations

from openknowledge.language_tags import spell_tag, text_direction
from openknowledge.rendering.collation import sort_key
from openknowledge.rendering.locale import Language, describe_missing_words, load_languages

PO = 'msgid ""\nmsgstr "Plural-Forms: {forms};\\n"\n\n{messages}'


def a_language(code: str, locale: str | None = None) -> Language:
    return Language(code, NullTranslations(), ZoneInfo("Europe/Rome"), locale)


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        *(("it", "it"), ("IT", "it"), ("zh_hant", "zh-Hant"), ("ZH-HANS", "zh-Hans"), ("pt-br", "pt-BR")),
        *(("sr-latn", "sr-Latn"), ("iw", "he"), ("en-UK", "en-GB"), ("lld", "lld"), ("de-1996", "de-1996")),
        *(("italiano", None), ("xx", None), ("", None), ("it-", None), ("it IT", None), ("e", None), ("und", "und")),
    ],
)
def test_a_tag_has_one_spelling_and_what_is_no_language_has_none(written: str, tag: str | None) -> None:
    assert spell_tag(written) == tag


@pytest.mark.parametrize(
    ("tag", "direction"),
    [
        *(("it", "ltr"), ("zh-Hant", "ltr"), ("sr-Latn", "ltr"), ("ar", "rtl"), ("he", "rtl"), ("fa-IR", "rtl")),
        *(("ur", "rtl"), ("az-Arab", "rtl"), ("pa-PK", "rtl"), ("ar-Latn", "ltr"), ("und", "auto"), ("", "auto")),
    ],
)
def test_the_direction_of_a_text_follows_from_the_script_of_its_language(tag: str, direction: str) -> None:
    assert text_direction(tag) == direction


def test_languages_that_share_a_word_of_their_tag_have_names_of_their_own() -> None:
    tags = ("zh-Hans", "zh-Hant", "pt", "pt-BR", "sr-Latn", "zh-CN", "en-US", "iw", "x-y")

    assert [a_language("it").language_name(tag) for tag in tags] == [
        *("cinese semplificato", "cinese tradizionale", "portoghese", "portoghese brasiliano", "serbo (latino)"),
        *("cinese (Cina)", "inglese americano", "ebraico", "x-y"),
    ]
    assert [a_language("en").language_name(tag) for tag in tags[:4]] == [
        *("Simplified Chinese", "Traditional Chinese", "Portuguese", "Brazilian Portuguese"),
    ]


def test_every_language_calls_itself_by_its_own_name() -> None:
    names = {code: a_language(code).own_name for code in ("it", "zh-Hant", "zh-Hans", "pt-BR", "sr-Latn", "ar", "ka")}

    assert names == {
        **{"it": "Italiano", "zh-Hant": "繁體中文", "zh-Hans": "简体中文", "pt-BR": "Português (Brasil)"},
        **{"sr-Latn": "Srpski (latinica)", "ar": "العربية", "ka": "ქართული"},
    }


@pytest.mark.parametrize(
    ("code", "locale", "number"),
    [
        *(("pt-BR", None, "1.234.567"), ("zh-Hant", None, "1,234,567"), ("sr-Latn-IT", None, "1.234.567")),
        *(("tlh", "it_IT", "1.234.567"), ("en", "de_CH", "1’234’567")),
    ],
)
def test_numbers_are_written_as_the_tag_says_unless_settings_say_otherwise(
    code: str, locale: str | None, number: str
) -> None:
    assert a_language(code, locale).number(1234567) == number


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("de", "Anatomie Ärztliche_Ethik Ökonomie Osten strasse Straße Zahnmedizin"),
        ("it", "È Economia élite Perché_no perciò universale Università Universo"),
        ("en", "a A à above Zebra"),
        ("sv", "Ara Osthyvel Zebra Ångström Ärlig Östersund"),
        ("da", "Ara Zoo Ærø Øre Åbo Aalborg"),
        ("es", "nota nube ñandú Ñu oso"),
        ("pl", "lato łata mama Zenon żaba"),
        ("cs", "cena čaj dům had Háj CHATA chléb ihned zima žába"),
        ("sk", "hora chata ihla"),
        ("et", "sina šokk zoo žest tina või õun äri"),
        ("hr", "dan džep đak lav luk ljubav Ljuta mama noga Njemačka oko"),
        ("hu", "cukor csak dal dzeta dzsem egy görög gyár ok ököl Őr"),
        ("tr", "cam Çam dam gaz ğ hava ısı İzmir"),
        ("ru", "Елка Жук Игла Йод Яма"),
        ("uk", "Гай Ґава Ера Єва Ива Їжа Юра"),
        ("fa", "آب بابا پدر تاج گل"),
        ("it", "Zebra αλφα Москва عربي 語言"),
        ("fr", "L’acte L'art L’été"),
    ],
)
def test_words_are_sorted_as_the_language_sorts_them(lang: str, words: str) -> None:
    expected = words.replace("_", "\N{NO-BREAK SPACE}").split(" ")

    for mixed in (expected[::-1], sorted(expected), sorted(expected, key=len)):
        assert sorted(mixed, key=lambda word: sort_key(word, lang)) == expected


def test_texts_that_look_alike_are_still_in_one_order() -> None:
    texts = ["Cafe\u0301", "Café", "Cafe", "", "caffè"]

    assert len({sort_key(text, "it") for text in texts}) == len(texts)
    assert sort_key("Cafe\u0301", "it")[:3] == sort_key("Café", "it")[:3]


def write_catalogue(folder: Path, lang: str, messages: str, forms: str = "nplurals=2; plural=(n != 1)") -> None:
    path = folder / lang / "LC_MESSAGES/messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO.format(forms=forms, messages=messages), "utf-8")


def test_a_language_with_three_plurals_says_each_in_its_place(tmp_path: Path) -> None:
    forms = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2)"
    message = 'msgid "%(number)s course"\nmsgid_plural "%(number)s courses"\n'
    strings = "".join(f'msgstr[{at}] "%(number)s {word}"\n' for at, word in enumerate(("kurs", "kursa", "kurseva")))
    write_catalogue(tmp_path, "sr-Latn", message + strings, forms)
    language = load_languages(tmp_path, ("sr-Latn",), "Europe/Rome", {})["sr-Latn"]

    plurals = [language.plural("%(number)s course", "%(number)s courses", number) for number in (1, 3, 5, 21)]

    assert plurals == ["1 kurs", "3 kursa", "5 kurseva", "21 kurs"]
    assert set(language.plural_forms("%(number)s course", "%(number)s courses")) == {"one", "few", "other"}


def test_messages_without_a_translation_are_told_once_for_each_language(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "it", 'msgid "Search"\nmsgstr "Cerca"\n\nmsgid "Home"\nmsgstr "Inizio"\n')
    write_catalogue(tmp_path, "pt-BR", 'msgid "Search"\nmsgstr "Buscar"\n\nmsgid "Home"\nmsgstr ""\n')
    languages = load_languages(tmp_path, ("it", "en", "pt-BR", "zh-Hant"), "Europe/Rome", {})

    lines = [line.removeprefix(f"{tmp_path}/") for line in describe_missing_words(languages, tmp_path)]

    assert lines == [
        "pt-BR/LC_MESSAGES/messages.po: 1 message of the interface is shown in English: Home",
        "zh-Hant/LC_MESSAGES/messages.po: all messages of the interface are shown in English",
    ]

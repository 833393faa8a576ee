"""One language of the interface: its translations, and its formats of dates, numbers and lists."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal
from babel.support import NullTranslations, Translations
from babel.units import format_unit

from openknowledge.engine.digest import digest_bytes
from openknowledge.fast_pickle import FastPickle
from openknowledge.language_tags import Direction, text_direction
from openknowledge.model.numbers import Measure, Qualifier
from openknowledge.model.values import UNKNOWN_LANG, Lang, PartialDate
from openknowledge.problems import Gettext
from openknowledge.project_files import read_project_file

from .collation import SortKey, sort_key

SIZE_UNITS = ("digital-byte", "digital-kilobyte", "digital-megabyte", "digital-gigabyte")
"""CLDR's names of the units of files, each a thousand of the one before."""
PLURAL_SAMPLES = (1_000_000, *range(200, -1, -1))
"""Whole numbers of every plural category of any language; the smallest of a category come last."""


ARTICLE = re.compile(r"\b(il|al|dal|del|nel|sul) %\((\w+)\)s")
ELIDED = {"il": "l’", "al": "all’", "dal": "dall’", "del": "dell’", "nel": "nell’", "sul": "sull’"}
"""Italian articles before a placeholder, and before a number that is said with a vowel: `l’8 marzo`, `l’11%`."""
BEGINS_WITH_VOWEL = re.compile(r"8|11(?!\d)")
MISSING_NAMED = 5
"""How many messages without a translation are named."""


def N_(message: str) -> str:
    """Mark a message for extraction where it is translated later."""
    return message


def N_plural(singular: str, plural: str) -> tuple[str, str]:
    """Mark a message with its plural for extraction where it is translated later."""
    return singular, plural


PAGES, PROBLEMS = "messages", "problems"
"""The catalogues of a language: what readers see, and what editors are told, which sound builds need not load."""
MILLION = 1_000_000
NUMBER_MESSAGES = {
    Qualifier.EXACT: ("%(number)s", N_("%(number)s%%")),
    Qualifier.OVER: (N_("over %(number)s"), N_("over %(number)s%%")),
    Qualifier.ABOUT: (N_("about %(number)s"), N_("about %(number)s%%")),
}
"""For each qualifier the message of an amount and that of a percentage, before which some languages need an article."""


def is_locale(name: str) -> bool:
    """Return whether a locale's data are there, such as those of `it`, `en_GB` or `zh-Hant-TW`."""
    try:
        Locale.parse(name, sep="-" if "-" in name else "_")
    except (ValueError, TypeError, UnknownLocaleError):
        return False
    return True


def find_locale(name: str) -> Locale | None:
    """Return the formats of CLDR for a locale or a language's tag, such as `en_GB` or `zh-Hant`; None where none fit.

    Where CLDR has none for `sr-Latn-IT`, those of `sr-Latn` are meant.
    """
    parts = name.replace("-", "_").split("_")
    names = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((Locale.parse(name) for name in names if is_locale(name)), None)


def name_language(locale: Locale, tag: str) -> str | None:
    """Return what a locale calls a language: `cinese tradizionale` for `zh-Hant`; None where CLDR has no name for it.

    What the longest part of the tag with a name leaves over follows in parentheses.
    """
    try:
        language, territory, script = parse_locale(tag, sep="-")[:3]
    except ValueError:
        return None
    language = get_global("language_aliases").get(language, language)
    names = {script: locale.scripts.get(script), territory: locale.territories.get(territory)}
    for known in ((language, script, territory), (language, script), (language, territory), (language,)):
        name = locale.languages.get("_".join(map(str, known))) if all(known) else None
        if name:
            rest = [names[part] or part for part in (script, territory) if part and part not in known]
            return f"{name} ({', '.join(rest)})" if rest else name
    return None


def is_timezone(name: str) -> bool:
    """Return whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ValueError, TypeError, OSError, LookupError):
        return False
    return True


def is_country(code: str) -> bool:
    """Return whether a code is that of a country, such as `IT`."""
    return len(code) == 2 and code in Locale("en").territories


@dataclass(frozen=True, slots=True, kw_only=True)
class DateText(FastPickle):
    """A date as people read it and as machines do (`2020-06-16`, `2020-06` or with a time)."""

    text: str
    iso: str


@dataclass(frozen=True)
class Language:
    """The language `code`. Message ids are English sentences; `%(name)s` placeholders are filled in.

    Times are shown in `timezone`, the university's own. `locale_name` (`en_GB`) selects the formats of dates and
    numbers, where the language alone does not. Formatted days are cached: a site has far fewer days than items.
    """

    code: Lang
    translations: NullTranslations
    timezone: ZoneInfo
    locale_name: str | None = None
    _days: dict[tuple[str, str], DateText] = field(default_factory=dict, compare=False, repr=False)
    _names: dict[Lang, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def locale(self) -> Locale:
        """The formats of dates and numbers. Raises `LookupError` if CLDR has none; settings say so before."""
        locale = find_locale(self.locale_name or self.code)
        if locale is None:
            raise LookupError(f"no formats for {self.locale_name or self.code}")
        return locale

    @property
    def territorial(self) -> str | None:
        """Return the language with the country whose formats it has, `en_GB`; None where no country is known."""
        likely = get_global("likely_subtags").get(self.locale.language, "")
        territory = self.locale.territory or likely.rpartition("_")[2]
        return f"{self.locale.language}_{territory}" if territory else None

    @property
    def direction(self) -> Direction:
        """Return in which direction the language is written: `ltr` or `rtl`."""
        return text_direction(self.code)

    def sort_key(self, text: str) -> SortKey:
        """Return the value by which a text is sorted in the language's lists."""
        return sort_key(text, self.code)

    def gettext(self, message: str, /, **values: object) -> str:
        """Return the translation of `message`."""
        translated = self.translations.gettext(message)
        if values and self.locale.language == "it":
            translated = ARTICLE.sub(lambda article: _elide(article, values), translated)
        return translated % values if values else translated

    def plural(self, singular: str, plural: str, number: int, /, **values: object) -> str:
        """Return the right plural of a message; `%(number)s` is the number in the language's format."""
        chosen = self.translations.ngettext(singular, plural, number)
        return chosen % {"number": self.number(number), **values}

    def plural_forms(self, singular: str, plural: str) -> dict[str, str]:
        """Return a message for each of CLDR's plural categories of whole numbers (`one`, `other`).

        Placeholders stay open. It serves counts that the browser computes, where `Intl.PluralRules` gives the category.
        """
        ngettext = self.translations.ngettext
        return {category: ngettext(singular, plural, number) for category, number in _plural_samples(self.locale)}

    def number(self, value: int) -> str:
        """Return `170.000` in Italian, `170,000` in English; four digits are grouped too."""
        return format_decimal(value, locale=self.locale, group_separator=True)

    @property
    def number_signs(self) -> tuple[str, str]:
        """Return the sign between groups of digits, and that before decimals."""
        symbols = self.locale.number_symbols
        own = symbols.get(self.locale.default_numbering_system) or symbols["latn"]
        return own["group"], own["decimal"]

    @cached_property
    def magnitudes(self) -> dict[str, int]:
        """Return what numbers are called that follow digits, such as `mila` or `million`, in small letters."""
        words: dict[str, int] = {}
        if "long" not in self.locale.compact_decimal_formats:
            return words
        for power in (3, 6, 9):
            for factor in (1, 2):
                text = format_compact_decimal(factor * 10**power, format_type="long", locale=self.locale)
                digits, _, word = text.partition(str(factor))
                if word.strip()[:1].isalpha() and not digits:
                    words[word.strip().lower()] = 10**power
        return words

    def date(self, day: dt.date, form: str = "long") -> DateText:
        """Return a day: `16 giugno 2020`."""
        iso = day.isoformat()
        cached = self._days.get((iso, form))
        if cached is None:
            cached = self._days[iso, form] = DateText(text=format_date(day, form, locale=self.locale), iso=iso)
        return cached

    def short_date(self, day: dt.date) -> DateText:
        """Return a day in short: `16 giu 2020`."""
        return self.date(day, "medium")

    def partial_date(self, when: PartialDate) -> DateText:
        """Return a date as exactly as it is known: `2020`, `giugno 2020` or `16 giugno 2020`."""
        if when.day is not None:
            return self.date(when.first_day)
        if when.month is None:
            return DateText(text=str(when.year), iso=str(when))
        pattern = "LLLL y"
        return DateText(text=format_date(when.first_day, pattern, locale=self.locale), iso=str(when))

    def moment(self, when: dt.datetime) -> DateText:
        """Return a day and a time to the minute, with the site's time zone."""
        local = when.astimezone(self.timezone)
        day = format_date(local, "long", locale=self.locale)
        time = format_time(local, "short", tzinfo=self.timezone, locale=self.locale)
        zone = format_time(local, "z", tzinfo=self.timezone, locale=self.locale)
        return DateText(text=f"{day}, {time} {zone}", iso=local.isoformat())

    def duration(self, seconds: int | None) -> str:
        """Return `1:02:03`, `27:01`, `0:45`; a message where it is unknown."""
        if seconds is None:
            return self.gettext("Length not available")
        hours, rest = divmod(seconds, 3600)
        minutes, rest = divmod(rest, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def file_size(self, size_b: int) -> str:
        """Return a size in the unit that suits it, with two digits at the least: `850 kB`, `1,2 MB`."""
        exponent = min(max(len(str(size_b)) - 1, 0) // 3, len(SIZE_UNITS) - 1)
        value = size_b / 1000**exponent
        rounded = round(value, 0 if value >= 10 or not exponent else 1)
        shown = format_unit(rounded, SIZE_UNITS[exponent], length="short", locale=self.locale)
        return shown.replace(" ", "\N{NO-BREAK SPACE}")

    def join_list(self, words: Sequence[str]) -> str:
        """Return `a, b e c`."""
        return format_list(list(words), locale=self.locale) if words else ""

    def in_sentence(self, label: str) -> str:
        """Return a label as it stands inside a sentence: German keeps the capital of a noun, and so do acronyms."""
        if self.locale.language == "de" or label[1:2].isupper():
            return label
        return label[:1].lower() + label[1:]

    def language_name(self, code: Lang | None) -> str:
        """Return this language's name of another one: `inglese`; a message where it is unknown."""
        if code is None or code == UNKNOWN_LANG:
            return self.gettext("Language not stated")
        name = self._names.get(code)
        if name is None:
            name = self._names[code] = name_language(self.locale, code) or code
        return name

    def list_messages(self) -> frozenset[str]:
        """Return the messages that are translated; of those with plurals the singular."""
        ids = getattr(self.translations, "_catalog", {})
        return frozenset(name[0] if isinstance(name, tuple) else name for name in ids if name)

    @cached_property
    def fingerprint(self) -> bytes:
        """The digest of everything that the language's texts depend on."""
        words = getattr(self.translations, "_catalog", {})
        # The header, under the empty message, has the time of reading where the file has no date.
        translations = sorted((str(message), translated) for message, translated in words.items() if message)
        translations.append(("plurals", self.translations.info().get("plural-forms", "")))
        return digest_bytes(repr((self.code, str(self.locale), self.timezone.key, translations)).encode())

    @cached_property
    def own_name(self) -> str:
        """The language's name of itself, with a capital: `Italiano`."""
        own = find_locale(self.code)
        name = (own and name_language(own, self.code)) or self.code
        return name[:1].title() + name[1:]


@cache
def _plural_samples(locale: Locale) -> tuple[tuple[str, int], ...]:
    """Return CLDR's plural categories of a locale by name, each with a number."""
    return tuple(sorted({locale.plural_form(number): number for number in PLURAL_SAMPLES}.items()))


def _elide(article: re.Match[str], values: Mapping[str, object]) -> str:
    """Return an article with its placeholder, in one word where the value begins with a vowel."""
    word, name = article.groups()
    return f"{ELIDED[word]}%({name})s" if BEGINS_WITH_VOWEL.match(str(values[name])) else article[0]


def exact_text(language: Language, value: int | None, qualifier: Qualifier, measure: Measure) -> str:
    """Return `over 170,000`, `about 2.1 million euros`, `over 60%`; a message where the value is unknown."""
    if value is None:
        return language.gettext("not available")
    amount, percentage = NUMBER_MESSAGES[qualifier]
    if measure is Measure.PERCENT:
        return language.gettext(percentage, number=language.number(value))
    return language.gettext(amount, number=_amount(language, value, measure))


def short_text(language: Language, value: int | None, qualifier: Qualifier, measure: Measure) -> str:
    """Return `12,400+`: rounded down, so that it never promises too much; without a plus where nothing is cut."""
    if value is None:
        return language.gettext("not available")
    is_cut = qualifier is not Qualifier.ABOUT and measure not in (Measure.EUROS, Measure.PERCENT)
    shown = round_down(value) if is_cut else value
    amount = exact_text(language, shown, Qualifier.EXACT, measure)
    if qualifier is Qualifier.ABOUT:
        return language.gettext("c. %(number)s", number=amount)
    if shown == value and qualifier is Qualifier.EXACT:
        return amount
    return language.gettext("%(number)s+", number=amount)


def round_down(value: int) -> int:
    """Return the value cut to its first three digits; values below 1,000 stay as they are."""
    return value if value < 1000 else value - value % int(10 ** (len(str(value)) - 3))


def _amount(language: Language, value: int, measure: Measure) -> str:
    """Return the digits with their unit; round millions of money in words."""
    if measure is not Measure.EUROS:
        return language.number(value)
    if value >= MILLION and value % (MILLION // 10) == 0:
        millions = format_decimal(Decimal(value) / MILLION, locale=language.locale)
        plural = 1 if value == MILLION else 2
        return language.plural("%(number)s million euro", "%(number)s million euros", plural, number=millions)
    return language.plural("%(number)s euro", "%(number)s euros", value)


def load_languages(
    locale_folder: Path, langs: Sequence[Lang], timezone: str, locales: Mapping[Lang, str]
) -> dict[Lang, Language]:
    """Return the languages of the interface; one without a catalogue uses the English message ids."""
    zone = ZoneInfo(timezone)
    return {lang: Language(lang, load_translations(locale_folder, lang), zone, locales.get(lang)) for lang in langs}


def load_gettext(settings: Mapping[str, Any]) -> Gettext:
    """Return what translates messages to editors into their language; English where the catalogue has none."""
    return load_translations(Path(settings["THEME"]) / "locale", message_lang(settings), PROBLEMS).gettext


def message_lang(settings: Mapping[str, Any]) -> Lang:
    """Return the language of messages to editors: `MESSAGES_LANG`, else the site's default language."""
    return str(settings.get("MESSAGES_LANG") or settings["DEFAULT_LANG"])


def describe_missing_words(languages: Mapping[Lang, Language], locale_folder: Path) -> Iterator[str]:
    """Yield for each language a line about messages of the interface that it has not and other languages have.

    They are shown in English, which needs no catalogue.
    """
    known = {lang: language.list_messages() for lang, language in languages.items()}
    every = frozenset[str]().union(*known.values())
    for lang, own in known.items():
        missing = sorted(every - own)
        if lang.partition("-")[0] == "en" or (own and not missing):
            continue
        path = locale_folder / lang / "LC_MESSAGES" / "messages.po"
        first = "; ".join(missing[:MISSING_NAMED]) + (" …" if len(missing) > MISSING_NAMED else "")
        if not own:
            yield f"{path}: all messages of the interface are shown in English"
        elif len(missing) == 1:
            yield f"{path}: 1 message of the interface is shown in English: {first}"
        else:
            yield f"{path}: {len(missing)} messages of the interface are shown in English: {first}"


def load_translations(locale_folder: Path, lang: Lang, catalogue_name: str = PAGES) -> NullTranslations:
    """Return a language's translations, read from its .po file without a compilation."""
    path = locale_folder / lang / "LC_MESSAGES" / f"{catalogue_name}.po"
    if not path.exists():
        return NullTranslations()
    catalogue = read_po(BytesIO(read_project_file(path, locale_folder.parent)), locale=find_locale(lang))
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)

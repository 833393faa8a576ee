"""Numbers that an editor may want to look at: typed by hand where a figure is known, and figures that disagree."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple

from openknowledge.content.located_yaml import FieldPath, LocatedFields
from openknowledge.model.numbers import Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Message, Problem
from openknowledge.rendering.locale import Language

from .site import Site

__all__ = ["TextNumber", "find_disagreements", "find_numbers", "find_typed_numbers"]

FIELDS = ("abstract", "standfirst", "outcomes", "syllabus", "requirements", "certificate", "appeal", "timeline")
"""The fields of words that can show a number."""
NO_PROSE = re.compile(
    r"\{[a-z]+:[^}\n]*\}|```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$"
    r"|\]\([^)\n]*\)|\{:?[^}\n]*\}|<[^>\n]*>|https?://\S+|^\[[^\]\n]*\]:.*$",
    re.DOTALL | re.MULTILINE,
)
"""What has digits that are no number for a reader: figures that are named, code, formulas, addresses, attributes."""
SMALLEST = 1000
"""The number from which on a value alone is telling; a smaller one needs its noun."""
SMALLEST_NAMED = 10
YEARS = range(1900, 2100)
NOUN_DISTANCE = 40
WORD = re.compile(r"[^\W\d_]{4,}")
STEM_LENGTH = 5
SHARED_WORDS = 0.5
"""The share of common words from which on two definitions may mean the same."""


class TextNumber(NamedTuple):
    """A number in a text: where it stands, as it is written, its value, and whether its digits are grouped."""

    start: int
    shown: str
    value: int
    is_plain: bool


def find_typed_numbers(texts: Iterable[tuple[str, Lang, LocatedFields]], site: Site) -> Iterator[Problem]:
    """Yield a remark on each number in a text (path, language, file) that is that of a figure, counter or total.

    A press release says what was counted on its day, so the counters and totals of today are not looked for there.
    """
    names = {lang: _names_by_value(site, lang) for lang in site.langs}
    for path, lang, file in texts:
        is_release = "/press/" in path
        for line, field, text in _list_texts(file):
            prose = NO_PROSE.sub(lambda part: re.sub(r"[^\n]", " ", part[0]), text)
            for number in find_numbers(prose, site.language(lang)):
                after = prose[number.start + len(number.shown) :][:NOUN_DISTANCE]
                known = _choose_name(names[lang].get(number.value, ()), number, after)
                if known is None or (is_release and not known.startswith("figure:")):
                    continue
                message = Message(
                    '"%(shown)s" is typed by hand, and is the value of %(name)s', shown=number.shown, name=known
                )
                hint = Message("Write {%(name)s} if it means that, so that it follows its source.", name=known)
                yield Problem(path, line + prose.count("\n", 0, number.start), field, message, hint)


def find_numbers(text: str, language: Language) -> Iterator[TextNumber]:
    """Yield the whole numbers of a text as a language writes them: `170.000`, `170 mila`, `2,1 milioni`."""
    pattern, magnitudes = _number_pattern(language), language.magnitudes
    for match in pattern.finditer(text):
        digits, decimals, word = match[1], match[2] or "", match[3]
        factor = magnitudes[word.lower()] if word else 1
        value = int(re.sub(r"\D", "", digits) + decimals) * factor
        if value % 10 ** len(decimals) == 0 and (word or not decimals):
            yield TextNumber(match.start(), match[0], value // 10 ** len(decimals), digits == match[0])


@cache
def _number_pattern(language: Language) -> re.Pattern[str]:
    group, decimal = map(re.escape, language.number_signs)
    words = "|".join(sorted(map(re.escape, language.magnitudes), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.,/:-])(\d{{1,3}}(?:[{group}\u00a0\u202f\u2009' ’]\d{{3}})+|\d+)"
        rf"(?:{decimal}(\d+))?(?:\s*({words})\b)?(?![\w/-]|[.,:]\d)",
        re.IGNORECASE,
    )


class _KnownNumber(NamedTuple):
    name: str
    stems: frozenset[str]


def _names_by_value(site: Site, lang: Lang) -> dict[int, list[_KnownNumber]]:
    """Return the names of all numbers by their value, figures first, each with the stems of its noun."""
    names: dict[int, list[_KnownNumber]] = {}
    for name in sorted(site.query("number-names"), key=lambda name: (not name.startswith("figure:"), name)):
        number = site.number(name, lang)
        if number is not None and number.value is not None and not number.is_sample:
            names.setdefault(number.value, []).append(_KnownNumber(name, _stems(number.label)))
    return names


def _choose_name(known: Sequence[_KnownNumber], number: TextNumber, after: str) -> str | None:
    """Return the name of what a number probably is: what its noun names, else the first, where the value is telling."""
    stems = _stems(after)
    named = [one.name for one in known if stems & one.stems]
    if number.value < SMALLEST_NAMED:
        return None
    is_telling = number.value >= SMALLEST and not (number.is_plain and number.value in YEARS)
    return next(iter(named), known[0].name if known and is_telling else None)


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:STEM_LENGTH].lower() for word in WORD.findall(text))


def _list_texts(file: LocatedFields) -> Iterator[tuple[int, str | None, str]]:
    """Yield the line, the field and the words of each text of a file."""
    for name in FIELDS:
        for path, text in _walk((name,), file.data.get(name)):
            yield file.find_line(path) or 1, name, text
    yield file.body_line, None, file.body


def _walk(path: FieldPath, value: Any) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk((*path, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk((*path, number), inner)


def find_disagreements(figures: Mapping[str, Figure], file: LocatedFields) -> Iterator[Problem]:
    """Yield a remark on each two figures that seem to count the same at one time and have different values.

    `file` says in which lines they are.
    """
    known = [figure for figure in figures.values() if figure.value is not None]
    for one, other in combinations(known, 2):
        is_comparable = one.measure is other.measure and one.source.title != other.source.title
        if is_comparable and one.value != other.value and _overlap(one, other) and _mean_same(one, other):
            group, _, name = other.name.partition(".")
            path: FieldPath = (group, "figures", name, "value")
            message = Message(
                "%(own)s is %(value)s (%(source)s), where %(other)s is %(other_value)s (%(other_source)s)",
                own=other.name,
                value=str(other.value),
                source=other.source.title,
                other=one.name,
                other_value=str(one.value),
                other_source=one.source.title,
            )
            hint = Message("If both are right, let their definitions or their dates say how they differ.")
            yield file.locate_problem(path, message, hint)


def _overlap(one: Figure, other: Figure) -> bool:
    """Return whether two figures may hold for one day; a figure without a date may hold for any."""
    if one.as_of is None or other.as_of is None:
        return True
    return one.as_of.first_day <= other.as_of.last_day and other.as_of.first_day <= one.as_of.last_day


def _mean_same(one: Figure, other: Figure) -> bool:
    """Return whether two figures are called the same, or are defined in much the same words."""
    if one.name.partition(".")[2] == other.name.partition(".")[2]:
        return True
    for lang in one.label.keys() & other.label.keys():
        if one.label[lang].casefold() == other.label[lang].casefold():
            return True
        words, others = (_stems(figure.definition.get(lang, "")) for figure in (one, other))
        if words | others and len(words & others) / len(words | others) >= SHARED_WORDS:
            return True
    return False

"""Finding the names of people in titles and descriptions by patterns that editors write: `{names} - *`."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

__all__ = [
    "MAX_STARS",
    "NAMES",
    "NameFinder",
    "compile_titles",
    "compile_words",
    "count_stars",
    "find_pattern",
    "fold",
    "name_slug",
]

NAMES, TITLE, ANYTHING = "{names}", "{title}", "*"
PART = re.compile(r"(\{names\}|(?<!\*)\*(?!\*)|\s+)")
MAX_LINE = 400
"""No name is looked for in a longer line, which is a text."""
MAX_STARS = 4
"""The most stars of a pattern: with each one, a line that is not like it takes longer by its length."""
MAX_NAMES = 8
"""More people than that are the authors of several papers, or no people."""
MAX_WORDS = 5
SEPARATOR = re.compile(r"\s*[,;/&+]\s*|\s+(?:and|e|ed|y|et|und|i|и|og|och|with|w/)\s+")
ASIDE = re.compile(r"\([^)]*\)?|\[[^\]]*\]?|<[^>]*>?|https?://\S*|@\w+|[*`_\"“”]+")
"""What stands beside names: in brackets, addresses, signs of markup."""
FORM_OF_ADDRESS = re.compile(r"(?:Dr|Prof|Ing|Dott|Dott\.ssa|Mr|Ms|Mrs)\.?\s+")
NAME_WORD = re.compile(r"(?:[^\W\d_][^\W\d_'’-]*[.]?)(?:['’.-][^\W\d_]+\.?)*")
PARTICLES = frozenset(
    [
        "al",
        "bin",
        "da",
        "das",
        "de",
        "dei",
        "del",
        "della",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "la",
        "le",
        "van",
        "von",
    ]
)
LONGEST_INITIALS = 3
"""Longer words in capitals are a surname beside a given name, or an abbreviation."""


class NameFinder:
    """A pattern: `{names}` is what is looked for, `{title}` the title of the video, `*` anything and `**` itself.

    Its longest words are looked for first, because most texts do not have them.
    """

    def __init__(self, pattern: str) -> None:
        parts = [part for part in PART.split(pattern) if part]
        expressions = {NAMES: "(?P<names>.+?)", ANYTHING: ".*"}
        self._expression = re.compile(
            "".join(expressions.get(part) or (r"\s+" if part.isspace() else re.escape(part)) for part in parts),
            re.IGNORECASE,
        )
        self._literal = max((part.lower() for part in parts if part not in expressions), key=len, default="")

    def find(self, text: str, title: str, no_names: Collection[str]) -> tuple[str, ...]:
        """Return the names in all lines of a text that are like the pattern, each once, in their order.

        There are none where something else stands in their place. `no_names` are folded words that no name has.
        """
        if TITLE in self._literal:
            text = text.replace(title, TITLE)
        if self._literal not in text.lower():
            return ()
        lines = (line.strip() for line in text.split("\n") if len(line) <= MAX_LINE and self._literal in line.lower())
        matches = (match for line in lines if (match := self._expression.fullmatch(line)))
        names = tuple(dict.fromkeys(name for match in matches for name in _split_names(match["names"], no_names)))
        return names if len(names) <= MAX_NAMES else ()


find_pattern = lru_cache(maxsize=1024)(NameFinder)
"""The finder of a pattern."""


@lru_cache(maxsize=256)
def compile_titles(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return the expression of titles of playlists, in which a star is anything."""
    return re.compile("|".join(_expand_stars(pattern, ".") for pattern in patterns))


@lru_cache(maxsize=256)
def compile_words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return the expression of whole words in a folded text; a star at the end is any ending."""
    return re.compile(r"(?<!\w)(?:" + "|".join(_expand_stars(one, r"\w") for one in words) + r")(?!\w)")


def _expand_stars(pattern: str, character: str) -> str:
    """Return the expression of a pattern whose stars are any number of characters of a sort.

    What stands between two stars is taken where it comes first, once and for all: so many stars cost no more than one.
    """
    first, *others = map(re.escape, fold(pattern).split(ANYTHING))
    between = "".join(f"(?>{character}*?{part})" for part in others[:-1])
    return first + between + (f"{character}*{others[-1]}" if others else "")


def count_stars(pattern: str) -> int:
    """Return how often a pattern of names has a star for anything; two beside each other are signs of a text."""
    return PART.split(pattern).count(ANYTHING)


def fold(text: str) -> str:
    """Return a text in small letters without accents, with single blanks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def name_slug(name: str) -> str:
    """Return a name as the file of a person is called: `Michele Mauri` is `michele-mauri`."""
    from anyascii import anyascii

    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")


def _split_names(text: str, no_names: Collection[str]) -> Iterator[str]:
    """Yield the names at the beginning of a text: what follows the last of them may be an employer."""
    for part in SEPARATOR.split(ASIDE.sub(" ", text)):
        name = " ".join(FORM_OF_ADDRESS.sub("", part.strip(" .:–—-|")).split())
        if not _is_name(name, no_names):
            return
        yield name


def _is_name(text: str, no_names: Collection[str]) -> bool:
    """Return whether a text has two to five words that begin with a capital, or belong to a script without any."""
    words = text.split()
    if not 2 <= len(words) <= MAX_WORDS or not all(map(NAME_WORD.fullmatch, words)):
        return False
    if any(fold(word.rstrip(".")) in no_names for word in words):
        return False
    main = [word for word in words if word not in PARTICLES]
    is_mixed = any(not word.isupper() or len(word.rstrip(".")) <= LONGEST_INITIALS for word in main)
    return len(main) >= 2 and is_mixed and not any(word[0].islower() for word in main)

"""From a text to the keys that it is found by: words without capitals and accents, and their stems.

`js/search/words.js` does the same to queries, and gets its lists from here.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import Stemmer

from openknowledge.model.values import UNKNOWN_LANG

__all__ = [
    "ELIDED",
    "MARKERS",
    "STEMMED",
    "STOP_WORDS",
    "TYPED",
    "find_lang",
    "find_stop_words",
    "find_words",
    "key_finder",
]

STEMMED = ("it", "en")
"""The languages whose words have stems."""
LANGUAGE_SAMPLE = 400
"""How many letters of a text say its language."""
LONGEST_WORD = 40
"""Longer words are taken for several."""
SHORTEST_STEMMED = 3


def _read_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHORT_WORDS = {
    "it": _read_words(
        """
        a ad agli ai al alla alle allo anche che chi ci coi col come con cui da dagli dai dal dalla dalle dallo de degli
        dei del della delle dello di e ed era erano essere gli ha hanno ho i il in io la le lei li lo loro lui ma mi ne
        negli nei nel nella nelle nello noi non o od per piu poi quale quali quella quelle quelli quello questa queste
        questi questo se si sia sono su sua sue sugli sui sul sulla sulle sullo suo suoi te ti tra tu un una uno vi voi
        """
    ),
    "en": _read_words(
        """
        a about after all also am an and any are as at be been but by can could did do does for from had has have he her
        his how if in into is it its just me my no nor not of on or our out she should so some such t s than that the
        their them then there these they this those through to up us was we were what when where which who why will with
        would you your
        """
    ),
}
"""The words of every text, of which most say in which language it is."""
STOP_WORDS = frozenset().union(*SHORT_WORDS.values())
"""They are not looked for beside other words."""
STOP_MARKER = "="
"""What the keys of stop words begin with, so that no piece with other words grows by them."""
MARKERS = {"it": ".", "en": ","}
"""What a stem ends in, so that those of one language are not those of another ("maturità" and "mature")."""
ELIDED = _read_words(
    "l un d c s m t v n dell all nell dall sull quell quest sant bell com cos quant gl qu j dov senz mezz coll agl"
)
"""What stands before an apostrophe and is no word of its own: "dell'architettura"."""
TYPED = {
    **{"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t"},
    **{"ŋ": "n", "ı": "i", "ĸ": "k", "ə": "e", "ɛ": "e", "ɔ": "o", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y"},
    **{"ς": "σ", "і": "и", "ї": "и", "є": "е", "ґ": "г", "ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "ـ": ""},
}
"""Letters that Unicode does not take apart, as people type them where a keyboard lacks them."""

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
"""Letters of scripts without blanks between words, and Hangul, whose words take endings."""
ASTRAL_UNSPACED = "\U00020000-\U0003ffff"
INDIC = "\u0900-\u0963\u0966-\u0dff"
"""Letters and their signs: the signs are no letters for regular expressions."""
SUFFIX = r"(?:\+\+|#(?!\w))?"
"""What belongs to the names of programming languages."""
NET = r"(?<!\w)\.net(?!\w)"
"""A name that is another word without its point."""
ASCII_WORD = re.compile(rf"{NET}|[a-z0-9]{{1,{LONGEST_WORD}}}{SUFFIX}")
CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
IS_UNSPACED = f"[{UNSPACED}{ASTRAL_UNSPACED}]"
ANY_WORD = rf"{NET}|{IS_UNSPACED}+|(?:(?!{IS_UNSPACED})(?:[^\W_]|[{INDIC}])){{1,{LONGEST_WORD}}}{SUFFIX}"
"""Both take long to compile, so that is done for the first text that is not all ASCII."""
ELISION = re.compile(r"\b([a-zA-Z]{1,5})'(?=\w)")
MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
"""Accents and vowel points; the voicing marks of Kana and the signs of Indic scripts are letters."""
QUOTES = re.compile("[‘’ʼʻ´`＇]")
HYPHENED = re.compile(r"(?<![\w-])([a-z]+)-([a-z]{2,})(?![\w-])")
"""Two words that others write as one: "e-learning"."""
HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-", "\u00ad": None})
"""Hyphens as keyboards have them; one that only says where a line may end is none."""
STEMMABLE = re.compile(rf"[a-z]{{{SHORTEST_STEMMED},}}")
_typed = str.maketrans(TYPED)


def fold_text(text: str) -> str:
    """Return a text without accents, with plain apostrophes; its capitals stay.

    >>> fold_text("Perché l’università: データ")
    "Perche l'universita: データ"
    """
    if text.isascii():
        return text
    bare = MARKS.sub("", unicodedata.normalize("NFKD", QUOTES.sub("'", text.translate(HYPHENS))))
    return bare if bare.isascii() else unicodedata.normalize("NFC", bare)


def find_words(text: str) -> list[str]:
    """Return the words of a text that it is found by, folded; those without blanks between them two letters at a time.

    Stop words are left out, unless the text has no others, or has them in capitals beside small letters: "AI", "IT".
    Two words with a hyphen between them are one as well.

    >>> find_words("L’uso dell'IA e dell'AI in C++ e C#, anche nell'e-learning")
    ['uso', 'ia', 'c++', 'c#', 'learning', 'elearning', 'ai']
    """
    text = fold_text(text)
    if "'" in text:
        text = ELISION.sub(_drop_elided, text)
    lower = text.lower()
    if text.isascii():
        tokens = ASCII_WORD.findall(lower)
        words = [word for word in tokens if word not in STOP_WORDS] or tokens
    else:
        tokens = re.findall(ANY_WORD, lower)
        words = [word for token in tokens if token not in STOP_WORDS for word in _letters(token)] or tokens
    if "+" in lower or "#" in lower:
        words += [word.rstrip("+#") for word in words if word[-1] in "+#" and len(word) > 3]
    if ".net" in words:
        words.append("net")
    if "-" in lower:
        words += [first + second for first, second in HYPHENED.findall(lower)]
    if lower != text and not text.isupper():
        words += [word for token in CAPITALS.findall(text) if (word := token.lower()) in STOP_WORDS]
    return words


def find_stop_words(text: str) -> set[str]:
    """Return the stop words of a text, marked: a query that has no others finds titles by them.

    >>> sorted(find_stop_words("È così: to be, or not to be"))
    ['=be', '=e', '=not', '=or', '=to']
    """
    return {f"{STOP_MARKER}{word}" for word in ASCII_WORD.findall(fold_text(text).lower()) if word in STOP_WORDS}


def _letters(token: str) -> Iterable[str]:
    """Return what a word is found by: itself, or its parts where its script has no blanks."""
    if token.isascii():
        return (token,)
    if re.match(IS_UNSPACED, token):
        return _split_unspaced(token)
    word = token.translate(_typed)
    return (word,) if word else ()


def _drop_elided(match: re.Match[str]) -> str:
    return " " if match[1].lower() in ELIDED else f"{match[1]} "


def _split_unspaced(run: str) -> Iterator[str]:
    """Yield each letter, and each two that follow each other.

    >>> list(_split_unspaced("データ"))
    ['デ', 'デー', 'ー', 'ータ', 'タ']
    """
    for place, letter in enumerate(run):
        yield letter
        if place + 1 < len(run):
            yield run[place : place + 2]


def find_lang(text: str) -> str:
    """Return the language of a text of which it is not known, by its short words; `und` where they do not tell.

    >>> find_lang("Come si insegna la matematica"), find_lang("Teaching at the university"), find_lang("PyCon 2018")
    ('it', 'en', 'und')
    """
    words = ASCII_WORD.findall(fold_text(text[:LANGUAGE_SAMPLE]).lower())
    counts = {lang: sum(word in short for word in words) for lang, short in SHORT_WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    return best if sum(counts.values()) < 2 * counts[best] else UNKNOWN_LANG


def key_finder(lang: str | None) -> Callable[[str], tuple[str, ...]]:
    """Return the function from a word of a text in a language to its keys: its stem, or itself in other languages.

    Where the language is not known, a word has its stems in all `STEMMED` ones.

    >>> [*map(key_finder(None), ("insegnanti", "c++"))], key_finder("it")("teachers"), key_finder("fr")("notes")
    ([('insegn.', 'insegnanti,'), ('c++',)], ('teachers.',), ('notes',))
    """
    language = (lang or UNKNOWN_LANG).partition("-")[0]
    return _stemmer(STEMMED if language == UNKNOWN_LANG else (language,) if language in STEMMED else ())


class _Stems(dict[str, tuple[str, ...]]):
    """The stems of each word in some languages, each looked up once."""

    def __init__(self, langs: tuple[str, ...]) -> None:
        super().__init__()
        self._stemmers = [(Stemmer.Stemmer(lang).stemWord, MARKERS[lang]) for lang in langs]

    def __missing__(self, word: str) -> tuple[str, ...]:
        if self._stemmers and STEMMABLE.fullmatch(word):
            keys = tuple([f"{stem(word)}{marker}" for stem, marker in self._stemmers])
        else:
            keys = (word,)
        if len(self) < MOST_STEMS:
            self[word] = keys
        return keys


MOST_STEMS = 200_000
"""How many words a process knows the stems of."""


@cache
def _stemmer(langs: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    return _Stems(langs).__getitem__

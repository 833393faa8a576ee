"""The search index in pieces: which item is in which, and what stands in them. docs/architecture.md has the formats.

Nothing here depends on the order of items: the number of an item comes from its slug, so a new one moves no other.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from openknowledge.catalogue.site import Site
from openknowledge.engine.digest import digest_bytes
from openknowledge.model.values import Lang, Ref

from .item_words import MOST, Hit, ItemWords, describe_item, find_item_words, is_searchable

__all__ = ["QUERIES", "group_files", "word_bases", "word_files", "word_starts"]

SLOT_BITS = 20
"""How many bits the number of an item has within its kind; before them comes the number of the kind."""
SHARD_ITEMS = 8
"""How many items, at most on average, are in one piece of what results show."""
GROUP_BITS = 2
"""The words of an item are found again together with those of as many pieces, as a power of two."""
RANK_BITS = MOST.bit_length()
SMALL_SITE = 500
"""Up to so many items words share a base by their first letter, in larger sites by the first two."""
SHARD_SIZE_B = 12_000
"""How large a piece of words grows before it is cut, where it has several words."""
ALL_LANGS = ""
"""The language of what is the same in all languages."""

Lines = dict[Lang, dict[str, tuple[str, int]]]
"""The words of a group by language and base: its lines, and a stamp of them.

A line has a word, and a number for each item of the group that has it. A number has that of the item, from the first of
its group on, and the rank; the second of a video follows a colon.
"""


class Layout(NamedTuple):
    """How the index is cut: the letters of a base, and for each kind the bits of a number that name its piece."""

    base_length: int
    bits: tuple[int, ...]

    def group_bits(self, kind_number: int) -> int:
        """Return the bits that name a group."""
        return max(0, self.bits[kind_number] - GROUP_BITS)


# Which items are where


def layout(site: Site) -> tuple[int, tuple[int, ...]]:
    """Return the `Layout` of the site's index."""
    counts = [len(site.slugs(kind.name)) for kind in site.kinds]
    bits = tuple(max(0, (count - 1) // SHARD_ITEMS).bit_length() for count in counts)
    return (1 if sum(counts) <= SMALL_SITE else 2), bits


def groups(site: Site) -> tuple[tuple[str, str], ...]:
    """Return the kind and the number of each group that has items."""
    cut = Layout(*site.query("search-layout"))
    numbers = (
        (kind.name, str(group))
        for number, kind in enumerate(site.kinds)
        for group in range(1 << cut.group_bits(number))
    )
    return tuple(key for key in numbers if site.query("search-members", *key))


def members(site: Site, kind: str, group: str) -> tuple[tuple[int, str], ...]:
    """Return the numbers and slugs of the items of a group, in the order of their numbers."""
    found: tuple[tuple[int, str], ...] = site.compute_once(
        ("search-members", kind), lambda site: _find_members(site, kind)
    )[int(group)]
    return found


def _find_members(site: Site, kind: str) -> dict[int, tuple[tuple[int, str], ...]]:
    number = [one.name for one in site.kinds].index(kind)
    group_bits = Layout(*site.query("search-layout")).group_bits(number)
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for slot, slug in assign_slots(site.slugs(kind)).items():
        found[slot >> (SLOT_BITS - group_bits)].append((slot, slug))
    return defaultdict(tuple, ((group, tuple(sorted(pairs))) for group, pairs in found.items()))


def assign_slots(slugs: Iterable[str]) -> dict[int, str]:
    """Return slugs by number: one that comes from the slug, or the next free one, so that an added slug moves few."""
    count = 1 << SLOT_BITS
    slots: dict[int, str] = {}
    for wanted, slug in sorted((zlib.crc32(slug.encode()) % count, slug) for slug in slugs):
        slot = wanted
        while slot in slots:
            slot = (slot + 1) % count
        slots[slot] = slug
    return slots


def first_slot(group: str, group_bits: int) -> int:
    """Return the first number that an item of a group can have, within its kind."""
    return int(group) << (SLOT_BITS - group_bits)


# What a group of items has


def group(site: Site, kind: str, number: str) -> tuple[dict[Lang, dict[str, str]], dict[str, Lines]]:
    """Return what results show of a group's items, by language and piece, and their words by initial.

    It is one answer for all languages, because a record is read once for all.
    """
    kind_number = [one.name for one in site.kinds].index(kind)
    cut = Layout(*site.query("search-layout"))
    shown: dict[str, dict[str, str]] = {lang: {} for lang in site.langs}
    first = first_slot(number, cut.group_bits(kind_number))
    words: dict[Lang, dict[str, list[str]]] = {lang: defaultdict(list) for lang in (ALL_LANGS, *site.langs)}
    rows: dict[Lang, dict[str, dict[int, Any]]] = {lang: defaultdict(dict) for lang in site.langs}
    for slot, slug in site.query("search-members", kind, number):
        if not is_searchable(site, kind, slug):
            continue
        ref = Ref(kind, slug)
        record = site.record(ref)
        for lang in site.langs:
            rows[lang][piece_name(kind, slot, cut.bits[kind_number])][slot] = describe_item(site, ref, lang)
        found = {lang: find_item_words(site, record, lang) for lang in site.langs}
        for lang, own in _share_words(found):
            for key, (rank, second) in own:
                packed = f" {(slot - first) << RANK_BITS | rank}"
                words[lang][key].append(packed if second is None else f"{packed}:{second}")
    for lang in site.langs:
        shown[lang] = {name: _dump(dict(sorted(row.items()))) for name, row in sorted(rows[lang].items())}
    lines: dict[str, Lines] = defaultdict(dict)
    for lang, of in words.items():
        for base, text in _join_lines(of, cut.base_length).items():
            lines[base[0]].setdefault(lang, {})[base] = text, _stamp(kind, number, text)
    return shown, dict(sorted(lines.items()))


def group_initials(site: Site, kind: str, number: str) -> tuple[str, ...]:
    """Return the initials of the words of a group's items."""
    _, lines = site.query("search-group", kind, number)
    return tuple(lines)


def group_lines(site: Site, kind: str, number: str, initial: str) -> Lines:
    """Return the words of a group's items that have an initial: with another word, little else must be read."""
    _, lines = site.query("search-group", kind, number)
    found: Lines = lines.get(initial, {})
    return found


def _share_words(found: Mapping[Lang, ItemWords]) -> Iterator[tuple[Lang, Iterable[tuple[str, Hit]]]]:
    """Yield the words of an item by language, first what is the same in all."""
    same = set.intersection(*(set(words.items()) for words in found.values()))
    yield ALL_LANGS, same
    for lang, words in found.items():
        yield lang, words.items() - same


def _join_lines(words: Mapping[str, Sequence[str]], base_length: int) -> dict[str, str]:
    """Return the lines of words by base: each has a word and its numbers."""
    lines: dict[str, list[str]] = defaultdict(list)
    for key, numbers in sorted(words.items()):
        lines[base_of(key, base_length)].append(key + "".join(numbers))
    return {base: "\n".join(of) for base, of in sorted(lines.items())}


def _stamp(kind: str, group: str, text: str) -> int:
    return int.from_bytes(digest_bytes(f"{kind} {group} {text}".encode())[:7], "big")


def piece_name(kind: str, slot: int, bits: int) -> str:
    """Return the name of the piece with what results show of an item."""
    return f"{kind}-{slot >> (SLOT_BITS - bits)}"


def base_of(key: str, length: int) -> str:
    """Return the base of a key: its first letters; one letter or digit before other signs, other scripts by thousands.

    >>> base_of("insegn", 2), base_of("c++", 2), base_of("2020", 2), base_of("データ", 2)
    ('in', 'c', '2', '~3')
    """
    start = key[:length]
    if start.isascii():
        return start if start.isalpha() else start[0]
    return key[0] if key[0].isascii() else f"~{ord(key[0]) >> 12:x}"


def group_files(site: Site, folder: str, kind: str, number: str) -> Iterator[tuple[str, bytes]]:
    """Yield the pieces with what results show of a group's items.

    What is asked of its words comes next: it is answered here, by the process that has them at hand, and is no
    dependency of these pieces.
    """
    shown, _ = site.query("search-group", kind, number)
    fork = site.fork()
    for initial in fork.query("search-initials", kind, number):
        fork.query("search-lines", kind, number, initial)
    for lang, pieces in shown.items():
        for name, text in pieces.items():
            yield f"{folder.format(lang=lang)}items-{name}.json", text.encode()


# What all groups have


def all_initials(site: Site) -> tuple[str, ...]:
    """Return the initials of all words, sorted."""
    return tuple(
        sorted({initial for key in site.query("search-groups") for initial in site.query("search-initials", *key)})
    )


def stamps(site: Site, lang: Lang, initial: str) -> dict[str, int]:
    """Return for each base of an initial a number that differs where any word below it does."""
    found: dict[str, int] = {}
    for _, base, _, own in _read_lines(site, lang, initial):
        found[base] = (found.get(base, 0) + own) % (1 << 61)
    return dict(sorted(found.items()))


def stamp(site: Site, lang: Lang, base: str) -> int:
    """Return the stamp of one base."""
    return int(site.query("search-stamps", lang, base[0]).get(base, 0))


def word_bases(site: Site, lang: Lang) -> Iterator[str]:
    """Yield the bases of all words, sorted."""
    for initial in site.query("search-all-initials"):
        yield from site.query("search-stamps", lang, initial)


def word_starts(site: Site, lang: Lang, base: str) -> tuple[str, ...]:
    """Return the first word of each piece of a base."""
    return tuple(start for start, _ in word_pieces(site, lang, base))


def word_files(site: Site, folder: str, lang: Lang, base: str) -> tuple[tuple[str, bytes], ...]:
    """Return the pieces with the words of a base."""
    site.query("search-starts", lang, base)
    pieces = word_pieces(site, lang, base)
    return tuple((f"{folder.format(lang=lang)}words-{file_name(start)}.json", data.encode()) for start, data in pieces)


def word_pieces(site: Site, lang: Lang, base: str) -> tuple[tuple[str, str], ...]:
    """Return the pieces of a base: the first word of each, and the JSON. They depend on the stamp of the base alone."""
    site.query("search-stamp", lang, base)
    return site.fork().compute_once(("search-words", lang, base), lambda site: tuple(_find_pieces(site, lang, base)))


def _find_pieces(site: Site, lang: Lang, base: str) -> Iterator[tuple[str, str]]:
    items: dict[str, list[tuple[int, int, int | None]]] = defaultdict(list)
    initial = base[0]
    lines = site.compute_once(("search-lines", lang, initial), lambda site: _find_lines(site, lang, initial))
    for first, text in lines.get(base, ()):
        for line in text.split("\n"):
            key, *numbers = line.split(" ")
            found = items[key]
            for packed in numbers:
                number, _, second = packed.partition(":")
                slot, rank = divmod(int(number), MOST + 1)
                found.append((first + slot, rank, int(second) if second else None))
    # Keys have letters, digits and marks, so they are JSON as they are.
    entries = [
        (key, f'"{key}":[{",".join(map(str, _pack(found)))}]') for key, found in sorted(items.items(), key=_unit_order)
    ]
    for piece in _cut(entries, 1):
        yield piece[0][0], "{" + ",".join(text for _, text in piece) + "}"


def _find_lines(site: Site, lang: Lang, initial: str) -> dict[str, list[tuple[int, str]]]:
    """Return the lines of all groups by base, each with the first number of its group."""
    lines: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for first, base, text, _ in _read_lines(site, lang, initial):
        lines[base].append((first, text))
    return lines


def _read_lines(site: Site, lang: Lang, initial: str) -> Iterator[tuple[int, str, str, int]]:
    """Yield the first number of a group, a base, and the lines and stamp that it has there, of all groups."""
    cut = Layout(*site.query("search-layout"))
    kinds = {kind.name: (place << SLOT_BITS, cut.group_bits(place)) for place, kind in enumerate(site.kinds)}
    for kind, number in site.query("search-groups"):
        if initial not in site.query("search-initials", kind, number):
            continue
        first_of_kind, bits = kinds[kind]
        first = first_of_kind + first_slot(number, bits)
        words = site.query("search-lines", kind, number, initial)
        for code in (ALL_LANGS, lang):
            yield from ((first, base, text, own) for base, (text, own) in words.get(code, {}).items())


def _unit_order(entry: tuple[str, Any]) -> bytes:
    return entry[0].encode("utf-16-be", "surrogatepass")


def _pack(found: list[tuple[int, int, int | None]]) -> Iterator[int]:
    """Yield for each item the distance from the one before, its rank and whether a second follows, in one number."""
    last = 0
    for number, rank, second in sorted(found, key=itemgetter(0)):
        yield (number - last) << (RANK_BITS + 1) | rank << 1 | (second is not None)
        if second is not None:
            yield second
        last = number


def _cut(entries: Sequence[tuple[str, str]], length: int) -> Iterator[list[tuple[str, str]]]:
    """Yield pieces of at most `SHARD_SIZE_B`, cut where the first letters of words change, as few of them as can be."""
    if _size(entries) <= SHARD_SIZE_B or len(entries) == 1:
        yield [*entries]
        return
    piece: list[tuple[str, str]] = []
    for _, run in groupby(entries, key=lambda entry: entry[0][:length]):
        alike = [*run]
        if piece and _size(piece) + _size(alike) > SHARD_SIZE_B:
            yield piece
            piece = []
        if _size(alike) > SHARD_SIZE_B and len(alike) > 1:
            yield from _cut(alike, length + 1)
        else:
            piece += alike
    if piece:
        yield piece


def _size(entries: Sequence[tuple[str, str]]) -> int:
    return sum(len(text) + 1 for _, text in entries)


def file_name(start: str) -> str:
    """Return the name of the piece that begins with a word.

    >>> file_name("insegn"), file_name("c++"), file_name("データ")
    ('insegn', 'c_2b-_2b-', '_30c7-_30fc-_30bf-')
    """
    return "".join(sign if sign.isascii() and sign.isalnum() else f"_{ord(sign):x}-" for sign in start)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


QUERIES: dict[str, Callable[..., Any]] = {
    "search-layout": layout,
    "search-groups": groups,
    "search-members": members,
    "search-group": group,
    "search-initials": group_initials,
    "search-all-initials": all_initials,
    "search-lines": group_lines,
    "search-stamps": stamps,
    "search-stamp": stamp,
    "search-starts": word_starts,
}
"""What the plugin asks of the site."""

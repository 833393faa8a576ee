"""A made-up site of any size, the same for every seed: what all systems of a comparison build.

Each item depends on the seed and its own number alone, so a small corpus is the beginning of a large one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

SEED = 20260101
TOPICS = 500
PEOPLE = 100
FIRST_DAY = date(2006, 1, 1)
LAST_DAY = date(2025, 12, 31)
RELATED = 3
"""How many earlier items an item names as related."""
FEWEST_WORDS, MOST_WORDS = 400, 800
VOCABULARY = 2500

LINK = "\ue000{number}\ue001"
"""Stands in a body for the address of an item, which every system writes in its own way."""

BEGINNINGS = ("b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pr", "gr", "")
MIDDLES = ("a", "e", "i", "o", "u", "ia", "ea", "ou")
ENDS = ("", "", "n", "r", "l", "s", "t", "nd")

Address = Callable[["Item"], str]
"""How a system links to an item from the body of another."""


@dataclass(frozen=True, slots=True)
class Group:
    """A topic or a person: what items belong to."""

    slug: str
    title: str
    abstract: str
    body: str


@dataclass(frozen=True, slots=True)
class Item:
    """One text. `related` are numbers of earlier items; `text` has a `LINK` where it links to one."""

    number: int
    slug: str
    title: str
    abstract: str
    place: str
    published: date
    topics: tuple[str, ...]
    author: str
    related: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """All of it; items are made anew each time that they are asked for, so that any number fits in memory."""

    size: int
    seed: int = SEED

    def items(self) -> Iterator[Item]:
        return (self.item(number) for number in range(self.size))

    def item(self, number: int) -> Item:
        return make_item(self.seed, number)

    def newest(self) -> Item:
        """The item that was published last: the one that an editor is most likely to have open."""
        return self.item(max(range(self.size), key=lambda number: (day_of(self.seed, number), number)))

    def years(self) -> list[int]:
        """The years in which anything was published, in order."""
        return sorted({day_of(self.seed, number).year for number in range(self.size)})

    def topics(self) -> list[Group]:
        return [make_group(self.seed, "topic", number) for number in range(TOPICS)]

    def people(self) -> list[Group]:
        return [make_group(self.seed, "person", number) for number in range(PEOPLE)]

    def body(self, item: Item, address: Address) -> str:
        """The item's Markdown with its links as a system wants them."""
        text = item.text
        for number in item.related:
            text = text.replace(LINK.format(number=number), address(self.item(number)))
        return text


def make_item(seed: int, number: int) -> Item:
    chance = random.Random(f"{seed}:item:{number}")
    related = tuple(sorted({chance.randrange(number) for _ in range(RELATED)})) if number else ()
    return Item(
        number=number,
        slug=slug_of(seed, number),
        title=sentence(seed, chance, 4, 9).rstrip("."),
        abstract=f"{sentence(seed, chance, 10, 16)} {sentence(seed, chance, 8, 14)}",
        place=word(seed, chance).capitalize(),
        published=day_of(seed, number),
        topics=tuple(group_slug("topic", one) for one in sorted(chance.sample(range(TOPICS), chance.randint(1, 3)))),
        author=group_slug("person", chance.randrange(PEOPLE)),
        related=related,
        text=body(seed, chance, related),
    )


def make_group(seed: int, kind: str, number: int) -> Group:
    chance = random.Random(f"{seed}:{kind}:{number}")
    return Group(
        slug=group_slug(kind, number),
        title=f"{word(seed, chance).capitalize()} {word(seed, chance)} {number}",
        abstract=sentence(seed, chance, 8, 16),
        body="\n\n".join(paragraph(seed, chance) for _ in range(2)) + "\n",
    )


def group_slug(kind: str, number: int) -> str:
    return f"{kind}-{number:03d}"


def slug_of(seed: int, number: int) -> str:
    chance = random.Random(f"{seed}:slug:{number}")
    return f"{word(seed, chance)}-{word(seed, chance)}-{number:06d}"


def day_of(seed: int, number: int) -> date:
    days = (LAST_DAY - FIRST_DAY).days + 1
    return FIRST_DAY + timedelta(days=random.Random(f"{seed}:day:{number}").randrange(days))


@cache
def vocabulary(seed: int) -> tuple[str, ...]:
    """Words that can be read aloud, none twice."""
    chance = random.Random(f"{seed}:words")
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        syllables = chance.choices((1, 2, 3), (2, 4, 2))[0]
        parts = (chance.choice(BEGINNINGS) + chance.choice(MIDDLES) + chance.choice(ENDS) for _ in range(syllables))
        found["".join(parts)] = None
    return tuple(found)


def word(seed: int, chance: random.Random) -> str:
    return chance.choice(vocabulary(seed))


def words(seed: int, chance: random.Random, number: int) -> list[str]:
    return chance.choices(vocabulary(seed), k=number)


def sentence(seed: int, chance: random.Random, fewest: int = 8, most: int = 18) -> str:
    return f"{' '.join(words(seed, chance, chance.randint(fewest, most))).capitalize()}."


def paragraph(seed: int, chance: random.Random) -> str:
    """Three to five sentences, some with emphasis, code or a link to the outside."""
    return " ".join(_adorned(seed, chance) for _ in range(chance.randint(3, 5)))


def _adorned(seed: int, chance: random.Random) -> str:
    parts = words(seed, chance, chance.randint(8, 18))
    place = chance.randrange(1, len(parts) - 1)
    match chance.randrange(8):
        case 0:
            parts[place] = f"**{parts[place]}**"
        case 1:
            parts[place] = f"*{parts[place]}*"
        case 2:
            parts[place] = f"`{parts[place]}`"
        case 3:
            parts[place] = f"[{parts[place]}](https://example.org/{parts[place]}/)"
    return f"{parts[0].capitalize()} {' '.join(parts[1:])}."


def body(seed: int, chance: random.Random, related: tuple[int, ...]) -> str:
    """400 to 800 words: an opening, then headed parts of paragraphs and, in turn, of something else."""
    wanted = chance.randint(FEWEST_WORDS, MOST_WORDS)
    parts = [paragraph(seed, chance)]
    links = [LINK.format(number=number) for number in related]
    while _length(parts) < wanted:
        more = _headed(seed, chance, links.pop() if links else "")
        if _length(parts) + _length(more) > MOST_WORDS:
            break
        parts += more
    return "\n\n".join(parts) + "\n"


def _headed(seed: int, chance: random.Random, link: str) -> list[str]:
    """A heading with what stands below it; some 150 words, so that a body that is too short has room for it."""
    parts = [f"## {sentence(seed, chance, 2, 5).rstrip('.')}", paragraph(seed, chance), _block(seed, chance)]
    if link:
        parts.append(f"{sentence(seed, chance, 5, 9)[:-1]}: [{word(seed, chance)}]({link}).")
    return parts


def _length(parts: list[str]) -> int:
    return sum(len(part.split()) for part in parts)


def _block(seed: int, chance: random.Random) -> str:
    make = chance.choices((_list, _numbered, _quote, _table, _code, paragraph), (4, 2, 1, 1, 1, 4))[0]
    return make(seed, chance)


def _list(seed: int, chance: random.Random) -> str:
    return "\n".join(f"- {_adorned(seed, chance)}" for _ in range(chance.randint(3, 5)))


def _numbered(seed: int, chance: random.Random) -> str:
    return "\n".join(f"{place}. {sentence(seed, chance, 5, 10)}" for place in range(1, chance.randint(4, 6)))


def _quote(seed: int, chance: random.Random) -> str:
    return f"> {_adorned(seed, chance)}"


def _table(seed: int, chance: random.Random) -> str:
    rows = [words(seed, chance, 3) for _ in range(chance.randint(3, 5))]
    head, *rest = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join((head, "|---|---|---|", *rest))


def _code(seed: int, chance: random.Random) -> str:
    lines = (f"{' = '.join(words(seed, chance, 2))} + {chance.randrange(100)}" for _ in range(chance.randint(3, 6)))
    return "\n".join(("```text", *lines, "```"))

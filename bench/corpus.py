"""A made-up catalogue of any size, the same for every seed: what all systems of a comparison build.

Each item depends on the seed and its own number alone, so a small corpus is the beginning of a large one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bench.prose import Prose

SEED = 20260101
FIRST_DAY = date(2006, 1, 1)
LAST_DAY = date(2025, 12, 31)

COURSE, VIDEO, HUB, PRESS = "course", "video", "hub", "press"
CATALOGUE = (
    *(COURSE, VIDEO, HUB, PRESS, COURSE, VIDEO, COURSE, COURSE, COURSE, VIDEO),
    *(COURSE, COURSE, HUB, VIDEO, COURSE, COURSE, COURSE, VIDEO, COURSE, COURSE),
)
"""The kinds of twenty items in a row: 60% courses, 25% videos, 10% learning-hub items, 5% press releases."""
PRESS_ONLY = (PRESS,)

GROUPS = {"topic": 500, "person": 500, "strand": 60, "partner": 100, "initiative": 4}
"""How many groups of each kind there are, whatever the size of the corpus."""
RELATED = {COURSE: 2, VIDEO: 1, HUB: 2, PRESS: 3}
"""How many earlier items an item of a kind links to, at most."""
WORDS = {COURSE: (150, 400), VIDEO: (40, 160), HUB: (400, 800), PRESS: (400, 800)}

SUBJECTS = ("mathematics", "physics", "computing", "management", "architecture", "teaching")
AUDIENCES = ("pupils", "students", "teachers", "everyone", "professionals")
LEVELS = ("introductory", "intermediate", "advanced")
LANGUAGES = (("en",), ("it",), ("en", "it"))
SPOKEN = (("en", 73), ("it", 13), ("ru", 7), ("de", 2), ("ja", 2), ("fr", 3))
"""Languages of videos, and how many of a hundred are in each: as on a real channel."""
FORMATS = ("article", "webinar", "course", "talk", "tool", "insight")
LIVE = ("webinar", "talk")
LICENSES = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-SA-4.0")
MOST_MONTHS = 120

LINK = "\ue000{number}\ue001"
"""Stands in a body for the address of an item, which every system writes in its own way."""

Address = Callable[["Item"], str]
"""How a system links to an item from the body of another."""
Facts = dict[str, object]
"""What a kind has beside the fields of all kinds: plain values under the catalogue's own names."""


@dataclass(frozen=True, slots=True)
class Group:
    """What items belong to: a topic, a person, a strand, a partner or an initiative."""

    kind: str
    slug: str
    title: str
    abstract: str
    body: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `related` are numbers of earlier items; `text` has a `LINK` where it links to one.

    `credits` are pairs of a person's slug and a role. `enrolments` are a course's totals on the first days of the
    months after it was published.
    """

    number: int
    kind: str
    slug: str
    title: str
    abstract: str
    published: date
    topics: tuple[str, ...]
    credits: tuple[tuple[str, str], ...]
    related: tuple[int, ...]
    text: str
    facts: Facts
    enrolments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """All items; each is made again whenever it is asked for, so that any number fits in memory."""

    size: int
    seed: int = SEED
    kinds: Sequence[str] = CATALOGUE

    def items(self) -> Iterator[Item]:
        return (self.item(number) for number in range(self.size))

    def item(self, number: int) -> Item:
        return ItemMaker(self, number).item()

    def kind(self, number: int) -> str:
        return self.kinds[number % len(self.kinds)]

    def newest(self) -> Item:
        """Return the last published item of the commonest kind, which an editor is most likely to have open."""
        kind = max(self.kinds, key=self.kinds.count)
        numbers = (number for number in range(self.size) if self.kind(number) == kind)
        return self.item(max(numbers, key=lambda number: (day_of(self.seed, number), number)))

    def years(self, kind: str) -> list[int]:
        """Return the years in which items of a kind were published, in order."""
        numbers = (number for number in range(self.size) if self.kind(number) == kind)
        return sorted({day_of(self.seed, number).year for number in numbers})

    def groups(self, kind: str) -> list[Group]:
        return [make_group(self.seed, kind, number) for number in range(GROUPS[kind])]

    def body(self, item: Item, address: Address) -> str:
        """Return the item's Markdown with its links as a system wants them."""
        text = item.text
        for number in item.related:
            text = text.replace(LINK.format(number=number), address(self.item(number)))
        return text


class ItemMaker:
    """Draws one item of a corpus."""

    def __init__(self, corpus: Corpus, number: int) -> None:
        self.corpus = corpus
        self.number = number
        self.prose = Prose(corpus.seed, f"item:{number}")

    def item(self) -> Item:
        prose, kind = self.prose, self.corpus.kind(self.number)
        published = day_of(self.corpus.seed, self.number)
        related = self._related(RELATED[kind])
        links = [LINK.format(number=number) for number in related]
        fewest, most = WORDS[kind]
        common: dict[str, Any] = {
            "number": self.number,
            "kind": kind,
            "slug": slug_of(self.corpus.seed, self.number),
            "title": prose.title(),
            "abstract": f"{prose.sentence(10, 16)} {prose.sentence(8, 14)}",
            "published": published,
            "topics": self._some("topic", 1, 3),
            "related": related,
            "text": (prose.plain_text if kind == VIDEO else prose.text)(fewest, most, links),
        }
        if kind == COURSE:
            enrolments = self._enrolments(published) if prose.happens(3 / 8) else ()
            people = self._credits("teacher", 1, 2)
            return Item(**common, credits=people, facts=self._course(published), enrolments=enrolments)
        if kind == VIDEO:
            return Item(**common, credits=self._credits("speaker", 0, 1), facts=self._video())
        if kind == HUB:
            return Item(**common, credits=self._credits("author", 1, 2), facts=self._hub(published))
        return Item(**common, credits=self._credits("author", 1, 1), facts={"place": prose.word().capitalize()})

    def _course(self, published: date) -> Facts:
        """Return a course's facts; how many courses have each is modelled on the repository's own."""
        prose, choice = self.prose, self.prose.random.choice
        code = f"{prose.word().upper()[:4]}{self.number}"
        facts: Facts = {
            "first_published": published,
            "updated": self._later(published, 400),
            "strand": self._some("strand", 1, 1)[0],
            "subject": choice(SUBJECTS),
            "audiences": sorted(prose.random.sample(AUDIENCES, prose.random.randint(1, 2))),
            "teaching_langs": list(choice(LANGUAGES)),
            "sources": [{"title": prose.title(2, 4)}],
        }
        if prose.happens(3 / 4):
            facts |= {"code": code, "runs": self._runs(code, published)}
        if prose.happens(1 / 2):
            facts |= {"weekly_hours": prose.random.randint(2, 8), "weeks": prose.random.randint(3, 12)}
        if prose.happens(1 / 3):
            facts["level"] = choice(LEVELS)
        if prose.happens(1 / 2):
            facts["license"] = choice(LICENSES)
        if prose.happens(1 / 4):
            facts["outcomes"] = [prose.sentence(6, 12) for _ in range(prose.random.randint(3, 5))]
        if prose.happens(1 / 4):
            facts["syllabus"] = [self._unit() for _ in range(prose.random.randint(3, 6))]
        if prose.happens(1 / 8):
            facts["partners"] = list(self._some("partner", 1, 2))
        if prose.happens(1 / 8) and (earlier := self._earlier(COURSE)) is not None:
            facts["prerequisites"] = [slug_of(self.corpus.seed, earlier)]
        return facts

    def _unit(self) -> Facts:
        prose = self.prose
        return {"title": prose.title(2, 5), "weeks": prose.random.randint(1, 2), "text": prose.sentence()}

    def _runs(self, code: str, published: date) -> list[Facts]:
        """Return one to three editions of a course, half a year or more apart."""
        prose, starts, runs = self.prose, published, []
        for term in range(1, prose.random.randint(1, 3) + 1):
            starts += timedelta(days=prose.random.randint(20, 400))
            run: Facts = {"key": f"{code}+{starts.year}_T{term}", "label": f"{starts.year} T{term}"}
            if prose.happens(2 / 3):
                ends = starts + timedelta(weeks=prose.random.randint(4, 30))
                run |= {"starts": starts, "ends": ends, "enrollment_opens": starts - timedelta(days=60)}
            if prose.happens(1 / 2):
                run |= {"pace": prose.random.choice(("self", "instructor")), "lang": prose.random.choice(("en", "it"))}
            if prose.happens(2 / 3):
                run["url"] = f"https://www.example.org/course/view.php?id={self.number}{term}"
            runs.append(run)
        return runs

    def _enrolments(self, published: date) -> tuple[int, ...]:
        """Return the totals of a course's first months, up to ten years."""
        months = min((LAST_DAY.year - published.year) * 12 + LAST_DAY.month - published.month + 1, MOST_MONTHS)
        totals, total = [], 0
        for _ in range(months):
            total += self.prose.random.randrange(60)
            totals.append(total)
        return tuple(totals)

    def _video(self) -> Facts:
        prose = self.prose
        names, weights = zip(*SPOKEN, strict=True)
        duration_s = prose.random.randint(180, 4000)
        facts: Facts = {
            "youtube_id": f"bench{self.number:06d}",
            "duration_s": duration_s,
            "lang": prose.random.choices(names, weights)[0],
            "license": "youtube",
            "views": {"total": prose.random.randrange(10, 20_000), "as_of": LAST_DAY},
        }
        if prose.happens(1 / 3):
            facts["tags"] = prose.words(prose.random.randint(1, 5))
        if prose.happens(1 / 4):
            facts["caption_langs"] = list(prose.random.choice(LANGUAGES))
        if prose.happens(1 / 4):
            starts = sorted(prose.random.sample(range(duration_s), prose.random.randint(3, 8)))
            facts["chapters"] = [{"start_s": start, "title": prose.title(2, 5)} for start in starts]
        if prose.happens(1 / 2) and (course := self._earlier(COURSE)) is not None:
            facts["course"] = slug_of(self.corpus.seed, course)
        return facts

    def _hub(self, published: date) -> Facts:
        prose = self.prose
        kind = prose.random.choice(FORMATS)
        facts: Facts = {
            "format": kind,
            "initiative": self._some("initiative", 1, 1)[0],
            "sources": [{"title": prose.title(2, 4)}],
        }
        if prose.happens(1 / 2):
            facts["updated"] = self._later(published, 400)
        if prose.happens(1 / 3):
            facts["partners"] = list(self._some("partner", 1, 2))
        if kind in LIVE:
            facts["session"] = {
                "starts": f"{published}T15:00:00+01:00",
                "ends": f"{published}T16:30:00+01:00",
                "place": prose.word().capitalize(),
            }
            if prose.happens(1 / 2) and (video := self._earlier(VIDEO)) is not None:
                facts["recording"] = slug_of(self.corpus.seed, video)
        if kind in ("tool", "course"):
            facts["link"] = f"https://www.example.org/{prose.word()}/"
        return facts

    def _related(self, most: int) -> tuple[int, ...]:
        chosen = {self.prose.random.randrange(self.number) for _ in range(most)} if self.number else set()
        return tuple(sorted(chosen))

    def _earlier(self, kind: str) -> int | None:
        """Return the number of an earlier item of a kind."""
        start = self.prose.random.randrange(self.number) if self.number else 0
        numbers = range(min(start, self.number - 1), -1, -1)
        return next((number for number in numbers if self.corpus.kind(number) == kind), None)

    def _some(self, kind: str, fewest: int, most: int) -> tuple[str, ...]:
        """Return the slugs of some groups of a kind."""
        numbers = self.prose.random.sample(range(GROUPS[kind]), self.prose.random.randint(fewest, most))
        return tuple(group_slug(kind, number) for number in sorted(numbers))

    def _credits(self, role: str, fewest: int, most: int) -> tuple[tuple[str, str], ...]:
        return tuple((person, role) for person in self._some("person", fewest, most))

    def _later(self, day: date, most_days: int) -> date:
        return min(day + timedelta(days=self.prose.random.randrange(most_days)), LAST_DAY)


def make_group(seed: int, kind: str, number: int) -> Group:
    prose = Prose(seed, f"{kind}:{number}")
    facts: Facts = {}
    if kind == "strand":
        facts = {"order": number, "subject": prose.random.choice(SUBJECTS)}
    if kind == "initiative":
        facts = {"starts": FIRST_DAY + timedelta(days=prose.random.randrange(365))}
    return Group(
        kind=kind,
        slug=group_slug(kind, number),
        title=f"{prose.word().capitalize()} {prose.word()} {number}",
        abstract=prose.sentence(8, 16),
        body=prose.paragraphs(2),
        facts=facts,
    )


def group_slug(kind: str, number: int) -> str:
    return f"{kind}-{number:03d}"


def slug_of(seed: int, number: int) -> str:
    prose = Prose(seed, f"slug:{number}")
    return f"{prose.word()}-{prose.word()}-{number:06d}"


def day_of(seed: int, number: int) -> date:
    days = (LAST_DAY - FIRST_DAY).days + 1
    return FIRST_DAY + timedelta(days=random.Random(f"{seed}:day:{number}").randrange(days))

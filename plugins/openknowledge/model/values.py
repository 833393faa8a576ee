"""The small values that every record is made of."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from openknowledge.fast_pickle import FastPickle

from .addresses import OldPath, PictureFile, WebUrl

Lang = str
"""A language by its BCP 47 code: `it`, `en`, `ru`; `und` where it is not known."""

UNKNOWN_LANG: Lang = "und"

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class Html(str):
    """Markup that has been through the sanitiser; templates show it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> dict[str, object]:
        """Accept only markup of the Markdown readers: text from a file is never taken for it."""
        return {"type": "is-instance", "cls": cls}


class Value(FastPickle):
    """The base of records and their parts: validation refuses fields that are not declared."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, order=True)
class Ref(FastPickle):
    """A reference to a record; prints as `course/gestire-il-cambiamento`."""

    kind: str
    slug: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.slug}"


@dataclass(frozen=True, slots=True, order=True)
class PartialDate(FastPickle):
    """A date as exactly as its source gives it: a year, a month or a day."""

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> dict[str, object]:
        parse = {"type": "no-info", "function": cls.parse}
        return {"type": "function-plain", "function": parse}

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return `2020`, `2020-06` or `2020-06-16` as a date. Raises `ValueError` if the text is anything else."""
        match = PARTIAL_DATE.fullmatch(str(text).strip())
        if match is None:
            raise ValueError(f'"{text}" is not a year, month or day')
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        date(year, month or 1, day or 1)
        return cls(year, month, day)

    @property
    def first_day(self) -> date:
        """Return the earliest day that this date may mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        """Return the latest day that this date may mean."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    @property
    def is_exact(self) -> bool:
        """Return whether the very day is known."""
        return self.day is not None

    def __str__(self) -> str:
        return "-".join((f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)))


class TimedDay(date):
    """A day, as it was written, of which the `moment` is known. All that asks for days alone takes it for its day.

    Of one day, those without a moment come first.
    """

    __slots__ = ("moment",)
    moment: datetime

    def __new__(cls, year: int, month: int, day: int, moment: datetime | None = None) -> Self:
        """Return a day; a plain one where no moment is known, as in calculations with days."""
        if moment is None:
            return date(year, month, day)  # type: ignore[return-value]
        own = super().__new__(cls, year, month, day)
        own.moment = moment
        return own

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """Return the day of a moment in the zone that it names."""
        return cls(moment.year, moment.month, moment.day, moment)

    @property
    def first_day(self) -> date:
        """Return the day itself, as a partial date says it."""
        return self

    last_day = first_day
    is_exact = True

    def __reduce__(self) -> Any:
        return type(self), (self.year, self.month, self.day, self.moment)

    def __hash__(self) -> int:
        return hash(_place_in_time(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, date) and _place_in_time(self) == _place_in_time(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: date) -> bool:
        return _place_in_time(self) < _place_in_time(other)

    def __le__(self, other: date) -> bool:
        return _place_in_time(self) <= _place_in_time(other)

    def __gt__(self, other: date) -> bool:
        return _place_in_time(self) > _place_in_time(other)

    def __ge__(self, other: date) -> bool:
        return _place_in_time(self) >= _place_in_time(other)


def _place_in_time(day: date) -> tuple[int, float]:
    return day.toordinal(), day.moment.timestamp() if isinstance(day, TimedDay) else 0.0


@dataclass(frozen=True, slots=True)
class WithTime:
    """The annotation of a day (or partial date) that may be a moment with its zone: a `TimedDay` then."""

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], object]) -> dict[str, object]:
        """Accept a moment beside what the field has without it."""
        function = {"type": "no-info", "function": _keep_moment}
        return {"type": "function-wrap", "function": function, "schema": handler(source)}


def _keep_moment(value: object, check: Callable[[object], date]) -> date:
    return TimedDay.of(value) if isinstance(value, datetime) else check(value)


DayOrMoment = Annotated[date, WithTime()]
PartialDateOrMoment = Annotated[PartialDate, WithTime()]


def as_moment(when: date | PartialDate | None) -> date | None:
    """Return what is known best: the moment, else the day; None for a month or a year."""
    if isinstance(when, PartialDate):
        return when.first_day if when.is_exact else None
    return when.moment if isinstance(when, TimedDay) else when


@dataclass(frozen=True, slots=True)
class RefTo:
    """The annotation of a field of slugs (or, with kind None, of whole references) that point at records."""

    kind: str | None


CourseSlug = Annotated[str, RefTo("course")]
InitiativeSlug = Annotated[str, RefTo("initiative")]
PartnerSlug = Annotated[str, RefTo("partner")]
PlaylistSlug = Annotated[str, RefTo("playlist")]
PersonSlug = Annotated[str, RefTo("person")]
StrandSlug = Annotated[str, RefTo("strand")]
TopicSlug = Annotated[str, RefTo("topic")]
VideoSlug = Annotated[str, RefTo("video")]
AnyRef = Annotated[str, RefTo(None)]


@dataclass(frozen=True, slots=True)
class NumberName:
    """The annotation of a field that names figures, such as `pok.learners`."""


FigureName = Annotated[str, NumberName()]


@dataclass(frozen=True, slots=True)
class Inline:
    """The annotation of words with what the Markdown of a line has: emphasis, code, links, formulas, numbers.

    Their value is plain text, or `Html` with numbers as placeholders where something of this is in it. All other words
    are plain: of their emphasis, code and formulas only the words are kept.
    """

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], object]) -> dict[str, object]:
        """Accept text, and markup of the Markdown readers as it is."""
        function = {"type": "no-info", "function": _keep_markup}
        return {"type": "function-wrap", "function": function, "schema": handler(source)}


def _keep_markup(value: object, check: Callable[[object], str]) -> str:
    return value if isinstance(value, Html) else check(value)


InlineText = Annotated[str, Inline()]


@dataclass(frozen=True, slots=True)
class Exact:
    """The annotation of a text that is no words: it is taken letter by letter, such as the key of a run."""


ExactText = Annotated[str, Exact()]


class Subject(StrEnum):
    """What a course is about; each has a hue and a family of cover patterns."""

    MATHEMATICS = "mathematics"
    PHYSICS = "physics"
    COMPUTING = "computing"
    MANAGEMENT = "management"
    ARCHITECTURE = "architecture"
    TEACHING = "teaching"


class License(StrEnum):
    """The licences that the site can explain in a sentence (SPDX identifiers, and YouTube's own)."""

    CC_BY_4_0 = "CC-BY-4.0"
    CC_BY_SA_4_0 = "CC-BY-SA-4.0"
    CC_BY_NC_SA_4_0 = "CC-BY-NC-SA-4.0"
    CC_BY_3_0 = "CC-BY-3.0"
    CC0_1_0 = "CC0-1.0"
    YOUTUBE = "youtube"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Value):
    """A link to another site. `title` is text in whatever language the target has."""

    title: str
    url: WebUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Value):
    """Where a fact comes from: a publication, with its address and date where they are known."""

    title: str
    url: WebUrl | None = None
    date: PartialDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCredit(Value):
    """The author of a picture, and where it was published."""

    author: str
    publisher: str | None = None
    url: WebUrl | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Value):
    """A picture beside the Markdown file. `alt` is by language; `""` where it only decorates.

    `path` (from the content folder) is filled in when the file is found.
    """

    src: PictureFile
    alt: dict[Lang, str]
    credit: ImageCredit | None = None
    path: ExactText = ""


NO_TEXT = Html("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Value):
    """The texts of a record in one language; `aliases` are former URL paths of its page in that language.

    `heading` is the title with its markup, where it has some.
    """

    title: str
    heading: Html = NO_TEXT
    abstract: InlineText = ""
    body: Html = NO_TEXT
    slug: ExactText | None = None
    seo_title: str | None = None
    keywords: tuple[str, ...] = ()
    aliases: tuple[OldPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Value):
    """One item of the catalogue: facts once, words by language.

    `slug` is the identity of the record inside its kind. `words` is in the order of the site's
    languages. `topics` name records of the kind topic. `sources` say where the facts come from.
    `sample` marks an item that only demonstrates the site. `details` names the fields that only the item's own page
    shows: lists do without them.
    """

    kind: ClassVar[str]
    details: ClassVar[tuple[str, ...]] = ("sources",)

    slug: str
    words: dict[Lang, Words]
    topics: tuple[TopicSlug, ...] = ()
    sources: tuple[Source, ...] = ()
    image: Image | None = None
    sample: bool = False
    files: tuple[str, ...] = field(default=(), compare=False)

    @property
    def ref(self) -> Ref:
        """Return the reference to the record."""
        return Ref(self.kind, self.slug)

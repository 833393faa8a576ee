"""What the university publishes as text: press releases and plain pages."""

from dataclasses import dataclass
from typing import ClassVar

from .addresses import EmailAddress, PageFile, PhoneNumber, WebUrl
from .values import AnyRef, DayOrMoment, FigureName, InlineText, Lang, Record, Value, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PressContact(Value):
    """The contact of a press release; every line as it was printed."""

    name: str
    organisation: str | None = None
    address: tuple[str, ...] = ()
    phone: PhoneNumber | None = None
    mobile: PhoneNumber | None = None
    email: EmailAddress | None = None
    url: WebUrl | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PressWords(Words):
    """A release's words; `standfirst` is the line under the title, `place` opens the dateline."""

    standfirst: InlineText | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PressRelease(Record):
    """A press release. `embargo`: not built before that day or moment. `mentions` are references (kind/slug).

    `figures` are names of figures that the page sets large. A `draft` is checked and never built.
    """

    kind: ClassVar[str] = "press"

    words: dict[Lang, PressWords]  # type: ignore[assignment]
    published: DayOrMoment
    draft: bool = False
    updated: DayOrMoment | None = None
    embargo: DayOrMoment | None = None
    contact: PressContact | None = None
    mentions: tuple[AnyRef, ...] = ()
    figures: tuple[FigureName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPage(Record):
    """A page of words. `save_as` overrides where it is written, for `404.html`."""

    kind: ClassVar[str] = "page"

    updated: DayOrMoment | None = None
    save_as: PageFile | None = None
    order: int = 0
    in_footer: bool = True

"""Plain pages: about, privacy, the accessibility statement, the 404 page."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from .addresses import PageFile
from .values import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPage(Record):
    """A page of words. `save_as` overrides where it is written, for `404.html`."""

    kind: ClassVar[str] = "page"

    updated: date | None = None
    save_as: PageFile | None = None
    order: int = 0
    in_footer: bool = True

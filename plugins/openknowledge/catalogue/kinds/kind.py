"""The descriptor of a kind of content: all that the rest of the catalogue needs to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..model.values import Lang, Record, Words
from ..views.base import Card, PageView

if TYPE_CHECKING:
    from ..site import Site
    from ..summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of content.

    `name` (`podcast`) and `plural` (`podcasts`) give the settings `PODCAST_URL`, `PODCASTS_URL` and
    their `_LANG_URL` forms. `source` is the glob of its Markdown files below content/, where a file
    called `index.md` has its folder's name as slug; None where records only come from snapshots.
    `label` and `label_plural` are message ids for one and for many. `page` shows one record, `lists`
    everything that lists them; `card` and `summary` say what other pages and plugins see of one.
    With `feed` its list has a feed of its own; `is_news` says whether its items stand in the feed of
    the whole site. `from_path` takes facts from slug and path (a hub item's format from its folder).
    """

    name: str
    plural: str
    label: str
    label_plural: str
    model: type[Record]
    page: Callable[[Any, Site, Lang], PageView]
    card: Callable[[Any, Site, Lang], Card]
    summary: Callable[[Any, Site, Lang], Summary]
    lists: Callable[[Site, Lang], Iterator[PageView]]
    words: type[Words] = Words
    source: str | None = None
    from_path: Callable[[str, str], dict[str, Any]] | None = None
    feed: bool = False
    is_news: bool = True

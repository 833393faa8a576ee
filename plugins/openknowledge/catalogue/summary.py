"""What other plugins see of items and lists, whatever their kind."""

from dataclasses import dataclass
from datetime import datetime

from openknowledge.fast_pickle import FastPickle
from openknowledge.model.values import Html, Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Media(FastPickle):
    """A film or sound that belongs to an item: where it can be seen, and how long it is."""

    url: str
    duration_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(FastPickle):
    """One item in one language of the interface, for feeds and search.

    `ref` is `kind/slug` and never changes. `url` is absolute. `title`, `abstract` and `content` are
    in `lang`, which may differ from the interface's. `content` has absolute links and its numbers as
    plain text. `published` and `updated` carry their offset from UTC; None where they are not known.
    `belongs_to` are the refs whose feeds list the item: its strand, topics and playlists.
    """

    ref: str
    kind: str
    url: str
    title: str
    abstract: str
    content: Html
    lang: Lang
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    belongs_to: tuple[str, ...] = ()
    media: Media | None = None
    is_sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList(FastPickle):
    """A list that people can subscribe to, in one language of the interface.

    `key` says what it holds and never changes: `all`, `kind:course` (items of that kind) or
    `ref:topic/x` (items that belong to it). `kinds` narrows that to some kinds; `()` is any.
    `page_url`, `rss_url` and `atom_url` are absolute; the paths are files below output/.
    `sample_label` marks an item that only demonstrates the site. `title_lang` is set only where the title is in another
    language than `lang`.
    """

    key: str
    lang: Lang
    title: str
    description: str
    page_url: str
    rss_path: str
    atom_path: str
    rss_url: str
    atom_url: str
    kinds: tuple[str, ...] = ()
    sample_label: str = ""
    title_lang: Lang | None = None

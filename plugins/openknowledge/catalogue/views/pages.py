"""One value for each template: what that page shows beyond what every page has."""

from collections.abc import Mapping
from dataclasses import dataclass

from openknowledge.fast_pickle import FastPickle
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import DateText

from .base import (
    Badge,
    Body,
    Card,
    CardGroup,
    DetailRow,
    Embed,
    FacetGroup,
    FeedLink,
    FilterSource,
    FooterGroup,
    InlineBody,
    NavLink,
    Number,
    Pager,
    PageView,
    Picture,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(PageView):
    """`home.html`. `sentence` has the two numbers in it; the bands are Learn, Watch and Read."""

    sentence: Body
    figures: tuple[Number, ...]
    bands: tuple[CardGroup, ...]
    strands: tuple[NavLink, ...]
    strands_url: str
    newest_press: Card | None
    feeds_page: NavLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(FastPickle):
    """Whom the press may ask: the lines of an address, then telephones, mail and site as links."""

    name: str
    lines: tuple[str, ...] = ()
    links: tuple[NavLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(PageView):
    """`list.html`: any list of cards. `groups` where the list has titled parts, else `cards`.

    `layout` is `grid` (covers), `rows` (dense, for videos) or `type` (almost pure text, for press). `total` is the
    count in words; `empty` is shown where it is zero. `also` leads to another list. `contact` is whom to ask about
    all of it. `digest` stands for which cards there are.
    """

    layout: str = "grid"
    also: NavLink | None = None
    total: str = ""
    facets: tuple[FacetGroup, ...] = ()
    filters: FilterSource | None = None
    digest: str = ""
    cards: tuple[Card, ...] = ()
    groups: tuple[CardGroup, ...] = ()
    index: tuple[FooterGroup, ...] = ()
    pager: Pager | None = None
    empty: str = ""
    numbers: tuple[Number, ...] = ()
    contact: Contact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow(FastPickle):
    """One edition of a course. Where `dates` are unknown they are empty, and there is no badge."""

    label: str
    dates: str
    badge: Badge | None
    details: tuple[str, ...] = ()
    url: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyllabusRow(FastPickle):
    """A part of the syllabus; `weeks` in words. `lessons` are its videos, each with its length."""

    title: InlineBody
    weeks: str | None = None
    text: InlineBody = ""
    lessons: tuple[NavLink, ...] = ()
    materials: "tuple[MaterialRow, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine(FastPickle):
    """A person and their role; the link is absent for people without a page."""

    name: str
    role: str
    url: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialRow(FastPickle):
    """Something to work with. `note` is the type and size of a file, `details` its kind and its language.

    `lang` is set only where its title is in another language than the page.
    """

    title: str
    url: str
    note: str
    details: str
    license: NavLink | None
    lang: Lang | None
    is_external: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseAction(FastPickle):
    """The one thing to do now. `others` are the same in other languages; `note` says what one finds or has to know."""

    link: NavLink
    others: tuple[NavLink, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePage(PageView):
    """`course.html`. Runs come soonest first; past ones follow. `runs_note` says why some have no dates.

    The labels of `changes` are their dates, newest first.
    """

    abstract: InlineBody
    picture: Picture
    kicker: str
    state: Badge
    action: CourseAction
    details: tuple[DetailRow, ...]
    enrolment: Number | None
    outcomes: tuple[InlineBody, ...]
    body: Body
    syllabus: tuple[SyllabusRow, ...]
    materials: tuple[MaterialRow, ...]
    credits: tuple[CreditLine, ...]
    runs: tuple[RunRow, ...]
    past_runs: tuple[RunRow, ...]
    runs_note: str
    changes: tuple[DetailRow, ...]
    videos: CardGroup | None
    related: tuple[CardGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(FastPickle):
    """A sentence of a transcript; `start_s` is the second at which it begins, and no two of a transcript have one."""

    start_s: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptLine(FastPickle):
    """A paragraph of a transcript: when it begins, as read and as machines read it, and who says it."""

    time: str
    time_iso: str
    speaker: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptText(FastPickle):
    """A transcript in a language, and its files; the text of a link is what there is to download.

    `lang` is the attribute that it needs: None in the page's own language. `code` is its language.
    """

    lang: str | None
    code: str
    language: str
    lines: tuple[TranscriptLine, ...]
    files: tuple[tuple[NavLink, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterRow(FastPickle):
    """A chapter of a video; `url` leads to its place on the platform."""

    start_s: int
    time: str
    time_iso: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SequencePlace(FastPickle):
    """Where a video stands in a playlist or a course (`12 of 41`), and the videos before and after it."""

    sequence: NavLink
    position: str
    before: NavLink | None
    after: NavLink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPage(PageView):
    """`video.html`. `watch_url` is absent for sample entries; `embed_url` where embedding is not allowed.

    Both are absent where the film `is_gone`.

    `places` are those in its playlists and its course, `playlists` the videos around it in each playlist. `text` is the
    channel's text as paragraphs with links and nothing else; `origin` says where the video comes from if it has none.
    """

    picture: Picture
    date: DateText
    duration: str
    duration_iso: str | None
    language: str
    watch_url: str | None
    embed_url: str | None
    is_gone: bool = False
    details: tuple[DetailRow, ...]
    text: Body
    rest: Body = ()
    notes: Body
    origin: str
    chapters: tuple[ChapterRow, ...]
    transcripts: tuple[TranscriptText, ...]
    places: tuple[SequencePlace, ...]
    playlists: tuple[CardGroup, ...]
    related: tuple[CardGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistPage(PageView):
    """`playlist.html`: the videos in the playlist's own order, each with its number; `text` is the channel's."""

    picture: Picture | None
    text: Body
    rest: Body = ()
    notes: Body
    details: tuple[DetailRow, ...]
    total: str
    rows: tuple[tuple[int, Card], ...]
    pager: Pager | None = None
    related: tuple[CardGroup, ...]
    watch_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PressPage(PageView):
    """`press.html`: almost pure type. `kit_url` is the archive with text, figures and pictures."""

    standfirst: InlineBody
    place: str | None
    date: DateText
    updated: DateText | None
    body: Body
    figures: tuple[Number, ...]
    contact: Contact | None
    kit_url: str
    mentions: tuple[CardGroup, ...]
    newer: NavLink | None
    older: NavLink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPage(PageView):
    """`hub.html`: an item of any of the six formats."""

    kicker: str
    abstract: InlineBody
    picture: Picture
    date: DateText
    badge: Badge | None
    body: Body
    details: tuple[DetailRow, ...]
    figures: tuple[Number, ...]
    materials: tuple[MaterialRow, ...]
    credits: tuple[CreditLine, ...]
    action: NavLink | None
    recording: Embed | None
    topics: tuple[NavLink, ...]
    related: tuple[CardGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry(FastPickle):
    """A moment of an initiative."""

    date: DateText
    text: InlineBody


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatSection(FastPickle):
    """A format of the hub with its items in the archive."""

    anchor: str
    title: str
    explanation: str
    cards: tuple[Card, ...]
    more: NavLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiativePage(PageView):
    """`initiative.html`: the archive of an initiative. `span` is its period.

    `nothing_left` is a sentence about the formats of which there is nothing; empty where there is something of each.
    """

    abstract: InlineBody
    picture: Picture
    badge: Badge
    span: str
    organiser: str | None
    body: Body
    figures: tuple[Number, ...]
    timeline: tuple[TimelineEntry, ...]
    formats: tuple[FormatSection, ...]
    nothing_left: str
    topics: tuple[NavLink, ...]
    guests: tuple[NavLink | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePage(PageView):
    """`programme.html`. `other_figures` come from other sources; `appeal` is set apart."""

    standfirst: InlineBody
    abstract: InlineBody
    picture: Picture
    date: DateText | None
    body: Body
    partners: tuple[NavLink, ...]
    figures: tuple[Number, ...]
    other_figures: tuple[Number, ...]
    appeal: InlineBody
    appeal_link: NavLink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage(PageView):
    """`group.html`: a strand, topic, person or partner: a text, details, and its members."""

    kicker: str
    abstract: InlineBody
    body: Body
    picture: Picture | None
    details: tuple[DetailRow, ...]
    numbers: tuple[Number, ...]
    groups: tuple[CardGroup, ...]
    empty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPage(PageView):
    """`page.html` and `404.html`: a text, and perhaps links to go on."""

    abstract: InlineBody
    body: Body
    updated: DateText | None
    fallback_links: tuple[NavLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAddresses(FeedLink):
    """A feed with its whole addresses, to be copied into a feed reader.

    `lang` is set only where the title is in another language than the page.
    """

    rss_address: str
    atom_address: str
    lang: Lang | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedGroup(FastPickle):
    """Feeds of one type, such as those of all strands, with a link to all of them where there are more."""

    title: str
    feeds: tuple[FeedAddresses, ...]
    more: NavLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsPage(PageView):
    """`feeds.html`: all feeds, for people; `explanation` says what a feed is."""

    explanation: str
    groups: tuple[FeedGroup, ...]
    pager: Pager | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberGroup(FastPickle):
    """Numbers that belong together on the page of all numbers.

    `definition`, and the date and source of `origin`, are said once where all share them.
    """

    title: str
    anchor: str
    numbers: tuple[Number, ...]
    definition: str = ""
    origin: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersPage(PageView):
    """`numbers.html`: every number of the site with its definition, source and date.

    `notes` explain the marks beside numbers: sample data, and what was not updated for a long time.
    """

    explanation: str
    notes: tuple[str, ...]
    groups: tuple[NumberGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(PageView):
    """`history.html`: how enrolments have grown in a course, or (`""`) in all; the counters add charts and tables."""

    course: str
    kicker: str
    kicker_lang: Lang | None
    number: Number | None


@dataclass(frozen=True, slots=True)
class LetterLine(FastPickle):
    """A line of an index: a link with its `kind`, or a name at an `anchor` with the `links` that it stands for."""

    name: NavLink | str
    links: tuple[NavLink, ...] = ()
    anchor: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage(PageView):
    """`a-z.html`: a letter of an index, or a part of it; `letters` lead to the others."""

    letters: tuple[NavLink, ...]
    lines: tuple[LetterLine, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(PageView):
    """`search.html`. `data_url` is the index that the browser searches; `locale` is how it writes dates.

    `counts` are texts for the number of results, by plural category, and `remarks` what else the browser says: that
    nothing was found, that a word was read as another one, that no item has all words, at which moment of a video a
    word is. It fills in what `%(query)s` and others stand for. `fallback_links` lead to the lists of all items, and
    `letters` to all from A to Z.
    """

    explanation: str
    data_url: str
    script_url: str
    locale: str
    counts: Mapping[str, str]
    remarks: Mapping[str, str]
    letters: tuple[NavLink, ...]
    fallback_links: tuple[NavLink, ...]

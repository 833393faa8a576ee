"""Reading inputs and asking queries: each read and each query is recorded as a dependency."""

from collections.abc import Callable, Collection, Hashable, Mapping
from datetime import date, datetime
from typing import Any, Self, TypeVar, cast

from openknowledge.content.item_table import Alias
from openknowledge.content.pictures import PictureFacts
from openknowledge.content.text_links import TextLink
from openknowledge.engine.query_graph import SEPARATOR, QueryGraph, join_key
from openknowledge.engine.rules import Description
from openknowledge.model.numbers import EnrollmentSeries, Figure
from openknowledge.model.transcript import Transcript
from openknowledge.model.values import Lang, Record, Ref
from openknowledge.rendering.locale import Language

from .inputs import DESCRIPTIONS, Inputs, SiteSettings, compare_snapshots
from .kind import Kind
from .routes import Routes, UrlParts

__all__ = ["QueryContext"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

SNAPSHOT_KEY = "records"
"""The name of the inputs' snapshot among the values that the next build finds again."""


class QueryContext:
    """The only way to the inputs. `deps` are the numbers of all that was read and asked through this context.

    Settings, kinds and routes are no dependencies: when they or the code change, nothing of the last build counts.
    """

    def __init__(self, inputs: Inputs, deps: dict[int, None] | None = None) -> None:
        self._inputs = inputs
        self.deps: dict[int, None] = {} if deps is None else deps
        self.settings: SiteSettings = inputs.settings
        self.kinds: tuple[Kind, ...] = inputs.kinds
        self.routes: Routes = inputs.routes
        self.langs: tuple[Lang, ...] = inputs.settings.langs
        self.base_path: str = inputs.settings.base_path
        self.base_url: str = inputs.settings.base_url

    # The build

    def fork(self, deps: dict[int, None] | None = None) -> Self:
        """Return the same site, which records dependencies of its own."""
        return type(self)(self._inputs, deps)

    def attach(self, graph: QueryGraph, extras: dict[str, Any] | None = None) -> None:
        """Go on with the query graph and the extras of an earlier build."""
        inputs = self._inputs
        inputs.graph, inputs.extras = graph, {} if extras is None else extras
        inputs.computed.clear()
        before, inputs.extras[SNAPSHOT_KEY] = inputs.extras.get(SNAPSHOT_KEY), inputs.take_snapshot()
        unchanged, suspects = compare_snapshots(before, inputs.extras[SNAPSHOT_KEY])
        graph.start_build(inputs.digest, self._execute, inputs.persisted, unchanged, suspects)

    @property
    def graph(self) -> QueryGraph:
        """Return the query graph of this build."""
        return self._inputs.graph

    @property
    def extras(self) -> dict[str, Any]:
        """Return the plain values that the next build finds again, by name."""
        return self._inputs.extras

    @property
    def missing(self) -> Mapping[str, Collection[str]]:
        """Return the slugs by kind of what has a problem and is left out; no answer may depend on it."""
        return self._inputs.missing

    @property
    def changed_fields(self) -> Mapping[str, tuple[str, ...]]:
        """Return the fields that differ by the keys of the inputs of each record that has changed."""
        changed = self._inputs.changed_fields.items()
        return {join_key(name, *ref.split("/")): fields for ref, fields in changed for name in ("record", "stub")}

    @property
    def descriptions(self) -> Mapping[str, Description]:
        """Return what each input and query is, by its name."""
        return DESCRIPTIONS

    def register_queries(
        self, queries: Mapping[str, Callable[..., Any]], *, persisted: Collection[str] = frozenset()
    ) -> None:
        """Add queries: functions of a site and of text arguments. Answers of those `persisted` are plain values."""
        self._inputs.queries.update(queries)
        self._inputs.persisted.update(persisted)

    def register_input(
        self,
        name: str,
        digest: Callable[..., bytes | None],
        read: Callable[..., Any] = lambda *_: None,
        revision: str = "",
    ) -> None:
        """Add a family of inputs: `digest` and `read` give the digest and the value of one by its text arguments.

        Under the same `revision` as in the last build none of them differs.
        """
        self._inputs.digesters[name], self._inputs.readers[name] = digest, read
        if revision:
            self._inputs.revisions[name] = revision

    # Queries and inputs by name

    def query(self, name: str, *arguments: str) -> Any:
        """Return the answer to a query, which is executed only if something below it has changed."""
        graph, key = self._inputs.graph, SEPARATOR.join((name, *arguments))
        number = graph.numbers.get(key)
        if number not in graph.answers:
            return graph.query(key, self.deps)
        # Most are at hand, and a large site asks a million times.
        self.deps[number] = None
        return graph.answers[number]

    def read_input(self, name: str, *arguments: str) -> Any:
        """Return the value of a registered input."""
        self._depend_on(name, *arguments)
        return self._inputs.readers[name](*arguments)

    def digest(self, name: str, *arguments: str) -> bytes:
        """Return the digest of a query or an input that this context has asked for."""
        graph = self._inputs.graph
        return graph.digest(graph.intern(join_key(name, *arguments)))

    def digest_input(self, name: str, *arguments: str) -> bytes | None:
        """Return the digest of an input as it is now; it does not become a dependency."""
        return self._inputs.digest(join_key(name, *arguments))

    def compute_once(self, key: Hashable, function: Callable[[Self], T]) -> T:
        """Return what `function` makes of this site; it is called once a build, whichever context asks first.

        Its dependencies become those of every context that asks.
        """
        entry = self._inputs.computed.get(key)
        if entry is None:
            fork = self.fork()
            entry = self._inputs.computed[key] = function(fork), tuple(fork.deps)
        self.deps.update(dict.fromkeys(entry[1]))
        return cast(T, entry[0])

    def _depend_on(self, name: str, *arguments: str) -> None:
        graph, key = self._inputs.graph, SEPARATOR.join((name, *arguments))
        number = graph.numbers.get(key)
        if number is None:
            graph.read_input(key, self._inputs.digest, self.deps)
        else:
            self.deps[number] = None

    def _execute(self, key: str, deps: dict[int, None]) -> Any:
        name, *arguments = key.split(SEPARATOR)
        return self._inputs.queries[name](self.fork(deps), *arguments)

    # The day, the languages, the theme

    @property
    def today(self) -> date:
        """Return the day that the site is built for."""
        self._depend_on("today")
        return self._inputs.today

    def has_passed(self, moment: datetime) -> bool:
        """Return whether a moment lies behind that which the site is built for. Its passing is the dependency."""
        self._depend_on("has-passed", moment.isoformat())
        return moment <= self._inputs.moment

    def language(self, lang: Lang) -> Language:
        """Return a language of the interface."""
        self._depend_on("words", lang)
        return self._inputs.languages[lang]

    def asset(self, name: str) -> str:
        """Return the URL of a file of the theme, such as `site.css`; its plain path without fingerprints."""
        self._depend_on("asset", name)
        return self.base_path + self.settings.assets.get(name, f"/theme/{name}")

    def stylesheet_of_template(self, template: str) -> str | None:
        """Return the URL of the stylesheet that only pages of a template need; None where it has none of its own."""
        name = f"pages/{template}.css"
        url = self.asset(name)
        return url if name in self.settings.assets else None

    # Records

    def kind(self, name: str) -> Kind:
        """Return a kind by its name."""
        return self._inputs.kinds_by_name[name]

    def record(self, ref: Ref) -> Record:
        """Return a record with all its texts; raises `KeyError` where there is none."""
        self._depend_on("record", ref.kind, ref.slug)
        return self._inputs.records.full(ref)

    def stub(self, kind: str, slug: str | None) -> Record | None:
        """Return the stub of the record of that kind and slug."""
        if slug is None:
            return None
        self._depend_on("stub", kind, slug)
        return self._inputs.records.find_stub(kind, slug)

    def stubs(self, kind: str) -> tuple[Record, ...]:
        """Return the stubs of all records of a kind, by slug."""
        self._depend_on("stubs", kind)
        return self._inputs.stubs(kind)

    def stubs_of(self, model: type[R]) -> tuple[R, ...]:
        """Return the stubs of all records of a model, by slug."""
        return cast(tuple[R, ...], self.stubs(model.kind))

    def slugs(self, kind: str) -> tuple[str, ...]:
        """Return the slugs of all records of a kind, sorted."""
        self._depend_on("slugs", kind)
        return tuple(self._inputs.table.slugs(kind))

    def withdrawn(self) -> tuple[tuple[str, str], ...]:
        """Return the kinds and slugs of what was taken off the site for good."""
        self._depend_on("withdrawn")
        return self._inputs.withdrawn

    def refs(self) -> tuple[Ref, ...]:
        """Return the references of all records, sorted."""
        for kind in self.kinds:
            self._depend_on("slugs", kind.name)
        return self._inputs.table.refs

    def stub_of_file(self, path: str) -> Record | None:
        """Return the stub of the record of a Markdown file."""
        self._depend_on("file", path)
        ref = self._inputs.file_index.get(path)
        return self.stub(ref.kind, ref.slug) if ref is not None else None

    # All records at once: these depend on one thing of every record, and read none of them

    def all_referrers(self) -> Mapping[str, tuple[Ref, ...]]:
        """Return what points at each record, by the record's written reference."""
        self._depend_on("references")
        return self._inputs.referrers

    def url_parts(self, ref: Ref) -> UrlParts | None:
        """Return what the paths of a record's pages are made of; None where there is no such record."""
        self._depend_on("url-parts")
        table = self._inputs.table
        number = table.positions.get(str(ref))
        return None if number is None else UrlParts.parse(table.column("url_parts")[number])

    def files_of(self, ref: Ref) -> tuple[str, ...]:
        """Return the Markdown files of a record."""
        self._depend_on("files")
        table = self._inputs.table
        return cast(tuple[str, ...], table.column("files")[table.positions[str(ref)]])

    def aliases(self) -> tuple[tuple[str, Alias], ...]:
        """Return the old addresses of all pages, each with the written reference of its record."""
        self._depend_on("aliases")
        return self._inputs.aliases

    def address_links(self) -> tuple[TextLink, ...]:
        """Return the links of all texts to addresses of the site."""
        self._depend_on("address-links")
        return self._inputs.address_links

    def media_files(self) -> list[str]:
        """Return the files of content/ that pages show or link to, sorted."""
        self._depend_on("media-files")
        return sorted({path for paths in self._inputs.table.column("media") for path in paths})

    def refs_without_image(self) -> list[Ref]:
        """Return the references of all records without a picture of their own."""
        self._depend_on("images")
        table = self._inputs.table
        return [ref for ref, has_image in zip(table.refs, table.column("has_image"), strict=True) if not has_image]

    def picture_facts(self, path: str) -> PictureFacts | None:
        """Return what is known of a picture by its path from the content folder; None where nothing was made of it."""
        self._depend_on("picture-facts", path)
        return self._inputs.pictures.get(path)

    def still_of(self, youtube_id: str | None) -> str | None:
        """Return the still of a video by its YouTube id: its path from the content folder; None where it has none."""
        if youtube_id is None:
            return None
        self._depend_on("still", youtube_id)
        return self._inputs.pictures.stills.get(youtube_id)

    def stills(self) -> Mapping[str, str]:
        """Return all stills of videos by YouTube id."""
        self._depend_on("stills")
        return self._inputs.pictures.stills

    def refused_pictures(self) -> Collection[str]:
        """Return the pictures of which nothing could be made, by path from the content folder."""
        self._depend_on("pictures")
        return self._inputs.pictures.refusals.keys()

    def read_picture(self, path: str) -> Mapping[str, bytes]:
        """Return the files that were made of a picture by their width and format."""
        self._depend_on("picture-facts", path)
        return self._inputs.pictures.read(path) if path in self._inputs.pictures else {}

    # Captions

    def transcripts_of(self, youtube_id: str | None) -> tuple[Transcript, ...]:
        """Return the transcripts of a video by its YouTube id, in order of their languages."""
        if youtube_id is None:
            return ()
        self._depend_on("transcripts", youtube_id)
        return self._inputs.transcripts.get(youtube_id, ())

    def caption_files(self) -> Mapping[str, tuple[str, ...]]:
        """Return all caption files by the YouTube id of their video."""
        self._depend_on("captions")
        transcripts = self._inputs.transcripts
        return {youtube_id: transcripts.files_of(youtube_id) for youtube_id in transcripts}

    # Numbers

    @property
    def figures(self) -> Mapping[str, Figure]:
        """Return all figures by name."""
        self._depend_on("figures")
        return self._inputs.figures

    def series_of(self, course: str) -> EnrollmentSeries | None:
        """Return the enrolments of a course by its slug."""
        self._depend_on("series", course)
        return self._inputs.series.get(course)

    def series_slugs(self) -> tuple[str, ...]:
        """Return the slugs of the courses that have a series, sorted; what is in them is no dependency."""
        self._depend_on("series-slugs")
        return tuple(self._inputs.series)

    @property
    def series(self) -> Mapping[str, EnrollmentSeries]:
        """Return all series by course."""
        self._depend_on("all-series")
        return self._inputs.series

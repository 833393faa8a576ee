"""Nothing reads an input of a build without becoming dependent on it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.architecture.modules import modules
from tests.builders import a_course, a_site

from openknowledge.catalogue.query_context import QueryContext
from openknowledge.catalogue.site import Site
from openknowledge.engine.query_graph import SEPARATOR, QueryGraph
from openknowledge.model.course import CourseWords
from openknowledge.model.values import Ref

ALGEBRA = Ref("course", "algebra")
FILE = "content/courses/algebra.md"
MOMENT = datetime(2026, 1, 1, 12, tzinfo=UTC)

READS: dict[str, tuple[Callable[[Site], Any], tuple[str, ...]]] = {
    "today": (lambda site: site.today, ("today",)),
    "has_passed": (lambda site: site.has_passed(MOMENT), (f"has-passed {MOMENT.isoformat()}",)),
    "language": (lambda site: site.language("en"), ("words en",)),
    "asset": (lambda site: site.asset("site.css"), ("asset site.css",)),
    "stylesheet_of_template": (lambda site: site.stylesheet_of_template("x"), ("asset pages/x.css",)),
    "record": (lambda site: site.record(ALGEBRA), ("record course algebra",)),
    "stub": (lambda site: site.stub("course", "algebra"), ("stub course algebra",)),
    "stubs": (lambda site: site.stubs("course"), ("stubs course",)),
    "stubs_of": (lambda site: site.stubs_of(type(a_course())), ("stubs course",)),
    "slugs": (lambda site: site.slugs("course"), ("slugs course",)),
    "withdrawn": (lambda site: site.withdrawn(), ("withdrawn",)),
    "refs": (lambda site: site.refs(), tuple(f"slugs {kind.name}" for kind in a_site().kinds)),
    "stub_of_file": (lambda site: site.stub_of_file(FILE), (f"file {FILE}", "stub course algebra")),
    "all_referrers": (lambda site: site.all_referrers(), ("references",)),
    "url_parts": (lambda site: site.url_parts(ALGEBRA), ("url-parts",)),
    "files_of": (lambda site: site.files_of(ALGEBRA), ("files",)),
    "address_links": (lambda site: site.address_links(), ("address-links",)),
    "aliases": (lambda site: site.aliases(), ("aliases",)),
    "media_files": (lambda site: site.media_files(), ("media-files",)),
    "refs_without_image": (lambda site: site.refs_without_image(), ("images",)),
    "picture_facts": (lambda site: site.picture_facts("a.jpg"), ("picture-facts a.jpg",)),
    "read_picture": (lambda site: site.read_picture("a.jpg"), ("picture-facts a.jpg",)),
    "still_of": (lambda site: site.still_of("dQw4w9WgXcQ"), ("still dQw4w9WgXcQ",)),
    "stills": (lambda site: site.stills(), ("stills",)),
    "refused_pictures": (lambda site: site.refused_pictures(), ("pictures",)),
    "figures": (lambda site: site.figures, ("figures",)),
    "series_of": (lambda site: site.series_of("algebra"), ("series algebra",)),
    "series": (lambda site: site.series, ("all-series",)),
    "transcripts_of": (lambda site: site.transcripts_of("dQw4w9WgXcQ"), ("transcripts dQw4w9WgXcQ",)),
    "caption_files": (lambda site: site.caption_files(), ("captions",)),
    "series_slugs": (lambda site: site.series_slugs(), ("series-slugs",)),
    "read_input": (lambda site: site.read_input("weather", "milan"), ("weather milan",)),
    "query": (lambda site: site.query("abstract", "course", "algebra", "it"), ("abstract course algebra it",)),
    "compute_once": (lambda site: site.compute_once("sum", lambda site: site.stubs("course")), ("stubs course",)),
}
"""How each value of the inputs is read, and what that depends on."""

OTHERS = {"attach", "changed_fields", "descriptions", "digest", "digest_input", "extras", "fork", "graph", "kind"} | {
    "missing",
    "register_input",
    "register_queries",
}
"""What gives no value of an input: digests, the build's own state, kinds, which are code, and what has a problem."""


@pytest.fixture
def site() -> Site:
    site = a_site(a_course("algebra"), a_course("other"), file_index={FILE: ALGEBRA})
    site.register_input("weather", lambda place: place.encode(), lambda place: f"fine in {place}")
    return site


def dependencies(site: Site) -> tuple[str, ...]:
    return tuple(site.graph.keys[number].replace(SEPARATOR, " ") for number in site.deps)


@pytest.mark.parametrize("name", READS)
def test_a_read_becomes_a_dependency(site: Site, name: str) -> None:
    fork = site.fork()
    read, expected = READS[name]

    read(fork)

    assert dependencies(fork) == expected
    assert dependencies(site) == ()


def test_there_is_no_other_way_to_an_input() -> None:
    public = {name for name in vars(QueryContext) if not name.startswith("_")}

    assert public == {*READS, *OTHERS}


def test_only_the_query_context_touches_the_inputs() -> None:
    allowed = {"catalogue.inputs", "catalogue.query_context"}
    touching = {
        module.name
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr == "_inputs"
    }
    importing = {
        module.name for module in modules() for name, _ in module.inside() if name == "catalogue.inputs.Inputs"
    }

    assert touching - allowed == set()
    assert importing - allowed == {"catalogue.assemble"}


def test_what_is_computed_once_gives_its_dependencies_to_all_that_ask(site: Site) -> None:
    calls = []

    def count_courses(site: Site) -> int:
        calls.append(site)
        return len(site.slugs("course"))

    forks = [site.fork(), site.fork()]

    assert [fork.compute_once("courses", count_courses) for fork in forks] == [2, 2]
    assert len(calls) == 1
    assert [dependencies(fork) for fork in forks] == [("slugs course",)] * 2


def test_what_is_computed_once_is_computed_again_for_another_graph(site: Site) -> None:
    first = site.fork()
    first.compute_once("courses", lambda site: site.slugs("course"))

    site.attach(QueryGraph())
    second = site.fork()

    assert second.compute_once("courses", lambda site: site.slugs("topic")) == ()
    assert dependencies(second) == ("slugs topic",)


def test_names_and_paths_of_all_records_are_known_without_making_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site has thousands of records, and a list of their names or paths must not cost a stub of each."""
    monkeypatch.setattr(site._inputs.records, "find_stub", None)

    assert "counter:course/algebra" in site.query("number-names")
    assert [site.route_of(ref, "it").url for ref in site.refs()] == ["courses/algebra/", "courses/other/"]
    assert site.query("feed-keys", "it")[0] == "all"


@pytest.mark.parametrize(("revision", "asked"), [("1", []), ("2", ["milan"])])
def test_a_family_with_the_revision_of_the_last_build_is_not_digested_again(revision: str, asked: list[str]) -> None:
    """Of a theme that is the same no template and no file is looked at."""
    graph, extras, digested = QueryGraph(), dict[str, Any](), list[str]()
    for number in ("1", revision):
        site = a_site(a_course("algebra"))
        digested.clear()
        data = number.encode()
        site.register_input("weather", lambda place, data=data: digested.append(place) or data, revision=number)
        site.attach(graph, extras)
        site.fork().read_input("weather", "milan")

    assert digested == asked
    assert [graph.keys[node] for node in graph.changed] == [f"weather{SEPARATOR}milan"] * len(asked)


@pytest.mark.parametrize(("title", "changed"), [("Algebra", set()), ("Analysis", {"stub", "stubs"})])
def test_which_items_there_are_is_digested_again_where_names_or_titles_differ(title: str, changed: set[str]) -> None:
    graph, extras = QueryGraph(), dict[str, Any]()
    for text in ("Algebra", title):
        site = a_site(a_course("algebra", words={"it": CourseWords(title=text)}))
        site.attach(graph, extras)
        fork = site.fork()
        assert fork.slugs("course") and fork.stubs("course") and fork.stub("course", "algebra")

    assert {graph.keys[node].partition(SEPARATOR)[0] for node in graph.changed} == changed

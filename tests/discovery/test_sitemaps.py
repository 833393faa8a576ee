"""Sitemaps have what search engines may show, with days and languages, in files that are not too large."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from lxml import etree
from tests.builders import a_course, a_site
from tests.catalogue.videos import a_video

from openknowledge.catalogue.site import Site
from openknowledge.discovery.sitemaps import QUERIES, robots_rule, sitemap_rule, split
from openknowledge.model.texts import PlainPage
from openknowledge.model.values import PartialDate, Words

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
HOST = "https://example.edu"


def registered(site: Site) -> Site:
    site.register_queries(QUERIES)
    return site


def files(site: Site) -> dict[str, bytes]:
    registered(site)
    rules = (sitemap_rule(), robots_rule())
    return dict(file for rule in rules for key in rule.keys(site.fork()) for file in rule.plan(site.fork(), *key).run())


def locations(file: bytes) -> list[str]:
    return [str(found) for found in etree.fromstring(file).xpath("//s:loc/text()", namespaces=NAMES)]


def a_plain_page(slug: str) -> PlainPage:
    return PlainPage(slug=slug, words={"it": Words(title=slug)})


def test_a_file_of_a_kind_and_language_has_lists_and_items() -> None:
    found = files(a_site(a_course("algebra"), a_course("c&a")))

    assert {f"{HOST}/courses/", f"{HOST}/courses/algebra/", f"{HOST}/courses/c%26a/"} <= {
        *locations(found["sitemaps/course.it.xml"])
    }
    assert f"{HOST}/en/courses/algebra/" in locations(found["sitemaps/course.en.xml"])
    assert [f"{HOST}/{path}" for path in found if path.startswith("sitemaps/")] == locations(found["sitemap.xml"])


def test_the_day_comes_before_the_languages_as_the_schema_has_it() -> None:
    found = files(a_site(a_course("algebra", updated=date(2026, 1, 2), first_published=date(2020, 1, 1))))
    root = etree.fromstring(found["sitemaps/course.en.xml"])
    (entry,) = root.xpath(f"s:url[s:loc = '{HOST}/en/courses/algebra/']", namespaces=NAMES)

    assert [etree.QName(part).localname for part in entry] == ["loc", "lastmod", "link", "link", "link"]
    assert entry.findtext("s:lastmod", namespaces=NAMES) == "2026-01-02"
    assert [(link.get("hreflang"), link.get("href")) for link in entry.findall("x:link", NAMES)] == [
        ("it", f"{HOST}/courses/algebra/"),
        ("en", f"{HOST}/en/courses/algebra/"),
        ("x-default", f"{HOST}/courses/algebra/"),
    ]


@pytest.mark.parametrize(
    ("facts", "day"),
    [
        ({}, None),
        ({"first_published": date(2020, 1, 1)}, "2020-01-01"),
        ({"first_published": PartialDate(2020, 5)}, None),
        ({"first_published": PartialDate(2020, 5, 3)}, "2020-05-03"),
        ({"updated": datetime(2026, 1, 2, 3, tzinfo=UTC)}, "2026-01-02T03:00:00+00:00"),
    ],
    ids=["no date", "a day", "a month", "a whole day", "a moment"],
)
def test_a_page_has_the_contents_own_day_where_that_is_known(facts: dict[str, object], day: str | None) -> None:
    (file,) = [data for path, data in files(a_site(a_course("a", **facts))).items() if path.endswith("course.it.xml")]

    days = etree.fromstring(file).xpath(f"s:url[s:loc = '{HOST}/courses/a/']/s:lastmod/text()", namespaces=NAMES)
    assert days == ([day] if day else [])


def test_pages_that_are_not_to_be_found_are_in_none() -> None:
    site = a_site(a_plain_page("404"), a_plain_page("privacy"), search_is_on=True, search_json="search.{lang}.json")

    found = locations(files(site)["sitemaps/page.it.xml"])

    assert f"{HOST}/pages/privacy/" in found
    assert [url for url in found if "404" in url or "search" in url] == []


def test_robots_are_told_where_the_index_is() -> None:
    robots = files(a_site(a_course()))["robots.txt"]

    assert robots == f"User-agent: *\nDisallow:\n\nSitemap: {HOST}/sitemap.xml\n".encode()


def test_a_site_that_is_left_out_has_no_sitemap_and_shuts_nobody_out() -> None:
    assert files(a_site(a_course(), is_hidden=True)) == {"robots.txt": b"User-agent: *\nDisallow:\n"}


def test_a_kind_without_pages_has_no_file() -> None:
    """A file without an entry is not valid."""
    assert not {path for path in files(a_site(a_course())) if "video" in path} - {
        path for path in files(a_site(a_course(), a_video())) if "video" in path
    }
    assert all(locations(data) for path, data in files(a_site(a_course())).items() if path.endswith(".xml"))


def test_a_large_kind_is_split_by_number_and_by_size() -> None:
    assert [*map(len, split(["x"] * 100_001))] == [50_000, 50_000, 1]
    assert [*split(["aaa", "bb", "cc", "ddddd", "è"], max_size_b=5)] == [["aaa", "bb"], ["cc"], ["ddddd"], ["è"]]


def test_a_second_file_of_a_kind_is_in_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "__defaults__", (2, 10**6))

    found = files(a_site(*(a_course(f"c{number}") for number in range(4))))

    numbered = [path for path in found if path.startswith("sitemaps/course.it")]
    assert numbered[:2] == ["sitemaps/course.it.xml", "sitemaps/course.it.2.xml"]
    assert {len(locations(found[path])) for path in numbered[:-1]} == {2}
    assert {f"{HOST}/{path}" for path in numbered} <= {*locations(found["sitemap.xml"])}

"""The files for Netlify, Cloudflare Pages, GitLab Pages and GitHub Pages, and their limits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.publish.addresses import NASTY
from tests.publish.built import manifest_of

from openknowledge.manifest import CacheClass, FileRole, Manifest, ManifestEntry, Twin
from openknowledge.media_types import guess_media_type
from openknowledge.problems import Problem
from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.release import Commit
from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import CachePatterns, HeaderPolicy, response_headers
from openknowledge.serving.hosts import HOSTS, Host, HostAdapter, unserved_redirects

SITE = "https://open.example.edu"
POLICY = HeaderPolicy(site_url=SITE)
UNPURGED = replace(POLICY, shared_s=0)
MIB = 1024 * 1024
OLD = Redirect("/old/", "", "/new/")
GONE = Redirect("/gone/", "", None)
QUERY = Redirect("/course/view.php", "id=203", "/new/")


def an_entry(path: str, size_b: int = 1, cache: CacheClass | None = None) -> ManifestEntry:
    return ManifestEntry(
        path, "0" * 64, size_b, guess_media_type(path), cache or CachePatterns().classify(path), FileRole.PAGE
    )


def a_manifest(*paths: str | ManifestEntry) -> Manifest:
    return Manifest.from_entries(SITE, [one if isinstance(one, ManifestEntry) else an_entry(one) for one in paths])


def a_site(manifest: Manifest, redirects: Iterable[Redirect] = ()) -> BuiltSite:
    return BuiltSite(Path("output"), manifest, tuple(redirects), Commit("", ""))


def host_files(host: Host, manifest: Manifest, redirects: Iterable[Redirect] = ()) -> dict[str, bytes]:
    return HostAdapter(host, POLICY, CachePatterns()).build_files(a_site(manifest, redirects))


def host_file(host: str, name: str, manifest: Manifest | None = None, redirects: Iterable[Redirect] = ()) -> str:
    return host_files(HOSTS[host], manifest or a_manifest("index.html"), redirects)[name].decode()


def problems(
    host: str | Host, manifest: Manifest, *redirects: Redirect, policy: HeaderPolicy = POLICY
) -> list[Problem]:
    chosen = HOSTS[host] if isinstance(host, str) else host
    return list(HostAdapter(chosen, policy, CachePatterns()).problems(a_site(manifest, redirects)))


def applied(host: str, text: str, address: str) -> dict[str, str]:
    """Return the headers that a host would send by its file, in which Netlify's rules must not repeat one.

    Only of the policy, of which browsers obey all, the last one stands for all.
    """
    headers: dict[str, str] = {}
    fits = False
    for line in text.splitlines():
        if not line.startswith(" "):
            fits = bool(re.fullmatch(".*".join(map(re.escape, line.split("*"))), address))
        elif fits and line.startswith("  ! "):
            assert host == "cloudflare"
            headers.pop(line[4:].lower(), None)
        elif fits:
            name, _, value = line.strip().partition(": ")
            assert name == "Content-Security-Policy" or name.lower() not in headers, (address, name)
            headers[name.lower()] = value
    return headers


BY_HOST = {
    # What a host says by itself, or is left to browsers' defaults there.
    "cloudflare": {"content-type"},
    "netlify": {"content-type", "cache-control", "cross-origin-resource-policy"},
}


@pytest.mark.parametrize("host", BY_HOST)
def test_every_file_of_the_site_has_its_headers(host: str, real_site: Path) -> None:
    manifest = manifest_of(real_site)
    text = host_file(host, "_headers", manifest)
    needed = ("covers/", "data/", "feed/", "en/feeds/")
    wrong = []
    for entry in manifest.entries:
        expected = {name.lower(): value for name, value in response_headers(entry, UNPURGED)}
        if "access-control-allow-origin" in expected and not entry.path.startswith(needed):
            # Nobody needs the theme's own pictures and texts.
            expected.pop("access-control-allow-origin")
            expected["cross-origin-resource-policy"] = "same-origin"
        headers = applied(host, text, entry.url_path)
        left = {name for name in expected if name not in headers}
        differing = {name for name in expected if name in headers and headers[name] != expected[name]}
        if differing or left - BY_HOST[host] or set(headers) - set(expected):
            wrong.append((entry.path, differing, left, set(headers) - set(expected)))
        if entry.cache is not CacheClass.PAGE and "cache-control" not in headers:
            wrong.append((entry.path, "is not kept", left, set()))

    assert len(manifest.entries) > 400
    assert wrong == []


@pytest.mark.parametrize("host", BY_HOST)
def test_files_of_the_content_have_a_policy_of_their_own_by_each_address(host: str) -> None:
    attacks = ("a/page.html", "a/index.html", "è b.svg", "text.xml", "no-suffix", "b/x.xhtml")
    manifest = a_manifest("index.html", "media/a.png", "media/a.pdf", *(f"media/{path}" for path in attacks))
    text = host_file(host, "_headers", manifest)
    addresses = ("a/page.html", "a/page", "a/", "%C3%A8%20b.svg", "text.xml", "no-suffix", "b/x.xhtml")
    sent = {address: applied(host, text, f"/media/{address}") for address in (*addresses, "a.png", "a.pdf")}

    assert {one for one, headers in sent.items() if headers["content-security-policy"][:8] != "sandbox;"} == {"a.pdf"}
    assert {one for one, headers in sent.items() if headers.get("content-disposition") == "attachment"} == set(
        addresses
    )
    assert problems(host, manifest) == []


@pytest.mark.parametrize("host", BY_HOST)
def test_a_file_with_another_cache_class_than_its_path_has_a_rule_of_its_own(host: str) -> None:
    manifest = a_manifest(
        an_entry("it/a b.svg", cache=CacheClass.MEDIA), an_entry("covers/list.json", cache=CacheClass.FEED)
    )

    if host == "netlify":
        manifest = a_manifest(an_entry("it/a b.svg", cache=CacheClass.MEDIA))
    text = host_file(host, "_headers", manifest)

    assert applied(host, text, "/it/a%20b.svg")["cache-control"] == "public, max-age=86400"
    if host == "cloudflare":
        assert applied(host, text, "/covers/list.json")["cache-control"] == "public, max-age=3600"


def test_a_host_that_purges_its_own_cache_gets_no_shared_age() -> None:
    assert not [host for host in BY_HOST if "s-maxage" in host_file(host, "_headers")]


def test_each_host_gets_the_files_that_it_reads() -> None:
    result = {name: set(host_files(host, a_manifest("index.html"))) for name, host in HOSTS.items()}

    assert result == {
        "cloudflare": {"_headers", "_redirects"},
        "netlify": {"_headers", "_redirects"},
        "gitlab": {"_redirects"},
        "github": {".nojekyll"},
    }


def test_netlify_gets_redirects_with_queries_and_what_is_gone() -> None:
    manifest = a_manifest("index.html", "404.html", "en/404.html", "old/index.html", "gone/index.html")

    assert host_file("netlify", "_redirects", manifest, (OLD, GONE, QUERY)).splitlines() == [
        "/course/view.php id=203 /new/ 301!",
        "/gone/ /gone/index.html 410!",
        "/old/ /new/ 301!",
        "/en/* /en/404.html 404",
    ]


def test_cloudflare_gets_redirects_alone() -> None:
    manifest = a_manifest("index.html", "en/404.html", "old/index.html", "gone/index.html")

    assert host_file("cloudflare", "_redirects", manifest, (OLD, GONE, QUERY)) == "/old/ /new/ 301\n"


def test_gitlab_gets_only_redirects_that_no_page_makes() -> None:
    manifest = a_manifest("index.html", "old/index.html")

    assert host_file("gitlab", "_redirects", manifest, (OLD, Redirect("/older/", "", "/new/"))) == "/older/ /new/ 301\n"


@pytest.mark.parametrize("host", ["netlify", "cloudflare", "gitlab"])
def test_a_rule_is_a_line_of_words_without_a_placeholder(host: str) -> None:
    lines = host_file(host, "_redirects", a_manifest("index.html"), NASTY).splitlines()
    sources = [line.split(" ")[0] for line in lines]

    assert len(lines) > 10
    assert [line for line in lines if not line.isascii() or len(line.split(" ")) not in (3, 4, 5)] == []
    assert [source for source in sources if re.search(r"\*|:[A-Za-z]", source)] == []


def test_what_a_host_would_take_for_a_placeholder_is_left_to_the_page() -> None:
    old = Redirect("/courses/course-v1:Polimi+ALG+1/about", "", "/new/")
    page = a_manifest("index.html", "courses/course-v1:Polimi+ALG+1/about/index.html")

    assert unserved_redirects(HOSTS["cloudflare"], page, [old]) == ()
    assert unserved_redirects(HOSTS["cloudflare"], a_manifest("index.html"), [old]) == (old,)
    assert [problem.path for problem in problems("cloudflare", a_manifest("index.html"), old)] == [old.source]


def test_a_query_that_no_rule_can_match_is_unserved_and_refuses_nothing() -> None:
    manifest = a_manifest("index.html")

    assert unserved_redirects(HOSTS["cloudflare"], manifest, [QUERY]) == (QUERY,)
    assert unserved_redirects(HOSTS["netlify"], manifest, [QUERY]) == ()
    assert problems("cloudflare", manifest, QUERY) == []


def many(count: int) -> list[Redirect]:
    return [Redirect(f"/old/{number}/", "", "/new/") for number in range(count)]


@pytest.mark.parametrize(("host", "most"), [("cloudflare", 2_000), ("gitlab", 1_000)])
def test_more_redirects_than_a_host_reads_are_reported_where_no_page_helps(host: str, most: int) -> None:
    redirects = many(most + 1)
    pages = a_manifest(*(f"{one.source.strip('/')}/index.html" for one in redirects))

    assert len(host_file(host, "_redirects", a_manifest("index.html"), redirects).splitlines()) == most
    assert len(problems(host, a_manifest("index.html"), *redirects)) == 1
    assert problems(host, a_manifest("index.html"), *redirects[:most]) == []
    assert problems(host, pages, *redirects) == []


def test_a_redirect_that_is_too_long_for_a_host_is_reported() -> None:
    long = Redirect(f"/{'a' * 1_000}/", "", "/new/")

    assert len(problems("cloudflare", a_manifest("index.html"), long)) == 1
    assert problems("netlify", a_manifest("index.html"), long) == []


def test_gitlab_reads_so_many_bytes_of_redirects() -> None:
    redirects = [Redirect(f"/{'a' * 500}{number}/", "", "/new/") for number in range(150)]

    text = host_file("gitlab", "_redirects", a_manifest("index.html"), redirects)

    assert 60_000 < len(text) <= 65_536
    assert len(problems("gitlab", a_manifest("index.html"), *redirects)) == 150 - text.count("\n")


def test_cloudflare_takes_twenty_thousand_files_of_twenty_five_mebibytes() -> None:
    entries = [an_entry(f"{number}/index.html") for number in range(20_000)]
    large = an_entry("media/film.mp4", 25 * MIB + 1)

    assert problems("cloudflare", a_manifest(*entries)) == []
    (too_many,) = problems("cloudflare", a_manifest(*entries, "index.html"))
    assert too_many.path == "Cloudflare Pages"
    assert "20,001" in str(too_many)
    assert [one.path for one in problems("cloudflare", a_manifest(large))] == ["media/film.mp4"]
    assert problems("cloudflare", a_manifest(replace(large, size_b=25 * MIB))) == []


def test_gitlab_counts_twins_and_folders() -> None:
    page = replace(an_entry("a/index.html"), twins=(Twin("br", "a/index.html.br", "0", 1),))
    whole = replace(HOSTS["gitlab"], max_files=4)

    assert problems(whole, a_manifest(page)) == []
    assert len(problems(replace(whole, max_files=3), a_manifest(page))) == 1
    assert len(problems(replace(whole, max_site_b=1), a_manifest(page))) == 1
    assert problems(replace(whole, max_site_b=1, serves_compressed=False), a_manifest(page)) == []


@pytest.mark.parametrize(("host", "largest_b"), [("github", 1024 * MIB), ("gitlab", 1024 * MIB)])
def test_a_site_of_more_than_a_gibibyte_is_reported(host: str, largest_b: int) -> None:
    parts = [an_entry(f"media/{number}.mp4", 64 * MIB) for number in range(16)]

    assert problems(host, a_manifest(*parts)) == []
    assert len(problems(host, a_manifest(*parts, an_entry("index.html", 1)))) == 1
    assert sum(part.size_b for part in parts) == largest_b


def test_github_takes_files_of_a_hundred_mebibytes() -> None:
    assert len(problems("github", a_manifest(an_entry("a.mp4", 100 * MIB + 1)))) == 1


def test_more_or_longer_header_rules_than_cloudflare_reads_are_reported() -> None:
    odd = [an_entry(f"{number}.svg", cache=CacheClass.MEDIA) for number in range(100)]
    frames = tuple(f"https://{number}.example.org" for number in range(100))

    assert len(problems("cloudflare", a_manifest(*odd))) == 1
    assert problems("netlify", a_manifest(*odd)) == []
    limits = problems("cloudflare", a_manifest("index.html"), policy=replace(POLICY, frames=frames))
    assert {problem.path for problem in limits} == {"_headers"} and all(problem.line for problem in limits)


def test_the_same_site_makes_the_same_files() -> None:
    manifest = a_manifest("index.html", "en/404.html")

    assert [host_files(host, manifest, NASTY) for host in HOSTS.values()] == [
        host_files(host, manifest, NASTY[::-1]) for host in HOSTS.values()
    ]

"""What readers get is compared with what was published, and every difference is reported."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from tests.publish.builders import SITE, a_manifest, an_entry

from openknowledge.manifest import FileRole, Manifest, ManifestEntry
from openknowledge.publish.errors import PublishFailed
from openknowledge.publish.manifest_shards import ShardedManifest, split_manifest
from openknowledge.publish.plan import Plan, make_plan
from openknowledge.publish.verify import Verifier
from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import HeaderPolicy, response_headers, site_headers

POLICY = HeaderPolicy(site_url=SITE)
FILES = {"index.html": "home", "corsi/index.html": "courses", "theme/x.1.css": "a {}", "feed/all.rss.xml": "<rss/>"}


def headers(entry: ManifestEntry) -> Mapping[str, str]:
    return dict(response_headers(entry, POLICY))


def ignore_progress(name: str, done: int, total: int, size_b: int) -> None:
    """Show nothing."""


@dataclass
class Host:
    """A host with the files of a site; `change` alters right responses, by path and number of requests."""

    files: Mapping[str, str]
    change: Callable[[httpx.Response, str, int], httpx.Response] = lambda answer, path, times: answer
    forwards: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    is_folderless: bool = False
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(request)
        times = sum(request.url.path == path for request in self.asked)
        return self.change(self.right(request, path), path, times)

    def right(self, request: httpx.Request, path: str) -> httpx.Response:
        asked = request.url.raw_path.decode()
        if asked in self.forwards:
            status, leads_to = self.forwards[asked]
            return httpx.Response(status, headers={"Location": leads_to} if leads_to else {}, text="moved")
        name = path.lstrip("/") + ("index.html" if path.endswith("/") and not self.is_folderless else "")
        if name not in self.files:
            return httpx.Response(404, text="not there")
        body = self.files[name].encode()
        right = {**headers(an_entry(name, body)), "ETag": '"1"'}
        if "gzip" in request.headers["Accept-Encoding"]:
            return httpx.Response(200, headers={**right, "Content-Encoding": "gzip"}, content=gzip.compress(body))
        return httpx.Response(200, headers=right, content=body)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]


def reading(host: Host, **changes: Any) -> Verifier:
    options = {
        "public_url": SITE,
        "headers": headers,
        "retry_delays_s": (),
        "transport": httpx.MockTransport(host),
        **changes,
    }
    return Verifier(**options)


def first(files: Mapping[str, str] = FILES) -> tuple[Plan, ShardedManifest]:
    """Return the plan and manifest of a site's first publication."""
    manifest = split_manifest(a_manifest(files, has_twins=True))
    return make_plan(None, manifest), manifest


def later(before: Mapping[str, str], after: Mapping[str, str], **changes: Any) -> tuple[Plan, ShardedManifest]:
    old, new = split_manifest(a_manifest(before, has_twins=True)), split_manifest(a_manifest(after, has_twins=True))
    return make_plan(old, new, **changes), new


def changed(part: str, value: str | None) -> Callable[[httpx.Response, str, int], httpx.Response]:
    """Return a change by which a host sends another header, or none."""

    def change(answer: httpx.Response, path: str, times: int) -> httpx.Response:
        other_headers = {name: text for name, text in answer.headers.items() if name.lower() != part.lower()}
        body = answer.content
        packed = gzip.compress(body) if other_headers.get("content-encoding") == "gzip" else body
        other_headers.pop("content-length", None)
        return httpx.Response(
            answer.status_code, headers=other_headers | ({part: value} if value else {}), content=packed
        )

    return change


def test_a_site_that_is_there_as_it_was_published_has_no_problem() -> None:
    assert reading(Host(FILES))(*first(), ignore_progress) == (4, ())


def test_pages_are_asked_for_by_their_folder_compressed_and_as_they_are() -> None:
    host = Host(FILES)

    reading(host)(*first({"corsi/index.html": "courses"}), ignore_progress)

    assert [(request.url.path, request.headers["Accept-Encoding"]) for request in host.asked] == [
        ("/corsi/", "br, gzip"),
        ("/corsi/", "identity"),
    ]


def test_a_page_with_other_content_is_reported_with_both_digests() -> None:
    count, problems = reading(Host({**FILES, "corsi/index.html": "old"}))(*first(), ignore_progress)

    assert (count, [problem.path for problem in problems]) == (4, [f"{SITE}/corsi/"])
    wanted = an_entry("corsi/index.html", "courses").digest[:12]
    assert "the content is another one (3 bytes, " in problems[0].message
    assert f"and should be {wanted}…" in problems[0].message


@pytest.mark.parametrize(
    ("header", "value", "wrong_text"),
    [
        ("Cache-Control", "no-store", 'Cache-Control is "no-store", and should be "public, max-age=0'),
        ("Content-Type", "text/plain", 'Content-Type is "text/plain", and should be "text/html; charset=utf-8"'),
        ("Content-Security-Policy", None, "Content-Security-Policy is missing, and should be"),
        ("ETag", None, "ETag is missing"),
    ],
)
def test_a_wrong_or_missing_header_is_reported(header: str, value: str | None, wrong_text: str) -> None:
    _, problems = reading(Host(FILES, changed(header, value)))(*first({"index.html": "home"}), ignore_progress)

    assert len(problems) == 1
    assert wrong_text in problems[0].message


def test_a_drawing_of_the_content_that_readers_would_open_as_a_page_is_reported() -> None:
    files = {"media/a.svg": "<svg/>"}
    site_policy = dict(site_headers(POLICY))["Content-Security-Policy"]
    for header, value in (("Content-Disposition", None), ("Content-Security-Policy", site_policy)):
        _, problems = reading(Host(files, changed(header, value)))(*first(files), ignore_progress)

        assert [problem.path for problem in problems] == [f"{SITE}/media/a.svg"]
        assert problems[0].message.startswith(header)


def test_case_and_spaces_of_a_header_make_no_difference() -> None:
    host = Host(FILES, changed("Content-Type", "text/html;charset=UTF-8"))

    assert reading(host)(*first({"index.html": "home"}), ignore_progress) == (1, ())


def unpacked(answer: httpx.Response, path: str, times: int) -> httpx.Response:
    other_headers = {
        name: text for name, text in answer.headers.items() if name not in ("content-encoding", "content-length")
    }
    return httpx.Response(200, headers=other_headers, content=answer.content)


def packed(answer: httpx.Response, path: str, times: int) -> httpx.Response:
    compressed = {
        name: text for name, text in answer.headers.items() if name not in ("content-encoding", "content-length")
    }
    return httpx.Response(
        200, headers={**compressed, "Content-Encoding": "gzip"}, content=gzip.compress(answer.content)
    )


def test_what_should_be_compressed_and_is_not_is_reported() -> None:
    _, problems = reading(Host(FILES, unpacked))(*first({"index.html": "home"}), ignore_progress)

    assert [problem.message for problem in problems] == ["it is not compressed"]


def test_a_compressed_response_to_a_client_that_takes_none_is_reported() -> None:
    _, problems = reading(Host(FILES, packed))(*first({"index.html": "home"}), ignore_progress)

    assert len(problems) == 1
    assert problems[0].message.startswith("asked for it uncompressed: it is compressed (gzip)")


def test_a_store_that_has_one_form_of_a_file_is_not_asked_for_another() -> None:
    assert reading(Host(FILES, packed), is_store=True)(*first(), ignore_progress) == (4, ())


def test_a_store_without_folders_is_asked_for_files() -> None:
    host = Host(FILES, is_folderless=True)

    assert reading(host, is_store=True)(*first(), ignore_progress) == (4, ())
    assert "/corsi/index.html" in host.paths


def test_what_is_not_compressed_as_it_says_is_reported() -> None:
    def change(answer: httpx.Response, path: str, times: int) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    _, problems = reading(Host(FILES, change))(*first({"index.html": "home"}), ignore_progress)

    assert "not compressed as its Content-Encoding says" in problems[0].message


def test_a_missing_page_is_reported_by_its_status_alone() -> None:
    _, problems = reading(Host({}))(*first({"index.html": "home"}), ignore_progress)

    assert problems[0].message.startswith("the status is 404, and should be 200")
    assert "ETag" not in problems[0].message


def test_a_cache_that_takes_a_moment_is_asked_again_and_only_for_what_was_wrong() -> None:
    def change(answer: httpx.Response, path: str, times: int) -> httpx.Response:
        return httpx.Response(503) if path == "/corsi/" and times <= 4 else answer

    host = Host(FILES, change)

    assert reading(host, retry_delays_s=(0, 0, 0))(*first(), ignore_progress) == (4, ())
    assert host.paths.count("/corsi/") == 2 * 3
    assert host.paths.count("/") == 2


def test_a_cache_that_stays_old_is_reported_after_the_last_pause() -> None:
    host = Host({**FILES, "index.html": "old"})

    _, problems = reading(host, retry_delays_s=(0, 0))(*first(), ignore_progress)

    assert len(problems) == 1
    assert host.paths.count("/") == 2 * 3


def test_no_response_at_all_is_a_failure_and_no_mismatch() -> None:
    def down(answer: httpx.Response, path: str, times: int) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(PublishFailed, match="the site is published, but could not be read back: no answer"):
        reading(Host(FILES, down))(*first(), ignore_progress)


def test_waiting_has_an_end_and_each_try_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    host = Host({**FILES, "index.html": "old"})

    _, problems = reading(host, retry_delays_s=(0, 9_999), limit_s=0.5)(*first(), ignore_progress)

    assert len(problems) == 1
    assert "try 3 of 3" in capsys.readouterr().err


def test_a_host_that_never_answers_is_left_at_the_end_of_all_waiting() -> None:
    async def wait(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(9_999)
        raise AssertionError

    verifier = reading(Host(FILES), transport=httpx.MockTransport(wait), limit_s=0.01)

    with pytest.raises(PublishFailed, match=r"could not be read back: no answer \(not within 0 s\)"):
        verifier(*first(), ignore_progress)


def test_one_page_that_does_not_answer_is_reported_as_a_problem() -> None:
    def change(answer: httpx.Response, path: str, times: int) -> httpx.Response:
        if path == "/":
            raise httpx.ReadTimeout("slow")
        return answer

    _, problems = reading(Host(FILES, change))(*first(), ignore_progress)

    assert [problem.message.partition(";")[0] for problem in problems] == ["no answer (ReadTimeout: slow)"]


def test_many_problems_are_reported_by_their_number() -> None:
    files = {f"c{number}/index.html": "x" for number in range(30)}

    count, problems = reading(Host({}))(*first(files), ignore_progress)

    assert count == 30
    assert len(problems) == 21
    assert problems[-1].message == "and 10 more addresses are not as they should be"


def test_of_too_many_changed_files_a_choice_of_every_role_is_read_and_always_the_same() -> None:
    files = {
        **{f"c{number}/index.html": "x" for number in range(30)},
        **{f"theme/{number}.1.css": "x" for number in range(30)},
        **{f"feed/{number}.rss.xml": "x" for number in range(30)},
    }
    once, again = Host(files), Host(files)

    assert reading(once, max_changed=9)(*first(files), ignore_progress) == (9, ())
    reading(again, max_changed=9)(*first(dict(reversed(files.items()))), ignore_progress)

    assert sorted(once.paths) == sorted(again.paths)
    endings = [path.rpartition(".")[2] for path in set(once.paths)]
    assert sorted((endings.count("css"), endings.count("xml"))) == [3, 3]


def test_what_did_not_change_is_sampled_beside_what_did() -> None:
    before = {f"c{number}/index.html": "x" for number in range(30)}
    after = {**before, "c1/index.html": "y"}
    host = Host(after)

    count, problems = reading(host, max_unchanged=5)(*later(before, after), ignore_progress)

    assert (count, problems) == (6, ())
    assert "/c1/" in host.paths


def test_of_what_did_not_change_nothing_is_fetched_that_is_not_at_hand() -> None:
    files = {f"c{number}/index.html": "x" for number in range(400)}
    whole = split_manifest(a_manifest(files, has_twins=True))

    def refuse(names: Iterable[str]) -> list[bytes]:
        raise AssertionError("no test should ask for shards")

    branch = whole.root.branches[0]
    name = whole.loaded[branch][0]
    manifest = ShardedManifest(whole.root, refuse, {name: whole.loaded[name], branch: whole.loaded[branch]})

    count, _ = reading(Host(files), max_unchanged=1000)(Plan(), manifest, ignore_progress)

    assert count == len(whole.loaded[name])


def test_pages_that_an_earlier_run_left_in_doubt_are_read_too() -> None:
    before, after = {**FILES, "index.html": "old"}, FILES
    manifest = split_manifest(a_manifest(after, has_twins=True))
    plan = make_plan(manifest, manifest, stale=[split_manifest(a_manifest(before, has_twins=True))])
    host = Host({**FILES, "index.html": "old"})

    assert plan.sent == ()
    assert len(reading(host, max_unchanged=0)(plan, manifest, ignore_progress)[1]) == 1


def test_redirects_and_what_is_gone_are_tried_where_the_host_knows_of_them() -> None:
    forwards = (
        Redirect("/old/", target="/corsi/"),
        Redirect("/course/view.php", query="id=203", target="/corsi/"),
        Redirect("/away/", target="https://elsewhere.example/x"),
        Redirect("/gone/"),
    )
    right = {
        "/old/": (301, "/corsi/"),
        "/course/view.php?id=203": (301, f"{SITE}/corsi/"),
        "/away/": (301, "https://elsewhere.example/x"),
        "/gone/": (410, ""),
    }
    files = {**FILES, "old/index.html": "moved"}

    assert reading(Host(FILES, forwards=right), redirects=forwards)(*first(files), ignore_progress) == (4, ())
    wrong = {**right, "/old/": (301, "/elsewhere/"), "/gone/": (404, "")}
    _, problems = reading(Host(FILES, forwards=wrong), redirects=forwards)(*first(files), ignore_progress)
    assert [problem.message for problem in problems] == [
        "the status is 404, and should be 410",
        f"it leads to /elsewhere/, and should lead to {SITE}/corsi/",
    ]


def test_a_site_below_a_path_is_read_there_and_addresses_are_quoted() -> None:
    host = Host({})

    reading(host, public_url=f"{SITE}/open/")(*first({"temi/è/index.html": "x"}), ignore_progress)

    assert {request.url.raw_path for request in host.asked} == {b"/open/temi/%C3%A8/"}


def test_progress_is_reported_with_bytes() -> None:
    heard: list[tuple[str, int, int, int]] = []

    reading(Host(FILES))(*first({"index.html": "home"}), lambda *step: heard.append(step))

    assert heard == [("Reading back", 1, 2, 4), ("Reading back", 2, 2, 8)]


def test_nothing_published_and_nothing_loaded_sends_no_request() -> None:
    host = Host(FILES)

    assert reading(host)(Plan(), split_manifest(Manifest.from_entries(SITE, ())), ignore_progress) == (0, ())
    assert host.asked == []


def test_a_redirect_page_is_a_file_like_others_where_the_host_knows_nothing_better() -> None:
    entry = replace(an_entry("old/index.html", "moved"), role=FileRole.REDIRECT)
    manifest = split_manifest(Manifest.from_entries(SITE, (entry,)))

    assert reading(Host({"old/index.html": "moved"}, unpacked))(
        make_plan(None, manifest), manifest, ignore_progress
    ) == (1, ())

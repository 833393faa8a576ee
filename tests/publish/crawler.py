"""A reader at the public address: follows every link, and looks whether what it gets is whole."""

from __future__ import annotations

import gzip
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, unquote, urljoin, urlsplit

from openknowledge.manifest import Manifest

__all__ = ["Crawl", "Public", "Response", "Versions", "crawl", "reading_without_pause", "references", "versions_of"]

Versions = Mapping[str, frozenset[str]]
"""The digests that a path may have."""
NAMES = ("href", "src", "poster", "data-src", "srcset", "content")
IN_STYLES = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
IN_SCRIPTS = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; `body` is what it means, decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Public:
    """Where readers find the site: a store's own address with `/x/` as `x/index.html`, or a cache that knows that."""

    port: int
    below: str = ""
    is_store: bool = True
    site_url: str = ""

    def __post_init__(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> Response:
        """The answer for a path of the site, as its addresses have it."""
        whole = f"{path}index.html" if self.is_store and path.endswith("/") else path
        try:
            return self._get(f"{self.below}{whole}")
        except (HTTPException, OSError):
            # A server may close a connection that was left alone for long; readers' browsers ask again, too.
            self.connection.close()
            return self._get(f"{self.below}{whole}")

    def _get(self, target: str) -> Response:
        self.connection.request("GET", quote(target), headers={"Accept-Encoding": "gzip"})
        answer = self.connection.getresponse()
        body = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return Response(answer.status, headers, body)


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name not in NAMES or not value:
                continue
            if name == "srcset":
                self.found += [part.split()[0] for part in value.split(",") if part.strip()]
            elif name != "content" or value.startswith(("/", "http")):
                self.found.append(value)


def references(path: str, kind: str, body: bytes, site_url: str = "") -> tuple[str, ...]:
    """The paths of the site that a file refers to, without queries and anchors; each once."""
    text = body.decode("utf-8", "replace")
    if kind.startswith("text/html"):
        parser = _References()
        parser.feed(text)
        named: Iterable[str] = parser.found
    elif kind.startswith("text/css"):
        named = (first or second for first, second in IN_STYLES.findall(text))
    elif "javascript" in kind:
        named = (name for name in IN_SCRIPTS.findall(text) if name.startswith((".", "/")))
    else:
        return ()
    found = (urlsplit(urljoin(f"{site_url}{path}", name)) for name in named)
    host = urlsplit(site_url).netloc
    return tuple(dict.fromkeys(unquote(one.path) for one in found if one.netloc == host and one.path))


@dataclass
class Crawl:
    """What a reader found: the answer of each address, the digest of those that it got, and what was wrong."""

    answers: dict[str, Response] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def versions_of(*manifests: Manifest) -> Versions:
    """What each path may have while one of these sites takes the place of another."""
    found: dict[str, set[str]] = {}
    for manifest in manifests:
        for entry in manifest.entries:
            found.setdefault(entry.path, set()).add(entry.digest)
    return {path: frozenset(digests) for path, digests in found.items()}


def crawl(public: Public, versions: Versions, start: str = "/", is_ended: Callable[[], bool] = lambda: False) -> Crawl:
    """Follow all links from the front page: each answer is whole, of a known version, and has all that it refers to.

    An address that moved leads to one that is there.
    """
    found = Crawl()
    ahead, seen = [(start, "the reader")], {start}
    while ahead and not is_ended():
        path, whence = ahead.pop()
        response = found.answers[path] = public.get(path)
        if response.status == 301:
            moved = unquote(response.headers["location"])
            ahead += [] if moved in seen else [(moved, path)]
            seen.add(moved)
            continue
        if response.status != 200:
            found.wrong.append(f"{path}: {response.status}, from {whence}")
            continue
        digest = sha256(response.body).hexdigest()
        found.digests[path] = digest
        name = f"{path}index.html" if path.endswith("/") else path
        if digest not in versions.get(name.lstrip("/"), ()):
            found.wrong.append(f"{path}: is of no version")
        for one in references(path, response.headers.get("content-type", ""), response.body, public.site_url):
            if one not in seen:
                seen.add(one)
                ahead.append((one, path))
    return found


@dataclass
class Reading:
    """What readers got who never stopped."""

    requests: int = 0
    rounds: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def reading_without_pause(
    make: Callable[[], Public], versions: Callable[[], Versions], readers: int = 2
) -> Iterator[Reading]:
    """Readers who crawl again and again while the block runs."""
    ended, reading, turn = threading.Event(), Reading(), threading.Lock()

    def read() -> None:
        public = make()
        while not ended.is_set():
            try:
                found = crawl(public, versions(), is_ended=ended.is_set)
            except (HTTPException, OSError) as error:
                reading.wrong.append(f"no answer: {error!r}")
                return
            with turn:
                reading.rounds += 1
                reading.requests += len(found.digests) + len(found.wrong)
                reading.wrong += found.wrong
            time.sleep(0)

    threads = [threading.Thread(target=read, daemon=True) for _ in range(readers)]
    for thread in threads:
        thread.start()
    try:
        yield reading
    finally:
        ended.set()
        for thread in threads:
            thread.join(30)

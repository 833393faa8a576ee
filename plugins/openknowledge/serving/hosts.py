"""Hosts that serve a folder as it is uploaded: what they take, and the files that they read in it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import accumulate
from math import inf
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import quote

from openknowledge.manifest import CacheClass, Manifest, ManifestEntry, Twin
from openknowledge.media_types import CONTENT_TYPES
from openknowledge.problems import Problem, operator_problem
from openknowledge.redirects.table import Redirect

from .headers import (
    ATTACHED,
    CROSS_ORIGIN_HEADERS,
    MEDIA_FOLDER,
    CachePatterns,
    HeaderPolicy,
    cache_control,
    media_headers,
    site_headers,
)
from .servers import quote_url

__all__ = ["HOSTS", "Host", "HostAdapter", "ServedSite", "unserved_redirects"]

MIB = 1024 * 1024
FEEDS = ("/*.rss.xml", "/*.atom.xml")
SPECULATION = "/*.speculationrules"
CROSS_ORIGIN = ("/covers/*", "/pictures/*", "/media/*", "/data/*", *FEEDS)
"""What pages of other sites may show and read."""
RESOURCE_POLICY = "Cross-Origin-Resource-Policy"
SAFE = "/:@!$&'()+,;=~"
"""Characters of a path that stay, as browsers send them; `*` is not among them, because hosts match anything by it."""
PLACEHOLDER = re.compile(r":[A-Za-z]|\*")
"""What hosts take for a variable: `/courses/course-v1:Polimi+…` would be a rule for many addresses."""


@dataclass(frozen=True, slots=True)
class Host:
    """A host and its documented limits, infinite where it names no number.

    `rollback_hint` is how an operator rolls back in the host's own pages. `serves_compressed`: it sends the compressed
    files that lie beside a file; other hosts compress themselves. `redirects_win`: where a file and a redirect have the
    same address, the redirect answers.
    """

    name: str
    title: str
    rollback_hint: str
    has_headers: bool = False
    has_redirects: bool = False
    matches_queries: bool = False
    serves_gone: bool = False
    serves_compressed: bool = False
    redirects_win: bool = False
    max_files: float = inf
    max_file_b: float = inf
    max_site_b: float = inf
    max_header_rules: float = inf
    max_header_line: float = inf
    max_redirects: float = inf
    max_redirect_line: float = inf
    max_redirects_b: float = inf

    def sent_files(self, entry: ManifestEntry) -> tuple[ManifestEntry | Twin, ...]:
        """Return what is uploaded for an entry: the file, and its compressed copies where the host serves them."""
        return (entry, *entry.twins) if self.serves_compressed else (entry,)


class ServedSite(Protocol):
    """A built site: its folder, its files and where its old addresses lead."""

    @property
    def output(self) -> Path:
        """The folder."""

    @property
    def manifest(self) -> Manifest:
        """The files."""

    @property
    def redirects(self) -> tuple[Redirect, ...]:
        """The redirects."""


@dataclass(frozen=True)
class HostAdapter:
    """A host with the headers that it is to send."""

    host: Host
    policy: HeaderPolicy
    patterns: CachePatterns

    @property
    def digest(self) -> str:
        """Return the policy of a release: the digest of what decides on files, a slash, and that of the headers."""
        parts = (f"{self.host.name} {self.host.serves_compressed}", self.policy.digest)
        return "/".join(sha256(part.encode()).hexdigest()[:16] for part in parts)

    def build_files(self, site: ServedSite) -> dict[str, bytes]:
        """Return the files that configure the host, by path below the site's root."""
        files: dict[str, str] = {}
        if self.host.has_headers:
            # Hosts purge their own cache with each deployment, and no others.
            unpurged = replace(self.policy, shared_s=0)
            files["_headers"] = _format_headers(self.host, site.manifest, unpurged, self.patterns)
        if self.host.has_redirects:
            files["_redirects"] = _format_redirects(self.host, site.manifest, site.redirects)
        if self.host.name == "github":
            # Without it GitHub builds the files by Jekyll, which leaves out what begins with `_` or a dot.
            files[".nojekyll"] = ""
        return {path: text.encode() for path, text in files.items()}

    def problems(self, site: ServedSite) -> tuple[Problem, ...]:
        """Return what the host would not take, and files of the site where those of the host have to be."""
        host, manifest, files = self.host, site.manifest, self.build_files(site)
        sent = {file.path for entry in manifest.entries for file in host.sent_files(entry)}
        message, hint = f"is where {host.title} expects a file of its own", "Give the file another name."
        taken = [_problem(f"{site.output.name}/{path}", message, hint) for path in sorted(sent & files.keys())]
        headers = _header_problems(host, files.get("_headers", b"").decode())
        redirects = _redirect_problems(host, manifest, site.redirects)
        return (*_file_problems(host, manifest), *headers, *redirects, *taken)


def _file_problems(host: Host, manifest: Manifest) -> Iterator[Problem]:
    """Yield files that are too many or too large; a host that takes compressed files counts folders, too."""
    sent = [file for entry in manifest.entries for file in host.sent_files(entry)]
    folders = {folder for entry in manifest.entries for folder in PurePosixPath(entry.path).parents}
    count, what = (len(sent) + len(folders), "files and folders") if host.serves_compressed else (len(sent), "files")
    if count > host.max_files:
        yield _host_problem(host, f"{count:,} {what} are more than the {host.max_files:,} that it takes.")
    for entry in manifest.entries:
        if entry.size_b > host.max_file_b:
            message = f"is {_mib(entry.size_b)}; {host.title} takes files of at most {_mib(host.max_file_b)}."
            yield _problem(entry.path, message, "Make it smaller, or put it elsewhere and link to it.")
    size_b = sum(file.size_b for file in sent)
    if size_b > host.max_site_b:
        yield _host_problem(host, f"the site has {_mib(size_b)}, more than the {_mib(host.max_site_b)} that it takes.")


def _header_problems(host: Host, text: str) -> Iterator[Problem]:
    lines = text.splitlines()
    count = sum(not line.startswith(" ") for line in lines)
    if count > host.max_header_rules:
        message = f"{count:,} rules in _headers are more than the {host.max_header_rules:,} that it takes."
        hint = "Files that are kept otherwise than their folder need a rule each: move them."
        yield _problem(host.title, message, hint)
    for number, line in enumerate(lines, 1):
        if len(line) > host.max_header_line:
            message = f"has {len(line):,} characters; {host.title} takes {host.max_header_line:,}."
            yield operator_problem("_headers", number, None, message, "Allow fewer sites in the policy.")


def _redirect_problems(host: Host, manifest: Manifest, redirects: Iterable[Redirect]) -> Iterator[Problem]:
    message = f"has neither a page nor a rule that {host.title} reads, and would be dead."
    for redirect in unserved_redirects(host, manifest, redirects):
        # A query that no rule of the host can match is no problem that an editor could solve.
        if host.matches_queries or not redirect.query:
            address = f"{redirect.source}?{redirect.query}" if redirect.query else redirect.source
            yield _problem(address, message, "Make a page at this address that redirects, or use fewer rules.")


def _host_problem(host: Host, message: str) -> Problem:
    return _problem(host.title, message, "Choose another plan or target, or publish less.")


def _problem(where: str, message: str, hint: str) -> Problem:
    return operator_problem(where, None, None, message, hint)


def _mib(size_b: float) -> str:
    return f"{size_b / MIB:,.1f} MiB"


def unserved_redirects(host: Host, manifest: Manifest, redirects: Iterable[Redirect]) -> tuple[Redirect, ...]:
    """Return the old addresses that would be dead, because they have neither a rule that the host reads nor a page."""
    ruled = {redirect for redirect, _ in _redirect_rules(host, manifest, redirects)}
    return tuple(item for item in sorted(redirects) if item not in ruled and not _has_page(manifest, item))


def _format_redirects(host: Host, manifest: Manifest, redirects: Iterable[Redirect]) -> str:
    """Format `_redirects`. Netlify shows one page for all that is missing unless rules name that of each language."""
    lines = [line for _, line in _redirect_rules(host, manifest, redirects)]
    if host.name == "netlify":
        pages = [path for path in manifest.by_path if re.fullmatch(r"[\w-]+/404\.html", path)]
        lines += [f"/{path.removesuffix('404.html')}* /{path} 404" for path in pages]
    return "".join(f"{line}\n" for line in lines)


def _redirect_rules(host: Host, manifest: Manifest, redirects: Iterable[Redirect]) -> list[tuple[Redirect, str]]:
    """Return the rules that a host understands and reads, in order, those with a query first."""
    ordered = sorted(redirects, key=lambda redirect: (not redirect.query, redirect))
    rules = [(redirect, _redirect_line(host, redirect)) for redirect in ordered if _is_ruled(host, manifest, redirect)]
    short = [(redirect, line) for redirect, line in rules if len(line) <= host.max_redirect_line]
    sizes_b = accumulate(len(line) + 1 for _, line in short)
    return [
        rule
        for number, (rule, size_b) in enumerate(zip(short, sizes_b, strict=True), 1)
        if number <= host.max_redirects and size_b <= host.max_redirects_b
    ]


def _is_ruled(host: Host, manifest: Manifest, redirect: Redirect) -> bool:
    """Return whether a redirect gets a rule that the host understands.

    An address with a page that redirects needs none; it has one where the rule wins, because a 301 says more.
    """
    if PLACEHOLDER.search(redirect.source + redirect.query):
        return False
    if redirect.query:
        return host.matches_queries
    is_needed = host.redirects_win or not _has_page(manifest, redirect)
    return is_needed and (redirect.target is not None or host.serves_gone)


def _has_page(manifest: Manifest, redirect: Redirect) -> bool:
    path = redirect.source.strip("/")
    return f"{path}/index.html".lstrip("/") in manifest.by_path or path in manifest.by_path


def _redirect_line(host: Host, redirect: Redirect) -> str:
    query = [quote(pair, safe="=%+") for pair in redirect.query.split("&") if pair]
    # On Netlify the mark makes the rule win over a file; the others know no mark, and need none.
    mark = "!" if host.name == "netlify" else ""
    target = redirect.target if redirect.target is not None else f"{redirect.source.rstrip('/')}/index.html"
    return " ".join((quote(redirect.source, safe=SAFE), *query, quote_url(target), f"{redirect.status}{mark}"))


def _format_headers(host: Host, manifest: Manifest, policy: HeaderPolicy, patterns: CachePatterns) -> str:
    """Format `_headers`.

    Cloudflare joins two rules' values of a header, so a rule removes first what the rule of all paths has set. What
    Netlify does is not documented, so there no two rules set the same header for one path: pages have no
    `Cache-Control`, because Netlify sends the same by itself, and the resource policy is set in folders without pages
    alone (`frame-ancestors` keeps pages from being shown elsewhere). The policy of the content's own files is the
    exception: whether Netlify sends it in place of the site's or beside it, browsers obey it.
    """
    everywhere = dict(site_headers(policy))
    exceptions = [entry for entry in manifest.entries if patterns.classify(entry.path) is not entry.cache]
    own = {}
    if host.name == "netlify":
        own["/theme/*"] = {RESOURCE_POLICY: everywhere.pop(RESOURCE_POLICY)}
        exceptions = [entry for entry in exceptions if entry.cache is not CacheClass.PAGE]
    else:
        everywhere["Cache-Control"] = cache_control(CacheClass.PAGE, policy)
    rules = (
        ("/*", everywhere),
        *((pattern, dict(CROSS_ORIGIN_HEADERS)) for pattern in CROSS_ORIGIN),
        *own.items(),
        *_media_rules(manifest),
        *((pattern, {"Cache-Control": cache_control(item, policy)}) for pattern, item in patterns.classes),
        *((quote(entry.url_path), {"Cache-Control": cache_control(entry.cache, policy)}) for entry in exceptions),
        # The last suffix of a feed alone would make it any XML, and no host knows that of the speculation rules.
        *((pattern, {"Content-Type": CONTENT_TYPES[pattern[2:]]}) for pattern in (*FEEDS, SPECULATION)),
    )
    lines = []
    for pattern, headers in rules:
        set_before = [name for name in headers if name in everywhere or name in dict(ATTACHED)]
        is_joined = host.name != "netlify" and pattern != "/*"
        lines += [pattern, *(f"  ! {name}" for name in set_before if is_joined)]
        lines += [f"  {name}: {value}" for name, value in headers.items()]
    return "".join(f"{line}\n" for line in lines)


def _media_rules(manifest: Manifest) -> list[tuple[str, dict[str, str]]]:
    """Return rules for the content's own files, by suffix; a page has each address by which hosts may serve it."""
    rules: dict[str, dict[str, str]] = {}
    for entry in manifest.entries:
        if sent := dict(media_headers(entry)):
            stem, _, suffix = entry.path.rpartition(".")
            patterns = [f"/{MEDIA_FOLDER}*.{quote(suffix)}" if stem and "/" not in suffix else quote(entry.url_path)]
            if entry.media_type.startswith("text/html"):
                short = stem.removesuffix("/index")
                patterns = [quote(f"/{path}") for path in (entry.path, stem, short, f"{short}/")]
            rules |= dict.fromkeys(patterns, sent)
    return sorted(rules.items())


KNOWN = (
    # developers.cloudflare.com/pages/platform/limits/, …/configuration/headers/ and …/redirects/: the free
    # plan. Of 2,100 redirects 100 may have placeholders; ours have none.
    Host(
        "cloudflare",
        "Cloudflare Pages",
        'In the project\'s Deployments, choose "Rollback to this deployment" in the menu of the earlier one.',
        has_headers=True,
        has_redirects=True,
        redirects_win=True,
        max_files=20_000,
        max_file_b=25 * MIB,
        max_header_rules=100,
        max_header_line=2_000,
        max_redirects=2_000,
        max_redirect_line=1_000,
    ),
    # docs.netlify.com/manage/routing/headers/ and …/redirects/overview/: no number is documented; from
    # 10,000 redirects on it advises against them.
    Host(
        "netlify",
        "Netlify",
        'In the site\'s Deploys, open the earlier one, and choose "Publish deploy".',
        has_headers=True,
        has_redirects=True,
        matches_queries=True,
        serves_gone=True,
        redirects_win=True,
        max_redirects=10_000,
    ),
    # docs.gitlab.com/user/project/pages/redirects/ and …/user/gitlab_com/: gitlab.com's own settings. Files
    # and folders count alike; redirects beyond the number are not looked at.
    Host(
        "gitlab",
        "GitLab Pages",
        "In the project's Deploy > Pages, choose the earlier deployment; or run its pipeline again.",
        has_redirects=True,
        serves_compressed=True,
        max_files=200_000,
        max_site_b=1024 * MIB,
        max_redirects=1_000,
        max_redirects_b=64 * 1024,
    ),
    # docs.github.com/pages/getting-started-with-github-pages/github-pages-limits, and git's own limit there.
    Host(
        "github",
        "GitHub Pages",
        "In the repository's Actions, open the run of the earlier deployment, and choose to run its jobs again.",
        max_file_b=100 * MIB,
        max_site_b=1024 * MIB,
    ),
)
HOSTS = {host.name: host for host in KNOWN}

"""The files that configure each host, and what a host would not take of a site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from openknowledge.manifest import Manifest, ManifestEntry
from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect

from ..cache_patterns import CachePatterns
from ..headers import HeaderPolicy
from .header_rules import cloudflare_headers, format_headers, netlify_headers
from .host import Host
from .redirect_rules import format_redirects, has_page, select_redirects

__all__ = ["build_host_files", "check_limits", "unserved_redirects"]


def build_host_files(
    host: Host, manifest: Manifest, redirects: Iterable[Redirect], policy: HeaderPolicy, patterns: CachePatterns
) -> dict[str, bytes]:
    """Return the files that a host gets beside the site's own, by path."""
    files: dict[str, str] = {}
    if host.has_headers:
        make_rules = netlify_headers if host.name == "netlify" else cloudflare_headers
        files["_headers"] = format_headers(make_rules(manifest, policy, patterns))
    if host.has_redirects:
        files["_redirects"] = format_redirects(host, manifest, select_redirects(host, manifest, redirects))
    if host.name == "github":
        # Without it GitHub builds the files by Jekyll, which leaves out what begins with `_` or a dot.
        files[".nojekyll"] = ""
    return {path: text.encode() for path, text in sorted(files.items())}


def check_limits(
    host: Host, manifest: Manifest, redirects: Iterable[Redirect], policy: HeaderPolicy, patterns: CachePatterns
) -> tuple[Problem, ...]:
    """Return all that a host would not take of a site."""
    headers = build_host_files(host, manifest, redirects, policy, patterns).get("_headers", b"").decode()
    return (
        *_file_problems(host, manifest),
        *_header_problems(host, headers),
        *_redirect_problems(host, manifest, redirects),
    )


def unserved_redirects(host: Host, manifest: Manifest, redirects: Iterable[Redirect]) -> tuple[Redirect, ...]:
    """Return the old addresses that would be dead, because they have neither a rule that the host reads nor a page."""
    ruled = {rule.redirect for rule in select_redirects(host, manifest, redirects)}
    return tuple(item for item in sorted(redirects) if item not in ruled and not has_page(manifest, item))


def _file_problems(host: Host, manifest: Manifest) -> Iterator[Problem]:
    count = _count_files(host, manifest)
    if host.max_files is not None and count > host.max_files:
        what = "files and folders" if host.serves_compressed else "files"
        yield _problem(host, f"{count:,} {what} are more than the {host.max_files:,} that it takes.")
    for entry in manifest.entries:
        if host.max_file_b is not None and entry.size_b > host.max_file_b:
            message = f"is {_mib(entry.size_b)}; {host.title} takes files of at most {_mib(host.max_file_b)}."
            yield Problem(entry.path, None, None, message, "Make it smaller, or put it elsewhere and link to it.")
    size_b = sum(_sent_b(host, entry) for entry in manifest.entries)
    if host.max_site_b is not None and size_b > host.max_site_b:
        yield _problem(host, f"the site has {_mib(size_b)}, more than the {_mib(host.max_site_b)} that it takes.")


def _count_files(host: Host, manifest: Manifest) -> int:
    """Return how many files are sent, with their folders where a host counts those."""
    if not host.serves_compressed:
        return len(manifest.entries)
    folders = {folder for entry in manifest.entries for folder in PurePosixPath(entry.path).parents}
    return len(folders) + sum(1 + len(entry.twins) for entry in manifest.entries)


def _sent_b(host: Host, entry: ManifestEntry) -> int:
    return entry.size_b + (sum(twin.size_b for twin in entry.twins) if host.serves_compressed else 0)


def _header_problems(host: Host, text: str) -> Iterator[Problem]:
    lines = text.splitlines()
    count = sum(not line.startswith(" ") for line in lines)
    if host.max_header_rules is not None and count > host.max_header_rules:
        message = f"{count:,} rules in _headers are more than the {host.max_header_rules:,} that it takes."
        yield _problem(host, message, "Files that are kept otherwise than their folder need a rule each: move them.")
    for number, line in enumerate(lines, 1):
        if host.max_header_line is not None and len(line) > host.max_header_line:
            message = f"has {len(line):,} characters; {host.title} takes {host.max_header_line:,}."
            yield Problem("_headers", number, None, message, "Allow fewer sites in the policy.")


def _redirect_problems(host: Host, manifest: Manifest, redirects: Iterable[Redirect]) -> Iterator[Problem]:
    for redirect in unserved_redirects(host, manifest, redirects):
        # A query that no rule of the host can match is no problem that an editor could solve.
        if redirect.query and not host.matches_queries:
            continue
        address = f"{redirect.source}?{redirect.query}" if redirect.query else redirect.source
        message = f"has neither a page nor a rule that {host.title} reads, and would be dead."
        yield Problem(address, None, None, message, "Make a page at this address that redirects, or use fewer rules.")


def _problem(host: Host, message: str, hint: str = "Choose another plan or target, or publish less.") -> Problem:
    return Problem(host.title, None, None, message, hint)


def _mib(size_b: int) -> str:
    return f"{size_b / 1024**2:,.1f} MiB"

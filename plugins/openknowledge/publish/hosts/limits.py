"""What a host would refuse or leave out, told before anything is sent to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from openknowledge.manifest import Manifest, ManifestEntry
from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect

from ..cache_patterns import CachePatterns
from ..headers import HeaderPolicy
from .host import Host, build_host_files
from .redirect_rules import has_page, select_redirects

__all__ = ["check_limits", "unserved_redirects"]


def check_limits(
    host: Host, manifest: Manifest, forwards: Iterable[Redirect], policy: HeaderPolicy, patterns: CachePatterns
) -> tuple[Problem, ...]:
    """All that a host would not take of a site; empty where it takes it. Its numbers and their sources are in HOSTS."""
    headers = build_host_files(host, manifest, forwards, policy, patterns).get("_headers", b"").decode()
    return (*_files(host, manifest), *_header_rules(host, headers), *_redirects(host, manifest, forwards))


def unserved_redirects(host: Host, manifest: Manifest, forwards: Iterable[Redirect]) -> tuple[Redirect, ...]:
    """The old addresses that would be dead: the host knows no rule for them, and no page is there."""
    ruled = {rule.redirect for rule in select_redirects(host, manifest, forwards)}
    return tuple(one for one in sorted(forwards) if one not in ruled and not has_page(manifest, one))


def _files(host: Host, manifest: Manifest) -> Iterator[Problem]:
    number = _number(host, manifest)
    if host.max_files is not None and number > host.max_files:
        what = "files and folders" if host.serves_compressed else "files"
        yield _problem(host, f"{number:,} {what} are more than the {host.max_files:,} that it takes.")
    for entry in manifest.entries:
        if host.max_file_b is not None and entry.size_b > host.max_file_b:
            message = f"is {_mib(entry.size_b)}; {host.title} takes files of at most {_mib(host.max_file_b)}."
            yield Problem(entry.path, None, None, message, "Make it smaller, or put it elsewhere and link to it.")
    size_b = sum(_size_b(host, entry) for entry in manifest.entries)
    if host.max_site_b is not None and size_b > host.max_site_b:
        yield _problem(host, f"the site has {_mib(size_b)}, more than the {_mib(host.max_site_b)} that it takes.")


def _number(host: Host, manifest: Manifest) -> int:
    """How many files are sent; where a host counts folders, with those."""
    if not host.serves_compressed:
        return len(manifest.entries)
    folders = {folder for entry in manifest.entries for folder in PurePosixPath(entry.path).parents}
    return len(folders) + sum(1 + len(entry.twins) for entry in manifest.entries)


def _size_b(host: Host, entry: ManifestEntry) -> int:
    return entry.size_b + (sum(twin.size_b for twin in entry.twins) if host.serves_compressed else 0)


def _header_rules(host: Host, text: str) -> Iterator[Problem]:
    lines = text.splitlines()
    rules = sum(not line.startswith(" ") for line in lines)
    if host.max_header_rules is not None and rules > host.max_header_rules:
        told = f"{rules:,} rules in _headers are more than the {host.max_header_rules:,} that it takes."
        yield _problem(host, told, "Files that are kept otherwise than their folder need a rule each: move them.")
    for number, line in enumerate(lines, 1):
        if host.max_header_line is not None and len(line) > host.max_header_line:
            message = f"has {len(line):,} characters; {host.title} takes {host.max_header_line:,}."
            yield Problem("_headers", number, None, message, "Allow fewer sites in the policy.")


def _redirects(host: Host, manifest: Manifest, forwards: Iterable[Redirect]) -> Iterator[Problem]:
    for forward in unserved_redirects(host, manifest, forwards):
        asked = f"{forward.source}?{forward.query}" if forward.query else forward.source
        # Only what the host could have known counts: what it cannot tell apart is said by `unserved`.
        if forward.query and not host.matches_queries:
            continue
        message = f"has neither a page nor a rule that {host.title} reads, and would be dead."
        yield Problem(asked, None, None, message, "Make a page at this address that redirects, or use fewer rules.")


def _problem(host: Host, message: str, hint: str = "Choose another plan or target, or publish less.") -> Problem:
    return Problem(host.title, None, None, message, hint)


def _mib(size_b: int) -> str:
    return f"{size_b / 1024**2:,.1f} MiB"

"""The file `_redirects` of Netlify, Cloudflare Pages and GitLab Pages: one form, of which each knows another part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from openknowledge.manifest import Manifest
from openknowledge.redirects.table import Redirect

from ..servers.matching import quote_url

if TYPE_CHECKING:
    from .host import Host

__all__ = ["RedirectLine", "format_redirects", "has_page", "select_redirects"]

SAFE = "/:@!$&'()+,;=~"
"""Characters of a path that stay, as browsers send them. `*` is not among them: hosts take it for anything."""
PLACEHOLDER = re.compile(r":[A-Za-z]|\*")
"""What hosts take for a variable: `/courses/course-v1:Polimi+…` would be a rule for many addresses."""


@dataclass(frozen=True, slots=True)
class RedirectLine:
    """A line of the file, and the forward that it is for."""

    redirect: Redirect
    line: str


def select_redirects(host: Host, manifest: Manifest, forwards: Iterable[Redirect]) -> tuple[RedirectLine, ...]:
    """The rules that a host understands and reads, in order, those with a query first; what it does not is left out.

    An address with a page that redirects needs no rule, but a rule tells more (301): so there is one where it wins.
    """
    queried_first = sorted(forwards, key=lambda one: (not one.query, one))
    found = [RedirectLine(one, _line(host, one)) for one in queried_first if _is_understood(host, manifest, one)]
    return tuple(_fitting(host, found))


def has_page(manifest: Manifest, forward: Redirect) -> bool:
    """Whether the site has a page at the old address, which leads on."""
    place = forward.source.strip("/")
    return f"{place}/index.html".lstrip("/") in manifest.by_path or place in manifest.by_path


def _is_understood(host: Host, manifest: Manifest, forward: Redirect) -> bool:
    if forward.query:
        return host.matches_queries and not PLACEHOLDER.search(forward.source + forward.query)
    if forward.target is None and not host.serves_gone:
        return False
    return not PLACEHOLDER.search(forward.source) and (host.precedence == "redirect" or not has_page(manifest, forward))


def _line(host: Host, forward: Redirect) -> str:
    source = quote(forward.source, safe=SAFE)
    query = [quote(pair, safe="=%+") for pair in forward.query.split("&") if pair]
    # The mark says that the rule counts although there is a file; the others know no mark, and need none.
    status = f"{forward.status}!" if host.name == "netlify" else str(forward.status)
    target = forward.target if forward.target is not None else f"{forward.source.rstrip('/')}/index.html"
    return " ".join((source, *query, quote_url(target), status))


def _fitting(host: Host, rules: Iterable[RedirectLine]) -> Iterator[RedirectLine]:
    """As many rules as the host reads; too long ones are none."""
    left = host.max_redirects_b
    for number, rule in enumerate(one for one in rules if len(one.line) <= (host.max_redirect_line or 10**6)):
        if left is not None:
            left -= len(rule.line) + 1
        if number >= (host.max_redirects or 10**6) or (left is not None and left < 0):
            return
        yield rule


def format_redirects(host: Host, manifest: Manifest, rules: Iterable[RedirectLine]) -> str:
    """The file. Netlify shows one page for all that is missing, unless it is told the language's."""
    lines = [rule.line for rule in rules]
    if host.name == "netlify":
        lost = [path.removesuffix("/404.html") for path in manifest.by_path if re.fullmatch(r"[\w-]+/404\.html", path)]
        lines += [f"/{folder}/* /{folder}/404.html 404" for folder in lost]
    return "".join(f"{line}\n" for line in lines)

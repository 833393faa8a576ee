"""The file `_redirects` of Netlify, Cloudflare Pages and GitLab Pages, of which each host knows another part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from openknowledge.manifest import Manifest
from openknowledge.redirects.table import Redirect

from ..servers.redirect_regex import quote_url
from .host import Host

__all__ = ["RedirectLine", "format_redirects", "has_page", "select_redirects"]

SAFE = "/:@!$&'()+,;=~"
"""Characters of a path that stay, as browsers send them; `*` is not among them, because hosts match anything by it."""
PLACEHOLDER = re.compile(r":[A-Za-z]|\*")
"""What hosts take for a variable: `/courses/course-v1:Polimi+…` would be a rule for many addresses."""


@dataclass(frozen=True, slots=True)
class RedirectLine:
    """A line of the file, and the redirect that it is for."""

    redirect: Redirect
    line: str


def select_redirects(host: Host, manifest: Manifest, redirects: Iterable[Redirect]) -> tuple[RedirectLine, ...]:
    """Return the rules that a host understands and reads, in order, those with a query first.

    An address with a page that redirects needs no rule; it has one where the rule wins, because a 301 says more.
    """
    ordered = sorted(redirects, key=lambda redirect: (not redirect.query, redirect))
    lines = (RedirectLine(item, _format_line(host, item)) for item in ordered if _is_understood(host, manifest, item))
    return tuple(_fit(host, lines))


def has_page(manifest: Manifest, redirect: Redirect) -> bool:
    """Return whether the site has a page at the old address."""
    path = redirect.source.strip("/")
    return f"{path}/index.html".lstrip("/") in manifest.by_path or path in manifest.by_path


def _is_understood(host: Host, manifest: Manifest, redirect: Redirect) -> bool:
    if redirect.query:
        return host.matches_queries and not PLACEHOLDER.search(redirect.source + redirect.query)
    if redirect.target is None and not host.serves_gone:
        return False
    is_needed = host.precedence == "redirect" or not has_page(manifest, redirect)
    return is_needed and not PLACEHOLDER.search(redirect.source)


def _format_line(host: Host, redirect: Redirect) -> str:
    source = quote(redirect.source, safe=SAFE)
    query = [quote(pair, safe="=%+") for pair in redirect.query.split("&") if pair]
    # On Netlify the mark makes the rule win over a file; the others know no mark, and need none.
    status = f"{redirect.status}!" if host.name == "netlify" else str(redirect.status)
    target = redirect.target if redirect.target is not None else f"{redirect.source.rstrip('/')}/index.html"
    return " ".join((source, *query, quote_url(target), status))


def _fit(host: Host, lines: Iterable[RedirectLine]) -> Iterator[RedirectLine]:
    """Yield as many rules as the host reads, without those that are too long."""
    short = (rule for rule in lines if len(rule.line) <= (host.max_redirect_line or 10**6))
    left_b = host.max_redirects_b
    for number, rule in enumerate(short):
        if left_b is not None:
            left_b -= len(rule.line) + 1
        if number >= (host.max_redirects or 10**6) or (left_b is not None and left_b < 0):
            return
        yield rule


def format_redirects(host: Host, manifest: Manifest, rules: Iterable[RedirectLine]) -> str:
    """Format the file. Netlify shows one page for all that is missing unless rules name that of each language."""
    lines = [rule.line for rule in rules]
    if host.name == "netlify":
        pages = [path for path in manifest.by_path if re.fullmatch(r"[\w-]+/404\.html", path)]
        lines += [f"/{path.removesuffix('404.html')}* /{path} 404" for path in pages]
    return "".join(f"{line}\n" for line in lines)

"""The rules by which public observatories grade the headers of a site, as they publish them.

Mozilla's HTTP Observatory: github.com/mdn/mdn-http-observatory, src/grader/charts.js (what each finding counts) and
src/analyzer/tests/ (what is found). Of securityheaders.com the six headers and the grades are public, the weights are
not: there a grade is lost for each header that is not sound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
SIX_MONTHS_S = 15_552_000
EXTRA_CREDIT_FROM = 90
GRADES = ((100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+"), (50, "C"), (45, "C-"))
LOWER = ((40, "D+"), (30, "D"), (25, "D-"), (0, "F"))
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
LEAKING = {"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"}


class Answer(NamedTuple):
    """The home page over TLS: its headers by names in small letters, its document, and where plain HTTP leads to."""

    url: str
    headers: Mapping[str, str]
    document: Element | None = None
    redirect: str | None = None


def mozilla(answer: Answer) -> tuple[str, int]:
    """Return the grade and the score of the HTTP Observatory.

    Bonus counts only from 90 on; the list of preloaded hosts is not known here, and would add 5.
    """
    results = (
        _content,
        _cookies,
        _sharing,
        _redirect,
        _referrer,
        _transport,
        _scripts,
        _sniffing,
        _framing,
        _resources,
    )
    counts = [one(answer) for one in results]
    score = 100 + sum(one for one in counts if one < 0)
    if score >= EXTRA_CREDIT_FROM:
        score += sum(one for one in counts if one > 0)
    score = max(score, 0)
    return next(grade for least, grade in (*GRADES, *LOWER) if score >= least), score


def security_headers(answer: Answer) -> str:
    """The grade of securityheaders.com: A+ where all six headers are there and the policy forbids inline code."""
    headers = answer.headers
    policy = directives(headers.get("content-security-policy", "")) or {}
    sound = (
        bool(policy)
        and not {"'unsafe-inline'", "'unsafe-eval'"} & {word for words in policy.values() for word in words},
        headers.get("x-frame-options", "").upper() in ("DENY", "SAMEORIGIN"),
        headers.get("x-content-type-options") == "nosniff",
        headers.get("referrer-policy") in PRIVATE,
        bool(headers.get("permissions-policy")),
        "max-age=" in headers.get("strict-transport-security", ""),
    )
    return ("A+", "A", "B", "C", "D", "E", "F")[sound.count(False)]


def directives(text: str) -> dict[str, set[str]] | None:
    """A policy by its directives; None where one comes twice or is empty."""
    results: dict[str, set[str]] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        name, *words = part.lower().split()
        if name in results:
            return None
        results[name] = set(words)
    return results


def _content(answer: Answer) -> int:
    text = answer.headers.get("content-security-policy", "")
    policy = directives(text)
    if not policy or not re.fullmatch(r"[\x20-\x7e]+", text):
        return -25
    script, style, other = (
        policy.get(name, policy.get("default-src", {"*"})) for name in ("script-src", "style-src", "object-src")
    )
    passive = policy.get("img-src", policy.get("default-src", set())) | policy.get("media-src", set())
    active = {word for name, words in policy.items() if name not in ("img-src", "media-src") for word in words}
    rules = (
        (bool(script & (BROAD | INLINE)) or bool(other & BROAD), -20),
        (any(word.startswith(("http:", "ftp:")) for word in active), -20),
        ("'unsafe-eval'" in script | style, -10),
        (any(word.startswith(("http:", "ftp:")) for word in passive), -10),
        (bool(style & (BROAD | INLINE)), 0),
        (policy.get("default-src") == {"'none'"}, 10),
    )
    return next((count for is_so, count in rules if is_so), 5)


def _cookies(answer: Answer) -> int:
    cookie = answer.headers.get("set-cookie", "").lower()
    return 0 if not cookie else 5 if all(word in cookie for word in ("secure", "httponly", "samesite")) else -40


def _sharing(answer: Answer) -> int:
    return -50 if answer.headers.get("access-control-allow-credentials") == "true" else 0


def _redirect(answer: Answer) -> int:
    """The first redirect from plain HTTP: to the same host over TLS."""
    if answer.redirect is None:
        return -20
    target, own = urlsplit(answer.redirect), urlsplit(answer.url)
    return 0 if (target.scheme, target.hostname) == ("https", own.hostname) else -10 if target.scheme == "http" else -5


def _referrer(answer: Answer) -> int:
    text = answer.headers.get("referrer-policy")
    if text is None:
        return 0
    known = [word for word in (one.strip().lower() for one in text.split(",")) if word in PRIVATE | LEAKING]
    return 5 if known and known[-1] in PRIVATE else -5


def _transport(answer: Answer) -> int:
    text = answer.headers.get("strict-transport-security", "")
    age = re.search(r"max-age=(\d+)", text)
    if age is None or "," in text or urlsplit(answer.url).scheme != "https":
        return -20
    return 0 if int(age[1]) >= SIX_MONTHS_S else -10


def _scripts(answer: Answer) -> int:
    """Scripts of other sites count against a page; of its own they need no checksum."""
    if answer.document is None:
        return 0
    sources = [str(one.get("src")) for one in answer.document.iter("script") if one.get("src")]
    foreign = [one for one in sources if one.startswith("//") or urlsplit(one).netloc not in ("", _host(answer))]
    return -50 if any(not one.startswith("https:") for one in foreign) else -5 if foreign else 0


def _host(answer: Answer) -> str:
    return urlsplit(answer.url).netloc


def _sniffing(answer: Answer) -> int:
    return 0 if answer.headers.get("x-content-type-options", "").lower() == "nosniff" else -5


def _framing(answer: Answer) -> int:
    policy = directives(answer.headers.get("content-security-policy", "")) or {}
    if "frame-ancestors" in policy:
        return 5
    return 0 if answer.headers.get("x-frame-options", "").lower() in ("deny", "sameorigin") else -20


def _resources(answer: Answer) -> int:
    counts = {"": 0, "cross-origin": 0, "same-site": 10, "same-origin": 10}
    return counts.get(answer.headers.get("cross-origin-resource-policy", "").lower(), -5)

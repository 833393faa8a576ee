"""Paragraphs of a text that embed something: a video of the catalogue, or an address alone."""

import html
import re
from collections.abc import Callable, Iterator

from openknowledge.model.values import Html
from openknowledge.problems import Message, Problem

__all__ = ["EMBED", "VIDEO_PREFIX", "check_videos", "list_videos"]

VIDEO_PREFIX = "video:"
EMBED = re.compile(
    r'<p\b(?:[^>"]|"[^"]*")*>\s*(?:<data value="video:(?P<video>[^"]+)"></data>'
    r'|<a\b(?:[^>"]|"[^"]*")*?\bhref="(?P<linked>https?://[^"]+)"(?:[^>"]|"[^"]*")*>(?P<words>(?:(?!</a>).)*)</a>'
    r"|(?P<bare>https?://[^\s<>]+))\s*</p>",
    re.DOTALL,
)
"""A paragraph with nothing but a video or an address; pages know whether that is one of a player."""
VIDEO = re.compile(r'<data value="video:([^"]+)"></data>')


def list_videos(markup: Html) -> Iterator[str]:
    """Yield the slugs of the videos that a text shows."""
    return map(html.unescape, VIDEO.findall(markup))


def check_videos(markup: Html, path: str, find_line: Callable[[str], int | None]) -> Iterator[Problem]:
    """Yield a problem for each video that does not stand alone in a paragraph."""
    for slug in list_videos(Html(EMBED.sub("", markup))):
        written = f"{{{VIDEO_PREFIX}{slug}}}"
        message = Message("%(text)s stands between other words", text=written)
        yield Problem(path, find_line(written), None, message, Message("Leave an empty line before and after it."))

"""Diagrams: a fence `dot` as a drawing, where Graphviz is installed, else as code.

Mermaid is code everywhere: its drawings need styles of their own, which pages forbid.

What is drawn depends on the text and on the version of the tool alone; the version is part of the parse cache's key.
"""

import os
import re
import shutil
import subprocess
from functools import cache
from html import escape, unescape
from typing import Any, NamedTuple

from openknowledge.model.values import Html
from openknowledge.problems import Message, TextIssue

from ..media_files import clean_media

__all__ = ["draw_diagrams", "find_undrawn", "tool_version"]

FIGURE = re.compile(
    r'<figure class="code"><figcaption>([^<]*)</figcaption><pre><code class="language-(?:dot|graphviz)">(.*?)</code>'
    r"</pre></figure>",
    re.DOTALL,
)
COLOURS = re.compile(r"</?(?:span|mark)\b[^>]*>")
TOOL = "dot"
OPTIONS = ("-Tsvg", "-Gbgcolor=transparent", "-Gfontname=sans-serif", "-Nfontname=sans-serif", "-Efontname=sans-serif")
MAX_S = 10
"""The time that a drawing may take by the clock, and all drawings of a text of the processor: most take little."""
MAX_SIZE_B = 500_000
TAGS = {"svg", "g", "path", "polygon", "polyline", "ellipse", "circle", "rect", "line", "text", "tspan"}
ATTRIBUTES = {
    "*": {
        *("d", "points", "cx", "cy", "rx", "ry", "r", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "width", "height"),
        *("transform", "fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity"),
        *("text-anchor", "font-family", "font-size", "font-weight", "font-style"),
    },
    "svg": {"viewBox", "xmlns"},
}
BLACK = re.compile(r'\b(fill|stroke)="(?:black|#000000)"')
COLOURED = re.compile(r'\b(?:fill|stroke)="(?!none|transparent|currentColor)')
"""A colour of the author's own: what is beside it was meant for paper, and is shown on white in the dark too."""
TEXT = re.compile(r"<text\b(?![^>]*\bfill=)")
LATE = Message("the diagrams of a text take too long")
UNDRAWN = Message("a diagram is shown as code")
HINT = Message("Mend its source; what is too large, divide.")


class _Drawing(NamedTuple):
    """A drawing as markup, or why there is none."""

    svg: str
    error: str = ""


def draw_diagrams(markup: Html, text: str) -> tuple[Html, tuple[TextIssue, ...]]:
    """Return sanitised markup with the drawings of its diagrams, and what cannot be drawn of the text."""
    if not tool_version():
        return markup, ()
    issues: list[TextIssue] = []
    end_s = children_s() + MAX_S

    def draw(match: re.Match[str]) -> str:
        source = unescape(COLOURS.sub("", match[2]))
        drawing = _draw(source) if children_s() < end_s else _Drawing("", LATE)
        if drawing.error:
            title = unescape(match[1])
            line = text.count("\n", 0, max(text.find(title), 0)) + 1
            message = Message('the diagram "%(title)s" cannot be drawn: %(reason)s', title=title, reason=drawing.error)
            issues.append(TextIssue(line, message, HINT))
            return match[0]
        label = escape(unescape(match[1]))
        classes = "diagram diagram-coloured" if COLOURED.search(drawing.svg) else "diagram"
        return (
            f'<figure class="{classes}"><div class="diagram-drawing" role="img" tabindex="0" aria-label="{label}">'
            f"{drawing.svg}</div>"
            f"<figcaption>{match[1]}</figcaption></figure>"
        )

    return Html(FIGURE.sub(draw, markup)), tuple(issues)


def find_undrawn(text: str) -> list[TextIssue]:
    """Return the diagrams of a text that are shown as code on this machine."""
    from .fences import DIAGRAMS, list_fences  # It needs Python-Markdown.

    graphviz = Message("Install Graphviz to have it drawn.")
    mermaid = Message("Write it for Graphviz, in a fence dot, to have it drawn.")
    return [
        TextIssue(fence.line, UNDRAWN, mermaid if fence.language == "mermaid" else graphviz)
        for fence in list_fences(text.split("\n"))[0]
        if fence.language == "mermaid" or (fence.language in DIAGRAMS and not tool_version())
    ]


@cache
def tool_version() -> str:
    """Return the version of Graphviz; `""` where it is not installed."""
    if shutil.which(TOOL) is None:
        return ""
    try:
        done = subprocess.run([TOOL, "-V"], capture_output=True, text=True, timeout=MAX_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return (done.stderr + done.stdout).strip()


def children_s() -> float:
    """Return the processor time of all programs that this process has run."""
    times = os.times()
    return times.children_user + times.children_system


def _draw(source: str) -> _Drawing:
    """Return the drawing of a graph: cleaned twice, black as the text's colour, without ids of its own."""
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "SERVER_NAME": "-", "GV_FILE_PATH": os.devnull}
    environment |= {
        name: os.environ[name] for name in ("GVBINDIR", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ
    }
    try:
        done = subprocess.run(
            [TOOL, *OPTIONS], input=source.encode(), capture_output=True, timeout=MAX_S, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return _Drawing("", LATE)
    except OSError as error:
        return _Drawing("", str(error))
    if done.returncode or len(done.stdout) > MAX_SIZE_B:
        reason = done.stderr.decode("utf-8", "replace").strip().removeprefix("Error: <stdin>: ")
        return _Drawing("", reason.partition("\n")[0] or "it is too large")
    try:
        cleaned = clean_media("diagram.svg", done.stdout).decode("utf-8")
    except ValueError as error:
        return _Drawing("", str(error))
    svg = BLACK.sub(r'\1="currentColor"', _cleaner().clean(cleaned))
    return _Drawing(TEXT.sub('<text fill="currentColor"', svg))


@cache
def _cleaner() -> Any:
    from nh3 import Cleaner

    return Cleaner(tags=TAGS, attributes=ATTRIBUTES, clean_content_tags={"title", "script", "style"}, link_rel=None)

"""The default reader: Python-Markdown with the extensions that make the site's dialect."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.toc import slugify_unicode
from markdown.inlinepatterns import InlineProcessor

from .settings import EXTENSIONS, NUMBER


class _NumberProcessor(InlineProcessor):
    """`{figure:pok.learners}` to an empty data element; never inside code, which is read earlier."""

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], _data: str
    ) -> tuple[Element, int, int]:
        element = Element("data")
        element.set("value", m.group(1))
        return element, m.start(0), m.end(0)


class _Numbers(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.inlinePatterns.register(_NumberProcessor(NUMBER, md), "number", 185)


@lru_cache(maxsize=1)
def _markdown() -> Markdown:
    return Markdown(
        extensions=[*EXTENSIONS, _Numbers()],
        extension_configs={"toc": {"slugify": slugify_unicode}},
        output_format="html",
    )


def markup(text: str) -> str:
    """The markup of a text, not yet sanitised."""
    reader = _markdown()
    reader.reset()
    return reader.convert(text)

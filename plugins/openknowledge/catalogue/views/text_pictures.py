"""The pictures of texts: on pages in the formats and sizes that fit, in feeds the one that has a lasting address."""

import html
import re
from urllib.parse import unquote

from openknowledge.content.text_links import FILE_PREFIX

from ..routes import MEDIA_FOLDER, PICTURES_FOLDER
from ..site import Site
from .base import Picture

__all__ = ["show_pictures", "undress_pictures"]

PICTURE = re.compile(r'<img\b(?=[^>]*? src="\{static\}/)((?: [a-z-]+="[^"]*")*)\s*/?>')
"""A picture of the content folder in sanitised markup, which has each value in double quotes."""
DOWNLOAD = re.compile(r'(<a data-bytes=")([0-9]+)("(?:[^>"]|"[^"]*")*? href="\{static\}/([^"#?]*))')
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
OWN_ATTRIBUTES = ("src", "width", "height")
DRESSED = re.compile(r'<picture>(?:<source\b(?:[^>"]|"[^"]*")*>)+(<img\b(?:[^>"]|"[^"]*")*>)</picture>')
LOADING = ' loading="lazy" decoding="async"'
SMALL_FILE = re.compile(rf'( src="(?:[^"]*/)?){PICTURES_FOLDER}([^"]*)\.[0-9]+\.[0-9a-f]{{8}}\.[a-z]+(?=")')
"""The address of a file that was made of a picture: it changes with the picture's bytes."""
MEASURE_PX = 608
"""The width of a column of text in the theme, `--measure`."""


def show_pictures(site: Site, markup: str) -> str:
    """Return a text's markup with its pictures in the formats and sizes of pages; others stay as they are.

    A link to a picture says how large the copy is that it leads to.
    """
    if "data-bytes" in markup:
        markup = DOWNLOAD.sub(
            lambda link: f"{link[1]}{site.published_size_b(unquote(html.unescape(link[4])), int(link[2]))}{link[3]}",
            markup,
        )
    if "<img" not in markup:
        return markup
    return PICTURE.sub(lambda match: _show(site, match), markup)


def _show(site: Site, match: re.Match[str]) -> str:
    attributes = dict(ATTRIBUTE.findall(match[1]))
    path = unquote(html.unescape(attributes["src"]).removeprefix(f"{FILE_PREFIX}/").partition("#")[0].partition("?")[0])
    picture = site.content_picture(path, "")
    if picture is None:
        return match[0]
    width, height = _shown_size(picture, attributes)
    others = "".join(f' {name}="{value}"' for name, value in attributes.items() if name not in OWN_ATTRIBUTES)
    size = f' width="{width}" height="{height}"' if width and height else ""
    image = f'<img src="{html.escape(picture.url)}"{others}{size}{LOADING}>'
    if not picture.sources:
        return image
    largest = min(width, MEASURE_PX)
    sizes = f"(min-width: {largest + 32}px) {largest}px, 100vw"
    sources = "".join(
        f'<source type="{source.type}"'
        + (f' media="{source.media}"' if source.media else "")
        + f' srcset="{html.escape(source.srcset)}" sizes="{sizes}">'
        for source in picture.sources
    )
    return f"<picture>{sources}{image}</picture>"


def _shown_size(picture: Picture, attributes: dict[str, str]) -> tuple[int, int]:
    """Return the size at which an editor shows a picture, by its width or its height; its shape stays."""
    width, height = picture.width_px, picture.height_px
    wanted = {name: int(attributes[name]) for name in ("width", "height") if attributes.get(name, "").isdecimal()}
    if not width or not height:  # A drawing of unknown size.
        return wanted.get("width", 0), wanted.get("height", 0)
    if wanted.get("width"):
        return wanted["width"], max(1, round(height * wanted["width"] / width))
    if wanted.get("height"):
        return max(1, round(width * wanted["height"] / height)), wanted["height"]
    return width, height


def undress_pictures(markup: str) -> str:
    """Return the markup as feeds have it: each picture in one format, at the address that stays."""
    if "<img" not in markup:
        return markup
    return SMALL_FILE.sub(rf"\1{MEDIA_FOLDER}\2", DRESSED.sub(r"\1", markup).replace(LOADING, ""))

"""Files of the content that pages show or link to: what could run as part of the site is refused, drawings cleaned."""

from pathlib import PurePosixPath
from xml.parsers import expat

from openknowledge.problems import Message
from openknowledge.project_files import TEXT_LIMIT_B

__all__ = ["can_run", "clean_media", "is_drawing"]

RUN_BY_SERVERS = frozenset((".php", ".phtml", ".phar", ".asp", ".aspx", ".jsp", ".cgi", ".shtml"))
"""Suffixes that some servers look for anywhere in a name."""
RUNNABLE = frozenset(
    (
        *RUN_BY_SERVERS,
        *(".htm", ".html", ".xht", ".xhtml", ".mht", ".mhtml", ".hta", ".htc", ".xml", ".xsl", ".xslt", ".xsd", ".rdf"),
        *(".rss", ".atom", ".mathml", ".mml", ".wsdl", ".svgz", ".js", ".mjs", ".cjs", ".jsx", ".vbs", ".wasm", ".swf"),
        *(".jar", ".jnlp", ".appcache", ".webmanifest", ".exe", ".msi", ".com", ".scr", ".bat", ".cmd", ".ps1", ".lnk"),
        *(".url", ".desktop", ".apk", ".dmg", ".pkg"),
    )
)
"""Suffixes of what a browser, a server or a reader's system runs when it is opened."""
MAX_DEPTH = 100
MAX_ENTITY = 100
"""The longest entity: programs for drawing write their namespaces as such."""
DATA_URLS = {"image": ["png", "jpeg", "gif", "webp"]}
"""What a drawing may have in itself."""


def can_run(path: str) -> bool:
    """Return whether a file could act as the site, by its name."""
    suffixes = [suffix.lower() for suffix in PurePosixPath(path).suffixes]
    return not RUN_BY_SERVERS.isdisjoint(suffixes) or not RUNNABLE.isdisjoint(suffixes[-1:])


def is_drawing(path: str) -> bool:
    """Return whether a file is SVG by its name."""
    return path.lower().endswith(".svg")


def clean_media(path: str, data: bytes) -> bytes:
    """Return the bytes of a file as they are published: SVG without scripts, links and addresses of elsewhere.

    Raises `ValueError` where a drawing is no SVG.
    """
    if not is_drawing(path):
        return data
    from py_svg_hush import filter_svg

    if len(data) > TEXT_LIMIT_B:
        raise ValueError(Message("it has more than %(number)s bytes", number=TEXT_LIMIT_B))
    _check_depth(data)
    cleaned: bytes = filter_svg(data, DATA_URLS)
    if b"<svg" not in cleaned:
        raise ValueError(Message("it has no drawing in it"))
    return cleaned


def _check_depth(data: bytes) -> None:
    """Raise `ValueError` where groups are nested too deep, or what is declared could stand for far more than it is.

    The sanitiser's time grows with the square of the depth, and with the namespaces that an element knows.
    """
    namespaces = list[int]()

    def begin(_name: str, attributes: dict[str, str]) -> None:
        namespaces.append(sum(name.startswith("xmlns:") for name in attributes))
        if len(namespaces) > MAX_DEPTH:
            raise ValueError(Message("more than %(number)s elements in each other", number=MAX_DEPTH))
        if sum(namespaces) > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} namespaces in each other")

    def end(_name: str) -> None:
        namespaces.pop()

    def refuse(*_declared: object) -> None:
        raise ValueError("it declares attributes of its own")

    def check_entity(_name: str, _is_parameter: bool, value: str | None, *_place: object) -> None:
        if value is None or len(value) > MAX_ENTITY:
            raise ValueError(f"it declares an entity that is no text of up to {MAX_ENTITY} characters")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    # Each element gets the attributes that are declared for its name: some kilobytes stand for gigabytes.
    parser.AttlistDeclHandler, parser.EntityDeclHandler = refuse, check_entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None

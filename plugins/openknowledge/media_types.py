"""What a file is, by its name: the same on every machine, whatever that knows of media types."""

from __future__ import annotations

__all__ = ["OCTET_STREAM", "guess_media_type"]

OCTET_STREAM = "application/octet-stream"
DOUBLE_SUFFIXES = (".rss.xml", ".atom.xml")
"""Endings of which the last part alone says too little."""
MEDIA_TYPES = {
    "": OCTET_STREAM,
    ".atom": "application/atom+xml",
    ".atom.xml": "application/atom+xml",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".css": "text/css",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".gif": "image/gif",
    ".gz": "application/gzip",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".ics": "text/calendar",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rss": "application/rss+xml",
    ".rss.xml": "application/rss+xml",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


def _whole(name: str) -> str:
    """A type with the encoding that all our text has."""
    is_text = name.startswith("text/") or name.endswith(("json", "xml"))
    return f"{name}; charset=utf-8" if is_text else name


CONTENT_TYPES = {ending: _whole(name) for ending, name in MEDIA_TYPES.items()}


def guess_media_type(path: str) -> str:
    """The whole Content-Type of a file by its path; what nobody knows is `application/octet-stream`."""
    if path.endswith(DOUBLE_SUFFIXES):
        return CONTENT_TYPES[".atom.xml" if path.endswith(".atom.xml") else ".rss.xml"]
    stem, dot, ending = path.rpartition(".")
    if not stem or stem.endswith("/") or "/" in ending:
        return OCTET_STREAM
    return CONTENT_TYPES.get(f"{dot}{ending}") or CONTENT_TYPES.get(f"{dot}{ending.lower()}", OCTET_STREAM)

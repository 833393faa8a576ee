"""The media type of a file by its name: the same on every machine."""

__all__ = ["CONTENT_TYPES", "OCTET_STREAM", "guess_media_type"]

OCTET_STREAM = "application/octet-stream"
DOUBLE_SUFFIXES = (".rss.xml", ".atom.xml")
"""Suffixes of which the last part alone says too little."""
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


def _add_charset(media_type: str) -> str:
    """Return a media type with the encoding that all our text has."""
    is_text = media_type.startswith("text/") or media_type.endswith(("json", "xml"))
    return f"{media_type}; charset=utf-8" if is_text else media_type


CONTENT_TYPES = {suffix: _add_charset(media_type) for suffix, media_type in MEDIA_TYPES.items()}


def guess_media_type(path: str) -> str:
    """Return the Content-Type of a file by its path; `application/octet-stream` for an unknown suffix."""
    if path.endswith(DOUBLE_SUFFIXES):
        return CONTENT_TYPES[".atom.xml" if path.endswith(".atom.xml") else ".rss.xml"]
    stem, dot, suffix = path.rpartition(".")
    if not stem or stem.endswith("/") or "/" in suffix:
        return OCTET_STREAM
    return CONTENT_TYPES.get(f"{dot}{suffix}") or CONTENT_TYPES.get(f"{dot}{suffix.lower()}", OCTET_STREAM)

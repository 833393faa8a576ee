"""The media type of a file by its name: the same on every machine."""

__all__ = ["CONTENT_TYPES", "OCTET_STREAM", "guess_media_type"]

OCTET_STREAM = "application/octet-stream"
DOUBLE_SUFFIXES = (".atom.xml", ".rss.xml")
"""Suffixes of which the last part alone says too little."""
SUBTYPES = {
    "application": ("json", "pdf", "wasm", "xml", "zip"),
    "audio": ("ogg", "wav"),
    "font": ("otf", "ttf", "woff", "woff2"),
    "image": ("avif", "bmp", "gif", "jpeg", "png", "tiff", "webp"),
    "text": ("css", "csv", "html", "vtt"),
    "video": ("mp4", "webm"),
}
"""The media types whose second half is the suffix."""
MEDIA_TYPES = {f".{name}": f"{general}/{name}" for general, names in SUBTYPES.items() for name in names} | {
    "": OCTET_STREAM,
    ".atom": "application/atom+xml",
    ".atom.xml": "application/atom+xml",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".gz": "application/gzip",
    ".htm": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".ics": "text/calendar",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rss": "application/rss+xml",
    ".rss.xml": "application/rss+xml",
    ".speculationrules": "application/speculationrules+json",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CONTENT_TYPES = {
    suffix: f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith(("json", "xml")) else kind
    for suffix, kind in sorted(MEDIA_TYPES.items())
}
"""The media types, with the encoding that all our text has."""


def guess_media_type(path: str) -> str:
    """Return the Content-Type of a file by its path; `application/octet-stream` for an unknown suffix."""
    start = path.rfind(".")
    if start < 1 or path[start - 1] == "/":
        return OCTET_STREAM
    suffix = path[start:]
    if suffix == ".xml" and path.endswith(DOUBLE_SUFFIXES):
        return CONTENT_TYPES[path[path.rfind(".", 0, start) :]]
    return CONTENT_TYPES.get(suffix) or CONTENT_TYPES.get(suffix.lower(), OCTET_STREAM)

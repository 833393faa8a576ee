"""What the catalogue's inputs and queries are, in the words of `invoke explain`."""

from openknowledge.engine.rules import Description

__all__ = ["DESCRIPTIONS"]

ITEM = ("kind", "slug")
ITEM_IN = ("kind", "slug", "lang")
LANG = ("lang",)
KIND = ("kind",)

DESCRIPTIONS = {
    # Inputs
    "aliases": Description("the old addresses that items name"),
    "stubs": Description("which items of the kind {kind} there are, with their facts and titles: content/", KIND),
    "all-series": Description("the enrolments of all courses", (), "content/snapshots/enrollments/"),
    "asset": Description("a file of the theme: {name}", ("name",)),
    "failed-item": Description("an item with a mistake: {item}", ("item",)),
    "content-file": Description("a picture or document", ("path",), "content/{path}"),
    "figures": Description("the figures", (), "content/figures.yaml"),
    "file": Description("which item the file is that a text links to: {path}", ("path",)),
    "files": Description("which files all items are made of"),
    "images": Description("which items have pictures"),
    "media-files": Description("which pictures and documents items show or link to"),
    "record": Description("{item}", ITEM),
    "references": Description("which items point at which"),
    "series": Description("the enrolments of a course", ("course",), "content/snapshots/enrollments/{course}.csv"),
    "stub": Description("{item} (its facts and title)", ITEM),
    "template": Description(
        "a template, with all that it takes in and the words that those ask for: {name} ({lang})", ("name", "lang")
    ),
    "today": Description("the day that the site is built for: BUILD_DATE"),
    "torn-file": Description("a picture or document that was saved while it was copied", ("path",), "content/{path}"),
    "url-parts": Description("what the addresses of all items are made of"),
    "words": Description("the interface's words", LANG, "theme/locale/{lang}/LC_MESSAGES/messages.po"),
    # Queries
    "abstract": Description("the abstract of {item} ({lang})", ITEM_IN),
    "adjacency": Description("the order of the items of the kind {kind} in time", KIND),
    "adjacent": Description("what comes before and after {item} in time", ITEM),
    "card": Description("the tile that lists show of {item} ({lang})", ITEM_IN),
    "chrome": Description("masthead and footer of the section {section} ({lang})", ("lang", "section")),
    "cover": Description("the name of the cover that is drawn for {item}", ITEM),
    "feed-entry": Description("when {item} appeared, and which lists have it ({lang})", ITEM_IN),
    "feed-keys": Description("which lists have feeds ({lang})", LANG),
    "feed-link": Description("the link to the feeds of the list {list} ({lang})", ("lang", "list")),
    "feed-list": Description("title and address of the list {list} that has feeds ({lang})", ("lang", "list")),
    "lists": Description("which pages the lists of the kind {kind} have ({lang})", ("kind", "lang")),
    "number": Description("the number {name} ({lang})", ("name", "lang")),
    "number-names": Description("which figures, counters and totals there are"),
    "referrers": Description("which items of the kind {other} point at {item}", ("kind", "slug", "other")),
    "slugs": Description("which items of the kind {kind} there are", KIND),
    "summary": Description("{item} as feeds and search have it ({lang})", ITEM_IN),
    "url": Description("the address of {item} ({lang})", ITEM_IN),
    "url-of-file": Description("the address of the item in {path} ({lang})", ("path", "lang")),
    "video-archive-keys": Description("the years and languages of the video archive"),
    "video-archive-page": Description("page {page} of the videos of {key} in the archive", ("route", "key", "page")),
    "video-archives": Description("all videos by year and by language"),
}
"""The words by the names of inputs and queries."""

"""The same site as stock Pelican builds it: articles, tags as topics, authors as people, archives by year, feeds."""

import json
from pathlib import Path

SITENAME = "Polimi Open Knowledge"
SITEURL = "http://127.0.0.1:8000"
TAGLINE = "What the Politecnico di Milano knows, open to everyone"
TIMEZONE = "Europe/Rome"
DEFAULT_LANG = "en"
PATH = "content"
OUTPUT_PATH = "output"
THEME = "theme"
PLUGIN_PATHS = ["."]
PLUGINS = ["catalogue"]
TYPOGRIFY = False
STATIC_PATHS: list[str] = []

# What stock Pelican has no content for: what items belong to, by kind and slug, and the words of the templates.
_here = Path(__file__).parent
_groups = json.loads((_here / "groups.json").read_text("utf-8"))
GROUPS = {kind: {group["slug"]: group for group in groups} for kind, groups in _groups.items()}
LABELS = json.loads((_here / "labels.json").read_text("utf-8"))
TOPICS = {group["title"]: group for group in _groups["topics"]}
PEOPLE = {group["title"]: group for group in _groups["people"]}

DEFAULT_DATE_FORMAT = "%-d %B %Y"
YEAR_ARCHIVE_URL = "years/{date:%Y}/"
TAG_URL = "topics/{slug}/"
TAG_SAVE_AS = "topics/{slug}/index.html"
# A title ends with its group's number, and so does the group's slug.
TAG_REGEX_SUBSTITUTIONS, AUTHOR_REGEX_SUBSTITUTIONS = (
    [(rf"^.* (\d{{{3 - zeros}}})$", rf"{kind}-{'0' * zeros}\1") for zeros in range(3)] for kind in ("topic", "person")
)
AUTHOR_URL = "people/{slug}/"
AUTHOR_SAVE_AS = "people/{slug}/index.html"
CATEGORY_SAVE_AS = ARCHIVES_SAVE_AS = ""
DEFAULT_PAGINATION = False

DIRECT_TEMPLATES = ["index", "tags", "authors", "feeds", "numbers", "search", "counters"]
TAGS_SAVE_AS = "topics/index.html"
AUTHORS_SAVE_AS = "people/index.html"
FEEDS_SAVE_AS = "feeds/index.html"
NUMBERS_SAVE_AS = "numbers/index.html"
SEARCH_SAVE_AS = "search.json"
COUNTERS_SAVE_AS = "counters.json"

FEED_DOMAIN = SITEURL
FEED_MAX_ITEMS = 50
RSS_FEED_SUMMARY_ONLY = False
FEED_ALL_ATOM, FEED_ALL_RSS = "feeds/all.atom.xml", "feeds/all.rss.xml"
CATEGORY_FEED_ATOM, CATEGORY_FEED_RSS = "feeds/{slug}.atom.xml", "feeds/{slug}.rss.xml"
TAG_FEED_ATOM, TAG_FEED_RSS = "feeds/topics/{slug}.atom.xml", "feeds/topics/{slug}.rss.xml"
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None

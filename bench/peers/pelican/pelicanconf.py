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
PLUGINS = ["related"]
TYPOGRIFY = False
STATIC_PATHS: list[str] = []

# What stock Pelican has no content for: the words of topics and people.
_groups = json.loads(Path(__file__).with_name("groups.json").read_text("utf-8"))
TOPICS = {one["title"]: one for one in _groups["topics"]}
PEOPLE = {one["title"]: one for one in _groups["people"]}

DEFAULT_DATE_FORMAT = "%-d %B %Y"
ARTICLE_URL = "press/{date:%Y}/{slug}/"
ARTICLE_SAVE_AS = "press/{date:%Y}/{slug}/index.html"
YEAR_ARCHIVE_URL = "press/{date:%Y}/"
YEAR_ARCHIVE_SAVE_AS = "press/{date:%Y}/index.html"
TAG_URL = "topics/{slug}/"
TAG_SAVE_AS = "topics/{slug}/index.html"
AUTHOR_URL = "people/{slug}/"
AUTHOR_SAVE_AS = "people/{slug}/index.html"
CATEGORY_SAVE_AS = ""
DEFAULT_PAGINATION = False

DIRECT_TEMPLATES = ["index", "archives", "tags", "authors", "feeds", "search"]
ARCHIVES_SAVE_AS = "press/index.html"
TAGS_SAVE_AS = "topics/index.html"
AUTHORS_SAVE_AS = "people/index.html"
FEEDS_SAVE_AS = "feeds/index.html"
SEARCH_SAVE_AS = "search.json"

FEED_DOMAIN = SITEURL
FEED_MAX_ITEMS = 50
RSS_FEED_SUMMARY_ONLY = False
FEED_ALL_ATOM, FEED_ALL_RSS = "feeds/all.atom.xml", "feeds/all.rss.xml"
CATEGORY_FEED_ATOM, CATEGORY_FEED_RSS = "feeds/{slug}.atom.xml", "feeds/{slug}.rss.xml"
TAG_FEED_ATOM, TAG_FEED_RSS = "feeds/topics/{slug}.atom.xml", "feeds/topics/{slug}.rss.xml"
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None

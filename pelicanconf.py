"""The site's settings: the only place with its defaults. Each is described in docs/architecture.md."""

import os

# What the site is called and where it is built for; publishconf.py says where it is published.
SITEURL = "http://127.0.0.1:8000"
SITENAME = "Polimi Open Knowledge"
SITENAMES = {"it": "Polimi Open Knowledge", "en": "Polimi Open Knowledge"}
TAGLINES = {
    "it": "Il sapere del Politecnico di Milano, aperto a tutti",
    "en": "What the Politecnico di Milano knows, open to everyone",
}
LICENSE_URL = "https://creativecommons.org/licenses/by/4.0/"
# The portal's list of courses, where one looks for a course of which no edition has an address.
COURSE_PORTAL = "https://www.pok.polimi.it/"
# What the portal asks for a certificate: it stands on each course that says nothing else of one.
CERTIFICATE_RULE = {
    "it": "Sul portale, di norma, con almeno il 60% del punteggio e un questionario finale",
    "en": "On the portal, as a rule, with at least 60% of the marks and a final survey",
}
# Who publishes the site, as far as it is known; the colophon and search engines say so.
ORGANIZATION = {
    "name": "Politecnico di Milano",
    "legal_name": "Politecnico di Milano",
    "url": "https://www.polimi.it/",
    "street": "Piazza Leonardo da Vinci 32",
    "postal_code": "20133",
    "locality": "Milano",
    "country": "IT",
    "ror": "01nffqt88",
    "partner": "politecnico-di-milano",
}
# Whether every page asks search engines to leave it out, as those of a preview do.
NOINDEX = False

# The languages of the interface, the default one first. Times are the university's own.
LANGUAGES = ("it", "en")
DEFAULT_LANG = LANGUAGES[0]
# How each language writes dates and numbers.
LOCALES = {"it": "it_IT", "en": "en_GB"}
TIMEZONE = "Europe/Rome"
# The language in which editors are told of mistakes; the default one where it is empty. MESSAGES_LANG=en make check
MESSAGES_LANG = os.environ.get("MESSAGES_LANG", "")
# The day that the site is built for (YYYY-MM-DD); today where it is empty.
BUILD_DATE = os.environ.get("BUILD_DATE", "")

PATH = "content"
THEME = "theme"
OUTPUT_PATH = "output"
CACHE_PATH = ".cache"
DELETE_OUTPUT_DIRECTORY = False
# Whether Brotli and gzip forms stand beside files; publishconf.py turns them on.
TWINS = False
# Whether the picture that platforms show of a shared page is drawn for each item; publishconf.py turns it on.
SHARE_PICTURES = False

# The order counts: each plugin may rely on those before it, and `incremental` closes a build.
# The first one looks whether there is anything to do at all.
PLUGINS = [
    "openknowledge.engine",
    "openknowledge.assets",
    "openknowledge.catalogue",
    "openknowledge.counters",
    "openknowledge.structured_data",
    "openknowledge.feeds",
    "openknowledge.search",
    "openknowledge.redirects",
    "openknowledge.discovery",
    "openknowledge.share_pictures",
]

# Everything is a kind of the catalogue: Pelican's own articles, pages, lists and feeds are off.
ARTICLE_PATHS: list[str] = []
PAGE_PATHS: list[str] = []
STATIC_PATHS: list[str] = []
THEME_STATIC_PATHS: list[str] = []
DIRECT_TEMPLATES: list[str] = []
AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ""
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None

JINJA_ENVIRONMENT = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}

# What texts may embed: names of known players, and mappings with the fields of others.
# The policy of published pages allows their frames.
PLAYERS = ("youtube", "vimeo", "panopto", "h5p", "geogebra", "spotify", "spreaker")

# The platforms that `make sync` asks; docs/operators.md has the kinds and their options. Secrets are not here:
#   {"name": "youtube", "kind": "youtube", "channel": "UC…", "keep_days": 30}, with the key in SYNC_YOUTUBE_KEY
SOURCES: tuple[dict[str, object], ...] = ()

# What the home page shows large, and how many entries a page of a long list has.
HOME_FIGURES: tuple[str, ...] = ()
PAGE_SIZE = 24
# How many kilobytes a page may weigh, compressed, until something is seen; and a page that is all formulas.
PAGE_BUDGETS = {"text": 14, "list": 30, "script": 10, "/ripasso-di-matematica/": 18, "/en/mathematics-refresher/": 18}
COUNTERS_STALE_AFTER_DAYS = 400

# Files with all addresses that were published: a build that would lose one is refused. One that is not there has none.
ADDRESSES = ("content/snapshots/addresses.txt",)

FEEDS_ID_AUTHORITY = "openknowledge.polimi.it"
FEEDS_ID_DATE = "2020"
FEEDS_CONTENT = "full"
FEEDS_MAX_ITEMS = 50

# Where pages live: the default language's address, then that of every other language.
HOME_URL, HOME_LANG_URL = "", "{lang}/"
COURSE_URL, COURSE_LANG_URL = "corsi/{slug}/", "{lang}/courses/{slug}/"
COURSES_URL, COURSES_LANG_URL = "corsi/", "{lang}/courses/"
COURSES_BY_URL, COURSES_BY_LANG_URL = "corsi/{facet}/{value}/", "{lang}/courses/{facet}/{value}/"
STRAND_URL, STRAND_LANG_URL = "percorsi/{slug}/", "{lang}/strands/{slug}/"
STRANDS_URL, STRANDS_LANG_URL = "percorsi/", "{lang}/strands/"
TOPIC_URL, TOPIC_LANG_URL = "temi/{slug}/", "{lang}/topics/{slug}/"
TOPICS_URL, TOPICS_LANG_URL = "temi/", "{lang}/topics/"
PERSON_URL, PERSON_LANG_URL = "persone/{slug}/", "{lang}/people/{slug}/"
PEOPLE_URL, PEOPLE_LANG_URL = "persone/", "{lang}/people/"
PARTNER_URL, PARTNER_LANG_URL = "partner/{slug}/", "{lang}/partners/{slug}/"
PARTNERS_URL, PARTNERS_LANG_URL = "partner/", "{lang}/partners/"
VIDEO_URL, VIDEO_LANG_URL = "video/{slug}/", "{lang}/videos/{slug}/"
VIDEOS_URL, VIDEOS_LANG_URL = "video/", "{lang}/videos/"
VIDEOS_YEAR_URL, VIDEOS_YEAR_LANG_URL = "video/anno/{year}/", "{lang}/videos/year/{year}/"
VIDEOS_YEAR_PAGE_URL = "video/anno/{year}/{page}/"
VIDEOS_YEAR_PAGE_LANG_URL = "{lang}/videos/year/{year}/{page}/"
VIDEOS_LANGUAGE_URL, VIDEOS_LANGUAGE_LANG_URL = "video/lingua/{code}/", "{lang}/videos/language/{code}/"
VIDEOS_LANGUAGE_PAGE_URL = "video/lingua/{code}/{page}/"
VIDEOS_LANGUAGE_PAGE_LANG_URL = "{lang}/videos/language/{code}/{page}/"
PLAYLIST_URL, PLAYLIST_LANG_URL = "video/playlist/{slug}/", "{lang}/videos/playlist/{slug}/"
PLAYLISTS_URL, PLAYLISTS_LANG_URL = "video/playlist/", "{lang}/videos/playlist/"
PRESS_URL, PRESS_LANG_URL = "stampa/{year}/{slug}/", "{lang}/press/{year}/{slug}/"
PRESS_YEAR_URL, PRESS_YEAR_LANG_URL = "stampa/{year}/", "{lang}/press/{year}/"
PRESS_RELEASES_URL, PRESS_RELEASES_LANG_URL = "stampa/", "{lang}/press/"
INITIATIVE_URL, INITIATIVE_LANG_URL = "{slug}/", "{lang}/{slug}/"
HUB_URL, HUB_LANG_URL = "{initiative}/{format}/{slug}/", "{lang}/{initiative}/{format}/{slug}/"
HUBS_URL, HUBS_LANG_URL = "{initiative}/{format}/", "{lang}/{initiative}/{format}/"
PROGRAMME_URL, PROGRAMME_LANG_URL = "programmi/{slug}/", "{lang}/programmes/{slug}/"
PROGRAMMES_URL, PROGRAMMES_LANG_URL = "programmi/", "{lang}/programmes/"
PAGE_URL, PAGE_LANG_URL = "{slug}/", "{lang}/{slug}/"
# Pelican has defaults of its own for these; empty means: where PAGE_URL leads.
PAGE_SAVE_AS = PAGE_LANG_SAVE_AS = ""
SUBSCRIBE_URL, SUBSCRIBE_LANG_URL = "feed/", "{lang}/feeds/"
NUMBERS_URL, NUMBERS_LANG_URL = "numeri/", "{lang}/numbers/"
COURSE_HISTORY_URL, COURSE_HISTORY_LANG_URL = "corsi/{slug}/andamento/", "{lang}/courses/{slug}/history/"
NUMBERS_HISTORY_URL, NUMBERS_HISTORY_LANG_URL = "numeri/andamento/", "{lang}/numbers/history/"
SEARCH_URL, SEARCH_LANG_URL = "cerca/", "{lang}/search/"

# Parts of addresses that are words: the formats of the learning hub, the filters of lists, pages of long ones, and
# the lists of all that belongs to a topic or a person.
ROUTE_WORDS = {
    "it": {
        "page": "pagina",
        "letter": "lettera",
        "speakers": "relatori",
        "all": "tutto",
        "courses": "corsi",
        "videos": "video",
        "playlists": "playlist",
        "press_releases": "stampa",
        "hubs": "apprendimento",
        "initiatives": "iniziative",
        "programmes": "programmi",
        "pages": "pagine",
        "article": "articoli",
        "webinar": "webinar",
        "course": "corsi",
        "talk": "talk",
        "tool": "strumenti",
        "insight": "approfondimenti",
        "state": "stato",
        "open": "iscrizioni-aperte",
        "running": "in-corso",
        "self-paced": "in-autonomia",
        "upcoming": "in-arrivo",
        "unknown": "date-non-note",
        "archived": "archiviati",
        "subject": "materia",
        "mathematics": "matematica",
        "physics": "fisica",
        "computing": "informatica",
        "management": "gestione",
        "architecture": "architettura",
        "teaching": "didattica",
        "audience": "per",
        "pupils": "studenti-delle-superiori",
        "students": "studenti-universitari",
        "teachers": "docenti",
        "everyone": "tutti",
        "professionals": "professionisti",
        "language": "lingua",
        "now": "aperti-ora",
        "level": "livello",
        "introductory": "introduttivo",
        "intermediate": "intermedio",
        "advanced": "avanzato",
        "workload": "impegno",
        "up-to-10": "fino-a-10-ore",
        "up-to-30": "fino-a-30-ore",
        "up-to-60": "fino-a-60-ore",
        "over-60": "oltre-60-ore",
        "year": "anno",
        "it": "italiano",
        "en": "inglese",
    },
    "en": {
        "press_releases": "press",
        "hubs": "learning-hub",
        "article": "articles",
        "webinar": "webinars",
        "course": "courses",
        "talk": "talks",
        "tool": "tools",
        "insight": "insights",
        "audience": "for",
        "it": "italian",
        "en": "english",
    },
}

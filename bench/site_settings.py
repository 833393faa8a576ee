"""What `make bench` adds to a copy of pelicanconf.py: one language, and a day that stays the same.

Preview images have a budget of their own beside the build (`bench.share_pictures`), and no peer draws any.
"""

LANGUAGES = ("en",)
DEFAULT_LANG = "en"
SITENAMES = {"en": "Polimi Open Knowledge"}
HOME_FIGURES = ()
BUILD_DATE = "2026-01-01"
SHARE_PICTURES = False

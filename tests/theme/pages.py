"""One full and one bare page for each template."""

from __future__ import annotations

from functools import cache

from tests.theme.learning_pages import bare_course, bare_video, course, playlist, video
from tests.theme.list_pages import a_list, a_press_list, a_video_list, an_empty_list, bare_home, home
from tests.theme.plain_pages import (
    bare_group,
    feeds,
    gone,
    group,
    history,
    letter,
    moved,
    moved_courses,
    not_found,
    numbers,
    page,
    search,
    text_page,
)
from tests.theme.samples import ODD_TITLES, a_card, a_chrome
from tests.theme.text_pages import (
    bare_hub_item,
    bare_initiative,
    bare_press_release,
    bare_programme,
    hub_item,
    initiative,
    press_release,
    programme,
)

from openknowledge.catalogue.views.base import (
    PageView,
)


@cache
def all_pages() -> dict[str, PageView]:
    """Return every template with its optional parts and without, by name."""
    return {
        "home": home(),
        "home-bare": bare_home(),
        "list": a_list(),
        "list-videos": a_video_list(),
        "list-press": a_press_list(),
        "list-empty": an_empty_list(),
        "course": course(),
        "course-bare": bare_course(),
        **{f"course-{lang or 'long'}": course(heading=one, content_lang=lang) for one, lang in ODD_TITLES},
        "video": video(),
        "video-bare": bare_video(),
        "playlist": playlist(),
        "playlist-bare": playlist(rows=(), related=(), watch_url=None, text=(), details=()),
        "press": press_release(),
        "press-bare": bare_press_release(),
        "hub": hub_item(),
        "hub-bare": bare_hub_item(),
        "initiative": initiative(),
        "initiative-bare": bare_initiative(),
        "programme": programme(),
        "programme-bare": bare_programme(),
        "group": group(),
        "group-bare": bare_group(),
        "page": page(),
        "page-text": text_page(),
        "page-bare": page(abstract="", body=(), updated=None, sources=()),
        "404": not_found(),
        "404-bare": not_found(body=(), chrome=a_chrome()),
        "moved": moved(),
        "moved-courses": moved_courses(),
        "gone": gone(),
        "gone-bare": gone(reason=None, fallback_links=(), chrome=a_chrome()),
        "feeds": feeds(),
        "numbers": numbers(),
        "history": history(),
        "history-bare": history(number=None, extras={}, kicker_lang=None),
        "search": search(),
        "a-z": letter(),
        "card-alone": a_list(cards=(a_card(abstract="", picture=None, meta=()),), pager=None),
    }

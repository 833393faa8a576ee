"""A page of each template, in both languages."""

from __future__ import annotations

from typing import Literal, NamedTuple

from playwright.sync_api import Page, ViewportSize

from openknowledge.serving.headers import HeaderPolicy, site_headers

Scheme = Literal["light", "dark"]

STRICT_HEADERS = site_headers(HeaderPolicy(site_url="http://127.0.0.1"))
"""What every answer says where the site is published, but for what needs TLS."""


class Sample(NamedTuple):
    """A page that stands for its template: its address in Italian and in English."""

    name: str
    template: str
    italian: str
    english: str


SAMPLES = (
    Sample("home", "home", "/", "/en/"),
    Sample("courses", "list", "/corsi/", "/en/courses/"),
    Sample("filtered courses", "list", "/corsi/materia/fisica/", "/en/courses/subject/physics/"),
    Sample("course", "course", "/corsi/pre-calculus/", "/en/courses/pre-calculus/"),
    Sample("history", "history", "/corsi/pre-calculus/andamento/", "/en/courses/pre-calculus/history/"),
    Sample("strands", "list", "/percorsi/", "/en/strands/"),
    Sample("strand", "group", "/percorsi/verso-l-universita/", "/en/strands/towards-university/"),
    Sample("topics", "list", "/temi/", "/en/topics/"),
    Sample("topic", "group", "/temi/matematica/", "/en/topics/mathematics/"),
    Sample("people", "list", "/persone/", "/en/people/"),
    Sample("person", "group", "/persone/g-magli/", "/en/people/g-magli/"),
    Sample("partner", "group", "/partner/moncler/", "/en/partners/moncler/"),
    Sample("videos", "list", "/video/", "/en/videos/"),
    Sample("videos of a year", "list", "/video/anno/2022/", "/en/videos/year/2022/"),
    Sample("video", "video", "/video/rawgraphs-in-8-minutes/", "/en/videos/rawgraphs-in-8-minutes/"),
    Sample(
        "sample video",
        "video",
        "/video/pre-calculus-lezione-di-prova-1-i-numeri/",
        "/en/videos/pre-calculus-lezione-di-prova-1-i-numeri/",
    ),
    Sample("playlists", "list", "/video/playlist/", "/en/videos/playlist/"),
    Sample(
        "playlist",
        "playlist",
        "/video/playlist/pre-calculus-lezioni-di-prova/",
        "/en/videos/playlist/pre-calculus-lezioni-di-prova/",
    ),
    Sample("press releases", "list", "/stampa/", "/en/press/"),
    Sample("press", "press", "/stampa/2020/centomila-persone/", "/en/press/2020/one-hundred-thousand-learners/"),
    Sample("initiative", "initiative", "/keeponlearning/", "/en/keeponlearning/"),
    Sample("articles", "list", "/keeponlearning/articoli/", "/en/keeponlearning/articles/"),
    Sample(
        "article",
        "hub",
        "/keeponlearning/articoli/keeponlearning-quattro-mesi-dopo/",
        "/en/keeponlearning/articles/keeponlearning-four-months-on/",
    ),
    Sample("programmes", "list", "/programmi/", "/en/programmes/"),
    Sample("programme", "programme", "/programmi/scuole-di-milano/", "/en/programmes/milan-schools/"),
    Sample("page", "page", "/privacy/", "/en/privacy/"),
    Sample("not found", "404", "/404.html", "/en/404.html"),
    Sample("feeds", "feeds", "/feed/", "/en/feeds/"),
    Sample("numbers", "numbers", "/numeri/", "/en/numbers/"),
    Sample("search", "search", "/cerca/", "/en/search/"),
    Sample("a-z", "a-z", "/cerca/lettera/c/", "/en/search/letter/c/"),
)

BOTH = tuple(address for sample in SAMPLES for address in (sample.italian, sample.english))
"""Every sample in both languages."""

ONE_EACH = tuple(sample.english if place % 2 else sample.italian for place, sample in enumerate(SAMPLES))
"""Every sample once, the languages in turn."""

OF_TEMPLATE = tuple({sample.template: sample for sample in reversed(SAMPLES)}.values())
"""The first sample of each template."""

OF_TEMPLATE_IN_TURN = tuple(one for sample in OF_TEMPLATE for one in sample[2:] if one in ONE_EACH)
OF_TEMPLATE_OTHERWISE = tuple(one for sample in OF_TEMPLATE for one in sample[2:] if one not in ONE_EACH)
"""Each template once, the languages in turn; and then in the other language."""

BY_NAME = {sample.name: sample for sample in SAMPLES}

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}


def scheme_of(page: Page) -> str:
    """Return `light` or `dark`, judged by the background of the page."""
    lightness: float = page.evaluate(
        """() => {
          const canvas = document.createElement("canvas").getContext("2d");
          canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
          canvas.fillRect(0, 0, 1, 1);
          const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
          return (red + green + blue) / 3 / 255;
        }"""
    )
    return "dark" if lightness < 0.25 else "light" if lightness > 0.9 else f"neither: {lightness}"

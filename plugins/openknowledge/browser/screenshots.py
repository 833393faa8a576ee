"""Screenshots of pages on phone and desktop, in the light and the dark scheme."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .chromium import FLAGS, find_or_install

if TYPE_CHECKING:
    from playwright.sync_api import Route

WIDTHS_PX = (360, 768, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT_PX = 800
LOADED = """async () => {
  for (const image of document.images) image.loading = "eager";
  await Promise.allSettled([document.fonts.ready, ...[...document.images].map((image) => image.decode())]);
}"""


def take_screenshots(address: str, pages: tuple[str, ...], directory: Path) -> None:
    """Write full-page pictures of each page below `address`: in each width, light and dark.

    That of `/corsi/gestire-il-cambiamento/` is `corsi-gestire-il-cambiamento.360.dark.png`. Fonts and
    pictures are waited for.
    """
    from playwright.sync_api import sync_playwright

    directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=list(FLAGS))
        for width, scheme in product(WIDTHS_PX, SCHEMES):
            context = browser.new_context(viewport={"width": width, "height": HEIGHT_PX}, color_scheme=scheme)
            context.route("**/*", _leave_nothing_to_chance)
            page = context.new_page()
            for name in pages:
                page.goto(address + name, wait_until="load")
                page.evaluate(LOADED)
                title = re.sub(r"[^\w.-]+", "-", name).strip("-") or "home"
                page.screenshot(path=directory / f"{title}.{width}.{scheme}.png", full_page=True)
            context.close()
            print(f"{len(pages)} pages, {width} px, {scheme}", flush=True)
        browser.close()


def _leave_nothing_to_chance(route: Route) -> None:
    """Have styles wait for fonts, and pages stay where they would go on to another."""
    if route.request.resource_type not in ("document", "stylesheet"):
        route.continue_()
        return
    found = route.fetch()
    text = found.text().replace("font-display: optional", "font-display: block")
    route.fulfill(response=found, body=text.replace('http-equiv="refresh"', ""))

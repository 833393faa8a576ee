"""Screenshots of pages on phone and desktop, in the light and the dark scheme."""

import re
from itertools import product
from pathlib import Path
from typing import Literal

from .chromium import FLAGS, find_or_install

WIDTHS_PX = {"phone": 360, "desktop": 1280}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT_PX = 800


def take_screenshots(address: str, pages: tuple[str, ...], directory: Path) -> None:
    """Write a full-page picture of each page below `address`, four of each.

    That of `/corsi/gestire-il-cambiamento/` is `corsi-gestire-il-cambiamento.phone.dark.png`.
    """
    from playwright.sync_api import sync_playwright

    directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=list(FLAGS))
        for (device, width), scheme in product(WIDTHS_PX.items(), SCHEMES):
            context = browser.new_context(viewport={"width": width, "height": HEIGHT_PX}, color_scheme=scheme)
            page = context.new_page()
            for name in pages:
                page.goto(address + name, wait_until="load")
                title = re.sub(r"[^\w.-]+", "-", name).strip("-") or "home"
                page.screenshot(path=directory / f"{title}.{device}.{scheme}.png", full_page=True)
            context.close()
            print(f"{len(pages)} pages, {device}, {scheme}", flush=True)
        browser.close()

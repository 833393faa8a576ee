"""Screenshots of pages on phone and desktop, in the light and the dark scheme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from .chromium import FLAGS, find_or_install

Scheme = Literal["light", "dark"]

WIDTHS_PX = {"phone": 360, "desktop": 1280}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
HEIGHT_PX = 800


def file_name(page: str, device: str, scheme: Scheme) -> str:
    """Return `corsi-gestire-il-cambiamento.phone.dark.png` for `/corsi/gestire-il-cambiamento/`."""
    name = re.sub(r"[^\w.-]+", "-", page).strip("-") or "home"
    return f"{name}.{device}.{scheme}.png"


def take_screenshots(address: str, pages: tuple[str, ...], directory: Path) -> None:
    """Write a full-page picture of each page below `address`, four of each."""
    from playwright.sync_api import sync_playwright

    directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=list(FLAGS))
        for device, scheme in _variants():
            size = {"width": WIDTHS_PX[device], "height": HEIGHT_PX}
            context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            for name in pages:
                page.goto(address + name, wait_until="load")
                page.screenshot(path=directory / file_name(name, device, scheme), full_page=True)
            context.close()
            print(f"{len(pages)} pages, {device}, {scheme}", flush=True)
        browser.close()


def _variants() -> Iterator[tuple[str, Scheme]]:
    for device in WIDTHS_PX:
        for scheme in SCHEMES:
            yield device, scheme

"""Pictures of every template, compared with what is stored of them: `invoke screenshots`.

Stored is the lightness of a grid of patches, and the height: a block that moved or another colour is told, no pixel.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from tests.site.small import built
from tests.site.test_whole_pages import PAGES, WHOLE_SITE

from openknowledge.browser.screenshots import take_screenshots
from openknowledge.preview.file_server import serve_folder

STORED = Path(__file__).with_name("looks.json")
COLUMNS, ROWS = 8, 16
LEVELS = 16
TOLERANCE = 1
"""By how many levels of lightness a patch may differ."""
HEIGHT_TOLERANCE = 0.02


def main(folder: Path, *, stores: bool) -> int:
    """Take the pictures into a folder; store what is kept of them, or print which differ and return 1."""
    with TemporaryDirectory() as work:
        site = built(Path(work), files=WHOLE_SITE).output
        addresses = [address for path in PAGES.values() for address in both_languages(site, path)]
        with serve_folder(site) as address:
            take_screenshots(address, tuple(addresses), folder)
    looks = {picture.stem: look(picture) for picture in sorted(folder.glob("*.png"))}
    now = {"fonts": fonts(), **looks}
    if stores:
        STORED.write_text(json.dumps(now, indent=0, sort_keys=True) + "\n", "utf-8")
        return 0
    stored = json.loads(STORED.read_text("utf-8"))
    if stored["fonts"] != now["fonts"]:
        print(f"This machine has other fonts: {now['fonts']} in place of {stored['fonts']}; .ci/run has them.")
        return 1
    others = sorted(name for name in stored.keys() | now.keys() if not is_alike(stored.get(name), now.get(name)))
    print(*(f"{folder / name}.png looks otherwise" for name in others), sep="\n")
    return 1 if others else 0


def both_languages(site: Path, path: str) -> Iterator[str]:
    """Yield the address of a page, and that of the same page in the other language where there is one."""
    yield "/" + path.removesuffix("index.html")
    found = re.search(r'<a href="([^"]+)"[^>]*hreflang="\w+" rel="alternate">', (site / path).read_text("utf-8"))
    if found:
        yield found[1]


def look(picture: Path) -> str:
    """Return the height of a picture, and the lightness of its patches, a digit each."""
    with Image.open(picture) as image:
        patches = image.convert("L").resize((COLUMNS, ROWS), Image.Resampling.BOX)
        return f"{image.height} " + "".join(f"{value * LEVELS // 256:x}" for value in patches.tobytes())


def is_alike(one: str | None, other: str | None) -> bool:
    """Return whether two looks are those of the same page."""
    if one is None or other is None or one == other:
        return one == other
    (height, patches), (other_height, other_patches) = one.split(), other.split()
    distances = (
        abs(int(left, LEVELS) - int(right, LEVELS)) for left, right in zip(patches, other_patches, strict=True)
    )
    return max(distances) <= TOLERANCE and abs(int(height) - int(other_height)) <= HEIGHT_TOLERANCE * int(height)


def fonts() -> str:
    """Return the fonts that this machine has for the theme's names."""
    names = ("serif", "sans-serif", "monospace", "system-ui")
    command = ["fc-match", "--format=%{family} "]
    return "".join(
        subprocess.run([*command, name], capture_output=True, text=True, check=True).stdout for name in names
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), stores="--update" in sys.argv))

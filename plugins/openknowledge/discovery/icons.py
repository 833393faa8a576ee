"""Icons in the forms that browsers and phones ask for, drawn from the theme's one, and the manifests that name them."""

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from openknowledge.catalogue.site import Site
from openknowledge.engine.rules import Action, Description, Files, Rule, static_action
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.model.values import Lang
from openknowledge.problems import ContentProblems, operator_problem

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["ICON", "draw_icons", "icons_rule"]

ICON = "icon"
"""The input with the theme's icon, an SVG."""
SOURCE = "icons/icon.svg"
"""The icon's name in the theme."""
FILE = f"theme/static/{SOURCE}"
HINT = "Write it as an SVG that is square."
DRAWN_PX = 1024
FAVICON_SIZES_PX = (16, 32, 48)
SAFE_SHARE = 0.8
"""The share of its width in which an icon is seen whole, whatever form a system cuts out of it."""
PAPER = "#fbf9f4"
THEME = "#1d3a7a"

DESCRIPTIONS = {
    "icons": Description("the icons of the site {lang}", ("*lang",)),
    ICON: Description("the icon of the theme", (), FILE),
}


class PngIcon(NamedTuple):
    """An icon as PNG: `share` of its side is the icon, the rest its own colour; a `share` of 0 leaves that clear."""

    path: str
    size_px: int
    share: float
    purpose: str = ""


ICONS = (
    PngIcon("apple-touch-icon.png", 180, 1),
    PngIcon("icons/icon-192.png", 192, 0, "any"),
    PngIcon("icons/icon-512.png", 512, 0, "any"),
    PngIcon("icons/maskable-512.png", 512, SAFE_SHARE, "maskable"),
)


def icons_rule() -> Rule:
    """Return the rule for the icons, and for the manifest of each language."""

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        return iter(((), *((lang,) for lang in site.langs)))

    def plan(site: Site, lang: str = "") -> Action:
        if lang:
            return static_action((site.settings.web_manifest.format(lang=lang), _web_manifest(site, lang)))
        return Action(draw_icons, (site.read_input(ICON),))

    role, lasting = FileRole.MEDIA, CacheClass.MEDIA
    return Rule("icons", "Drawing icons", keys, plan, role=role, cache=lasting, descriptions=DESCRIPTIONS)


def draw_icons(drawing: str) -> Files:
    """Return the icons as files, drawn from an SVG. Raises `ContentProblems` if it is none."""
    from PIL import Image
    from resvg_py import svg_to_bytes

    try:
        data = bytes(svg_to_bytes(svg_string=drawing, width=DRAWN_PX, height=DRAWN_PX, skip_system_fonts=True))
    except ValueError as error:
        raise ContentProblems([operator_problem(FILE, None, None, f"this cannot be drawn: {error}", HINT)]) from None
    whole = Image.open(io.BytesIO(data)).convert("RGBA")
    # The colour of an icon is that at the middle of its upper edge.
    canvas = Image.new("RGBA", whole.size, PAPER)
    canvas.alpha_composite(whole)
    background = canvas.getpixel((DRAWN_PX // 2, DRAWN_PX // 32))
    files = []
    for icon in ICONS:
        side = round(icon.size_px * (icon.share or 1))
        small = whole.resize((side, side), Image.Resampling.LANCZOS)
        if icon.share:
            canvas = Image.new("RGBA", (icon.size_px, icon.size_px), background)
            canvas.alpha_composite(small, ((icon.size_px - side) // 2,) * 2)
            small = canvas.convert("RGB")
        files.append((icon.path, _save(small, "PNG", optimize=True)))
    sizes = [(size, size) for size in FAVICON_SIZES_PX]
    forms = [whole.resize(size, Image.Resampling.LANCZOS) for size in sizes]
    return (*files, ("favicon.ico", _save(forms[-1], "ICO", sizes=sizes, append_images=forms)))


def _save(image: "Image.Image", form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def _web_manifest(site: Site, lang: Lang) -> bytes:
    """Return what a phone shows of the site on its home screen (https://www.w3.org/TR/appmanifest/)."""
    home = site.route_url("home", lang)
    icons = [
        {
            "src": site.url_for_path(icon.path),
            "sizes": f"{icon.size_px}x{icon.size_px}",
            "type": "image/png",
            "purpose": icon.purpose,
        }
        for icon in ICONS
        if icon.purpose
    ]
    values = {
        "name": site.settings.names[lang],
        "description": site.settings.taglines[lang],
        "lang": lang,
        "dir": site.language(lang).direction,
        "id": home,
        "start_url": home,
        "scope": site.url_for_path(""),
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": THEME,
        "icons": icons,
    }
    return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode()

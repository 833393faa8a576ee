"""Preview images are drawn where words changed, and pages name them with size and words."""

from __future__ import annotations

from urllib.parse import urlsplit

from lxml import html
from tests.publish.built import manifest_of
from tests.rebuilding.workshop import Workshop, difference

from openknowledge.manifest import CacheClass, FileRole

COURSE = "courses/algebra/index.md"


def metas(shop: Workshop, path: str) -> dict[str, str]:
    root = html.fromstring((shop.output / path).read_bytes())
    return {
        str(meta.get("property") or meta.get("name")): str(meta.get("content"))
        for meta in root.iter("meta")
        if meta.get("content")
    }


def test_a_new_title_draws_its_own_pictures_and_a_new_text_none(shop: Workshop) -> None:
    assert not [path for path in shop.read_output() if path.startswith("share/")]
    shop.settings["SHARE_PICTURES"] = True
    try:
        drawn = shop.build().executed["share-picture"]
        pictures = {path for path in shop.read_output() if path.startswith("share/")}
        shop.replace(COURSE, "Di che cosa parla", "Di che cosa tratta")
        text = shop.build()
        shop.replace(COURSE, "title: Algebra lineare", "title: Algebra")
        title = shop.build()

        assert drawn == len(pictures) > 20
        assert [path for path in text.changed if path.startswith("share/")] == []
        assert [path.partition(".")[0] for path in title.changed if path.startswith("share/")] == [
            "share/course/algebra"
        ]
        assert difference(shop.read_output(), shop.clean()) == []
        shop.replace(COURSE, "title: Algebra", "title: Algebra 한")
        refused = shop.build()
        assert [problem.partition(" ")[0] for problem in refused.problems] == [f"content/{COURSE}:2:"]
    finally:
        del shop.settings["SHARE_PICTURES"]


def test_pages_name_their_picture_with_size_and_words(shop: Workshop) -> None:
    shop.settings["SHARE_PICTURES"] = True
    try:
        shop.build()
        entries = manifest_of(shop.output).by_path
        found = {path: metas(shop, path) for path in ("corsi/geometria/index.html", "en/courses/geometria/index.html")}
        lists = metas(shop, "en/courses/index.html")
    finally:
        del shop.settings["SHARE_PICTURES"]

    italian, english = found.values()
    picture = entries[urlsplit(italian["og:image"]).path[1:]]
    assert (picture.role, picture.cache, picture.media_type) == (FileRole.MEDIA, CacheClass.IMMUTABLE, "image/jpeg")
    assert italian["og:image"] == english["og:image"]
    assert (italian["og:image:width"], italian["og:image:height"]) == ("1200", "630")
    assert italian["og:image:alt"] == "Geometria · Corso · Polimi Open Knowledge"
    assert (italian["og:locale"], italian["og:locale:alternate"]) == ("it_IT", "en_GB")
    assert (english["og:locale"], english["og:locale:alternate"]) == ("en_GB", "it_IT")
    assert (italian["og:type"], lists["og:type"]) == ("article", "website")
    assert {italian["twitter:card"], lists["twitter:card"]} == {"summary_large_image"}
    assert urlsplit(lists["og:image"]).path.startswith("/share/site/en.")

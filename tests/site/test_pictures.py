"""Pictures in a built site: in the formats and sizes of pages, once, and never as they came."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image
from tests.site.small import FILES, SiteBuild, built, copied, digest, small_content

IMAGE = (
    "image: {src: %s, alt: {it: Una lavagna, en: A blackboard}, credit: {author: Ada, url: 'https://example.org/a'}}\n"
)
TEXT = """
Una figura:

![Un grafico](../algebra/figura.png "Le ascisse"){author="Bruno"}

e [la foto intera](../algebra/foto.jpg), e ![un disegno](disegno.svg).
"""
BARE = "image: {src: ../people/ada.png, alt: {it: Ada, en: Ada}}\n"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><path d="M0 0h9"/></svg>'
HERO = "(min-width: 54rem) 19rem, 100vw"
PHOTO_CREDIT = "photo_credit: {author: Tran, publisher: Unsplash}\n"


def photograph(width: int, height: int, form: str = "JPEG") -> bytes:
    stream, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Camera"
    noise = Image.effect_noise((width // 8, height // 8), 80).resize((width, height)).convert("RGB")
    noise.save(stream, form, exif=exif)
    return stream.getvalue()


def with_field(name: str, field: str) -> str:
    return FILES[name].replace("\n---\n", f"\n{field}---\n", 1)


def pictured(folder: Path) -> Path:
    """Write the small site with a cover, a portrait, a picture and a drawing in a text, and links to some."""
    content = small_content(folder)
    texts = {
        "courses/algebra/index.md": with_field("courses/algebra/index.md", IMAGE % "foto.jpg"),
        "people/ada.md": with_field("people/ada.md", IMAGE % "ada.png"),
        "programmes/scuole.md": with_field("programmes/scuole.md", PHOTO_CREDIT),
        "programmes/musei.md": f"---\ntitle: Musei\n{BARE}{PHOTO_CREDIT}---\n",
        "courses/geometria/index.md": FILES["courses/geometria/index.md"] + TEXT,
        "press/2025/cento-corsi.md": with_field("press/2025/cento-corsi.md", "figures: [sito.lettori]\n")
        + TEXT.replace("../", "../../courses/").replace("disegno.svg", "../../courses/geometria/disegno.svg"),
        "courses/geometria/disegno.svg": DRAWING,
    }
    for name, text in texts.items():
        (content / name).write_text(text)
    (content / "snapshots/youtube/stills").mkdir(parents=True)
    (content / "snapshots/youtube/stills/abcdefghijk.jpg").write_bytes(photograph(480, 360))
    (content / "courses/algebra/foto.jpg").write_bytes(photograph(1000, 600))
    (content / "courses/algebra/figura.png").write_bytes(photograph(900, 300, "PNG"))
    (content / "people/ada.png").write_bytes(photograph(200, 200, "PNG"))
    return content


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SiteBuild:
    folder = tmp_path_factory.mktemp("pictured")
    return built(folder, content=pictured(folder))


def page(site: SiteBuild, path: str) -> str:
    return (site.output / path / "index.html").read_text()


def find(site: SiteBuild, path: str, alt: str) -> str:
    """Return the picture of a page that has a text alternative."""
    pictures = re.findall(r"<picture>.*?</picture>|<img[^>]*>", page(site, path), re.DOTALL)
    return next(one for one in pictures if f'alt="{alt}"' in one)


@pytest.mark.parametrize(
    ("path", "alt", "widths", "sizes", "shape"),
    [
        ("corsi/algebra", "Una lavagna", "320 640 1000", HERO, 'width="1000" height="600" fetchpriority="high"'),
        ("persone/ada", "Una lavagna", "200", HERO, 'width="200" height="200" fetchpriority="high"'),
        (
            "corsi",
            "Una lavagna",
            "320 640 1000",
            "(min-width: 50rem) 24rem",
            'width="1000" height="600" fetchpriority="high"',
        ),
        (
            "corsi/geometria",
            "Un grafico",
            "320 640 900",
            "(min-width: 640px) 608px",
            'width="900" height="300" loading="lazy"',
        ),
    ],
)
def test_a_picture_is_offered_in_both_formats_at_the_widths_of_its_place(
    site: SiteBuild, path: str, alt: str, widths: str, sizes: str, shape: str
) -> None:
    shown = find(site, path, alt)

    sources = re.findall(r'<source type="image/(\w+)" srcset="([^"]*)" sizes="([^"]*)">', shown)
    assert [form for form, _, _ in sources] == ["avif", "webp"]
    for _, srcset, offered in sources:
        assert re.findall(r" ([0-9]+)w", srcset) == widths.split() and offered.startswith(sizes)
    assert shape in shown


def test_every_address_of_a_picture_answers_and_no_file_is_as_it_came(site: SiteBuild) -> None:
    urls = set()
    for path in site.output.rglob("*.html"):
        text = path.read_text()
        urls |= set(re.findall(r'/(?:pictures|media)/[^" ]+', text))
    assert len(urls) == len({url for url in urls if (site.output / url[1:]).is_file()}) == 24
    for old in ("courses/algebra/foto.jpg", "courses/algebra/figura.png", "people/ada.png"):
        published = (site.output / "media" / old).read_bytes()
        assert published != (site.content / old).read_bytes()
        assert Image.open(io.BytesIO(published)).size == Image.open(site.content / old).size
    assert not [path for path in site.output.rglob("*.*") if path.is_file() and b"Camera" in path.read_bytes()]


def test_a_drawing_stays_one_with_its_size_and_a_link_says_how_large_the_copy_is(site: SiteBuild) -> None:
    drawing = find(site, "corsi/geometria", "un disegno")
    assert 'src="/media/courses/geometria/disegno.svg"' in drawing and 'width="40" height="20"' in drawing
    copy_kb = (site.output / "media/courses/algebra/foto.jpg").stat().st_size / 1000
    noted = re.search(r"foto intera</a> <span[^>]*>\(JPG, ([0-9]+)", page(site, "corsi/geometria"))
    assert noted is not None and abs(int(noted[1]) - copy_kb) <= 1


def test_a_feed_has_a_picture_once_at_the_address_that_stays(site: SiteBuild) -> None:
    feeds = "".join(path.read_text() for path in site.output.rglob("*.atom.xml"))

    assert "/media/courses/algebra/figura.png" in feeds
    assert "/pictures/" not in feeds and "srcset" not in feeds


def test_who_took_a_photograph_is_named_under_it_and_under_no_drawing(site: SiteBuild) -> None:
    assert "Tran, Unsplash" in page(site, "programmi/musei")
    assert "Tran" not in page(site, "programmi/scuole")
    assert '<figcaption class="figure-credit"><a href="https://example.org/a">Ada</a>' in page(site, "corsi/algebra")


def test_an_edited_text_makes_no_picture_and_another_picture_what_shows_it(site: SiteBuild, tmp_path: Path) -> None:
    again = copied(site, tmp_path)
    cached = tmp_path / "cache/pictures"
    before, stamps = digest(again.output), {path.name: path.stat().st_mtime_ns for path in cached.iterdir()}
    text = again.content / "courses/geometria/index.md"
    text.write_text(text.read_text() + "Altre parole.\n")
    built(tmp_path, content=again.content)

    assert {path.name: path.stat().st_mtime_ns for path in cached.iterdir()} == stamps
    (again.content / "courses/algebra/figura.png").write_bytes(photograph(640, 300, "PNG"))
    text.write_text(FILES["courses/geometria/index.md"] + TEXT)
    built(tmp_path, content=again.content)
    after = digest(again.output)

    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {path for path in changed if path.endswith(".html")} == {
        f"{lang}{name}/index.html"
        for lang, name in [
            ("", "corsi/geometria"),
            ("en/", "courses/geometria"),
            ("", "stampa/2025/cento-corsi"),
            ("en/", "press/2025/cento-corsi"),
        ]
    }
    assert not [path for path in after if path.startswith("pictures/") and "figura.png.900" in path]


def test_a_video_shows_its_still_in_the_shape_of_a_film_and_no_drawn_cover(site: SiteBuild) -> None:
    shown = re.search(r"<picture>.*?</picture>", page(site, "video/lezione"), re.DOTALL)

    assert shown is not None and 'width="480" height="270" fetchpriority="high"' in shown[0]
    assert re.findall(r" ([0-9]+)w", shown[0]) == ["320", "480"] * 2
    assert "ytimg" not in page(site, "video/lezione")
    assert not [*site.output.glob("covers/video/*")] and not (site.output / "media/snapshots").exists()


def test_a_press_kit_has_the_text_the_figures_and_clean_pictures(site: SiteBuild) -> None:
    with ZipFile(site.output / "stampa/2025/cento-corsi/kit.zip") as kit:
        files = {name: kit.read(name) for name in kit.namelist()}
        days = {entry.date_time for entry in kit.infolist()}

    assert 'href="/stampa/2025/cento-corsi/kit.zip" download' in page(site, "stampa/2025/cento-corsi")
    assert set(files) == {
        *("cento-corsi.html", "cento-corsi.csv", "pictures.txt"),
        *("algebra/figura.png", "geometria/disegno.svg"),
    }
    text = files["cento-corsi.html"].decode()
    assert "<h1>Cento corsi</h1>" in text and "Milano, 5 maggio 2025" in text and 'src="/' not in text
    header, figure = files["cento-corsi.csv"].decode().splitlines()
    assert header.startswith("number,text,label,definition,as_of") and figure.split(",")[0].isdigit()
    assert files["pictures.txt"].decode().startswith("algebra/figura.png: Un grafico\n")
    assert files["algebra/figura.png"] == (site.output / "media/courses/algebra/figura.png").read_bytes()
    assert days == {(2025, 5, 5, 0, 0, 0)}

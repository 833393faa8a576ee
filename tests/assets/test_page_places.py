"""The check follows links of built pages to their place, on lists and at whole addresses of the site too."""

from __future__ import annotations

from pathlib import Path

from openknowledge.assets.page_places import find_wrong_places
from openknowledge.content.link_locations import LinkLocator
from openknowledge.manifest import CacheClass, FileRole, Manifest, ManifestEntry

SITE, PUBLISHED = "http://127.0.0.1:8000/base", "https://own.example.edu"
PAGES = {
    "index.html": '<h1 id="title">Casa</h1>',
    "corsi/index.html": '<section id="part:matematica"></section>',
    "corsi/perché/index.html": '<h2 id="perché-no">Perché no</h2>',
}


def found(folder: Path, text: str, source: str = "") -> list[str]:
    """Return what is wrong with a page of such a text, whose source is the file `pages/x.md`."""
    pages = {**PAGES, "x/index.html": text}
    for path, markup in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(markup, "utf-8")
    (folder / "content/pages").mkdir(parents=True, exist_ok=True)
    (folder / "content/pages/x.md").write_text(source, "utf-8")
    entries = [ManifestEntry(path, "", 1, "text/html", CacheClass.PAGE, FileRole.PAGE) for path in pages]
    entries.append(ManifestEntry("media/a.pdf", "", 1, "application/pdf", CacheClass.MEDIA, FileRole.MEDIA))
    locator = LinkLocator(SITE, folder, lambda path: ("content/pages/x.md",) if path == "x/index.html" else ())
    manifest = Manifest.from_entries(SITE, entries)
    return [str(one).partition("\n")[0] for one in find_wrong_places(folder, manifest, (SITE, PUBLISHED), locator)]


def test_links_to_places_that_are_there_are_right(tmp_path: Path) -> None:
    links = [
        *("#qui", "#top", "#", "/base/corsi/#part:matematica", "/base/corsi/?a=b#part:matematica", "/base/#title"),
        *("/base/corsi/perch%C3%A9/#perch%C3%A9-no", "/base/media/a.pdf#page=3", "https://own.example.edu"),
        *(
            "https://own.example.edu/corsi",
            "https://own.example.edu/#title",
            "https://other.edu/x#y",
            "mailto:a@b.it#c",
        ),
        *("https://own.example.edu.org/x", f"{SITE}/corsi/#part:matematica", "/base/corsi/#:~:text=Casa"),
    ]

    assert found(tmp_path, '<p id="qui">' + "".join(f'<a href="{link}">x</a>' for link in links)) == []


def test_a_link_to_a_place_of_a_list_or_at_a_whole_address_is_named_with_its_line(tmp_path: Path) -> None:
    links = ("/base/corsi/#niente", f"{PUBLISHED}/corsi/#nulla", f"{PUBLISHED}/corsi/chimica/")
    source = f"---\ntitle: X\n---\n[a](/corsi/#niente)\n[b]({PUBLISHED}/corsi/#nulla)\n"

    messages = found(tmp_path, "".join(f'<a class="a" href="{link}">x</a>' for link in links), source)

    assert messages[0] == 'content/pages/x.md:4: the link "/corsi/#niente" names a place that the page does not have'
    assert "/corsi/#nulla" in messages[1] and "names a place" in messages[1]
    assert "/corsi/chimica/" in messages[2] and messages[2].split(": ", 1)[1].startswith("there is nothing at")
    assert all(message.startswith("content/pages/x.md") for message in messages)


def test_an_id_that_is_on_a_page_twice_is_named_once(tmp_path: Path) -> None:
    text = '<h2 id="uno">a</h2><p class="b" id="uno"></p><p data-id="due" id="due"></p>'

    assert found(tmp_path, text) == ['/x/: the id "uno" is on this page twice']

"""The address book of a site: what became of each old address, and what is wrong, without Pelican."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.builders import settings_for, write
from tests.redirects.builders import the_routes

from openknowledge.catalogue.assemble import assemble
from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.site import Site
from openknowledge.redirects.resolver import RedirectResolver
from openknowledge.redirects.settings import RedirectsSettings
from openknowledge.redirects.table import Redirect
from openknowledge.rendering.i18n import load_languages

PUBLISHED = "snapshots/addresses.txt"


def item(title: str, *more: str) -> str:
    return "\n".join(("---", f"title: {title}", *more, "---", "Testo.", ""))


FILES = {
    "courses/algebra/index.md": item("Algebra", "subject: mathematics"),
    "courses/algebra/index.en.md": item("Algebra", "slug: linear-algebra"),
    "courses/coding/index.md": item("Coding"),
    "topics/numeri.md": item("Numeri"),
    "pages/home.md": item("Sito"),
    "initiatives/imparare.md": item("Imparare", "starts: 2020"),
}


def book_of(tmp_path: Path, files: dict[str, str | None]) -> tuple[RedirectResolver, Site]:
    """The book of the small site with other files; None takes one away."""
    every = {**FILES, **files}
    content = write(tmp_path, {name: text for name, text in every.items() if text is not None})
    settings = replace(settings_for(content, counter_json="data/counters/{slug}.json"), routes=the_routes())
    languages = load_languages(settings.locale, settings.site.langs, settings.timezone, {})
    found = assemble(settings, KINDS, languages)
    assert found.problems == ()
    resolver = RedirectResolver(RedirectsSettings.from_pelican({"PATH": str(content)}))
    resolver.register_inputs(found.site)
    return resolver, found.site


def said(tmp_path: Path, files: dict[str, str | None]) -> list[str]:
    book, site = book_of(tmp_path, files)
    found = book.resolve(site)
    return [str(one).splitlines()[0] for one in (*found.problems, *found.losses)]


def forwards(tmp_path: Path, files: dict[str, str | None]) -> dict[str, str | None]:
    """Where each address leads that ends with a slash or is a file's, once nothing is wrong."""
    book, site = book_of(tmp_path, files)
    found = book.resolve(site)
    assert (found.problems, found.losses) == ((), ())
    return {source: end.target for source, end in found.final_rules.items()}


def test_an_alias_leads_to_the_page_in_the_language_of_its_file(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "courses/algebra/index.md": item("Algebra", "aliases: [/corsi/vecchio]"),
        "courses/algebra/index.en.md": item("Algebra", "slug: linear-algebra", "aliases: [/en/courses/old/]"),
    }

    assert forwards(tmp_path, files) == {
        "/corsi/vecchio/": "/corsi/algebra/",
        "/en/courses/old/": "/en/courses/linear-algebra/",
    }


def test_a_forward_is_there_with_and_without_its_final_slash(tmp_path: Path) -> None:
    book, site = book_of(tmp_path, {"courses/coding/index.md": item("Coding", "aliases: [/corsi/vecchio, /a.php]")})

    assert list(book.redirects_of(site)) == [
        Redirect("/a.php", target="/corsi/coding/"),
        Redirect("/corsi/vecchio/", target="/corsi/coding/"),
        Redirect("/corsi/vecchio", target="/corsi/coding/"),
    ]


def test_a_number_of_the_old_platform_is_a_query(tmp_path: Path) -> None:
    runs = "runs: [{key: A+B, label: x, moodle_id: 7, lang: en}]"
    book, site = book_of(tmp_path, {"courses/algebra/index.md": item("Algebra", runs)})

    assert list(book.redirects_of(site)) == [Redirect("/course/view.php", "id=7", "/en/courses/linear-algebra/")]


def test_redirects_go_through_aliases_to_the_end(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "courses/coding/index.md": item("Coding", "aliases: [/b/]"),
        "redirects.yaml": "- {from: /a/, to: /b}\n- {from: /c/, to: 'https://example.edu/corsi/'}\n",
    }

    assert forwards(tmp_path, files) == {"/a/": "/corsi/coding/", "/b/": "/corsi/coding/", "/c/": "/corsi/"}


def test_an_alias_cannot_be_the_address_of_a_page_nor_be_claimed_twice(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "courses/algebra/index.md": item("Algebra", "aliases: [/x/, /corsi/materia/matematica/, /corsi/algebra]"),
        "courses/coding/index.md": item("Coding", "aliases:", "  - /corsi/algebra/", "  - /x"),
        "redirects.yaml": "- {from: /x/, gone: true}\n",
    }
    files["courses/algebra/index.md"] = str(files["courses/algebra/index.md"]).replace(
        "aliases", "subject: mathematics\naliases"
    )

    assert said(tmp_path, files) == [
        "content/courses/algebra/index.md:4: aliases[1]: /corsi/materia/matematica/ is the address of a page "
        "that there is",
        "content/courses/algebra/index.md:4: aliases[2]: /corsi/algebra/ is the address of this page itself",
        "content/courses/coding/index.md:4: aliases[0]: /corsi/algebra/ is the address of a page that there is "
        "(content/courses/algebra/index.md)",
        "content/courses/coding/index.md:5: aliases[1]: /x/ is already claimed by content/courses/algebra/index.md:4",
        "content/redirects.yaml:1: from: /x/ is already claimed by content/courses/algebra/index.md:4",
    ]


def test_a_target_that_there_is_not_is_told_with_what_is_near(tmp_path: Path) -> None:
    text = "- {from: /a/, to: /corsi/codingg/}\n- {from: /b/, to: /a/}\n"

    assert said(tmp_path, {"redirects.yaml": text}) == [
        'content/redirects.yaml:1: to: there is nothing at "/corsi/codingg/"; did you mean "/corsi/coding/"?'
    ]


def test_an_item_that_has_gone_is_told_and_its_feeds_are_not(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "topics/numeri.md": None,
        PUBLISHED: "/temi/numeri/\n/en/topics/numeri/\n/feed/topic/numeri.rss.xml\n/data/counters/numeri.json\n",
    }

    assert said(tmp_path, files) == [
        "content/redirects.yaml: /en/topics/numeri/ was published once, and nothing would answer there any more",
        "content/redirects.yaml: /temi/numeri/ was published once, and nothing would answer there any more",
    ]


def test_one_language_says_it_for_all_and_for_what_is_made_of_an_item(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "topics/numeri.md": None,
        "topics/cifre.md": item("Cifre", "aliases: [/temi/numeri/]"),
        PUBLISHED: "/temi/numeri/\n/en/topics/numeri/\n/feed/topic/numeri.rss.xml\n/en/feeds/topic/numeri.atom.xml\n",
    }

    assert forwards(tmp_path, files) == {
        "/temi/numeri/": "/temi/cifre/",
        "/en/topics/numeri/": "/en/topics/cifre/",
        "/feed/topic/numeri.rss.xml": "/feed/topic/cifre.rss.xml",
        "/en/feeds/topic/numeri.atom.xml": "/en/feeds/topic/cifre.atom.xml",
    }


def test_what_was_made_of_an_item_is_gone_with_it(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "topics/numeri.md": None,
        "redirects.yaml": "- {from: /temi/numeri/, gone: true}\n",
        PUBLISHED: "/temi/numeri/\n/en/topics/numeri/\n/feed/topic/numeri.rss.xml\n/data/counters/coding.json\n",
    }

    assert forwards(tmp_path, files) == {
        "/temi/numeri/": None,
        "/en/topics/numeri/": None,
        "/feed/topic/numeri.rss.xml": None,
        "/data/counters/coding.json": None,
    }


@pytest.mark.parametrize(
    ("address", "above"),
    [
        ("/corsi/stato/in-corso/", "/corsi/"),
        ("/en/courses/state/running/", "/en/courses/"),
        ("/video/anno/2019/4/", "/video/"),
        ("/stampa/2019/", "/stampa/"),
        ("/imparare/articoli/", "/imparare/"),
        ("/cerca/", "/"),
        ("/en/search/", "/en/"),
    ],
)
def test_a_list_that_has_become_empty_leads_to_the_nearest_list_above(tmp_path: Path, address: str, above: str) -> None:
    assert forwards(tmp_path, {PUBLISHED: f"{address}\n"}) == {address: above}


def test_the_lists_of_something_that_moved_move_with_it(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "initiatives/imparare.md": None,
        "initiatives/studiare.md": item("Studiare", "starts: 2020", "aliases: [/imparare/]"),
        PUBLISHED: "/imparare/articoli/\n",
    }

    assert forwards(tmp_path, files)["/imparare/articoli/"] == "/studiare/"


def test_a_redirect_to_a_list_that_has_become_empty_leads_above_it(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "redirects.yaml": "- {from: /a/, to: /corsi/stato/in-corso/}\n",
        PUBLISHED: "/corsi/stato/in-corso/\n",
    }

    assert forwards(tmp_path, files)["/a/"] == "/corsi/"


def test_what_is_served_is_not_lost(tmp_path: Path) -> None:
    book, site = book_of(tmp_path, {})
    every = "".join(f"{address}\n" for address in book.resolve(site).served)

    assert "/corsi/materia/matematica/" in every
    assert forwards(tmp_path, {PUBLISHED: every}) == {}


def test_a_file_that_nothing_is_made_of_is_an_editors(tmp_path: Path) -> None:
    assert said(tmp_path, {PUBLISHED: "/media/courses/algebra/programma.pdf\n/podcast/uno/\n"}) == [
        "content/redirects.yaml: /media/courses/algebra/programma.pdf was published once, and nothing would answer "
        "there any more",
        "content/redirects.yaml: /podcast/uno/ was published once, and nothing would answer there any more",
    ]


def test_a_run_that_has_gone_is_told_once_and_said_once(tmp_path: Path) -> None:
    leaves = "".join(f"/courses/T/ALG/2014{leaf}/\n" for leaf in ("", "/about", "/course", "/info"))
    gone = "- {from: /courses/T/ALG/2014, to: /corsi/algebra/}\n"

    assert said(tmp_path, {PUBLISHED: leaves}) == [
        "content/redirects.yaml: /courses/T/ALG/2014/ was published once, and nothing would answer there any more"
    ]
    found = forwards(tmp_path, {PUBLISHED: leaves, "redirects.yaml": gone})
    assert set(found.values()) == {"/corsi/algebra/"}
    assert len(found) == 4


def test_the_page_of_all_numbers_is_served_while_there_is_one(tmp_path: Path) -> None:
    runs = "runs: [{key: A+B, label: x, moodle_id: 7}]"

    assert said(tmp_path, {PUBLISHED: "/course/view.php/\n", "courses/algebra/index.md": item("Algebra", runs)}) == []
    assert len(said(tmp_path, {PUBLISHED: "/course/view.php/\n"})) == 1


def test_every_file_of_forwards_may_be_published_and_recorded_in_turn(tmp_path: Path) -> None:
    runs = "runs: [{key: A+B, label: x, moodle_id: 7}, {key: T/ALG/2014, label: y}]"
    course = {"courses/algebra/index.md": item("Algebra", runs, "aliases: [/corsi/vecchio, /a.php, /b.html]")}
    book, site = book_of(tmp_path, {**course})
    every = "".join(f"{one.source}\n" for one in book.redirects_of(site))

    assert "/corsi/vecchio\n" in every
    assert said(tmp_path, {**course, PUBLISHED: every}) == []


def test_no_forward_ends_nowhere_even_if_its_list_became_empty_since_it_was_checked(tmp_path: Path) -> None:
    book, site = book_of(tmp_path, {"redirects.yaml": "- {from: /a/, to: /corsi/stato/in-corso/}\n"})

    assert [one.target for one in book.redirects_of(site)] == ["/corsi/", "/corsi/"]

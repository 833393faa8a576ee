"""The resolver of a site: the outcome of each old URL and the problems, without Pelican."""

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
from openknowledge.redirects.sources import RedirectsSettings
from openknowledge.redirects.table import Redirect
from openknowledge.rendering.locale import load_languages

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


def resolver_of(tmp_path: Path, files: dict[str, str | None]) -> tuple[RedirectResolver, Site]:
    """Return the resolver of the small site with other files; None removes a file."""
    texts = {**FILES, **files}
    content = write(tmp_path, {name: text for name, text in texts.items() if text is not None})
    settings = replace(settings_for(content, counter_json="data/counters/{slug}.json"), routes=the_routes())
    languages = load_languages(settings.locale, settings.site.langs, settings.timezone, {})
    assembled = assemble(settings, KINDS, languages)
    assert assembled.problems == ()
    resolver = RedirectResolver(RedirectsSettings.from_pelican({"PATH": str(content)}))
    resolver.register_inputs(assembled.site)
    return resolver, assembled.site


def problems_of(tmp_path: Path, files: dict[str, str | None]) -> list[str]:
    resolver, site = resolver_of(tmp_path, files)
    resolution = resolver.resolve(site)
    return [str(problem).splitlines()[0] for problem in (*resolution.problems, *resolution.losses)]


def targets_of(tmp_path: Path, files: dict[str, str | None]) -> dict[str, str | None]:
    """Return the target of each old URL; there must be no problem."""
    resolver, site = resolver_of(tmp_path, files)
    resolution = resolver.resolve(site)
    assert (resolution.problems, resolution.losses) == ((), ())
    return {source: rule.target for source, rule in resolution.final_rules.items()}


def test_an_alias_leads_to_the_page_in_the_language_of_its_file(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "courses/algebra/index.md": item("Algebra", "aliases: [/corsi/vecchio]"),
        "courses/algebra/index.en.md": item("Algebra", "slug: linear-algebra", "aliases: [/en/courses/old/]"),
    }

    assert targets_of(tmp_path, files) == {
        "/corsi/vecchio/": "/corsi/algebra/",
        "/en/courses/old/": "/en/courses/linear-algebra/",
    }


def test_a_redirect_exists_with_and_without_its_final_slash(tmp_path: Path) -> None:
    resolver, site = resolver_of(
        tmp_path, {"courses/coding/index.md": item("Coding", "aliases: [/corsi/vecchio, /a.php]")}
    )

    assert list(resolver.redirects_of(site)) == [
        Redirect("/a.php", target="/corsi/coding/"),
        Redirect("/corsi/vecchio/", target="/corsi/coding/"),
        Redirect("/corsi/vecchio", target="/corsi/coding/"),
    ]


def test_a_number_of_the_old_platform_is_a_query(tmp_path: Path) -> None:
    runs = "runs: [{key: A+B, label: x, moodle_id: 7, lang: en}]"
    resolver, site = resolver_of(tmp_path, {"courses/algebra/index.md": item("Algebra", runs)})

    assert list(resolver.redirects_of(site)) == [Redirect("/course/view.php", "id=7", "/en/courses/linear-algebra/")]


def test_redirects_go_through_aliases_to_the_end(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "courses/coding/index.md": item("Coding", "aliases: [/b/]"),
        "redirects.yaml": "- {from: /a/, to: /b}\n- {from: /c/, to: 'https://example.edu/corsi/'}\n",
    }

    assert targets_of(tmp_path, files) == {"/a/": "/corsi/coding/", "/b/": "/corsi/coding/", "/c/": "/corsi/"}


def test_an_alias_cannot_be_the_address_of_a_page_nor_be_claimed_twice(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "courses/algebra/index.md": item("Algebra", "aliases: [/x/, /temi/, /corsi/algebra]"),
        "courses/coding/index.md": item("Coding", "aliases:", "  - /corsi/algebra/", "  - /x"),
        "redirects.yaml": "- {from: /x/, gone: true}\n",
    }
    files["courses/algebra/index.md"] = str(files["courses/algebra/index.md"]).replace(
        "aliases", "subject: mathematics\naliases"
    )

    assert problems_of(tmp_path, files) == [
        "content/courses/algebra/index.md:4: aliases[1]: /temi/ is the address of a page that there is",
        "content/courses/algebra/index.md:4: aliases[2]: /corsi/algebra/ is the address of this page itself",
        "content/courses/coding/index.md:4: aliases[0]: /corsi/algebra/ is the address of a page that there is "
        "(content/courses/algebra/index.md)",
        "content/courses/coding/index.md:5: aliases[1]: /x/ is already claimed by content/courses/algebra/index.md:4",
        "content/redirects.yaml:1: from: /x/ is already claimed by content/courses/algebra/index.md:4",
    ]


def test_a_missing_target_is_reported_with_the_nearest_address(tmp_path: Path) -> None:
    text = "- {from: /a/, to: /corsi/codingg/}\n- {from: /b/, to: /a/}\n"

    assert problems_of(tmp_path, {"redirects.yaml": text}) == [
        'content/redirects.yaml:1: to: there is nothing at "/corsi/codingg/"; did you mean "/corsi/coding/"?'
    ]


def test_a_removed_item_is_reported_and_its_feeds_are_not(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "topics/numeri.md": None,
        PUBLISHED: "/temi/numeri/\n/en/topics/numeri/\n/feed/topic/numeri.rss.xml\n/data/counters/numeri.json\n",
    }

    assert problems_of(tmp_path, files) == [
        "content/redirects.yaml: /en/topics/numeri/ was published once, and nothing would answer there any more",
        "content/redirects.yaml: /temi/numeri/ was published once, and nothing would answer there any more",
    ]


def test_an_alias_in_one_language_redirects_the_other_languages_and_the_feeds(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "topics/numeri.md": None,
        "topics/cifre.md": item("Cifre", "aliases: [/temi/numeri/]"),
        PUBLISHED: "/temi/numeri/\n/en/topics/numeri/\n/feed/topic/numeri.rss.xml\n/en/feeds/topic/numeri.atom.xml\n",
    }

    assert targets_of(tmp_path, files) == {
        "/temi/numeri/": "/temi/cifre/",
        "/en/topics/numeri/": "/en/topics/cifre/",
        "/feed/topic/numeri.rss.xml": "/feed/topic/cifre.rss.xml",
        "/en/feeds/topic/numeri.atom.xml": "/en/feeds/topic/cifre.atom.xml",
    }


def test_a_calendar_follows_its_course_and_is_gone_where_no_dates_are_left(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "courses/calcolo/index.md": item(
            "Calcolo", "aliases: [/corsi/analisi/]\nruns: [{key: C, label: C, starts: 2026-03-01}]"
        ),
        "courses/logica/index.md": item("Logica"),
        PUBLISHED: "/corsi/analisi/\n/feed/course/analisi.ics\n/feed/course/logica.ics\n",
    }

    assert targets_of(tmp_path, files) == {
        "/corsi/analisi/": "/corsi/calcolo/",
        "/feed/course/analisi.ics": "/feed/course/calcolo.ics",
        "/feed/course/logica.ics": None,
    }


def test_the_number_of_a_strand_follows_it_and_figures_that_are_gone_need_no_editor(tmp_path: Path) -> None:
    series = "# source: x\n# measure: enrolled_ever\nday,total\n2025-01-01,10\n"
    files: dict[str, str | None] = {
        "strands/calcolo.md": item("Calcolo", "aliases: [/percorsi/analisi/]"),
        "courses/algebra/index.md": item("Algebra", "subject: mathematics\nstrand: calcolo"),
        "snapshots/enrollments/algebra.csv": series,
        PUBLISHED: "/data/counters/total/courses.json\n/data/counters/total/strand/analisi.json\n"
        "/data/counters/total/strand/calcolo.json\n/data/counters/figure/pok.json\n",
    }

    assert targets_of(tmp_path, files) == {
        "/percorsi/analisi/": "/percorsi/calcolo/",
        "/data/counters/figure/pok.json": None,
        "/data/counters/total/strand/analisi.json": "/data/counters/total/strand/calcolo.json",
    }


def test_a_press_kit_follows_its_page_and_is_gone_with_it(tmp_path: Path) -> None:
    release = "published: 2020-06-16\naliases: [/stampa/2020/vecchio/]"
    files: dict[str, str | None] = {
        "press/2020/nuovo.md": item("Nuovo", release),
        "redirects.yaml": "- {from: /stampa/2019/altro/, gone: true}\n",
        PUBLISHED: "/stampa/2020/vecchio/kit.zip\n/en/press/2020/vecchio/kit.zip\n/stampa/2019/altro/kit.zip\n",
    }

    assert targets_of(tmp_path, files) == {
        "/stampa/2020/vecchio/": "/stampa/2020/nuovo/",
        "/stampa/2019/altro/": None,
        "/stampa/2020/vecchio/kit.zip": "/stampa/2020/nuovo/kit.zip",
        "/en/press/2020/vecchio/kit.zip": "/en/press/2020/nuovo/kit.zip",
        "/stampa/2019/altro/kit.zip": None,
    }


def test_feeds_and_data_of_an_item_are_gone_with_it(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "topics/numeri.md": None,
        "redirects.yaml": "- {from: /temi/numeri/, gone: true}\n",
        PUBLISHED: "/temi/numeri/\n/en/topics/numeri/\n/feed/topic/numeri.rss.xml\n/data/counters/coding.json\n",
    }

    assert targets_of(tmp_path, files) == {
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
    assert targets_of(tmp_path, {PUBLISHED: f"{address}\n"}) == {address: above}


def test_the_lists_of_something_that_moved_move_with_it(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "initiatives/imparare.md": None,
        "initiatives/studiare.md": item("Studiare", "starts: 2020", "aliases: [/imparare/]"),
        PUBLISHED: "/imparare/articoli/\n",
    }

    assert targets_of(tmp_path, files)["/imparare/articoli/"] == "/studiare/"


def test_a_redirect_to_a_list_that_has_become_empty_leads_above_it(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "redirects.yaml": "- {from: /a/, to: /corsi/stato/in-corso/}\n",
        PUBLISHED: "/corsi/stato/in-corso/\n",
    }

    assert targets_of(tmp_path, files)["/a/"] == "/corsi/"


def test_what_is_served_is_not_lost(tmp_path: Path) -> None:
    resolver, site = resolver_of(tmp_path, {})
    published = "".join(f"{address}\n" for address in resolver.resolve(site).served)

    assert "/temi/" in published
    assert targets_of(tmp_path, {PUBLISHED: published}) == {}


def test_a_lost_file_that_no_rule_derives_is_reported(tmp_path: Path) -> None:
    assert problems_of(tmp_path, {PUBLISHED: "/media/courses/algebra/programma.pdf\n/podcast/uno/\n"}) == [
        "content/redirects.yaml: /media/courses/algebra/programma.pdf was published once, and nothing would answer "
        "there any more",
        "content/redirects.yaml: /podcast/uno/ was published once, and nothing would answer there any more",
    ]


def test_a_lost_run_is_reported_once_and_redirected_by_one_rule(tmp_path: Path) -> None:
    legacy_urls = "".join(f"/courses/T/ALG/2014{suffix}/\n" for suffix in ("", "/about", "/course", "/info"))
    gone = "- {from: /courses/T/ALG/2014, to: /corsi/algebra/}\n"

    assert problems_of(tmp_path, {PUBLISHED: legacy_urls}) == [
        "content/redirects.yaml: /courses/T/ALG/2014/ was published once, and nothing would answer there any more"
    ]
    targets = targets_of(tmp_path, {PUBLISHED: legacy_urls, "redirects.yaml": gone})
    assert set(targets.values()) == {"/corsi/algebra/"}
    assert len(targets) == 4


def test_the_page_of_all_numbers_is_served_while_there_is_one(tmp_path: Path) -> None:
    runs = "runs: [{key: A+B, label: x, moodle_id: 7}]"

    assert (
        problems_of(tmp_path, {PUBLISHED: "/course/view.php/\n", "courses/algebra/index.md": item("Algebra", runs)})
        == []
    )
    assert len(problems_of(tmp_path, {PUBLISHED: "/course/view.php/\n"})) == 1


def test_sources_of_redirects_may_be_recorded_as_published_urls(tmp_path: Path) -> None:
    runs = "runs: [{key: A+B, label: x, moodle_id: 7}, {key: T/ALG/2014, label: y}]"
    course = {"courses/algebra/index.md": item("Algebra", runs, "aliases: [/corsi/vecchio, /a.php, /b.html]")}
    resolver, site = resolver_of(tmp_path, {**course})
    published = "".join(f"{redirect.source}\n" for redirect in resolver.redirects_of(site))

    assert "/corsi/vecchio\n" in published
    assert problems_of(tmp_path, {**course, PUBLISHED: published}) == []


def test_a_redirect_to_a_list_that_became_empty_since_its_check_leads_to_the_list_above(tmp_path: Path) -> None:
    resolver, site = resolver_of(tmp_path, {"redirects.yaml": "- {from: /a/, to: /corsi/stato/in-corso/}\n"})

    assert [redirect.target for redirect in resolver.redirects_of(site)] == ["/corsi/", "/corsi/"]


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("/corsi/algebra/", ""),
        ("/corsi/algebra", ""),
        ("/en/courses/linear-algebra/?x=1", ""),
        ("/corsi/", ""),
        ("/corsi/stato/iscrizioni-aperte/", ""),
        ("/media/courses/coding/note.pdf", ""),
        ("/corsi/vecchio/", ""),
        ("/corsi/algebra/#vettori", ""),
        ("/corsi/algebra/#title:runs", ""),
        ("/theme/site.css", ""),
        ("/corsi/algebrra/", 'there is nothing at "/corsi/algebrra/"; did you mean "/corsi/algebra/"?'),
        ("/corsi/geometria/", 'there is nothing at "/corsi/geometria/"'),
        ("/courses/coding/note.pdf", 'there is nothing at "/courses/coding/note.pdf"'),
        ("/corsi/algebra/#matrici", "names an anchor that content/courses/algebra/index.md does not have"),
    ],
)
def test_an_address_in_a_text_is_one_of_the_site(tmp_path: Path, link: str, says: str) -> None:
    resolver, site = resolver_of(
        tmp_path,
        {
            "courses/coding/index.md": item("Coding") + f"\nSi veda [qui]({link}) e [note](note.pdf).\n",
            "courses/coding/note.pdf": "x",
            "courses/algebra/index.md": item("Algebra", "aliases: [/corsi/vecchio/]") + "\n## Vettori\n",
        },
    )

    found = [str(problem) for problem in resolver.check_links(site.fork())]

    assert len(found) == bool(says)
    assert all(problem.startswith("content/courses/coding/index.md:6: ") and says in problem for problem in found)


WITHDRAWN = '{"kind": "video", "slug": "limiti", "withdrawn": "2026-12-01", "youtube_id": "abc"}\n'


@pytest.mark.parametrize("why", ["withdrawn", "expired"])
def test_what_was_withdrawn_or_expired_is_gone_in_each_language_and_no_loss(why: str, tmp_path: Path) -> None:
    removed = '{"kind": "video", "slug": "serie", "youtube_id": "def"}\n'
    files: dict[str, str | None] = {
        "snapshots/youtube/retired.jsonl": WITHDRAWN.replace("withdrawn", why) + removed,
        PUBLISHED: "/video/limiti/\n/en/videos/limiti/\n",
    }

    targets = targets_of(tmp_path, files)

    gone = {source: target for source, target in targets.items() if "video" in source}
    assert gone == {"/video/limiti/": None, "/en/videos/limiti/": None}


def test_what_an_editor_writes_about_something_expired_has_its_address(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "snapshots/youtube/retired.jsonl": WITHDRAWN.replace("withdrawn", "expired"),
        "videos/limiti.md": "---\ntitle: Limiti\nyoutube_id: abcdefghijk\npublished: 2026-01-01T09:00:00Z\n---\n",
    }

    assert "/video/limiti/" not in targets_of(tmp_path, files)


def test_an_editors_redirect_comes_before_a_withdrawal(tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "snapshots/youtube/retired.jsonl": WITHDRAWN,
        "redirects.yaml": "- {from: /video/limiti/, to: /corsi/}\n",
    }

    assert targets_of(tmp_path, files)["/video/limiti/"] == "/corsi/"

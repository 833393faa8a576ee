"""What a build would lose, and what is told of it."""

from __future__ import annotations

from tests.redirects.builders import a_page, the_patterns

from openknowledge.redirects.lost_urls import PublishedUrl, Suggester, find_lost, parse_published
from openknowledge.redirects.table import Redirect

REDIRECTS = "content/redirects.yaml"


def test_what_is_served_or_forwarded_is_not_lost() -> None:
    addresses = ["/corsi/", "/corsi/old/", "/corsi/gone/", "/corsi/lost/"]
    forwards = [Redirect("/corsi/old", target="/corsi/"), Redirect("/corsi/gone/")]

    assert find_lost(addresses, {"/corsi/"}, forwards) == ("/corsi/lost/",)


def test_a_forward_for_one_query_does_not_answer_the_address() -> None:
    assert find_lost(["/a.php"], set(), [Redirect("/a.php", "id=1", "/x/")]) == ("/a.php",)


def test_lost_addresses_are_told_once_and_in_order() -> None:
    assert find_lost(["/b/", "/a", "/a/", "/a/index.html"], set(), ()) == ("/a/", "/b/")


def test_a_file_of_addresses_has_remarks_and_empty_lines_and_mistakes_with_lines() -> None:
    found = list(parse_published("# remark\n\n/corsi/\n  /perch%C3%A9\nhttps://x.it/\n", "a.txt"))

    assert found[:2] == [PublishedUrl("/corsi/", "a.txt", 3), PublishedUrl("/perché/", "a.txt", 4)]
    assert str(found[2]).startswith('a.txt:5: "https://x.it/" is not an address')


def guess(address: str) -> str:
    places = {
        "/corsi/programmare/": a_page("course/programmare", path="content/courses/programmare/index.md"),
        "/en/courses/programming/": a_page("course/programmare", "en", "content/courses/programmare/index.en.md"),
        "/corsi/algebra/": a_page("course/algebra", path="content/courses/algebra/index.md"),
        "/temi/programmare/": a_page("topic/programmare", path="content/topics/programmare.md"),
        "/video/lezione-uno/": a_page("video/lezione-uno"),
    }
    before = {"/corsi/algebra/", "/temi/programmare/", "/video/lezione-uno/"}
    return str(Suggester(the_patterns(), places, before, REDIRECTS).problem(address))


def test_the_new_page_of_the_kind_is_asked_about_first_with_its_file_and_its_translations() -> None:
    said = guess("/corsi/coding/")

    assert said.startswith("content/courses/programmare/index.md: aliases: /corsi/coding/ was published once")
    assert "Is /corsi/programmare/ (/en/courses/programming/ in the other language) its new address?" in said
    assert '"aliases: [/corsi/coding/]"' in said
    assert '"- {from: /corsi/coding/, gone: true}"' in said


def test_an_english_address_is_asked_about_in_the_english_file() -> None:
    assert guess("/en/courses/coding/").startswith("content/courses/programmare/index.en.md: aliases: ")


def test_where_the_item_has_no_file_the_redirects_have_to_say_it() -> None:
    said = guess("/video/lezione-1/")

    assert said.startswith(f"{REDIRECTS}: /video/lezione-1/ was published once")
    assert '"- {from: /video/lezione-1/, to: /video/lezione-uno/}"' in said


def test_where_nothing_is_alike_nothing_is_guessed() -> None:
    said = guess("/partner/zzz/")

    assert "If it is elsewhere now" in said
    assert "to: /…/" in said

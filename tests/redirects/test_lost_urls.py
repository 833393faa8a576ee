"""Lost URLs, and the problems that suggest what to write about them."""

from __future__ import annotations

from tests.redirects.builders import a_page, the_patterns

from openknowledge.redirects.lost_urls import Suggester, find_lost
from openknowledge.redirects.sources import parse_published
from openknowledge.redirects.table import Redirect

REDIRECTS = "content/redirects.yaml"


def test_served_and_redirected_addresses_are_not_lost() -> None:
    addresses = ["/corsi/", "/corsi/old/", "/corsi/gone/", "/corsi/lost/"]
    redirects = [Redirect("/corsi/old", target="/corsi/"), Redirect("/corsi/gone/")]

    assert find_lost(addresses, {"/corsi/"}, redirects) == ("/corsi/lost/",)


def test_a_redirect_for_one_query_does_not_answer_the_address() -> None:
    assert find_lost(["/a.php"], set(), [Redirect("/a.php", "id=1", "/x/")]) == ("/a.php",)


def test_lost_addresses_are_normalized_sorted_and_listed_once() -> None:
    assert find_lost(["/b/", "/a", "/a/", "/a/index.html"], set(), ()) == ("/a/", "/b/")


def test_a_file_of_addresses_has_remarks_and_empty_lines_and_mistakes_with_lines() -> None:
    rows = list(parse_published("# remark\n\n/corsi/\n  /perch%C3%A9\nhttps://x.it/\n", "a.txt"))

    assert rows[:2] == ["/corsi/", "/perché/"]
    assert str(rows[2]).startswith('a.txt:5: "https://x.it/" is not an address')


def suggest(address: str) -> str:
    served = {
        "/corsi/programmare/": a_page("course/programmare", path="content/courses/programmare/index.md"),
        "/en/courses/programming/": a_page("course/programmare", "en", "content/courses/programmare/index.en.md"),
        "/corsi/algebra/": a_page("course/algebra", path="content/courses/algebra/index.md"),
        "/temi/programmare/": a_page("topic/programmare", path="content/topics/programmare.md"),
        "/video/lezione-uno/": a_page("video/lezione-uno"),
    }
    published = {"/corsi/algebra/", "/temi/programmare/", "/video/lezione-uno/"}
    return str(Suggester(the_patterns(), served, published, REDIRECTS).problem(address))


def test_a_new_page_of_the_same_kind_is_suggested_first_with_its_file_and_translations() -> None:
    message = suggest("/corsi/coding/")

    assert message.startswith("content/courses/programmare/index.md: aliases: /corsi/coding/ was published once")
    assert "Is /corsi/programmare/ (/en/courses/programming/) its new address?" in message
    assert '"aliases: [/corsi/coding/]"' in message
    assert '"- {from: /corsi/coding/, gone: true}"' in message


def test_the_problem_of_an_english_address_is_at_the_english_file() -> None:
    assert suggest("/en/courses/coding/").startswith("content/courses/programmare/index.en.md: aliases: ")


def test_without_a_file_of_the_item_the_problem_is_at_the_redirects() -> None:
    message = suggest("/video/lezione-1/")

    assert message.startswith(f"{REDIRECTS}: /video/lezione-1/ was published once")
    assert '"- {from: /video/lezione-1/, to: /video/lezione-uno/}"' in message


def test_without_a_similar_page_there_is_no_suggestion() -> None:
    message = suggest("/partner/zzz/")

    assert "If it is elsewhere now" in message
    assert "to: /…/" in message

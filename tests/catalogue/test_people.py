"""People are sorted by their surnames, and lists say what they count."""

from __future__ import annotations

import pytest
from tests.builders import a_site, list_pages

from openknowledge.catalogue.kinds.group import PERSON
from openknowledge.model.people import Person, find_surname
from openknowledge.model.values import Words


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("Carlo Cottarelli", "Cottarelli"),
        ("G. Magli", "Magli"),
        ("Maria Grazia De Luca", "De Luca"),
        ("Nicola D’ Amico", "D’ Amico"),
        ("Nicola D’Amico", "D’Amico"),
        ("Ludwig van der Berg", "van der Berg"),
        ("De Luca", "De Luca"),
        ("Rossi, Anna", "Rossi"),
        ("John Smith Jr.", "Smith"),
        ("John Smith, III", "Smith"),
        ("Anna Rossi (MIT)", "Rossi"),
        ("王小明", "王小明"),
        ("Platone", "Platone"),
        ("(MIT)", "(MIT)"),
    ],
)
def test_a_surname_is_found_in_a_name_as_it_is_written(name: str, surname: str) -> None:
    assert find_surname(name) == surname


def test_people_are_sorted_by_surname_an_editor_may_say_which_and_are_counted_as_people() -> None:
    names = {"zoe": "Zoe Alfa", "ada": "Ada Zeta", "luca": "Luca De Marchi", "bea": "Bea Alfa", "gae": "Gae Bo Carli"}
    people = [Person(slug=slug, words={"it": Words(title=name)}) for slug, name in names.items() if slug != "gae"]
    people.append(Person(slug="gae", words={"it": Words(title=names["gae"])}, surname="Bo Carli"))

    (page,) = list_pages(PERSON, a_site(*people), "it")

    assert [card.title for card in page.cards] == ["Bea Alfa", "Zoe Alfa", "Gae Bo Carli", "Luca De Marchi", "Ada Zeta"]
    assert page.total == "5 people"

"""Who publishes the site: the setting, and what the colophon says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from tests.builders import a_site

from openknowledge.catalogue.organization_setting import find_organization_mistakes, read_organization

UNIVERSITY = {
    "name": "Ateneo di Prova",
    "legal_name": "Università di Prova",
    "url": "https://www.example.edu/",
    "street": "Via Roma 1",
    "postal_code": "00100",
    "locality": "Roma",
    "country": "IT",
    "ror": "01nffqt88",
}


def a_theme(folder: Path, size: tuple[int, int] = (240, 120)) -> Path:
    (folder / "static").mkdir()
    Image.new("RGB", size).save(folder / "static/logo.png")
    (folder / "static/logo.svg").write_text("<svg/>")
    (folder / "secret.png").write_bytes((folder / "static/logo.png").read_bytes())
    return folder


def mistakes(folder: Path, setting: object) -> list[str]:
    found = find_organization_mistakes({"ORGANIZATION": setting, "THEME": str(folder)})
    return [f"{where}: {message}" for where, message, hint in found if hint]


def test_the_colophon_says_who_publishes_the_site_as_far_as_it_is_known(tmp_path):
    settings = {"ORGANIZATION": {**UNIVERSITY, "logo": "logo.png"}, "THEME": str(a_theme(tmp_path))}

    imprint = a_site(organization=read_organization(settings)).chrome("en", "home").imprint

    assert imprint is not None
    assert (imprint.name, imprint.legal_name, imprint.url) == (*[UNIVERSITY[n] for n in ("name", "legal_name", "url")],)
    assert imprint.address == "Via Roma 1, 00100 Roma, Italy"
    assert imprint.ror is not None
    assert imprint.ror.url == "https://ror.org/01nffqt88"
    assert imprint.logo is not None
    assert (imprint.logo.width_px, imprint.logo.height_px) == (240, 120)


def test_what_is_not_known_of_the_publisher_is_left_out():
    imprint = a_site(organization=read_organization({"ORGANIZATION": {"name": "Ateneo"}})).chrome("it", "home").imprint

    assert imprint is not None
    assert (imprint.name, imprint.address) == ("Ateneo", "")
    assert (imprint.url, imprint.legal_name, imprint.ror, imprint.logo) == (None, None, None, None)
    assert a_site(organization=read_organization({})).chrome("it", "home").imprint is None


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"ror": "01nffqt89"}, '["ror"]: "01nffqt89" is not a ROR id'),
        ({"url": "www.example.edu"}, '["url"]: "www.example.edu" is not a web address'),
        ({"country": "UK"}, '["country"]: "UK" is not the code of a country'),
        ({"country": "Italia"}, '["country"]: "Italia" is not the code of a country'),
        ({"postal_code": 20133}, '["postal_code"]: "20133" is not text'),
        ({"street": " "}, '["street"]: is empty'),
        ({"adress": "Via Roma 1"}, '["adress"]: is unknown'),
        ({"name": None}, '["name"]: this is not text'),
        ({"logo": "logo.svg"}, '["logo"]: "logo.svg" is no picture that can stand for an organisation'),
        ({"logo": "../secret.png"}, '["logo"]: "../secret.png" is no picture that can stand for an organisation'),
        ({"logo": "none.png"}, '["logo"]: "none.png" is no picture that can stand for an organisation'),
    ],
)
def test_a_wrong_setting_of_the_publisher_is_told_with_its_cure(wrong, expected, tmp_path):
    assert mistakes(a_theme(tmp_path), {**UNIVERSITY, **wrong}) == [f"ORGANIZATION{expected}"]


def test_all_that_is_wrong_with_the_publisher_is_told_at_once(tmp_path):
    small = a_theme(tmp_path, (100, 200))

    assert mistakes(small, UNIVERSITY | {"logo": "logo.png"}) != []
    assert len(mistakes(small, {"ror": "x", "url": "y", "logo": "z"})) == 4
    assert mistakes(small, "Ateneo") == ["ORGANIZATION: this does not say who publishes the site"]

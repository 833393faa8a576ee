"""Redirects with difficult addresses."""

from __future__ import annotations

from openknowledge.redirects.table import Redirect

__all__ = ["NASTY", "ODD_SOURCES"]

ODD_SOURCES = (
    "/a b/",
    '/q"uote/',
    "/'single'/",
    "/do$llar${x}/$1/",
    "/br{ace}/",
    "/}/",
    "/{path}/{$HOME}/",
    "/re.g(e)x*+?[a]|^/",
    "/back\\slash/",
    "/semi;colon/",
    "/hash#mark/",
    "/perc%ent/",
    "/per%2Fcent/",
    "/ünï-中/",
    "/Case/",
    "/case/",
    "/default/",
    "/include x;/",
    "/`tick`/",
    "/courses/course-v1:Polimi+ALG101+2020_M9/about",
    "/tilde~/~a",
    "/" + "long/" * 300,
)

NASTY = (
    *(Redirect(source, "", f"/corsi/?n={number}") for number, source in enumerate(ODD_SOURCES)),
    Redirect("/elsewhere/", "", "https://other.example/a b?c=$d&e={f}#g"),
    Redirect("/gone/", "", None),
    Redirect("/go ne{$}/", "", None),
    Redirect("/course/view.php", "id=203", "/corsi/coding/"),
    Redirect("/course/view.php", "id=20", "/corsi/pre-calculus/"),
    Redirect("/course/view.php", "id=7", None),
    Redirect("/mod/", "q=a b&w=$1", "/corsi/"),
)

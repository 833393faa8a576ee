"""The configuration for Varnish is a golden, and refuses what could escape into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.publish.builders import SITE

from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import HeaderPolicy
from openknowledge.serving.servers import VarnishConfig, render_vcl

READY = Path(__file__).parents[2] / "docs/servers/varnish.vcl"
FRONT = VarnishConfig(
    policy=HeaderPolicy(site_url=SITE), host="127.0.0.1", port=8333, root="/bucket", purgers=("localhost",)
)
EXAMPLES = (
    Redirect("/courses/course-v1:Polimi+X101/about", target="/corsi/x/"),
    Redirect("/course/view.php", query="id=203", target="/corsi/x/"),
    Redirect("/stampa/2019/ritirata/"),
)


def test_the_ready_configuration_is_what_is_made(request: pytest.FixtureRequest) -> None:
    text = render_vcl(FRONT, EXAMPLES)
    if request.config.getoption("--update-golden"):
        READY.write_text(text, encoding="utf-8")

    assert READY.read_text(encoding="utf-8") == text


def test_the_order_of_forwards_makes_no_difference() -> None:
    assert render_vcl(FRONT, reversed(EXAMPLES)) == render_vcl(FRONT, EXAMPLES)


@pytest.mark.parametrize("nasty", ['/a"; } sub x {/', "/a\n/", "/@BASE@/", '/"}/', "/è/", "/a b/"])
def test_no_address_gets_out_of_its_quotes(nasty: str) -> None:
    text = render_vcl(FRONT, [Redirect(nasty, target=nasty), Redirect(nasty, query='q="x"}', target="/")])

    forwards = text.partition("sub forwards {")[2].partition("\n}\n")[0]
    assert forwards.isascii()
    assert forwards.count("{\n") == forwards.count("    }")
    assert "sub x" not in text
    assert "@BASE@" not in forwards.replace("/@BASE@/", "")


@pytest.mark.parametrize(
    "wrong", [{"host": 'x";'}, {"root": "bucket"}, {"root": '/b"'}, {"purgers": ('x"; "y',)}], ids=str
)
def test_a_store_that_is_no_host_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="these must be hosts"):
        VarnishConfig(**{"policy": HeaderPolicy(site_url=SITE), "host": "127.0.0.1", **wrong})  # type: ignore[arg-type]

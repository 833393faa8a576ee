"""Configurations of web servers, as texts; tests/conformance/ has them read by the servers."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from tests.publish.addresses import NASTY
from tests.site.small import ROOT

from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import HeaderPolicy
from openknowledge.serving.servers import (
    ServerConfig,
    load_settings,
    main,
    redirect_location,
    render_config,
    render_tables,
    source_regexes,
)

DOCUMENTS = {"nginx": "nginx.conf", "caddy": "Caddyfile"}
ARGUMENTS = ("--root", "/srv/www/openknowledge")


def a_place(site_url: str = "https://open.example.edu", **more: str) -> ServerConfig:
    return ServerConfig(policy=HeaderPolicy(site_url=site_url), **{"root": "/srv/www/open", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("server", DOCUMENTS)
def test_the_examples_are_what_the_command_prints_for_the_settings(
    server: str, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    assert main([server, *ARGUMENTS], load_settings(ROOT / "publishconf.py")) == 0

    text = capsys.readouterr().out
    example = ROOT / "docs/servers" / DOCUMENTS[server]
    if request.config.getoption("--update-golden"):
        example.write_text(text, encoding="utf-8")
    assert example.read_text("utf-8") == text


def test_the_command_runs() -> None:
    command = [sys.executable, "-m", "openknowledge.serving.servers", "caddy", *ARGUMENTS]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, (ROOT / "docs/servers/Caddyfile").read_text("utf-8"))


@pytest.mark.parametrize(
    ("site_url", "root"),
    [
        ("https://open.example.edu/below", "/srv/www"),
        ("", "/srv/www"),
        ("https://open.example.edu", "relative"),
        ("https://open.example.edu", '/srv/"; include /etc/passwd; "'),
    ],
)
def test_what_no_configuration_can_have_is_refused(
    site_url: str, root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nginx", "--root", root], {"SITEURL": site_url}) == 1
    assert capsys.readouterr().err


def test_a_preview_keeps_search_engines_away(capsys: pytest.CaptureFixture[str]) -> None:
    main(["nginx", *ARGUMENTS, "--preview"], {"SITEURL": "https://preview.example.edu"})

    assert 'add_header X-Robots-Tag "noindex, nofollow" always;' in capsys.readouterr().out


@pytest.mark.parametrize("server", DOCUMENTS)
def test_two_sites_share_no_name(server: str) -> None:
    texts = [render_config(server, a_place(f"https://{host}.example.edu")) for host in ("one", "two")]
    names = [set(re.findall(r"\$?site_\w+", text)) for text in texts]

    assert names[0] and not names[0] & names[1]


def test_every_header_of_nginx_is_set_once_and_sent_with_errors_too() -> None:
    lines = [line.strip() for line in render_config("nginx", a_place()).splitlines()]
    added = [line for line in lines if line.startswith("add_header") and "Last-Modified" not in line]

    assert len(added) == len({line.split()[1] for line in added}) > 8
    assert [line for line in added if not line.endswith(" always;")] == []


@pytest.mark.parametrize("server", DOCUMENTS)
def test_a_table_has_nothing_but_rows_whatever_the_addresses_are(server: str) -> None:
    tables = {name: text for name, text in render_tables(NASTY).items() if name.endswith(server)}
    lines = [line for text in tables.values() for line in text.splitlines()]

    assert len(lines) > len(NASTY)
    assert [line for line in lines if not re.fullmatch(r'"[^"`{}]+" "[^"\\$`{}]+";?', line)] == []


def test_the_same_forwards_make_the_same_tables_in_any_order() -> None:
    assert render_tables(NASTY) == render_tables(NASTY[::-1])
    assert set(render_tables(())) == {"paths.nginx", "queries.nginx", "paths.caddy", "queries.caddy"}


def test_an_address_that_nginx_takes_for_another_is_an_expression() -> None:
    """Its hash tables ignore case, so that these two keys would be one."""
    rows = render_tables([Redirect("/Old/", "", "/a/"), Redirect("/old/", "", "/b/"), Redirect("/new/", "", "/c/")])

    assert sorted(rows["paths.nginx"].splitlines()) == [
        '"/new/" "/new/ /c/";',
        '"~^/Old/$" "* /a/";',
        '"~^/old/$" "* /b/";',
    ]


@pytest.mark.parametrize(
    ("query", "asked", "fits"),
    [
        ("id=203", "id=203", True),
        ("id=203", "a=b&id=203&c=d", True),
        ("id=203", "id=2033", False),
        ("id=203", "pid=203", False),
        ("id=203", "", False),
        ("a=1&b=2", "b=2&x=y&a=1", True),
        ("a=1&b=2", "a=1", False),
        ("q=a b", "q=a+b", True),
        ("q=a b", "q=a%20b", True),
        ("q=a.b", "q=axb", False),
    ],
)
def test_a_query_matches_wherever_its_pairs_are(query: str, asked: str, fits: bool) -> None:
    expressions = source_regexes(Redirect("/course/view.php", query, "/"))

    assert any(re.search(one, f"/course/view.php?{asked}") for one in expressions) is fits


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("/corsi/", "/corsi/"),
        ("/a b/{c}/$d", "/a%20b/%7Bc%7D/%24d"),
        ("/già%20fatto/", "/gi%C3%A0%20fatto/"),
        ("https://e.example/?a=b&c=d#e", "https://e.example/?a=b&c=d#e"),
        ("/x\r\nSet-Cookie: a", "/x%0D%0ASet-Cookie:%20a"),
        ("/100%/", "/100%25/"),
        (None, "410"),
    ],
)
def test_a_location_is_quoted_ascii(target: str | None, text: str) -> None:
    assert redirect_location(Redirect("/old/", "", target)) == text


def test_the_settings_are_read_as_pelican_has_them() -> None:
    settings = load_settings(ROOT / "publishconf.py")

    assert settings["SITEURL"].startswith("https://")
    assert json.dumps(sorted(settings)) and "COUNTERS_STALE_AFTER_DAYS" in settings

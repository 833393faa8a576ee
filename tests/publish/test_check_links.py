"""The check of links reports every broken link, and never passes without having checked."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.publish.builders import SITE, a_site

from openknowledge.publish.check_links import LinkReport, check_links, find_lychee, main
from openknowledge.publish.errors import PublishFailed
from openknowledge.redirects.table import Redirect

LYCHEE = find_lychee({})


def page(*links: str, body: str = "") -> str:
    return f"<!doctype html><title>t</title>{''.join(f'<a href={link!r}>x</a>' for link in links)}{body}"


def written(output: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        path = output / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return output


def checked(
    output: Path, files: Mapping[str, str], *, site_url: str = SITE, forwards: tuple[Redirect, ...] = ()
) -> LinkReport:
    return check_links(written(output, files), site_url, LYCHEE, forwards)


def messages(links: LinkReport) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in links.problems]


def test_a_site_whose_links_all_lead_somewhere_has_no_problem(tmp_path: Path) -> None:
    files = {
        "index.html": page(
            "/corsi/", "corsi/", f"{SITE}/corsi/#più", "/temi/è/", "/corsi/?q=1", SITE, f"{SITE}/", "#p"
        ),
        "corsi/index.html": page("../", body="<p id=più><p id=p>"),
        "temi/è/index.html": page("/"),
    }
    files["index.html"] += "<p id=p>"

    links = checked(tmp_path, files)

    assert links.problems == ()
    assert links.count == 10


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/corsi/x/", "/corsi/x"),
        ("x/", "/x"),
        (f"{SITE}/corsi/x/", "/corsi/x/"),
        ("/x.html?q=1", "/x.html?q=1"),
        ("/empty/", "/empty"),
        ("/con%20spazio/", "/con spazio"),
    ],
    ids=["below the root", "relative", "whole", "with a query", "an empty folder", "quoted"],
)
def test_a_link_that_leads_nowhere_is_reported_with_its_file(tmp_path: Path, link: str, address: str) -> None:
    output = tmp_path / "output"
    (output / "empty").mkdir(parents=True)

    links = checked(output, {"index.html": page("/"), "corsi/index.html": page("/")} | {"index.html": page("/", link)})

    assert messages(links) == [f"output/index.html: link to {address} leads nowhere"]


def test_a_link_to_a_fragment_that_a_page_does_not_have_is_reported(tmp_path: Path) -> None:
    files = {"index.html": page("/corsi/#two"), "corsi/index.html": page("#one", body="<p id=one>")}

    links = checked(tmp_path / "output", files)

    assert len(links.problems) == 1
    assert "#two names a place that the page does not have" in links.problems[0].message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("index.html", "<img src=/x.png>"),
        ("index.html", "<img src=/ok.png srcset='/x.png 2x'>"),
        ("index.html", "<script src=/x.png></script>"),
        ("index.html", "<link rel=canonical href=/x.png>"),
        ("x.css", "a { background: url(/x.png) }"),
        ("feed.xml", f"<rss><link>{SITE}/x.png</link></rss>"),
        ("data.json", f'{{"url": "{SITE}/x.png"}}'),
    ],
    ids=["picture", "picture for fine screens", "script", "canonical", "style", "feed", "data"],
)
def test_what_is_no_anchor_is_followed_too(tmp_path: Path, name: str, text: str) -> None:
    links = checked(tmp_path / "output", {"corsi/index.html": page("/ok.png"), "ok.png": "", name: text})

    assert messages(links) == [f"output/{name}: link to /x.png leads nowhere"]


def test_a_link_that_is_broken_on_every_page_is_reported_once_with_its_count(tmp_path: Path) -> None:
    links = checked(tmp_path, {f"c{number}/index.html": page("/x/") for number in range(10)})

    assert len(links.problems) == 1
    assert "10 such links, also in " in str(links.problems[0])


@pytest.mark.parametrize("link", ["../../x/", "//other.example/x"], ids=["too far up", "without a scheme"])
def test_a_link_that_leads_out_of_the_site_by_mistake_is_reported(tmp_path: Path, link: str) -> None:
    links = checked(tmp_path / "output", {"index.html": page("/", link)})

    assert len(links.problems) == 1
    assert links.problems[0].path == "output/index.html"
    assert "leads nowhere" in links.problems[0].message


def test_links_of_a_site_below_a_path_begin_with_it(tmp_path: Path) -> None:
    output = tmp_path / "output"

    files = {"index.html": page("/open/corsi/", "corsi/", f"{SITE}/open/corsi/"), "corsi/index.html": page("/corsi/")}
    links = checked(output, files, site_url=f"{SITE}/open")

    assert messages(links) == ["output/corsi/index.html: link to /corsi leads nowhere"]


def test_old_addresses_lead_somewhere_and_have_a_page(tmp_path: Path) -> None:
    forwards = (
        Redirect("/good/", target="/corsi/#one"),
        Redirect("/bad/", target="/corsi/#two"),
        Redirect("/nowhere/", target="/x/"),
        Redirect("/pageless/", target="/corsi/"),
        Redirect("/course/view.php", query="id=203", target="/corsi/"),
        Redirect("/abroad/", target="https://elsewhere.example/x"),
        Redirect("/gone/"),
    )
    pages = {f"{name}/index.html": page("/") for name in ("good", "bad", "nowhere", "abroad", "gone")}

    links = checked(
        tmp_path / "output",
        {"index.html": page("/"), "corsi/index.html": "<p id=one>", **pages},
        forwards=forwards,
    )

    assert sorted(messages(links)) == [
        "output/redirects.json: /bad/: link to /corsi/#two names a place that the page does not have",
        "output/redirects.json: /nowhere/: link to /x/ leads nowhere",
        "output/redirects.json: /pageless/: link to /pageless/ leads nowhere",
    ]


def test_addresses_of_other_sites_are_listed_and_not_asked_for(tmp_path: Path) -> None:
    external = "https://nobody.invalid/x?a=1&b=2"

    links = checked(tmp_path, {"index.html": page("/", external, "mailto:a@b.it"), "a/index.html": page(external)})

    assert links.problems == ()
    assert links.format_external().splitlines()[0].split("\t")[0::2] == [external, "2"]
    assert len(links.external) == 1


def test_a_folder_that_git_ignores_is_checked_all_the_same(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("output/\n")

    assert len(checked(tmp_path / "output", {"index.html": page("/x/")}).problems) == 1


def test_somebodys_configuration_of_lychee_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lychee.toml").write_text('exclude = [".*"]\n')
    monkeypatch.chdir(tmp_path)

    assert len(checked(tmp_path / "output", {"index.html": page("/x/")}).problems) == 1


def a_program(path: Path, text: str) -> Path:
    path.write_text(f"#!{sys.executable}\nimport sys\nwords = ' '.join(sys.argv)\n{text}\n")
    path.chmod(0o755)
    return path


DUMPS = "if '--dump' in words: print('file://%s/x/ (%s/index.html)' % ((sys.argv[-1],) * 2)); sys.exit(0)\n"


@pytest.mark.parametrize(
    "text",
    [
        "sys.exit(1)",
        "sys.exit(0)",
        DUMPS + "sys.exit(3)",
        DUMPS + "sys.exit(0)",
        DUMPS + "print('half of a rep')",
        DUMPS + """print('{"successful": 0, "errors": 0, "timeouts": 0, "error_map": {}, "timeout_map": {}}')""",
    ],
    ids=["fails to read", "reads nothing", "fails to follow", "is silent", "is cut off", "looks at none"],
)
def test_a_lychee_that_does_not_do_its_work_is_no_pass(tmp_path: Path, text: str) -> None:
    output = written(tmp_path / "output", {"index.html": page("/x/")})

    with pytest.raises(PublishFailed):
        check_links(output, SITE, a_program(tmp_path / "lychee", text))


def test_without_lychee_nothing_is_checked_and_nothing_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    output = written(tmp_path / "output", {"index.html": page("/")})

    assert main([str(output), "--site-url", SITE], {"PATH": str(tmp_path)}) == 1
    assert main([str(output), "--site-url", SITE], {"LYCHEE": str(tmp_path / "none")}) == 1
    assert "requirements/install.py publish" in capsys.readouterr().err


def test_the_command_takes_the_address_from_the_manifest_and_fails_for_a_broken_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, listed = tmp_path / "output", tmp_path / "external.txt"
    a_site(output, {"index.html": page(f"{SITE}/x/", "https://nobody.invalid/")})

    status = main([str(output), "--list", str(listed)], {"LYCHEE": str(LYCHEE)})

    assert status == 1
    assert "output/index.html: link to /x/ leads nowhere" in capsys.readouterr().err
    assert listed.read_text() == "https://nobody.invalid/\tindex.html\t1\n"


def test_the_command_does_well_where_every_link_leads_somewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_site(tmp_path, {"index.html": page("/", "https://nobody.invalid/")})

    assert main([str(tmp_path)], {"LYCHEE": str(LYCHEE)}) == 0
    assert "none broken. 1 addresses of other sites." in capsys.readouterr().out

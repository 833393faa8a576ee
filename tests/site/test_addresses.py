"""Old addresses in a real build: what is written for them, what is refused, and what is left alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lxml import html
from tests.site.small import FILES, SiteBuild, build, copied, digest, small_content


@pytest.fixture(scope="session")
def site(moved_site: SiteBuild) -> Path:
    return moved_site.output


def forwards(output: Path) -> dict[str, str | None]:
    rows = json.loads((output / "redirects.json").read_bytes())["forwards"]
    return {row["source"] + ("?" + row["query"] if row["query"] else ""): row["target"] for row in rows}


@pytest.mark.parametrize(
    ("file", "target"),
    [
        ("corsi/forme/index.html", "/corsi/geometria/"),
        ("corsi/figure.html", "/corsi/geometria/"),
        ("vecchia/index.html", "/corsi/geometria/"),
        ("courses/course-v1:T+ALG+2026/about/index.html", "/corsi/algebra/"),
        ("altrove/index.html", "https://example.org/x"),
    ],
)
def test_at_an_old_address_is_a_page_that_forwards(site: Path, file: str, target: str) -> None:
    page = html.fromstring((site / file).read_bytes())
    canonical = target if target.startswith("https:") else f"http://127.0.0.1:8000{target}"

    assert page.xpath("//meta[@http-equiv='refresh']/@content") == [f"0; url={target}"]
    assert page.xpath("//link[@rel='canonical']/@href") == [canonical]
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert page.xpath("//main//a/@href") == [target]
    assert page.xpath("//link[@rel='alternate']") == []


def test_what_is_gone_says_why_and_how_to_go_on(site: Path) -> None:
    page = html.fromstring((site / "corsi/latino/index.html").read_bytes())

    assert page.xpath("//meta[@http-equiv='refresh']") == []
    assert "Nessuno lo teneva più." in page.text_content()
    assert page.xpath("//nav[@aria-label='Da dove ripartire']//a/@href")[:2] == ["/corsi/", "/video/"]
    assert page.xpath("//form[@role='search']/@action") == ["/cerca/"]


def test_the_page_of_the_old_platform_has_all_its_courses_and_a_script_that_chooses(site: Path) -> None:
    page = html.fromstring((site / "course/view.php/index.html").read_bytes())

    assert page.xpath("//li[@data-old-course='7']/a/@href") == ["/en/courses/linear-algebra/"]
    (script,) = page.xpath("//script[contains(@src, 'old-courses')]/@src")
    assert (site / script.lstrip("/")).is_file()
    assert page.xpath("//script[not(@src)]") == []


def test_the_page_of_the_old_platform_names_the_address_that_needs_no_redirect(site: Path) -> None:
    page = html.fromstring((site / "course/view.php/index.html").read_bytes())

    (canonical,) = page.xpath("//link[@rel='canonical']/@href")
    assert canonical.endswith("/course/view.php/")


def test_the_file_of_forwards_has_them_all_and_each_ends_at_once(site: Path) -> None:
    found = forwards(site)

    assert found["/vecchia/"] == found["/vecchia"] == found["/corsi/figure.html"] == "/corsi/geometria/"
    assert found["/corsi/latino/"] is None
    assert found["/course/view.php?id=7"] == "/en/courses/linear-algebra/"
    assert found["/courses/course-v1:T+ALG+2026/about"] == "/corsi/algebra/"
    assert not set(found.values()) & set(found)


def test_nothing_else_of_the_site_knows_an_old_address(site: Path) -> None:
    old = {source for source in forwards(site) if "?" not in source and len(source) > 2}
    pattern = re.compile("|".join(f'(?:"|8000|>){re.escape(one)}["<?#]' for one in sorted(old, key=len, reverse=True)))
    pages = {f"{one.strip('/')}/index.html" for one in old} | {one.lstrip("/") for one in old} | {"redirects.json"}
    others = [
        path
        for path in site.rglob("*.*")
        if path.suffix in (".html", ".xml", ".json", ".txt") and path.relative_to(site).as_posix() not in pages
    ]

    assert len(others) > 50
    assert [(path, found) for path in others if (found := pattern.findall(path.read_text("utf-8")))] == []


def published(content: Path, *addresses: str) -> None:
    (content / "snapshots/addresses.txt").write_text("".join(f"{one}\n" for one in addresses), "utf-8")


def test_a_build_that_would_lose_an_address_is_refused_with_nothing_written(tmp_path: Path) -> None:
    content, output = small_content(tmp_path), tmp_path / "output"
    published(content, "/corsi/", "/corsi/trigonometria/", "/corsi/stato/archiviati/")

    done = build(content, output)

    assert done.returncode == 1
    assert "content/redirects.yaml: /corsi/trigonometria/ was published once" in done.stderr
    assert done.stderr.count("was published once") == 1
    assert "1 problem in 1 file. Nothing was built." in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists() or digest(output) == {}


def test_a_build_that_would_lose_an_address_leaves_the_old_site_as_it_was(
    small_site: SiteBuild, tmp_path: Path
) -> None:
    copy = copied(small_site, tmp_path)
    content, output = copy.content, copy.output
    published(content, "/corsi/geometria/")
    before = digest(output)
    (content / "courses/geometria/index.md").rename(content / "courses/geometria.txt")

    assert build(content, output).returncode == 1
    assert digest(output) == before

    (content / "redirects.yaml").write_text("- {from: /corsi/geometria/, to: /corsi/}\n", "utf-8")
    assert build(content, output).returncode == 0
    assert 'url=/corsi/"' in (output / "corsi/geometria/index.html").read_text("utf-8")


def test_a_preview_reports_lost_addresses_but_not_those_of_broken_items(tmp_path: Path) -> None:
    content, output, reported = small_content(tmp_path), tmp_path / "output", tmp_path / "problems.json"
    published(content, "/corsi/geometria/", "/corsi/persa/")
    going_on = ("KEEP_GOING=true", f"PROBLEMS_FILE={json.dumps(str(reported))}")
    (content / "courses/geometria/index.md").write_text("---\ntitel: x\n---\n", "utf-8")

    assert build(content, output, *going_on).returncode == 0
    lost = [row["message"] for row in json.loads(reported.read_text("utf-8")) if "published once" in row["message"]]
    assert [message.partition(" ")[0] for message in lost] == ["/corsi/persa/"]

    (content / "courses/geometria/index.md").write_text(FILES["courses/geometria/index.md"], "utf-8")
    for _ in range(2):
        assert build(content, output, *going_on).returncode == 0
        (row,) = json.loads(reported.read_text("utf-8"))
        assert row["message"].startswith("/corsi/persa/ was published once")


def test_addresses_from_outside_the_content_count_though_nothing_else_changed(
    small_site: SiteBuild, tmp_path: Path
) -> None:
    copy, fetched = copied(small_site, tmp_path), tmp_path / "fetched.txt"
    content, output = copy.content, copy.output
    files = f"ADDRESSES={json.dumps([str(fetched)])}"
    assert build(content, output, files).returncode == 0

    fetched.write_text("/da-un-altro-ramo/\n", "utf-8")
    done = build(content, output, files)

    assert done.returncode == 1
    assert "/da-un-altro-ramo/ was published once" in done.stderr


def test_a_wrong_setting_is_reported(tmp_path: Path) -> None:
    done = build(small_content(tmp_path), tmp_path / "output", 'ADDRESSES="x.txt"')

    assert done.returncode == 1
    assert "pelicanconf.py: ADDRESSES: this is not a list of files" in done.stderr

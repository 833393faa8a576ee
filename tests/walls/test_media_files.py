"""Files of the content cannot act as the site: what can run is refused, and drawings are cleaned."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import COURSE, problems

from openknowledge.content.media_files import can_run, clean_media

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="alert(1)">{}</svg>'


@pytest.mark.parametrize(
    "name", ["q.html", "e.js", "Q.HTM", "a.xhtml", "a.xml", "a.mjs", "a.php.txt", "a.svgz", "a.wasm"]
)
def test_a_file_that_could_run_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    course = f"{COURSE}\n[h]({{static}}{name})\n"

    (message,) = problems(tmp_path, {"courses/algebra/index.md": course, f"courses/algebra/{name}": "x"})

    assert message.startswith(f'content/courses/algebra/index.md:7: "{{static}}{name}" is of a type that could run')


@pytest.mark.parametrize(
    "name", ["a.pdf", "notes.txt", "www.example.com.pdf", "data.csv", "a.zip", "code.py", "plain", "a.png"]
)
def test_what_only_can_be_read_is_published(name: str) -> None:
    assert not can_run(name)


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<a xlink:href="https://evil.example/"><text>x</text></a>',
        '<image href="https://evil.example/x.png"/>',
        '<use href="data:image/svg+xml;base64,AAAA#x"/>',
        '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example/"/></foreignObject>',
        '<style>@import url("https://evil.example/x.css"); rect { fill: url(https://evil.example/) }</style>',
        '<rect style="background: url(https://evil.example/)" onclick="alert(1)"/>',
        '<handler type="text/javascript">alert(1)</handler>',
        "<animate attributeName='href' values='javascript:alert(1)'/>",
    ],
)
def test_a_drawing_is_published_without_what_could_run_or_ask_elsewhere(inner: str) -> None:
    cleaned = clean_media("a.svg", SVG.format(f'<rect width="1" height="1"/>{inner}').encode()).decode()

    assert "<rect" in cleaned
    marks = (
        "script>",
        "onload",
        "onclick",
        "iframe",
        'href="java',
        'href="https',
        "@import",
        "url(https",
        "data:image/svg",
    )
    assert [mark for mark in marks if mark in cleaned] == []


@pytest.mark.parametrize(
    "data",
    [
        "hello",
        "<html/>",
        "<svg xmlns='http://www.w3.org/2000/svg'><path",
        SVG.format("<g>" * 5_000 + "</g>" * 5_000),
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "<!ENTITY b '" + "&a;" * 9_000 + "'>]>" + SVG.format("&b;" * 9_000),
        "<!DOCTYPE svg [<!ATTLIST svg "
        + "".join(f'a{n} CDATA "x" ' for n in range(4_000))
        + ">]>"
        + SVG.format("<svg/>"),
        f"<!DOCTYPE svg [<!ENTITY a '{'x' * 50_000}'>]>" + SVG.format("&a;" * 9_000),
        "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + SVG.format("&a;"),
        SVG.format("<g " + " ".join(f'xmlns:n{n}="u{n}"' for n in range(101)) + "/>"),
        SVG.format("".join(f'<g xmlns:a{n}="u" xmlns:b{n}="u">' for n in range(60)) + "</g>" * 60),
    ],
    ids=["text", "markup", "cut", "deep", "entities", "attributes", "a long entity", "a file", "names", "deep names"],
)
def test_a_drawing_that_is_none_is_refused(tmp_path: Path, data: str) -> None:
    course = f"{COURSE}\n![x](a.svg)\n"

    (message,) = problems(tmp_path, {"courses/algebra/index.md": course, "courses/algebra/a.svg": data})

    assert message.startswith('content/courses/algebra/index.md:7: "a.svg" is not an SVG drawing (')


def test_a_drawing_may_declare_its_namespaces_as_programs_for_drawing_do() -> None:
    head = '<!DOCTYPE svg [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]>'

    assert b"<rect" in clean_media("a.svg", f'{head}<svg xmlns="&ns_svg;"><rect width="1" height="1"/></svg>'.encode())
    many = '<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#a"/>' * 500
    assert clean_media("a.svg", SVG.format(f'<rect id="a" width="1" height="1"/>{many}').encode()).count(b"<use") == 500

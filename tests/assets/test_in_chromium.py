"""A browser parses the minified stylesheet to the rules of the original."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from openknowledge.assets.collect import collect
from openknowledge.assets.stylesheets import assemble

pytestmark = pytest.mark.browser

THEME = Path(__file__).parents[2] / "theme"
RULES = "css => { const s = new CSSStyleSheet(); s.replaceSync(css); return [...s.cssRules].map(r => r.cssText) }"
MODERN = r"""
.a\:b:hover , .c\31  d > e{ width: calc( 1px + ( 2px * 3 ) ) ; content: "a  /* no */ ;  {" ; --x: ; --z: a/**/b ; }
.card { & .t , &:is( .x , .y ) { color : red } > p { margin : 0 -1px } :hover & { top : 0 } }
.card { @container card ( inline-size > 30rem ) { gap : 1rem } }
@media ( min-width : 10em ) and ( max-width : 2000em ) { a { color : rgb( 0 0 0 / 50% ) } }
@supports ( display : grid ) and ( not ( foo : bar ) ) { a { color : oklch( 50% 0.1 200 ) } }
@layer one , two ; @layer one { b { color : red !important } }
.x { background : url( data:image/png;base64,aa== ) , url("#a") ; transform : translate( -50% , -50% ) }
.y::before { content : "\201C" attr( data-x ) "\A" ; font : 1px / 2 a , "b c" }
a:not( [href^="http"] ):is( :hover , :focus-visible )::after , * + * , *|* { inset : 0 auto auto 0 }
@font-face { font-family : X ; unicode-range : U+0025-00FF , u+4?? ; src : local( "x" ) }
@property --p { syntax : "<length>" ; inherits : false ; initial-value : 0px }
.g { grid-template-areas : "a  b" "c d" ; grid : [ full-start ] minmax( 1rem , 1fr ) [ main ] / auto }
@keyframes k { from { opacity : 0 } 50.5% { opacity : .5 } }
@starting-style { .q { opacity : 0 } } .h { color : #fff ; width : 10px;;height : 1px } /* end */
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def test_modern_css_means_the_same_without_its_idle_white_space(page: Page) -> None:
    small = assemble(MODERN, lambda _target, _line: "", lambda target, _line: target, lambda *_: None)

    assert len(small) < len(MODERN)
    assert rules(page, small) == rules(page, MODERN)


def test_the_site_s_stylesheet_means_what_its_parts_say(page: Page) -> None:
    static = THEME / "static" / "css"
    written = re.sub(
        r'@import "([^"]+)" layer\((\w+)\);',
        lambda part: f"@layer {part[2]} {{\n{(static / part[1]).read_text()}\n}}",
        (static / "site.css").read_text(),
    )
    (sheet,) = [asset for asset in collect(THEME)[0] if asset.name == "site.css"]

    published = re.sub(r'url\("fonts/([\w-]+)\.\w{8}\.', r'url("../fonts/\1.', sheet.data.decode())
    assert rules(page, published) == rules(page, written)


def rules(page: Page, css: str) -> list[str]:
    """Return the rules as Chromium writes them; it does not normalize the white space of custom properties."""
    written: list[str] = page.evaluate(RULES, css)
    return [re.sub(r" ?([{};,]) ?", r"\1", " ".join(rule.split())) for rule in written]

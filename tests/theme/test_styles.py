"""The styles keep to their own rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.theme.pages import all_pages
from tests.theme.rendering import THEME, render

from openknowledge.engine.digest import PACKAGE

CSS = THEME / "static" / "css"
SHEETS = sorted(CSS.rglob("*.css"))
COMPONENTS = sorted((CSS / "components").glob("*.css"))
PAGE_SHEETS = sorted((CSS / "pages").glob("*.css"))
PAGES = all_pages()
SCRIPTS = sorted((THEME / "static" / "js").rglob("*.js"))
ELEMENTS = sorted((THEME / "static" / "js" / "elements").glob("*.js"))

MARKUP = [
    PACKAGE / "catalogue" / "views" / "text_blocks.py",
    PACKAGE / "counters" / "chart.py",
    *sorted((PACKAGE / "content" / "markdown").glob("*.py")),
]
"""What writes the markup of texts and charts."""


def without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)


def imports_of(sheet: Path) -> set[Path]:
    """Return the files that a published stylesheet consists of; it has nothing but their names and layers."""
    rules = [line for line in without_comments(sheet).splitlines() if line and not line.startswith("@layer")]
    names = re.findall(r'@import "([^"]+)" layer\(\w+\);', "\n".join(rules))
    assert len(names) == len(rules)
    return {(sheet.parent / name).resolve() for name in names}


def test_the_first_sheet_orders_the_layers_and_each_file_is_in_it_or_in_that_of_a_template() -> None:
    everywhere, of_templates = (
        imports_of(CSS / "site.css"),
        set().union(*map(imports_of, [*PAGE_SHEETS, CSS / "texts.css"])),
    )

    layers = "@layer reset, tokens, base, layout, components, utilities, print;"
    assert without_comments(CSS / "site.css").strip().startswith(layers)
    assert everywhere & of_templates == set()
    assert everywhere | of_templates == set(SHEETS) - {
        *(CSS / f"{name}.css" for name in ("site", "print", "texts")),
        *PAGE_SHEETS,
    }


def test_a_stylesheet_of_a_template_has_the_name_of_one() -> None:
    templates = {path.stem for path in (THEME / "templates").glob("*.html")}

    assert {sheet.stem for sheet in PAGE_SHEETS} <= templates


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_styles_of_all_its_components(name: str) -> None:
    view = PAGES[name]
    own = CSS / "pages" / f"{Path(view.template).stem}.css"
    of_texts = imports_of(CSS / "texts.css") if view.texts_url else set()
    there = imports_of(CSS / "site.css") | of_texts | (imports_of(own) if own.exists() else set())
    classes = {word for value in re.findall(r'class="([^"]*)"', render(view)) for word in value.split()}
    components = {path: set(re.findall(r"\.([a-z][\w-]*)", selectors_of(path))) for path in COMPONENTS}
    needed = {path for path, styled in components.items() if {one for one in styled if is_of(path, one)} & classes}

    assert sorted(path.name for path in needed - there) == []


def is_of(component: Path, name: str) -> bool:
    """Return whether a class belongs to a component, whose sheet may also mention others."""
    return name == component.stem or name.startswith(f"{component.stem}-")


@pytest.mark.parametrize("sheet", [path for path in SHEETS if path.name != "tokens.css"], ids=lambda path: path.stem)
def test_only_the_tokens_have_a_colour_or_a_font(sheet: Path) -> None:
    text = without_comments(sheet)

    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*[;}])|\b(?:rgb|hsl|oklch|oklab|light-dark)\(", text)
    assert not re.search(r"font-family:(?!\s*(?:var\(|inherit))", text)


@pytest.mark.parametrize("sheet", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_styles_only_its_own_prefix(sheet: Path) -> None:
    for selectors in re.findall(r"([^{};]+)\{", without_comments(sheet)):
        if not selectors.strip().startswith("@"):
            assert f".{sheet.stem}" in selectors, selectors.strip()


def test_no_part_of_a_page_looks_otherwise_once_those_behind_it_have_come() -> None:
    """A page may be painted when half of it is there; templates say beforehand, by a class, what will come."""
    of_pages = re.compile(r"\.(?:page|reading|listing|watch|home-head|initiative-head|colophon-inner)\b[^{}, ]*:has\(")
    waiting = re.compile(rf":(?:last-of-type|only-child|only-of-type|nth-last)|{of_pages.pattern}")

    assert [(sheet.name, found) for sheet in SHEETS for found in waiting.findall(without_comments(sheet))] == []


def test_nothing_is_important_outside_the_utilities() -> None:
    assert [path.name for path in SHEETS if "!important" in without_comments(path)] == ["utilities.css"]


def test_no_style_is_for_a_class_that_nothing_has() -> None:
    places = [*(THEME / "templates").rglob("*.html"), *SCRIPTS, *MARKUP]
    words = set(re.findall(r"[\w-]+", "\n".join(path.read_text("utf-8") for path in places)))
    styled = {name for path in SHEETS for name in re.findall(r"\.([a-z][\w-]*)", selectors_of(path))}

    assert sorted(styled - words) == []


def selectors_of(path: Path) -> str:
    return "\n".join(re.findall(r"([^{};]+)\{", without_comments(path)))


def test_an_element_is_a_short_file_without_dependencies() -> None:
    main = (THEME / "static" / "js" / "main.js").read_text("utf-8")

    for path in ELEMENTS:
        text = path.read_text("utf-8")
        assert f'customElements.define("{path.stem}"' in text
        assert f'import "./elements/{path.name}";' in main
        assert len(text.splitlines()) < 120
        assert "import " not in text


@pytest.mark.parametrize(
    ("used", "declared"), [("sessionStorage", "session storage"), ("localStorage", "local storage")]
)
def test_what_scripts_store_in_the_browser_is_on_the_page_about_privacy(used: str, declared: str) -> None:
    stores = any(used in path.read_text("utf-8") for path in SCRIPTS)
    pages = [path.read_text("utf-8") for path in sorted((THEME.parent / "content/pages").glob("privacy*.md"))]

    assert not stores or all(declared in page for page in pages)


def test_scripts_set_no_style_and_no_markup() -> None:
    for path in SCRIPTS:
        assert not re.search(r"\.style\b|innerHTML|outerHTML|insertAdjacentHTML|eval\(", path.read_text("utf-8"))

"""Pages are weighed as readers get them, and a page that is too heavy is named with its weight and its limit."""

from __future__ import annotations

from pathlib import Path
from random import Random

from openknowledge.assets import page_weight
from openknowledge.assets.page_weight import PageBudgets, find_heavy_pages, weigh
from openknowledge.manifest import CacheClass, FileRole, Manifest, ManifestEntry

HEAD = """<head><script src="/a/early.js"></script><link rel="stylesheet" href="/a/site.css">
<link rel="stylesheet" href="/a/print.css" media="print"><script type="module" src="/a/main.js"></script>
<link rel="canonical" href="https://example.edu/"></head>"""
SIZES = {"/a/early.js": 100, "/a/site.css": 2_000, "/a/main.js": 30_000}


def noise(length: int) -> str:
    """Return a text that no compression shortens by more than half."""
    return "".join(Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def a_site(folder: Path, pages: dict[str, tuple[FileRole, str]], files: dict[str, str]) -> Manifest:
    for path, text in {**files, **{path: html for path, (_, html) in pages.items()}}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    entries = (ManifestEntry(path, "", 1, "text/html", CacheClass.PAGE, role) for path, (role, _) in pages.items())
    return Manifest.from_entries("https://example.edu/base", entries)


def found(folder: Path, manifest: Manifest, **budgets: object) -> list[str]:
    problems = find_heavy_pages(folder, manifest, PageBudgets(**budgets))  # type: ignore[arg-type]
    return [f"{problem.path}: {problem.message}" for problem in problems]


def test_the_first_paint_waits_for_styles_of_screens_and_scripts_that_are_no_modules() -> None:
    weight = weigh(f"<html>{HEAD}<body>x", "/", SIZES.__getitem__)

    assert 2_100 < weight.first_view < 2_400
    assert weight.scripts == 30_100


def test_a_page_is_named_with_its_weight_and_its_limit(tmp_path: Path) -> None:
    page = f"<head></head>{noise(9_000)}"
    manifest = a_site(tmp_path, {"corsi/x/index.html": (FileRole.PAGE, page)}, {})

    assert found(tmp_path, manifest, text=5_000) == ["/corsi/x/: the first view weighs 5.9 kB of 5"]
    assert found(tmp_path, manifest, text=7_000) == []


def test_a_list_may_weigh_more_and_is_known_by_its_role_or_its_cards(tmp_path: Path) -> None:
    page = f"<head></head>{noise(9_000)}"
    cards = page + page_weight.CARD * page_weight.MANY_CARDS
    pages = {"a/index.html": (FileRole.LIST, page), "b/index.html": (FileRole.PAGE, cards)}

    assert found(tmp_path, a_site(tmp_path, pages, {}), text=5_000) == []


def test_a_page_may_have_a_budget_of_its_own(tmp_path: Path) -> None:
    manifest = a_site(tmp_path, {"x/index.html": (FileRole.PAGE, f"<head></head>{noise(9_000)}")}, {})
    budgets = PageBudgets.from_settings({"PAGE_BUDGETS": {"text": 1.5, "/x/": 8}})

    assert (budgets.text, budgets.list) == (1_500, PageBudgets().list)
    assert list(find_heavy_pages(tmp_path, manifest, budgets)) == []


def test_scripts_weigh_what_they_are_compressed_wherever_the_site_is(tmp_path: Path) -> None:
    head = '<head><script type="module" src="/base/js/main.js"></script></head>'
    manifest = a_site(tmp_path, {"index.html": (FileRole.PAGE, head)}, {"js/main.js": f"// {noise(9_000)}"})

    assert found(tmp_path, manifest, script=1_000) == ["/: the scripts weigh 5.9 kB of 1"]


def test_what_only_searching_needs_has_no_budget() -> None:
    head = '<head><script type="module" src="/theme/search/page.1.js"></script></head>'

    assert weigh(head, "/", {"/theme/search/page.1.js": 40_000}.__getitem__).scripts == 0

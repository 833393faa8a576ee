"""What a page costs to render, by template: `python -m bench.rendering --against COMMIT`.

All views of a site are made once, and rendered in turn with the templates as they are and with those of
another commit in a stock Jinja environment. The run fails if the markup differs.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pelican import Pelican, signals
from pelican.settings import read_settings

from openknowledge.catalogue.page_rules import build_all_views
from openknowledge.catalogue.settings import CatalogueSettings
from openknowledge.catalogue.views.base import PageView
from openknowledge.rendering.locale import Language, load_languages
from openknowledge.rendering.render import create_environments

ROOT = Path(__file__).parents[1]
ROUNDS = 5
PAGES_A_ROUND = 300
Render = Callable[[PageView], str]


def main(argv: Sequence[str] | None = None) -> None:
    options = _parse_options(argv)
    settings = read_settings(
        str(ROOT / "pelicanconf.py"), override={"PATH": str(options.content), "BUILD_DATE": options.today}
    )
    catalogue = CatalogueSettings.from_pelican(settings)
    languages = load_languages(catalogue.locale, catalogue.site.langs, catalogue.timezone, catalogue.locales)
    options_of_jinja = settings["JINJA_ENVIRONMENT"]
    views = collect_views(settings)
    with tempfile.TemporaryDirectory(prefix="rendering-") as folder:
        templates = extract_templates(options.against, Path(folder))
        before = stock_environments(templates, languages, options_of_jinja)
        now = create_environments(FileSystemLoader(ROOT / "theme/templates"), languages, options_of_jinja)
        compare(views, make_render(before), make_render(now))


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", default="HEAD", metavar="COMMIT", help="whose templates to compare with")
    parser.add_argument("--content", default=ROOT / "content", type=Path, metavar="DIR")
    parser.add_argument("--today", default=time.strftime("%Y-%m-%d"), metavar="DAY", help="the day to build for")
    return parser.parse_args(argv)


class _AllRead(Exception):
    """Ends a build when everything has been read."""


def collect_views(settings: dict[str, Any]) -> list[PageView]:
    """Return the view of every page of the site, without what other plugins add to it."""
    views: list[PageView] = []

    def collect(generators: Sequence[Any]) -> None:
        views.extend(build_all_views(generators[0].context["catalogue"]))
        raise _AllRead

    signals.all_generators_finalized.connect(collect)
    try:
        with tempfile.TemporaryDirectory(prefix="rendering-") as output:
            Pelican({**settings, "OUTPUT_PATH": output}).run()
    except _AllRead:
        pass
    finally:
        signals.all_generators_finalized.disconnect(collect)
    return views


def extract_templates(commit: str, folder: Path) -> Path:
    """Return a folder with the theme's templates as a commit has them."""
    command = ["git", "archive", commit, "theme/templates"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "theme/templates"


def stock_environments(
    templates: Path, languages: dict[str, Language], options: dict[str, Any]
) -> dict[str, Environment]:
    """Return stock Jinja environments by language; macros that ours renders once are called each time."""
    environments_by_lang = {}
    options = {**options, "extensions": [*options.get("extensions", ()), "jinja2.ext.i18n"]}
    for lang, language in languages.items():
        environment = Environment(loader=FileSystemLoader(templates), undefined=StrictUndefined, **options)
        environment.auto_reload = False
        environment.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]
        environment.globals["cached"] = lambda macro, *values, **named: macro(*values, **named)
        environments_by_lang[lang] = environment
    return environments_by_lang


def make_render(environments_by_lang: dict[str, Any]) -> Render:
    """Return what renders a view in the environment of its language."""

    def render(view: PageView) -> str:
        return str(environments_by_lang[view.lang].get_template(f"{view.template}.html").render(view=view))

    return render


def compare(views: Sequence[PageView], before: Render, now: Render) -> None:
    """Print the table; each number is the best of several rounds, in which both take turns."""
    by_template: dict[str, list[PageView]] = defaultdict(list)
    for view in views:
        by_template[view.template].append(view)
    different = [view.url for view in views if before(view) != now(view)]
    print(f"{'template':<14}{'pages':>7}{'before, ms':>13}{'now, ms':>10}{'ratio':>8}")
    for template, pages in sorted(by_template.items()):
        rounds = [(time_page_ms(before, pages), time_page_ms(now, pages)) for _ in range(ROUNDS)]
        old, new = (min(times) for times in zip(*rounds, strict=True))
        print(f"{template:<14}{len(pages):>7}{old:>13.3f}{new:>10.3f}{new / old:>8.2f}")
    if different:
        sys.exit(f"{len(different)} pages differ, the first is {different[0]}")


def time_page_ms(render: Render, pages: Sequence[PageView]) -> float:
    """Return what a page costs on average."""
    sample = pages[:PAGES_A_ROUND]
    repeats = max(1, PAGES_A_ROUND // len(sample))
    start = time.perf_counter()
    for _ in range(repeats):
        for view in sample:
            render(view).encode()
    return (time.perf_counter() - start) / repeats / len(sample) * 1000


if __name__ == "__main__":
    main()

"""The generators that are compared: how the site of each is written, built and served."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import programs, sources
from bench.command import Command
from bench.corpus import SUBJECTS, Corpus, Item

SETTINGS = Path(__file__).with_name("site_settings.py")
LEFTOVERS = ("output", ".cache", "__pycache__")
"""What earlier builds leave in a site's folder; a cold build has none of it."""

INTO_OUTPUT = ("-s", "pelicanconf.py", "--fatal", "errors", "-o", "output")
PREVIEW = "import sys; from pathlib import Path; from openknowledge.preview import dev_server; " + (
    "dev_server.main(Path.cwd(), int(sys.argv[1]))"
)


Write = Callable[[Corpus, Path], None]
"""Writes the corpus into a folder."""
COVERS = (*SUBJECTS, "videos", "hub", "strands", "initiatives")
COVER = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400"><path d="M0 0H640V400H0Z" fill="#dde"/></svg>\n'
"""What stands for the drawn covers on the peers' sites, which draw none: a picture for each subject."""


@dataclass(frozen=True, slots=True)
class System:
    """A generator. `folder` is the name of its site's folder; systems with the same one share a site.

    `file` and `page` are the path of an item's file below content/ and the address of its page.
    """

    name: str
    label: str
    folder: str
    prepare: Write
    build: Callable[[], tuple[str, ...]]
    release: Callable[[], str]
    serve: Callable[[int], tuple[str, ...]] | None = None
    file: Callable[[Item], str] = sources.file_of
    page: Callable[[Item], str] = sources.path_of

    def command(self, work: Path) -> Command:
        """Return the command that builds the site into output/."""
        return Command(self.build(), work / self.folder)

    def server(self, work: Path, port: int) -> Command:
        """Return the command that serves the site and rebuilds what is saved."""
        assert self.serve is not None
        return Command(self.serve(port), work / self.folder)

    def clear(self, work: Path) -> None:
        """Remove what earlier builds left."""
        for name in LEFTOVERS:
            shutil.rmtree(work / self.folder / name, ignore_errors=True)


def our_settings() -> dict[str, Any]:
    """Return the settings of the repository's own site."""
    return runpy.run_path(str(programs.ROOT / "pelicanconf.py"))


def prepare_ours(corpus: Corpus, folder: Path) -> None:
    """Write the corpus with a copy of our theme and settings, so that nothing of the repository is touched."""
    sources.write_ours(corpus, folder / "content")
    shutil.copytree(programs.ROOT / "theme", folder / "theme")
    settings = (programs.ROOT / "pelicanconf.py").read_text("utf-8")
    sources.save(folder / "pelicanconf.py", f"{settings}\n{SETTINGS.read_text('utf-8')}")


def build_ours(reader: str) -> tuple[str, ...]:
    """Return the command line that builds our site; raises `NotAvailable` for a reader that does not exist."""
    if reader == "fast" and not has_readers():
        raise programs.NotAvailable("there is no setting MARKDOWN_READER, so no fast reader")
    return (sys.executable, "-m", "pelican", "content", *INTO_OUTPUT, "-e", f'MARKDOWN_READER="{reader}"')


def has_readers() -> bool:
    """Return whether a plugin reads the setting; Pelican itself accepts any."""
    settings = (programs.ROOT / "plugins/openknowledge").glob("*/settings.py")
    return any("MARKDOWN_READER" in path.read_text("utf-8") for path in settings)


def our_page(item: Item) -> str:
    """Return the address of an item's page on our site."""
    settings = our_settings()
    words = settings["ROUTE_WORDS"]["en"]
    parts = {**item.facts, "slug": item.slug, "year": item.published.year}
    if "format" in parts:
        parts["format"] = words.get(str(parts["format"]), parts["format"])
    return "/" + str(settings[f"{item.kind.upper()}_URL"]).format(**parts)


def prepare_peer(name: str, write: Write, static: str, labels: str) -> Write:
    """Return what makes a peer's site: the corpus as its content, our theme's files, and the words of its templates."""

    def prepare(corpus: Corpus, folder: Path) -> None:
        shutil.copytree(programs.PEERS / name, folder)
        shutil.copytree(programs.ROOT / "theme/static", folder / static, dirs_exist_ok=True)
        for cover in COVERS:
            sources.save(folder / static / f"covers/{cover}.svg", COVER)
        sources.save(folder / labels, (programs.PEERS / "labels.json").read_text("utf-8"))
        write(corpus, folder / "content")

    return prepare


def prepare_eleventy(corpus: Corpus, folder: Path) -> None:
    prepare_peer("eleventy", sources.write_eleventy, "static", "content/_data/labels.json")(corpus, folder)
    (folder / "node_modules").symlink_to(programs.eleventy())


def hugo_version() -> str:
    line = programs.first_line(str(programs.hugo()), "version")
    match = re.search(r"v(\d[\d.]*)", line)
    return match[1] if match else line


def eleventy_version() -> str:
    package = json.loads((programs.eleventy() / "@11ty/eleventy/package.json").read_text("utf-8"))
    return f"{package['version']} (Node.js {programs.first_line('node', '--version').removeprefix('v')})"


def own_version() -> str:
    return version("openknowledge")


FAST = System(
    name="fast",
    label="this project, fast reader",
    folder="ours",
    prepare=prepare_ours,
    build=lambda: build_ours("fast"),
    release=own_version,
    file=sources.our_file,
    page=our_page,
)
OURS = System(
    name="ours",
    label="this project, default reader",
    folder="ours",
    prepare=prepare_ours,
    build=lambda: build_ours("markdown"),
    release=own_version,
    serve=lambda port: (sys.executable, "-c", PREVIEW, str(port)),
    file=sources.our_file,
    page=our_page,
)
HUGO = System(
    name="hugo",
    label="Hugo, tuned",
    folder="hugo",
    prepare=prepare_peer("hugo", sources.write_hugo, "static/theme", "data/labels.json"),
    build=lambda: (str(programs.hugo()), "--quiet", "--noBuildLock", "--destination", "output"),
    release=hugo_version,
    serve=lambda port: (str(programs.hugo()), "server", "--bind", "127.0.0.1", "--port", str(port)),
)
PELICAN = System(
    name="pelican",
    label="stock Pelican",
    folder="pelican",
    prepare=prepare_peer("pelican", sources.write_pelican, "theme/static", "labels.json"),
    build=lambda: (sys.executable, "-m", "pelican", "content", *INTO_OUTPUT),
    release=lambda: version("pelican"),
)
ELEVENTY = System(
    name="eleventy",
    label="Eleventy",
    folder="eleventy",
    prepare=prepare_eleventy,
    build=lambda: ("node", "node_modules/@11ty/eleventy/cmd.cjs", "--quiet", "--output=output"),
    release=eleventy_version,
)

SYSTEMS = (FAST, OURS, HUGO, PELICAN, ELEVENTY)

"""`invoke explain URL`: why a page was made the last time, and what it depends on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from openknowledge.content.provenance import Provenance

from .query_graph import SEPARATOR

__all__ = ["Explanation", "main"]

LIGHTLY = " (its facts and title)"

GENERAL = {
    "code": "the site's own code or a package under it changed",
    "damaged": "its file was gone, or somebody else had changed it",
    "new": "it was not there before",
}
PLACES = {
    "all-series": "the enrolments of all courses: content/snapshots/enrollments/",
    "figures": "the figures: content/figures.yaml",
    "references": "which items point at which",
    "today": "the day that the site is built for: BUILD_DATE",
}
PATTERNS: dict[str, Callable[..., str]] = {
    "all": lambda kind: f"which items of the kind {kind} there are, with their facts and titles: content/",
    "asset": lambda name: f"a file of the theme: {name}",
    "file": lambda path: f"which item the file is that a text links to: {path}",
    "media": lambda path: f"a picture or document: content/{path}",
    "series": lambda course: f"the enrolments of a course: content/snapshots/enrollments/{course}.csv",
    "setting": lambda name: f"a setting: {name}",
    "template": lambda name, lang: (
        f"a template, with all that it takes in and the words that those ask for: {name} ({lang})"
    ),
    "words": lambda lang: f"the interface's words: theme/locale/{lang}/LC_MESSAGES/messages.po",
}


class Explanation:
    """What the ledger of a folder knows of its files, in words."""

    def __init__(self, output: Path, cache: Path) -> None:
        self.provenance = Provenance(output, cache)
        self.state = self.provenance.state
        self.graph = self.state.load_graph()

    def artifact_for(self, url: str) -> str | None:
        """The key of what an address shows; None where nothing was made for it."""
        path = unquote(urlsplit(url).path).lstrip("/")
        for name in (path, f"{path}index.html", f"{path}/index.html".lstrip("/"), f"{path}.html"):
            if name in self.state.files:
                return self.state.files[name][2]
        return None

    def explain(self, key: str) -> Iterator[str]:
        """Why it was made the last time, what it was made into, and the facts that it depends on, sorted."""
        _, files, causes = self.state.artifacts[key]
        yield f"{', '.join(files)}: {key.replace(SEPARATOR, ' ')}"
        yield "Made the last time because"
        yield from (f"    {told}" for told in dict.fromkeys(map(self.describe, causes)))
        yield "It depends on"
        number = self.graph.numbers.get(key)
        facts = self.graph.transitive_inputs(number) if number is not None else ()
        told = {self.describe(fact) for fact in facts}
        parts = {f"{line}{LIGHTLY}" for line in told}
        yield from (f"    {line}" for line in sorted(told - parts))
        yield "    all settings but those that say where and how to build, and the site's own code"

    def describe(self, fact: str) -> str:
        """A fact as an editor knows it: the file, and what of it; the fields that differed where it is a cause."""
        name, *arguments = fact.split(SEPARATOR)
        if name in GENERAL or name in PLACES:
            return {**GENERAL, **PLACES}[name]
        if name in ("record", "stub"):
            kind, slug, *fields = arguments
            told = f" – {fields[0]}" if fields else "" if name == "record" else LIGHTLY
            return f"{self._files(kind, slug)}{told}"
        pattern = PATTERNS.get(name)
        return pattern(*arguments) if pattern is not None else fact.replace(SEPARATOR, " ")

    def _files(self, kind: str, slug: str) -> str:
        return ", ".join(self.provenance.files_of_item(kind, slug)) or f"{kind}/{slug}"


def main(arguments: list[str] | None = None) -> None:
    """Print the explanation of one address; exits with 1 where nothing was made for it."""
    parser = argparse.ArgumentParser(prog="explain", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--output", default="output")
    parser.add_argument("--cache", default=".cache")
    given = parser.parse_args(arguments)
    explanation = Explanation(Path(given.output), Path(given.cache, "reading"))
    if not explanation.state.files:
        sys.exit(f"{given.output}: nothing has been built here.\n    Build the site first: invoke build")
    key = explanation.artifact_for(given.url)
    if key is None or key not in explanation.state.artifacts:
        sys.exit(
            f"{given.url}: the last build made no such file.\n    Write the address as the site has it: /corsi/coding/"
        )
    print(*explanation.explain(key), sep="\n")


if __name__ == "__main__":
    main()

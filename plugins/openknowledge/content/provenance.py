"""Which files of content/ items and pages are made of, and why an output was made the last time, or was not."""

from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from openknowledge.engine.build_state import BuildState, BuildTrace
from openknowledge.engine.query_graph import SEPARATOR
from openknowledge.engine.rules import Description

from .item_table import Checkpoint, ItemTable
from .loader import ContentIndex
from .parse_cache import ParseCache

__all__ = ["GENERAL", "Explanation", "Provenance", "trace_content"]

GENERAL = {
    "code": "the site's own code or a package under it changed",
    "damaged": "its file was gone, or somebody else had changed it",
    "new": "it was not there before",
    "setting": "a setting: {name}",
}
"""Causes that are no nodes of the query graph."""
RECORD_PAGE_PREFIX = f"page{SEPARATOR}record{SEPARATOR}"
"""How the keys of pages begin that show one item; its language, kind and slug follow."""


class Provenance:
    """The files behind the items of the last build, from its state and the parse cache, which are read when needed."""

    def __init__(self, output: Path, cache: Path) -> None:
        self._output, self._cache = output, cache

    def files_behind(self, path: str) -> tuple[str, ...]:
        """Return the files of the item that a page of output/ shows, that of its language first.

        There are none for what shows many items (lists, feeds), for the theme's files, and for unknown pages.
        """
        key = self.state.files[path].artifact if path in self.state.files else ""
        if not key.startswith(RECORD_PAGE_PREFIX):
            return ()
        lang, kind, slug = key.removeprefix(RECORD_PAGE_PREFIX).split(SEPARATOR)
        return tuple(sorted(self.files_of_item(kind, slug), key=lambda file: not file.endswith(f".{lang}.md")))

    def files_of_item(self, kind: str, slug: str) -> tuple[str, ...]:
        """Return the files of an item, the main one first."""
        position = self._table.positions.get(f"{kind}/{slug}")
        files: tuple[str, ...] = self._table.column("files")[position] if position is not None else ()
        return files

    def items_using(self, path: str) -> tuple[str, ...]:
        """Return the items, as `kind/slug`, that are made of a file or use it."""
        rows = zip(self._table.names, self._table.paths(), strict=True)
        return tuple(name for name, paths in rows if path.partition("/")[2] in paths)

    def is_read(self, path: str) -> bool:
        """Return whether builds read the bytes of a file."""
        return path.partition("/")[2] in self._extras.get("files", ())

    @cached_property
    def state(self) -> BuildState:
        """Return the state of the last build."""
        return BuildState.read(self._output)

    @cached_property
    def _table(self) -> ItemTable:
        checkpoint = Checkpoint.load(self._extras)
        return ItemTable.from_rows({}) if checkpoint is None else checkpoint.table

    @cached_property
    def _extras(self) -> Mapping[str, Any]:
        if not self._cache.is_dir():
            return {}
        cache = ParseCache(self._cache)
        cache.load()
        cache.unlock()
        return cache.extras


class Explanation:
    """What a build state knows of the files of its folder, in words."""

    def __init__(self, sources: Provenance) -> None:
        self.state, self.sources, self.graph = sources.state, sources, sources.state.load_graph()

    def artifact_for(self, url: str) -> str | None:
        """Return the key of what a URL shows; None where nothing was made for it."""
        path = unquote(urlsplit(url).path).lstrip("/")
        for name in (path, f"{path}index.html", f"{path}/index.html".lstrip("/"), f"{path}.html"):
            if name in self.state.files:
                return self.state.files[name].artifact
        return None

    def describe(self, key: str) -> str:
        """Return a node of the query graph in words: the file that an editor knows, and what of it."""
        name, *arguments = key.split(SEPARATOR)
        words = self.state.descriptions.get(SEPARATOR.join((name, *arguments[:1]))) if arguments else None
        if words is not None:
            arguments = arguments[1:]
        else:
            words = self.state.descriptions.get(name) or (GENERAL.get(name, name), ("name",), "")
        text, parameters, path = Description(*words)
        values = {name.removeprefix("*"): "" for name in parameters} | dict(zip(parameters, arguments, strict=False))
        if parameters and parameters[-1].startswith("*"):
            rest, changed = arguments[len(parameters) - 1 :], []
            values[parameters[-1][1:]] = ", ".join(rest)
        else:
            changed = arguments[len(parameters) :]
        if {"kind", "slug"} <= values.keys():
            files = self.sources.files_of_item(values["kind"], values["slug"])
            values["item"] = ", ".join(files) or f"{values['kind']}/{values['slug']}"
        line = ": ".join(part.format(**values).strip() for part in (text, path) if part)
        return f"{line} – {', '.join(changed)}" if changed else line

    def _describe_all(self, keys: Iterable[str]) -> list[str]:
        """Return nodes in words, sorted, without those that add only a part in brackets to another one."""
        lines = {self.describe(key) for key in keys}
        return sorted(line for line in lines if line.partition(" (")[0] == line or line.partition(" (")[0] not in lines)

    # Why an output was made

    def explain(self, key: str) -> Iterator[str]:
        """Yield why an output was made the last time, its files, and the inputs on which it depends, sorted."""
        _, paths, causes = self.state.artifacts[key]
        yield f"{', '.join(paths)}: {self.describe(key)}"
        yield "Made the last time because"
        yield from (f"    {line}" for line in dict.fromkeys(map(self.describe, causes)))
        yield "It depends on"
        number = self.graph.numbers.get(key)
        inputs = self.graph.transitive_inputs(number) if number is not None else ()
        yield from (f"    {line}" for line in self._describe_all(inputs))
        yield "    all settings but those that say where and how to build, and the site's own code"

    # Why an output was not made again

    def explain_not(self, key: str, path: str = "") -> Iterator[str]:
        """Yield how far the changes of the last build, or that of one file, came towards an output."""
        trace = self.state.trace
        yield f"{', '.join(self.state.artifacts[key].paths)}: {self.describe(key)}"
        if trace.rebuild_causes:
            causes = ", ".join(self.describe(cause) for cause in trace.rebuild_causes)
            yield f"The last build made everything again, because {causes}."
            yield f"    {self._outcome(key)}"
            return
        yield "How far each change came that the last build found"
        files = [path] if path else sorted({*trace.changed_files, *trace.restamped_files})
        lines = [f"{name}: {self._trace_file(key, name)}" for name in files]
        if not path:
            lines += [
                f"{self.describe(changed)}: {self._trace_inputs(key, {changed})}"
                for changed in sorted(self._changed_inputs.difference(*map(self._inputs_of, trace.changed_files)))
            ]
        yield from (f"    {line}" for line in lines or ["nothing had changed (input digest)"])

    @cached_property
    def _changed_inputs(self) -> frozenset[str]:
        inputs = {*self.graph.input_keys()}
        return frozenset(key for key in self.state.trace.changed if key in inputs)

    def _inputs_of(self, path: str) -> set[str]:
        """Return the changed inputs that a file is behind, as its items or the words for the inputs say."""
        items = {item.replace("/", SEPARATOR) for item in self.sources.items_using(path)}
        return {
            key
            for key in self._changed_inputs
            if key.partition(SEPARATOR)[2] in items or _names_file(self.describe(key), path)
        }

    def _trace_file(self, key: str, path: str) -> str:
        """Return how far the change of a file of the content came towards an output."""
        trace = self.state.trace
        if path in trace.restamped_files:
            return "it was saved again with the same bytes (input digest)"
        if path not in trace.changed_files:
            if not self.sources.is_read(path):
                return "no item is made of it or uses it, so nothing looked into it (checkpoint)"
            return "it has the size and the time that it had before, so nothing looked into it (input digest)"
        items, inputs = set(self.sources.items_using(path)), self._inputs_of(path)
        if not items and not inputs:  # Something that many items are made of: what no other file is behind.
            others = [other for other in trace.changed_files if other != path]
            items = set(trace.parsed).difference(*map(self.sources.items_using, others))
            inputs = set(self._changed_inputs.difference(*map(self._inputs_of, others)))
        if items and not self._depends_on(key, inputs):
            parsed = items.intersection(trace.parsed)
            if not parsed:
                return f"what had been read of {', '.join(sorted(items))} before still holds (parse cache)"
            if not inputs:
                return f"{', '.join(sorted(parsed))} was read again, and came out the same (early cut-off)"
        return self._trace_inputs(key, inputs) if inputs else "no item is made of it or uses it (checkpoint)"

    def _depends_on(self, key: str, inputs: Set[str]) -> bool:
        nodes = self.graph.transitive_deps(self.graph.numbers[key])
        return not inputs.isdisjoint(self.graph.keys[node] for node in nodes)

    def _trace_inputs(self, key: str, inputs: Set[str]) -> str:
        """Return how far the change of some inputs came towards an output."""
        graph = self.graph
        number = graph.numbers[key]
        changed = {graph.numbers[name] for name in self.state.trace.changed if name in graph.numbers}
        words = ", ".join(self._describe_all(inputs))
        if not self._depends_on(key, inputs):
            return f"this page depends on nothing of it: {words}"
        if not inputs.isdisjoint(graph.transitive_inputs(number, changed)):
            return f"{words}; {self._outcome(key)}"
        same = (
            graph.keys[node]
            for node in graph.transitive_deps(number)
            if node not in changed and not inputs.isdisjoint(graph.transitive_inputs(node, changed))
        )
        return f"{words}; {', '.join(self._describe_all(same))} came out the same (early cut-off)"

    def _outcome(self, key: str) -> str:
        trace = self.state.trace
        if key in trace.same_digest:
            return "what the page shows came out the same (action digest)"
        if key in trace.same_bytes:
            return "it was made again, with the same bytes (equal bytes)"
        return "it was made again"


def _names_file(description: str, path: str) -> bool:
    """Return whether a description ends with a file, or with what its name begins with, as those of captions do."""
    named = description.rpartition(": ")[2]
    return path == named or path.startswith(f"{named}.")


def trace_content(index: ContentIndex, trace: BuildTrace) -> None:
    """Record which files have changed since the checkpoint, and which items were therefore looked at and read."""
    tree, checkpoint, root = index.tree, index.checkpoint, index.tree.root.name
    before = checkpoint.file_digests if checkpoint is not None else {}
    changed = {path for path, digest in before.items() if tree.known.get(path, (None, None))[1] != digest}
    changed |= tree.changed.difference(before)
    trace.changed_files = sorted(f"{root}/{path}" for path in changed)
    trace.restamped_files = sorted(f"{root}/{path}" for path in tree.restamped.difference(changed))
    if checkpoint is not None and checkpoint.digests.discovery == index.discovery_digest:
        trace.suspects = sorted(map(str, index.checked_rows))
    trace.parsed = sorted(index.parsed)

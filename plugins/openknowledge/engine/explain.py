"""Why an output was made the last time, on what it depends, and why the last build did not make it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from functools import cached_property
from typing import Protocol
from urllib.parse import unquote, urlsplit

from .build_state import BuildState
from .query_graph import SEPARATOR
from .rules import Description

__all__ = ["Explanation"]

GENERAL = {
    "code": "the site's own code or a package under it changed",
    "damaged": "its file was gone, or somebody else had changed it",
    "new": "it was not there before",
    "setting": "a setting: {name}",
}
"""Causes that are no nodes of the query graph."""


class ItemSources(Protocol):
    """Which files items are made of, by their paths from the project's root."""

    def files_of_item(self, kind: str, slug: str) -> tuple[str, ...]:
        """Return the files of an item, the main one first."""

    def items_using(self, path: str) -> tuple[str, ...]:
        """Return the items, as `kind/slug`, that are made of a file or use it."""

    def is_read(self, path: str) -> bool:
        """Return whether builds read the bytes of a file."""


class Explanation:
    """What a build state knows of the files of its folder, in words."""

    def __init__(self, state: BuildState, sources: ItemSources) -> None:
        self.state, self.sources, self.graph = state, sources, state.load_graph()

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
        words = self.state.descriptions.get(SEPARATOR.join((name, *arguments[:1])))
        if words is not None and arguments:
            arguments = arguments[1:]
        else:
            words = self.state.descriptions.get(name) or (GENERAL.get(name, name), ("name",), "")
        text, parameters, path = Description(*words)
        values = dict(zip(parameters, arguments, strict=False))
        if parameters and parameters[-1].startswith("*"):
            rest, changed = arguments[len(parameters) - 1 :], []
            values[parameters[-1][1:]] = ", ".join(rest)
        else:
            changed = arguments[len(parameters) :]
        if {"kind", "slug"} <= values.keys():
            files = self.sources.files_of_item(values["kind"], values["slug"])
            values["item"] = ", ".join(files) or f"{values['kind']}/{values['slug']}"
        line = ": ".join(part.format(**values) for part in (text, path) if part)
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
        inputs = {self.graph.keys[number] for number in self.graph.inputs}
        return frozenset(key for key in self.state.trace.changed if key in inputs)

    def _inputs_of(self, path: str) -> set[str]:
        """Return the changed inputs that a file is behind, as its items or the words for the inputs say."""
        items = {item.replace("/", SEPARATOR) for item in self.sources.items_using(path)}
        return {
            key
            for key in self._changed_inputs
            if key.partition(SEPARATOR)[2] in items or self.describe(key).endswith(f": {path}")
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
        """Return whether an output depends on some of the inputs, directly or not."""
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
        same = [
            node
            for node in graph.transitive_deps(number)
            if node not in changed and self._is_reached(node, inputs, changed)
        ]
        answers = ", ".join(self._describe_all(graph.keys[node] for node in same))
        return f"{words}; {answers} came out the same (early cut-off)"

    def _is_reached(self, node: int, inputs: Set[str], changed: Set[int]) -> bool:
        """Return whether the change of some inputs came to the nodes that a node reads."""
        return not inputs.isdisjoint(self.graph.transitive_inputs(node, changed))

    def _outcome(self, key: str) -> str:
        """Return what became of an action whose dependencies changed."""
        trace = self.state.trace
        if key in trace.same_digest:
            return "what the page shows came out the same (action digest)"
        if key in trace.same_bytes:
            return "it was made again, with the same bytes (equal bytes)"
        return "it was made again"

"""Facts that are looked up and questions that are answered, each noted by whoever asked it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from openknowledge.engine.query_graph import SEPARATOR, QueryGraph, key_of
from openknowledge.model.values import Lang

from .inputs import Inputs, SiteSettings
from .kinds.kind import Kind
from .queries import PERSISTED, QUERIES
from .routes import Routes

__all__ = ["QueryContext"]

SNAPSHOT_KEY = "records"
"""Where the facts' memo has what they were when the book was last gone on with."""


class QueryContext:
    """The facts, and the numbers of all that was asked through this reading of them."""

    def __init__(self, inputs: Inputs, deps: dict[int, None] | None = None) -> None:
        self.inputs = inputs
        self.deps: dict[int, None] = {} if deps is None else deps
        self.settings: SiteSettings = inputs.settings
        self.kinds: tuple[Kind, ...] = inputs.kinds
        self.routes: Routes = inputs.routes
        self.langs: tuple[Lang, ...] = inputs.settings.langs
        self.base_path: str = inputs.settings.base_path
        self.base_url: str = inputs.settings.base_url

    def fork(self, deps: dict[int, None] | None = None) -> Self:
        """The same site with a leaf of its own to note questions on."""
        return type(self)(self.inputs, deps)

    def attach(self, graph: QueryGraph) -> None:
        """Go on in the book of an earlier build."""
        facts = self.inputs
        facts.graph = graph
        facts.queries = {**QUERIES, **facts.queries}
        facts.persisted |= PERSISTED
        alike, doubted = facts.changed_since(facts.memo.get(SNAPSHOT_KEY))
        graph.start_build(facts.digest, self._execute, facts.persisted, alike, doubted)
        facts.memo[SNAPSHOT_KEY] = facts.snapshot

    def register_query(self, name: str, function: Callable[..., Any], *, persist: bool = False) -> None:
        """Teach the site a question: a function of a site and of texts. `keep` answers that are plain values."""
        self.inputs.queries[name] = function
        if persist:
            self.inputs.persisted.add(name)

    def query(self, name: str, *arguments: str) -> Any:
        """The answer to a question by its name; it is found once, and kept."""
        return self.inputs.graph.query(SEPARATOR.join((name, *arguments)), self.deps)

    def digest(self, name: str, *arguments: str) -> bytes:
        """The digest of an answer that this reading asked for."""
        book = self.inputs.graph
        return book.digest(book.intern(key_of(name, *arguments)))

    def depend_on(self, name: str, *arguments: str) -> None:
        """Note that a fact is used."""
        book, key = self.inputs.graph, SEPARATOR.join((name, *arguments))
        number = book.numbers.get(key)
        if number is None:
            book.read_input(key, self.inputs.digest, self.deps)
        else:
            self.deps[number] = None

    def _execute(self, key: str, deps: dict[int, None]) -> Any:
        name, *arguments = key.split(SEPARATOR)
        return self.inputs.queries[name](self.fork(deps), *arguments)

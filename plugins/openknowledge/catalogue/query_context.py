"""Facts that are looked up and questions that are answered, each noted by whoever asked it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from openknowledge.engine.query_graph import SEPARATOR, QueryGraph, key_of
from openknowledge.model.values import Lang

from .inputs import Facts, SiteSettings
from .kinds.kind import Kind
from .queries import KEPT, QUESTIONS
from .routes import Routes

__all__ = ["Asking"]

TOLD = "records"
"""Where the facts' memo has what they were when the book was last gone on with."""


class Asking:
    """The facts, and the numbers of all that was asked through this reading of them."""

    def __init__(self, facts: Facts, notes: dict[int, None] | None = None) -> None:
        self.facts = facts
        self.notes: dict[int, None] = {} if notes is None else notes
        self.settings: SiteSettings = facts.settings
        self.kinds: tuple[Kind, ...] = facts.kinds
        self.routes: Routes = facts.routes
        self.langs: tuple[Lang, ...] = facts.settings.langs
        self.base_path: str = facts.settings.base_path
        self.base_url: str = facts.settings.base_url

    def reading(self, notes: dict[int, None] | None = None) -> Self:
        """The same site with a leaf of its own to note questions on."""
        return type(self)(self.facts, notes)

    def begin(self, book: QueryGraph) -> None:
        """Go on in the book of an earlier build."""
        facts = self.facts
        facts.book = book
        facts.questions = {**QUESTIONS, **facts.questions}
        facts.keeping |= KEPT
        alike, doubted = facts.since(facts.memo.get(TOLD))
        book.start_build(facts.look, self._answer, facts.keeping, alike, doubted)
        facts.memo[TOLD] = facts.told

    def learn(self, name: str, question: Callable[..., Any], *, keep: bool = False) -> None:
        """Teach the site a question: a function of a site and of texts. `keep` answers that are plain values."""
        self.facts.questions[name] = question
        if keep:
            self.facts.keeping.add(name)

    def ask(self, name: str, *arguments: str) -> Any:
        """The answer to a question by its name; it is found once, and kept."""
        return self.facts.book.query(SEPARATOR.join((name, *arguments)), self.notes)

    def digest(self, name: str, *arguments: str) -> bytes:
        """The digest of an answer that this reading asked for."""
        book = self.facts.book
        return book.digest(book.intern(key_of(name, *arguments)))

    def use(self, name: str, *arguments: str) -> None:
        """Note that a fact is used."""
        book, key = self.facts.book, SEPARATOR.join((name, *arguments))
        number = book.numbers.get(key)
        if number is None:
            book.read_input(key, self.facts.look, self.notes)
        else:
            self.notes[number] = None

    def _answer(self, key: str, notes: dict[int, None]) -> Any:
        name, *arguments = key.split(SEPARATOR)
        return self.facts.questions[name](self.reading(notes), *arguments)

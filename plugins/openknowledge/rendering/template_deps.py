"""The dependencies of a page's markup besides its view: templates, and the messages that they use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast
from weakref import WeakKeyDictionary

from jinja2 import Environment, TemplateAssertionError, TemplateNotFound
from jinja2.ext import GETTEXT_FUNCTIONS
from jinja2.nodes import Call, CondExpr, Const, Expr, Extends, FromImport, Import, Include, List, Name, Node, Tuple

__all__ = ["message_ids", "sources_digest", "template_deps"]

Message = tuple[str, ...]
"""A function and its texts: `("gettext", "Search")`, `("ngettext", "one page", "%(num)s pages")`."""

TEXTS = {"gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
"""How many of a function's arguments are texts; they come first."""


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """One template as its loader has it; `text` is None where there is none of that name."""

    text: str | None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateRefs:
    """The references of one template: other templates, and messages."""

    names: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedTemplates:
    """The templates of an environment that were read and parsed, by name."""

    sources: dict[str, TemplateSource] = field(default_factory=dict)
    refs: dict[str, TemplateRefs] = field(default_factory=dict)


_parsed_templates: WeakKeyDictionary[Environment, ParsedTemplates] = WeakKeyDictionary()
"""Cached for good, because an environment without reloading has one source for a name."""


def template_deps(environment: Environment, name: str) -> tuple[str, ...]:
    """Return the template and everything that it extends, includes or imports, transitively, sorted.

    Names that no loader knows are among them: where a template may be absent, the page changes on the day that it
    appears. Raises `TemplateAssertionError` where a name is computed, because the dependencies are unknown then.
    """
    names: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in names:
            names.add(current)
            waiting.extend(_template_refs(environment, current).names)
    return tuple(sorted(names))


def sources_digest(environment: Environment, names: Sequence[str]) -> str:
    """Return the digest of the templates' names and texts, whatever the order; absent is not the same as empty.

    Nothing is parsed, so a caller that stored the dependencies with their digest can check that both still hold.
    """
    digest = hashlib.sha256()
    for name in sorted(set(names)):
        text = _source(environment, name).text
        for part in (name, "absent" if text is None else f"is {text}"):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def message_ids(environment: Environment, names: Sequence[str]) -> tuple[Message, ...]:
    """Return all messages that the templates use, each once, sorted.

    `_` counts as `gettext`. A plural contributes both forms, a message with a context the context first. Raises
    `TemplateAssertionError` where a message is computed.
    """
    return tuple(sorted({message for name in names for message in _template_refs(environment, name).messages}))


def _source(environment: Environment, name: str) -> TemplateSource:
    sources = _parsed_templates.setdefault(environment, ParsedTemplates()).sources
    if name not in sources:
        assert environment.loader is not None
        try:
            text, path, _ = environment.loader.get_source(environment, name)
            sources[name] = TemplateSource(text, path)
        except TemplateNotFound:
            sources[name] = TemplateSource(None)
    return sources[name]


def _template_refs(environment: Environment, name: str) -> TemplateRefs:
    refs = _parsed_templates.setdefault(environment, ParsedTemplates()).refs
    if name not in refs:
        refs[name] = _parse(environment, name, _source(environment, name))
    return refs[name]


def _parse(environment: Environment, name: str, source: TemplateSource) -> TemplateRefs:
    if source.text is None:
        return TemplateRefs()
    tree = environment.parse(source.text, name, source.path)
    try:
        names = {
            environment.join_path(other, name)
            for node in tree.find_all((Extends, FromImport, Import, Include))
            for other in _names(cast(Include, node).template)
        }
        messages = {message for call in tree.find_all(Call) for message in _messages(call)}
    except TemplateAssertionError as error:
        raise TemplateAssertionError(str(error.message), error.lineno, name, source.path) from None
    return TemplateRefs(tuple(sorted(names)), tuple(sorted(messages)))


def _names(node: Expr) -> Iterator[str]:
    """Return the names that an expression can have: a text, a list of them to try in turn, one text or another."""
    match node:
        case Const(value=str(name)):
            yield name
        case Const(value=tuple(several)) if all(isinstance(name, str) for name in several):
            yield from several
        case List(items=items) | Tuple(items=items):
            for item in items:
                yield from _names(item)
        case CondExpr(expr1=expr, expr2=other):
            yield from _names(expr)
            if other is not None:
                yield from _names(other)
        case _:
            raise _not_written(node, "the name of a template")


def _messages(call: Call) -> Iterator[Message]:
    if not isinstance(call.node, Name) or call.node.name not in GETTEXT_FUNCTIONS:
        return
    function = "gettext" if call.node.name == "_" else call.node.name
    texts = [node.value for node in call.args[: TEXTS[function]] if isinstance(node, Const)]
    if len(texts) < TEXTS[function] or not all(isinstance(text, str) for text in texts):
        raise _not_written(call, "a message")
    yield (function, *texts)


def _not_written(node: Node, what: str) -> TemplateAssertionError:
    hint = "write it in quotes, so that a build knows which pages change with it"
    return TemplateAssertionError(f"{what} is computed: {hint}", node.lineno)

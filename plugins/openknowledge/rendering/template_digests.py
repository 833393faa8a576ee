"""What a page's markup is made of besides its view: templates and messages, as one digest a template and language."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

from jinja2 import BaseLoader, Environment, TemplateAssertionError, TemplateNotFound
from jinja2.ext import GETTEXT_FUNCTIONS
from jinja2.nodes import Call, CondExpr, Const, Expr, Extends, FromImport, Import, Include, List, Name, Node, Tuple

from openknowledge.engine.digest import digest_bytes
from openknowledge.model.values import Lang

from .locale import Language

__all__ = ["TemplateDigests", "message_ids", "sources_digest", "template_deps"]

EXTRAS_KEY = "templates"
TEXTS = {"gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
"""How many of a function's arguments are texts; they come first."""
Message = tuple[str, ...]
"""A function and its texts: `("gettext", "Search")`, `("ngettext", "one page", "%(num)s pages")`."""


class TemplateDigests:
    """The digests of templates with all that they include, and of the translations that those ask for.

    Under a `revision` of the theme that is not empty they are computed once, and kept from build to build in the
    mapping that `extras` returns.
    """

    def __init__(
        self,
        languages: Mapping[Lang, Language],
        environments: Mapping[Lang, Environment],
        revision: str,
        extras: Callable[[], dict[str, Any]],
    ) -> None:
        self._languages, self._environments = languages, environments
        self._revision, self._extras = revision, extras
        self._own: dict[str, bytes] = {}

    def digest(self, template: str, lang: Lang) -> bytes | None:
        """Return the digest of one template in one language; None where there is no such template or language."""
        digests = self._known()
        name = f"{template} {lang}"
        if name not in digests and lang in self._environments:
            digests[name] = self._compute(template, lang)
        return digests.get(name)

    def _known(self) -> dict[str, bytes]:
        """Return the digests that are known under this revision, to be added to."""
        if not self._revision:
            return self._own
        extras = self._extras()
        if extras.get(EXTRAS_KEY, ("",))[0] != self._revision:
            extras[EXTRAS_KEY] = (self._revision, {})
        digests: dict[str, bytes] = extras[EXTRAS_KEY][1]
        return digests

    def _compute(self, template: str, lang: Lang) -> bytes:
        environment, translations = self._environments[lang], self._languages[lang].translations
        names = template_deps(environment, template)
        translated = [(message, _translate(translations, *message)) for message in message_ids(environment, names)]
        return digest_bytes(repr((sources_digest(environment, names), translated)).encode())


def _translate(translations: Any, function: str, *texts: str) -> Any:
    translate = getattr(translations, function)
    return [translate(*texts, number) for number in range(200)] if function.startswith("n") else translate(*texts)


class ParsedTemplate(NamedTuple):
    """A template as its loader has it, and its references; `text` is None where there is none of that name."""

    text: str | None
    names: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()


_parsed_templates: WeakKeyDictionary[BaseLoader, dict[str, ParsedTemplate]] = WeakKeyDictionary()
"""By loader, because the environments of all languages share one and its sources; cached for good, as these are."""


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
            waiting.extend(_parsed(environment, current).names)
    return tuple(sorted(names))


def sources_digest(environment: Environment, names: Sequence[str]) -> str:
    """Return the digest of the templates' names and texts, whatever the order; absent is not the same as empty."""
    digest = hashlib.sha256()
    for name in sorted(set(names)):
        text = _parsed(environment, name).text
        for part in (name, "absent" if text is None else f"is {text}"):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def message_ids(environment: Environment, names: Sequence[str]) -> tuple[Message, ...]:
    """Return all messages that the templates use, each once, sorted.

    `_` counts as `gettext`. A plural contributes both forms, a message with a context the context first. Raises
    `TemplateAssertionError` where a message is computed.
    """
    return tuple(sorted({message for name in names for message in _parsed(environment, name).messages}))


def _parsed(environment: Environment, name: str) -> ParsedTemplate:
    assert environment.loader is not None
    templates = _parsed_templates.setdefault(environment.loader, {})
    if name not in templates:
        try:
            text, path, _ = environment.loader.get_source(environment, name)
        except TemplateNotFound:
            templates[name] = ParsedTemplate(None)
        else:
            templates[name] = _parse(environment, name, text, path)
    return templates[name]


def _parse(environment: Environment, name: str, text: str, path: str | None) -> ParsedTemplate:
    tree = environment.parse(text, name, path)
    try:
        names = {
            environment.join_path(other, name)
            for node in tree.find_all((Extends, FromImport, Import, Include))
            for other in _names(cast(Include, node).template)
        }
        messages = {message for call in tree.find_all(Call) for message in _messages(call)}
    except TemplateAssertionError as error:
        raise TemplateAssertionError(str(error.message), error.lineno, name, path) from None
    return ParsedTemplate(text, tuple(sorted(names)), tuple(sorted(messages)))


def _names(node: Expr) -> Iterator[str]:
    """Yield the names that an expression can have: a text, a list of them to try in turn, one text or another."""
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

"""The rendering of pages by any process, with the markup of the stock environment at less cost."""

import hashlib
import importlib.util
import marshal
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType
from typing import Any, Self, cast

import jinja2
from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, Template, pass_context, pass_eval_context
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.environment import TemplateModule
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

from openknowledge.engine.atomic_files import atomic_write
from openknowledge.language_tags import language_attributes
from openknowledge.model.values import Lang

from .locale import Language, load_languages

CACHE_SIZE = 4096
"""The number of recent entries of a macro cache; as many older ones stay until they are used again or dropped."""
SINGLE_PROCESS_CACHE_SIZE = 16384
"""The same in a process that renders all pages, because it has the entries' values in memory anyway."""
DIGEST_BYTES = hashlib.sha256().digest_size

Key = tuple[object, ...]
Entry = tuple[str, Macro, tuple[Any, ...], dict[str, Any]]


class MacroCache:
    """A cache of markup that many pages share: `{{ cached(card, item, id) }}` in a template is `{{ card(item, id) }}`.

    Entries are found by the identity of the macro and of its frozen values. Equality would not do: `Markup("<b>")`
    equals `"<b>"`, and `True` equals `1`, but pages show them differently. Only plain texts are compared. An entry
    holds its values, so that no other value takes their place in memory.

    Only for macros that see nothing but their arguments: those of a template imported without context.
    """

    def __init__(self, size: int = CACHE_SIZE) -> None:
        self._limit = size
        self._newer: dict[Key, Entry] = {}
        self._older: dict[Key, Entry] = {}

    @pass_eval_context
    def __call__(self, evaluation: EvalContext, macro: Macro, /, *values: Any, **named: Any) -> str:
        """Return the markup of the macro for these values."""
        key: Key = (id(macro), evaluation.autoescape, *[value if type(value) is str else id(value) for value in values])
        if named:
            key += (None, *((name, value if type(value) is str else id(value)) for name, value in named.items()))
        entry = self._newer.get(key)
        if entry is None:
            entry = self._older.get(key)
            if entry is None:
                _require_immutable(macro, (*values, *named.values()))
                entry = macro(evaluation, *values, **named), macro, values, named
            if len(self._newer) >= self._limit:
                self.drop_older()
            self._newer[key] = entry
        return entry[0]

    def drop_older(self) -> None:
        """Let go of the entries that were not used since the last call."""
        self._newer, self._older = {}, self._newer


def _require_immutable(macro: Macro, values: tuple[Any, ...]) -> None:
    for value in values:
        if isinstance(value, list | dict | set | bytearray):
            name, kind = macro.name, type(value).__name__
            raise jinja2.TemplateRuntimeError(
                f'cached({name}, …) was given a {kind}, which can change: call "{name}" itself'
            )


class CachedGettext:
    """The function `_("Search")` of a template: a message without placeholders is translated and escaped once."""

    def __init__(self, gettext: Callable[..., str]) -> None:
        self._gettext = gettext
        self._texts: dict[str, str] = {}

    @pass_context
    def __call__(self, context: Context, message: str, /, **values: Any) -> str:
        """Return the translation of a message with its values filled in."""
        if values or not context.eval_ctx.autoescape:
            return self._gettext(context, message, **values)
        text = self._texts.get(message)
        if text is None:
            text = self._texts[message] = self._gettext(context, message)
        return text


class FastMacro(Macro):
    """A macro with a fast path for calls with positional arguments only, as nearly all calls of components are."""

    def __init__(
        self, environment: Environment, func: Callable[..., str], name: str, arguments: list[str], *more: Any
    ) -> None:
        super().__init__(environment, func, name, arguments, *more)
        takes_more = self.catch_kwargs or self.catch_varargs or self.caller
        self._render, self._parameter_count = func, -1 if takes_more else len(arguments)

    @pass_eval_context
    def __call__(self, *arguments: Any, **named: Any) -> str:
        """Return the markup of a call."""
        left_out = self._parameter_count + 1 - len(arguments)
        evaluation = arguments[0] if arguments else None
        if named or left_out < 0 or type(evaluation) is not EvalContext or not evaluation.autoescape:
            return super().__call__(*arguments, **named)
        return as_markup(self._render(*arguments[1:], *[missing] * left_out))


class PageContext(Context):
    """A context that calls macros and translations without inspecting each time what they must be passed."""

    def call(__self, __obj: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Call a function of a template."""
        kind = type(__obj)
        if kind is FastMacro or kind is MacroCache:
            passed: object = __self.eval_ctx
        elif kind is CachedGettext:
            passed = __self
        else:
            return super().call(__obj, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        return __obj(passed, *args, **kwargs)


class PageTemplate(Template):
    """A template that renders values to plain strings, and is imported as one module that is created once."""

    @classmethod
    def from_code(
        cls,
        environment: Environment,
        code: CodeType,
        globals: MutableMapping[str, Any],  # noqa: A002
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        """Return a template whose code escapes and calls macros by this module's fast functions."""
        template = super().from_code(environment, code, globals, uptodate)
        template.root_render_func.__globals__.update(escape=fast_escape, Macro=FastMacro)
        return template

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """Return the module, without Jinja's comparison of globals, which are the same throughout an environment."""
        module = self._module
        return module if module is not None else super()._get_default_module(ctx)


as_markup: Callable[[str], Markup] = partial(str.__new__, Markup)
"""What `Markup` makes of a plain string, without asking whether it is one."""


def fast_escape(value: object) -> str:
    """Return a value as markup. Compiled templates only join the result, so it need not be `Markup`."""
    if type(value) is str:
        return _escape_inner(value)
    return value if type(value) is Markup else escape(value)


@lru_cache(maxsize=1024)
def in_language(lang: Lang | None) -> Markup:
    """Filter: return the attributes of words in a language, with their direction; nothing in the page's own."""
    return Markup("" if lang is None else language_attributes(lang))


class PageEnvironment(Environment):
    """An environment for one language, because `_` inside an imported macro sees no page and cannot choose one.

    Templates have the global `cached` and the filter `in_language` besides Jinja's own.
    """

    context_class, template_class = PageContext, PageTemplate

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._templates: dict[object, Template] = {}

    def set_translations(self, translations: NullTranslations, cache_size: int = CACHE_SIZE) -> None:
        """Install the translations, which needs Jinja's extension for them, and a macro cache of that size."""
        self.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        self.globals["_"] = self.globals["gettext"] = CachedGettext(cast("Callable[..., str]", self.globals["gettext"]))
        self.globals["cached"], self.filters["in_language"] = MacroCache(cache_size), in_language

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return a plain mapping of globals, because every look-up in Jinja's layered mapping is slow."""
        return {**self.globals, **(d or {})}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """Return a template as it was first loaded: every page asks for twenty, and none is reloaded."""
        if globals is not None:
            return super().get_template(name, parent, globals)
        template = self._templates.get(name)
        if template is None:
            template = self._templates[name] = super().get_template(name, parent)
        return template


class TemplateBytecodeCache(BytecodeCache):
    """Compiled templates on the disk: one file a template, overwritten when the template changes.

    A file begins with two digests: of what its code was compiled from (the template's source, the environment's
    `options`, the versions of Jinja and Python), and of the code itself. A file that fits neither is compiled again,
    whether it is outdated, foreign, truncated or corrupt. Where nothing can be written, nothing is cached. Jinja's own
    cache of files knows neither the options nor whether the code is corrupt.
    """

    def __init__(self, folder: Path, options: str) -> None:
        self._folder = folder
        self._compiler = b"\0".join((jinja2.__version__.encode(), importlib.util.MAGIC_NUMBER, options.encode()))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put the code of a template into its bucket, if the file fits."""
        try:
            data = self._path(bucket).read_bytes()
        except OSError:
            return
        digests, code = data[: 2 * DIGEST_BYTES], data[2 * DIGEST_BYTES :]
        if digests == self._origin(bucket) + hashlib.sha256(code).digest():
            bucket.code = marshal.loads(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the code of a template."""
        code = marshal.dumps(bucket.code)
        with suppress(OSError):
            atomic_write(self._path(bucket), (self._origin(bucket), hashlib.sha256(code).digest(), code))

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.template"

    def _origin(self, bucket: Bucket) -> bytes:
        return hashlib.sha256(self._compiler + b"\0" + bucket.checksum.encode()).digest()


def create_environments(
    loader: jinja2.BaseLoader,
    languages: Mapping[Lang, Language],
    options: Mapping[str, Any],
    bytecode: Path | None = None,
    cache_size: int = CACHE_SIZE,
) -> dict[Lang, PageEnvironment]:
    """Return one environment a language. `bytecode` is the folder of compiled templates."""
    others = {name: value for name, value in options.items() if name != "extensions"}
    environments = {}
    for lang, language in languages.items():
        environments[lang] = PageEnvironment(
            loader=loader,
            undefined=jinja2.StrictUndefined,
            extensions=[*options.get("extensions", ()), "jinja2.ext.i18n"],
            auto_reload=False,
            bytecode_cache=None if bytecode is None else TemplateBytecodeCache(bytecode, repr(sorted(others.items()))),
            **others,
        )
        environments[lang].set_translations(language.translations, cache_size)
    return environments


# Pages

CONFIGS = 4
"""The number of configurations whose environments are cached: each change of the theme makes a new one."""


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """Everything that markup depends on besides template and view. Equal configurations share their environments.

    `overrides` and `theme` are folders of templates, in order of precedence; `simple` is Pelican's own. `locales` and
    `options` are pairs, sorted by name. `revision` changes whenever a template or a catalogue does, because processes
    outlive both. `bytecode` is the folder of compiled templates. `cache_size` is the size of each macro cache.
    """

    theme: str
    simple: str
    overrides: tuple[str, ...]
    locale: str
    langs: tuple[Lang, ...]
    timezone: str
    locales: tuple[tuple[Lang, str], ...]
    options: tuple[tuple[str, object], ...]
    bytecode: str | None = None
    revision: str = ""
    cache_size: int = CACHE_SIZE

    def folders(self) -> tuple[str, ...]:
        """Return the folders of this machine's disk that rendering reads."""
        return tuple(dict.fromkeys((self.theme, self.simple, *self.overrides, self.locale)))

    def relocated(self, folders: Mapping[str, str]) -> Self:
        """Return the configuration for a machine where the folders have other paths."""
        return replace(
            self,
            theme=folders[self.theme],
            simple=folders[self.simple],
            overrides=tuple(folders[folder] for folder in self.overrides),
            locale=folders[self.locale],
            bytecode=None,
        )


def freeze_mapping(mapping: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return a mapping of plain data as a value that can be compared and sent: lists become tuples."""
    return tuple(sorted((name, tuple(value) if isinstance(value, list) else value) for name, value in mapping.items()))


def template_loader(overrides: Sequence[str], theme: str, simple: str) -> jinja2.BaseLoader:
    """Return a loader that searches like Pelican's generators, also for `!theme/…` and `!simple/…`."""
    own, stock = FileSystemLoader(theme), FileSystemLoader(simple)
    prefixed = jinja2.PrefixLoader({"!simple": stock, "!theme": own})
    return jinja2.ChoiceLoader([FileSystemLoader([*overrides, theme]), stock, prefixed])


def render(config: RenderConfig, lang: Lang, template: str, view: Any) -> bytes:
    """Return the bytes of a page. Environments of which one raised are dropped: what was half done stays in none."""
    try:
        return _environments(config)[lang].get_template(template).render(view=view).encode()
    except BaseException:
        clear_environments()
        raise


@lru_cache(maxsize=CONFIGS)
def _environments(config: RenderConfig) -> dict[Lang, PageEnvironment]:
    languages = load_languages(Path(config.locale), config.langs, config.timezone, dict(config.locales))
    loader = template_loader(config.overrides, config.theme, config.simple)
    bytecode = Path(config.bytecode) if config.bytecode else None
    return create_environments(loader, languages, dict(config.options), bytecode, config.cache_size)


def clear_environments() -> None:
    """Drop all environments, so that templates are read again."""
    _environments.cache_clear()

"""A Jinja environment for thousands of pages: the markup of the stock environment at less cost."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import partial
from types import CodeType
from typing import Any, cast

from babel.support import NullTranslations
from jinja2 import Environment, Template, pass_context, pass_eval_context
from jinja2.environment import TemplateModule
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

from .macro_cache import CACHE_SIZE, MacroCache


class PageEnvironment(Environment):
    """An environment for one language, because `_` inside an imported macro sees no page and cannot choose one.

    Templates have `cached` besides Jinja's own globals.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._templates: dict[object, Template] = {}

    def set_translations(self, translations: NullTranslations, cache_size: int = CACHE_SIZE) -> None:
        """Install the translations, which needs Jinja's extension for them, and a macro cache of that size."""
        self.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        self.globals["_"] = self.globals["gettext"] = CachedGettext(cast("Callable[..., str]", self.globals["gettext"]))
        self.globals["cached"] = MacroCache(cache_size)

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


PageEnvironment.context_class = PageContext
PageEnvironment.template_class = PageTemplate

"""A Jinja environment for thousands of pages: the same markup as the stock one makes, for less."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from types import CodeType
from typing import Any, cast

from babel.support import NullTranslations
from jinja2 import Environment, Template, pass_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

from .once import Once


class PageEnvironment(Environment):
    """Speaks one language: `_` inside an imported macro sees no page, so it cannot choose.

    Templates have `once` besides Jinja's own globals.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._found: dict[object, Template] = {}

    def speak(self, translations: NullTranslations) -> None:
        """Install the words; asks for Jinja's extension for them."""
        self.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        self.globals["_"] = self.globals["gettext"] = Words(cast("Callable[..., str]", self.globals["gettext"]))
        self.globals["once"] = Once()

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain mapping of what there is when a template is loaded: Jinja's layered one is asked all the time."""
        return {**self.globals, **(d or {})}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """A template as it was first found: every page asks for twenty, and none is reloaded."""
        if globals is not None:
            return super().get_template(name, parent, globals)
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = super().get_template(name, parent)
        return found


class Words:
    """`_("Search")` in a template: what has no places to fill in is translated and escaped once."""

    def __init__(self, gettext: Callable[..., str]) -> None:
        self._gettext = gettext
        self._kept: dict[str, str] = {}

    @pass_context
    def __call__(self, context: Context, message: str, /, **places: Any) -> str:
        if places or not context.eval_ctx.autoescape:
            return self._gettext(context, message, **places)
        said = self._kept.get(message)
        if said is None:
            said = self._kept[message] = self._gettext(context, message)
        return said


class PageContext(Context):
    """Calls macros and words without asking each time what they want to be passed."""

    def call(__self, __obj: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        kind = type(__obj)
        if kind is Macro or kind is Once:
            passed: object = __self.eval_ctx
        elif kind is Words:
            passed = __self
        else:
            return super().call(__obj, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        return __obj(passed, *args, **kwargs)


class PageTemplate(Template):
    """Writes what it shows as plain strings, and is imported as one module that is made once."""

    @classmethod
    def from_code(
        cls,
        environment: Environment,
        code: CodeType,
        globals: MutableMapping[str, Any],  # noqa: A002
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        template = super().from_code(environment, code, globals, uptodate)
        template.root_render_func.__globals__["escape"] = escaped
        return template

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """Jinja compares the globals of importer and imported each time; an environment's are all the same."""
        module = self._module
        return module if module is not None else super()._get_default_module(ctx)


def escaped(value: object) -> str:
    """What stands for a value in markup. Compiled templates only join it, so it need not be `Markup`."""
    if type(value) is str:
        return _escape_inner(value)
    return value if type(value) is Markup else escape(value)


PageEnvironment.context_class = PageContext
PageEnvironment.template_class = PageTemplate

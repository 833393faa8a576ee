"""Pages are the bytes of stock Jinja at less cost."""

from __future__ import annotations

import gc
import pickle
import weakref
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jinja2
import pytest
from babel.support import NullTranslations
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, FileSystemLoader, StrictUndefined, TemplateRuntimeError, UndefinedError
from markupsafe import Markup, escape
from pelican.generators import Generator
from pelican.settings import read_settings
from tests.rendering.jobs import all_rendered
from tests.theme.pages import all_pages

from openknowledge.model.values import Html
from openknowledge.rendering.locale import load_languages
from openknowledge.rendering.render import (
    MacroCache,
    PageEnvironment,
    RenderConfig,
    create_environments,
    fast_escape,
    freeze_mapping,
    in_language,
    render,
    template_loader,
)

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "theme/templates"
LOCALE = ROOT / "theme/locale"
LANGS = ("it", "en")
OPTIONS = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
LANGUAGES = load_languages(LOCALE, LANGS, "Europe/Rome", {})
PAGES = all_pages()


@dataclass(frozen=True)
class Value:
    """A value of a page; weak references to it are possible."""

    text: str


def jinja_as_it_is(lang: str) -> Environment:
    """Return the stock environment, where `cached` only calls the macro."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, extensions=["jinja2.ext.i18n"], **OPTIONS
    )
    environment.install_gettext_translations(LANGUAGES[lang].translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["cached"] = lambda macro, *values, **named: macro(*values, **named)
    environment.filters["in_language"] = in_language
    return environment


STOCK = {lang: jinja_as_it_is(lang) for lang in LANGS}
OURS = create_environments(FileSystemLoader(TEMPLATES), LANGUAGES, OPTIONS)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", PAGES)
def test_every_template_gives_what_it_gives_with_jinja_as_it_is(name: str, lang: str) -> None:
    page = PAGES[name]
    expected = STOCK[lang].get_template(page.template).render(view=page)

    first, second = (OURS[lang].get_template(page.template).render(view=page) for _ in range(2))

    assert first == expected
    assert second == expected


# The macro cache


def an_environment(macros: str) -> PageEnvironment:
    """Return an environment with these macros to import."""
    environment = PageEnvironment(
        loader=DictLoader({"macros": macros}),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        **OPTIONS,  # type: ignore[arg-type]
    )
    environment.set_translations(NullTranslations())
    return environment


class Counted:
    """An environment whose macro `shown(value, note="")` records its calls."""

    def __init__(self, cache_size: int = 100) -> None:
        self.asked: list[Any] = []
        self.environment = an_environment(
            macros="{% macro shown(value, note='') %}{{ note_down(value) }}<i>{{ value }}</i>{{ note }}{% endmacro %}"
        )
        self.environment.globals.update(note_down=self._note_down, cached=MacroCache(cache_size))

    def show(self, call: str, **names: Any) -> str:
        return self.environment.from_string("{% from 'macros' import shown %}" + call).render(**names)

    def _note_down(self, value: Any) -> str:
        self.asked.append(value.text if isinstance(value, Value) else value)
        return ""


def test_a_macro_is_called_once_for_the_same_value_and_the_same_words_beside_it() -> None:
    counted, value = Counted(), Value("a")

    pages = [counted.show("{{ cached(shown, value, 'x' ~ 1) }}{{ cached(shown, value, note='y') }}", value=value)] * 2

    assert pages[0] == pages[1] == "<i>Value(text=&#39;a&#39;)</i>x1<i>Value(text=&#39;a&#39;)</i>y"
    assert counted.show("{{ cached(shown, value, 'x' ~ 1) }}", value=value).endswith("x1")
    assert counted.asked == ["a", "a"]


@pytest.mark.parametrize(
    ("first", "second"), [("<b>", Markup("<b>")), (True, 1), (1, 1.0), ("", Markup("")), (Value("a"), Value("a"))]
)
def test_equal_is_not_the_same(first: object, second: object) -> None:
    counted = Counted()

    shown = [counted.show("{{ cached(shown, value) }}", value=value) for value in (first, second)]

    assert shown == [f"<i>{escape(first)}</i>", f"<i>{escape(second)}</i>"]
    assert len(counted.asked) == 2


def test_the_cache_tells_arguments_in_other_positions_from_each_other() -> None:
    counted = Counted()

    calls = ("'a', 'b'", "'ab'", "'a', note='b'", "'a', note='c'", "'b', 'a'")

    assert [counted.show(f"{{{{ cached(shown, {call}) }}}}") for call in calls] == [
        counted.show(f"{{{{ shown({call}) }}}}") for call in calls
    ]


def test_markup_cached_without_escaping_is_not_used_where_escaping_is_on() -> None:
    counted, value = Counted(), "<b>"
    text = "{{ cached(shown, value) | e }}{% autoescape false %}{{ cached(shown, value) | e }}{% endautoescape %}"

    assert counted.show(text, value=value) == counted.show(
        text.replace("cached(shown, value)", "shown(value)"), value="<b>"
    )


def test_a_value_stays_in_memory_only_while_its_markup_is_cached() -> None:
    counted = Counted(cache_size=3)
    values = [Value(str(number)) for number in range(20)]
    alive = [weakref.ref(value) for value in values]
    for value in values:
        counted.show("{{ cached(shown, value) }}", value=value)
    del value, values
    gc.collect()

    assert 3 <= sum(reference() is not None for reference in alive) <= 6


def test_the_size_of_the_macro_cache_does_not_change_the_markup(setup: RenderConfig) -> None:
    few, many = replace(setup, cache_size=0), replace(setup, cache_size=1000)
    page = PAGES["course"]

    assert few != many
    assert render(few, "it", page.template, page) == render(many, "it", page.template, page)


def test_an_entry_in_frequent_use_is_never_dropped() -> None:
    counted, often = Counted(cache_size=3), Value("often")
    for number in range(20):
        counted.show("{{ cached(shown, value) }}", value=Value(str(number)))
        counted.show("{{ cached(shown, value) }}", value=often)

    assert counted.asked.count("often") == 1


def test_each_language_has_its_own_markup() -> None:
    page = PAGES["course"]

    italian, english = (OURS[lang].get_template(page.template).render(view=page) for lang in LANGS)

    assert 'aria-label="Sezioni"' in italian
    assert 'aria-label="Sections"' in english


@pytest.mark.parametrize("value", [["a"], {"a": 1}, {"a"}], ids=["list", "dict", "set"])
def test_mutable_values_are_refused(value: object) -> None:
    with pytest.raises(TemplateRuntimeError, match=r"cached\(shown, …\) was given a (list|dict|set), which can change"):
        Counted().show("{{ cached(shown, value) }}", value=value)


def test_undefined_names_in_a_cached_call_are_still_errors() -> None:
    with pytest.raises(UndefinedError, match="'nothing' is undefined"):
        Counted().show("{{ cached(shown, nothing) }}")
    with pytest.raises(UndefinedError, match="'nobody' is undefined"):
        Counted().show("{{ cached(nobody, 'a') }}")


# Calls of macros

MACROS = (
    "{% macro plain(a, b='<i>', c=none) %}[{{ a }}|{{ b }}|{{ c }}]{% endmacro %}"
    "{% macro open(a) %}[{{ a }}|{{ varargs }}|{{ kwargs }}]{% endmacro %}"
    "{% macro around(a) %}[{{ a }}|{{ caller('<b>') }}]{% endmacro %}"
)


@pytest.mark.parametrize(
    "call",
    [
        "{{ plain('<') }}{{ plain('<', 2) }}{{ plain('<', 2, 3) }}{{ plain('<', c='>') }}{{ plain(c=1, a=2) }}",
        "{% for x in [1, 2] %}{{ plain(x) }}{{ plain(x, c=x) }}{% endfor %}",
        "{{ open('<', 2, 3) }}{{ open('<', x='>') }}",
        "{% call(x) around('<') %}{{ x }}{{ plain(x) }}{% endcall %}",
        "{% call around('<') %}{% endcall %}",
        "{{ ['<', 'b'] | map('upper') | map('string') | list }}{{ plain(plain('<')) }}{{ plain('<') | e }}",
        "{% autoescape false %}{{ plain('<') | e }}{% endautoescape %}",
        "{{ plain() }}",
        "{{ plain(1, 2, 3, 4) }}",
        "{{ plain(1, d=2) }}",
        "{{ around(1) }}",
    ],
)
def test_macros_are_called_as_jinja_calls_them(call: str) -> None:
    outcomes = []
    for environment in (STOCK["it"], OURS["it"]):
        try:
            outcomes.append(environment.from_string(MACROS + call).render())
        except (TypeError, UndefinedError) as error:
            outcomes.append(f"{type(error).__name__}: {error}")

    assert outcomes[0] == outcomes[1]


# Escaping and translations


class Shy:
    """A value with markup of its own."""

    def __html__(self) -> str:
        return "<b>shy</b>"


@given(st.one_of(st.text(), st.text().map(Markup), st.text().map(Html), st.integers(), st.none(), st.builds(Shy)))
def test_values_are_escaped_as_markupsafe_escapes_them(value: object) -> None:
    assert fast_escape(value) == str(escape(value))


@pytest.mark.parametrize(
    "text",
    [
        "{{ _('100 %% < all') }}{{ _('100 %% < all') }}",
        "{{ _('%(name)s & co', name=name) }}{{ gettext('%(name)s & co', name='b') }}",
        "{% trans %}a < b{% endtrans %}{% trans name=name %}a {{ name }}{% endtrans %}",
        "{% trans count=2 %}one{% pluralize %}{{ count }} pages{% endtrans %}{{ ngettext('a', 'b', 1) }}",
        "{{ _('a<') | e }}{% autoescape false %}{{ _('a<') | e }}{{ _('a<') }}{% endautoescape %}{{ _('a<') | e }}",
    ],
)
def test_translations_are_as_in_jinja(text: str) -> None:
    stock, ours = STOCK["it"].from_string(text), OURS["it"].from_string(text)

    assert ours.render(name="<i>") == ours.render(name="<i>") == stock.render(name="<i>")


def test_an_imported_component_sees_nothing_of_the_page() -> None:
    environment = an_environment("{% macro shown() %}{{ view }}{% endmacro %}")

    with pytest.raises(UndefinedError, match="'view' is undefined"):
        environment.from_string("{% from 'macros' import shown %}{{ shown() }}").render(view="page")


# Compiled templates on the disk


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.html").write_text(
        "{% from 'macros.html' import m %}<p>{{ m(view) }}</p>\n  {% if 1 %}\n{% endif %}"
    )
    (folder / "macros.html").write_text("{% macro m(x) %}{{ x }}!{% endmacro %}")
    return folder


class Compiling:
    """Renders a page, and records the templates that were compiled."""

    def __init__(self, theme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._theme, self._cache = theme, theme.parent / "cache"
        self.compiled: list[str] = []
        compile_ = Environment.compile

        def noted(environment: Environment, source: Any, name: str, *rest: Any, **more: Any) -> Any:
            self.compiled.append(name)
            return compile_(environment, source, name, *rest, **more)

        monkeypatch.setattr(Environment, "compile", noted)

    def page(self, folder: Path | None = None, **options: object) -> str:
        self.compiled.clear()
        environments = create_environments(
            FileSystemLoader(self._theme), LANGUAGES, OPTIONS | options, folder or self._cache
        )
        return environments["it"].get_template("page.html").render(view="a")

    @property
    def files(self) -> list[Path]:
        return sorted(self._cache.iterdir())


@pytest.fixture
def compiling(theme: Path, monkeypatch: pytest.MonkeyPatch) -> Compiling:
    return Compiling(theme, monkeypatch)


def test_a_template_is_compiled_once_for_all_languages_and_processes(compiling: Compiling) -> None:
    first = compiling.page()
    assert sorted(compiling.compiled) == ["macros.html", "page.html"]

    assert compiling.page() == first == "<p>a!</p>\n"
    assert compiling.compiled == []
    assert len(compiling.files) == 2


@pytest.mark.parametrize(
    "broken",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:64],
        lambda data: data[:-1],
        lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
        lambda data: data + b"\0",
        lambda data: bytes(len(data)),
        lambda data: b"j2\x80\x02K\x05.garbage of another program",
    ],
    ids=["empty", "cut in the head", "no code", "cut", "one bit", "longer", "zeroes", "foreign"],
)
def test_a_broken_entry_is_recompiled_and_replaced(compiling: Compiling, broken: Any) -> None:
    first = compiling.page()
    for path in compiling.files:
        path.write_bytes(broken(path.read_bytes()))

    assert compiling.page() == first
    assert len(compiling.compiled) == 2
    assert compiling.page() == first
    assert compiling.compiled == []


def test_the_code_of_another_template_is_not_taken(compiling: Compiling) -> None:
    first = compiling.page()
    first_file, second_file = compiling.files
    first_file.write_bytes(second_file.read_bytes())

    assert compiling.page() == first


def test_a_changed_template_is_recompiled_and_replaces_the_old_one(compiling: Compiling, theme: Path) -> None:
    compiling.page()
    (theme / "macros.html").write_text("{% macro m(x) %}{{ x }}?{% endmacro %}")

    assert compiling.page() == "<p>a?</p>\n"
    assert compiling.compiled == ["macros.html"]
    assert len(compiling.files) == 2


def test_other_options_recompile_the_templates(compiling: Compiling) -> None:
    compiling.page()

    assert compiling.page(lstrip_blocks=False) == "<p>a!</p>\n  "
    assert len(compiling.compiled) == 2


@pytest.mark.parametrize("name", ["jinja2.__version__", "importlib.util.MAGIC_NUMBER"])
def test_another_version_of_jinja_or_python_recompiles_the_templates(
    compiling: Compiling, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    compiling.page()
    monkeypatch.setattr(name, "3.99" if name.startswith("jinja2") else b"\xff\xff\r\n")

    compiling.page()

    assert len(compiling.compiled) == 2


def test_a_folder_that_cannot_be_written_is_no_cache(compiling: Compiling, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert compiling.page(tmp_path / "file") == compiling.page(tmp_path / "file" / "below") == "<p>a!</p>\n"
    assert len(compiling.compiled) == 2


def test_an_entry_that_cannot_be_read_is_no_cache(compiling: Compiling) -> None:
    first = compiling.page()
    for path in compiling.files:
        path.unlink()
        path.mkdir()

    assert compiling.page() == first


# Worker processes


@pytest.fixture
def setup(tmp_path: Path) -> RenderConfig:
    return RenderConfig(
        theme=str(TEMPLATES),
        simple=str(tmp_path / "none"),
        overrides=(),
        locale=str(LOCALE),
        langs=LANGS,
        timezone="Europe/Rome",
        locales=freeze_mapping({"it": "it_IT", "en": "en_GB"}),
        options=freeze_mapping(OPTIONS),
        bytecode=str(tmp_path / "bytecode"),
    )


def test_processes_that_start_together_give_the_bytes_of_this_one(setup: RenderConfig, tmp_path: Path) -> None:
    jobs = tuple((lang, page.template, page) for page in PAGES.values() for lang in LANGS)
    expected = tuple(STOCK[lang].get_template(name).render(view=page).encode() for lang, name, page in jobs)

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        answers = [executor.submit(all_rendered, setup, jobs) for _ in range(4)]

        assert all(answer.result() == expected for answer in answers)
    assert not [path for path in (tmp_path / "bytecode").iterdir() if path.suffix != ".template"]


def test_a_configuration_is_small_and_equal_after_pickling(setup: RenderConfig) -> None:
    sent = pickle.dumps(setup)

    assert pickle.loads(sent) == setup
    assert hash(pickle.loads(sent)) == hash(setup)
    assert len(sent) < 1000


def test_lists_among_the_options_can_be_sent_too(setup: RenderConfig) -> None:
    with_more = replace(setup, options=freeze_mapping({**OPTIONS, "extensions": ["jinja2.ext.do"]}))
    page = PAGES["course"]

    assert render(with_more, "it", page.template, page) == render(setup, "it", page.template, page)


def test_a_changed_theme_is_seen_with_the_next_revision(setup: RenderConfig, theme: Path) -> None:
    mine = replace(setup, theme=str(theme))
    before = render(mine, "it", "page.html", "a")
    (theme / "macros.html").write_text("{% macro m(x) %}{{ x }}?{% endmacro %}")

    assert render(mine, "it", "page.html", "a") == before
    assert render(replace(mine, revision="2"), "it", "page.html", "a") == b"<p>a?</p>\n"


@pytest.mark.parametrize("error", [UndefinedError, RecursionError, KeyboardInterrupt])
def test_a_page_that_raised_leaves_nothing_for_the_next_one(
    setup: RenderConfig, theme: Path, error: type[BaseException]
) -> None:
    macro = "{% set seen = namespace(count=0) %}{% macro m(x) %}{% set seen.count = seen.count + 1 %}"
    (theme / "macros.html").write_text(macro + "{{ seen.count }}{{ x() }}{% endmacro %}")
    mine = replace(setup, theme=str(theme))

    def stumble() -> str:
        raise error

    with pytest.raises(error):
        render(mine, "it", "page.html", stumble)

    assert render(mine, "it", "page.html", lambda: "a") == b"<p>1a</p>\n"


def test_the_loader_finds_the_templates_that_pelican_finds(tmp_path: Path) -> None:
    overrides = tmp_path / "overrides"
    overrides.mkdir()
    (overrides / "page.html").write_text("mine{% include '!theme/page.html' %}")
    settings = read_settings(override={"THEME": str(ROOT / "theme"), "THEME_TEMPLATES_OVERRIDES": [str(overrides)]})
    generator = Generator({}, settings, None, settings["THEME"], None)
    simple = Path(jinja2.__file__).parents[1] / "pelican/themes/simple/templates"
    loader = template_loader((str(overrides),), str(TEMPLATES), str(simple))
    names = generator.env.list_templates()

    sources = {name: loader.get_source(generator.env, name)[:2] for name in loader.list_templates()}

    assert sources == {name: generator.env.loader.get_source(generator.env, name)[:2] for name in names}
    assert {"page.html", "!theme/page.html", "!simple/base.html", "article.html"} <= set(names)

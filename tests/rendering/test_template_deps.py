"""The templates and messages of a page are known before it is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.support import NullTranslations
from jinja2 import DictLoader, Environment, FileSystemLoader, PrefixLoader, TemplateAssertionError, TemplateSyntaxError
from tests.rebuilding.workshop import remembering_results
from tests.theme.pages import all_pages

from openknowledge.editing.extract_messages import collect_messages
from openknowledge.rendering.render import PageEnvironment
from openknowledge.rendering.template_digests import message_ids, sources_digest, template_deps

TEMPLATES = Path(__file__).parents[2] / "theme/templates"
PAGES = all_pages()


def with_words(environment: Environment) -> Environment:
    environment.install_gettext_translations(NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
    return environment


def environment_of(**templates: str) -> Environment:
    return with_words(Environment(loader=DictLoader(templates), extensions=["jinja2.ext.i18n"]))


@pytest.fixture(autouse=True, scope="module")
def each_text_compiled_once() -> Iterator[None]:
    with remembering_results():
        yield


@cache
def theme() -> Environment:
    return with_words(Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"]))


def test_dependencies_are_all_extended_included_and_imported_templates_transitively() -> None:
    environment = environment_of(
        page='{% extends "base" %}{% block main %}{% from "macros" import m %}{% endblock %}',
        base='{% if 0 %}{% include "part" %}{% endif %}{% block main %}{% endblock %}',
        part="words",
        macros='{% macro m() %}{% import "deep" as deep %}{% endmacro %}',
        deep="",
        other="",
    )

    assert template_deps(environment, "page") == ("base", "deep", "macros", "page", "part")
    assert template_deps(environment, "deep") == ("deep",)


def test_templates_may_include_each_other_in_a_cycle() -> None:
    environment = environment_of(
        a='{% include "b" %}', b='{% include "c" %}{% include "b" %}', c='{% import "a" as a %}'
    )

    assert template_deps(environment, "b") == ("a", "b", "c")


def test_every_possible_name_is_a_dependency_also_one_that_does_not_exist_yet() -> None:
    environment = environment_of(
        page='{% include ["mine", "theirs"] ignore missing %}{% extends "a" if view else "b" %}', a="", b=""
    )

    assert template_deps(environment, "page") == ("a", "b", "mine", "page", "theirs")


def test_names_with_a_prefix_are_names() -> None:
    loader = PrefixLoader({"!theme": DictLoader({"base": "", "page": '{% extends "!theme/base" %}'})})

    assert template_deps(with_words(Environment(loader=loader, extensions=["jinja2.ext.i18n"])), "!theme/page") == (
        "!theme/base",
        "!theme/page",
    )


def test_a_template_is_parsed_once_for_the_environments_of_all_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    loader, parsed = DictLoader({"page": '{% include "part" %}', "part": ""}), []
    one, other = (with_words(Environment(loader=loader, extensions=["jinja2.ext.i18n"])) for _ in range(2))
    parse = Environment.parse
    monkeypatch.setattr(Environment, "parse", lambda self, *rest: parsed.append(rest[1]) or parse(self, *rest))

    assert template_deps(one, "page") == template_deps(other, "page") == ("page", "part")
    assert sorted(parsed) == ["page", "part"]


@pytest.mark.parametrize(
    "tag",
    [
        "{% include view.part %}",
        '{% include "part-" ~ view.kind %}',
        '{% include ["part", view.part] %}',
        '{% extends "a" if view else view.base %}',
        "{% import macros as m %}",
        "{% from macros import m %}",
    ],
)
def test_a_computed_name_is_refused_with_its_line(tag: str) -> None:
    environment = environment_of(page='{% include "part" %}', part=f"one\n\n{tag}")

    with pytest.raises(
        TemplateAssertionError, match="the name of a template is computed: write it in quotes"
    ) as caught:
        template_deps(environment, "page")

    assert (caught.value.name, caught.value.lineno) == ("part", 3)


def test_the_error_of_a_computed_name_has_the_path_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{% include view.part %}")

    with pytest.raises(TemplateAssertionError) as caught:
        template_deps(Environment(loader=FileSystemLoader(tmp_path)), "page.html")

    assert caught.value.filename == str(tmp_path / "page.html")


def test_the_error_of_a_broken_template_has_its_name_and_line() -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        template_deps(environment_of(page='{% include "part" %}', part="\n{% if %}"), "page")

    assert (caught.value.name, caught.value.lineno) == ("part", 2)


def test_the_digest_changes_with_any_source_and_name_and_not_with_the_order() -> None:
    texts = {"a": "one", "b": "two"}
    digest = sources_digest(environment_of(**texts), ("a", "b"))
    others = [
        sources_digest(environment_of(**{**texts, "a": "One"}), ("a", "b")),
        sources_digest(environment_of(**{**texts, "b": ""}), ("a", "b")),
        sources_digest(environment_of(a="one"), ("a", "b")),
        sources_digest(environment_of(a="oneb", b="two"), ("a", "b")),
        sources_digest(environment_of(a="two", b="one"), ("a", "b")),
        sources_digest(environment_of(**texts), ("a",)),
    ]

    assert sources_digest(environment_of(**texts, c="more"), ("b", "a", "b")) == digest
    assert len({digest, *others}) == 1 + len(others)


def test_messages_are_those_of_calls_and_of_trans_blocks() -> None:
    environment = environment_of(
        page="{{ _('b') }}{{ gettext('a', name=1) }}{{ _('b') }}{% trans %}block{% endtrans %}"
        "{% trans count=n %}one{% pluralize %}{{ count }} pages{% endtrans %}",
        other="{{ ngettext('one', 'many', n) }}{{ pgettext('month', 'May') }}{{ npgettext('c', 'd', 'e', n) }}"
        "{{ _('a') | upper }}{% if _('in a test') == 'x' %}{% endif %}",
    )

    assert message_ids(environment, ("page",)) == (
        ("gettext", "a"),
        ("gettext", "b"),
        ("gettext", "block"),
        ("ngettext", "one", "%(count)s pages"),
    )
    assert message_ids(environment, ("page", "other")) == (
        ("gettext", "a"),
        ("gettext", "b"),
        ("gettext", "block"),
        ("gettext", "in a test"),
        ("ngettext", "one", "%(count)s pages"),
        ("ngettext", "one", "many"),
        ("npgettext", "c", "d", "e"),
        ("pgettext", "month", "May"),
    )


@pytest.mark.parametrize("call", ["_(view.title)", "ngettext('one', many, n)", "_(*words)", "_(1)"])
def test_a_computed_message_is_refused_with_its_line(call: str) -> None:
    with pytest.raises(TemplateAssertionError, match="a message is computed: write it in quotes") as caught:
        message_ids(environment_of(page=f"\n{{{{ {call} }}}}"), ("page",))

    assert (caught.value.name, caught.value.lineno) == ("page", 2)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_theme_needs_no_template_besides_its_dependencies(name: str) -> None:
    page = PAGES[name]
    known = template_deps(theme(), page.template)
    environment = PageEnvironment(
        loader=DictLoader({name: (TEMPLATES / name).read_text("utf-8") for name in known}),
        extensions=["jinja2.ext.i18n"],
    )
    environment.set_translations(NullTranslations())

    assert "base.html" in known
    assert page.heading in environment.get_template(page.template).render(view=page)


def test_the_messages_of_all_templates_are_those_that_are_collected_for_translation() -> None:
    environment = theme()
    names = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")]

    assert {texts[0] for _, *texts in message_ids(environment, names)} == {
        message.id for message in collect_messages((TEMPLATES,)) if message.id
    }

"""Starts a new item, or the translation of one: `invoke new course linear-algebra --title "Linear algebra"`."""

import argparse
import json
import re
import sys
import typing
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from anyascii import anyascii

from openknowledge.catalogue.kind import Kind
from openknowledge.catalogue.kinds import KINDS
from openknowledge.content.checks import SLUG, SLUG_HINT
from openknowledge.content.frontmatter import list_choices
from openknowledge.content.read_item import DERIVED_FIELDS
from openknowledge.content.type_hints import resolve_type_hints, strip_type
from openknowledge.model.addresses import AddressSyntax
from openknowledge.model.materials import Material
from openknowledge.model.values import NumberName, PartialDate, RefTo, WithTime
from openknowledge.problems import Gettext, Message, add_suggestion

from .terminal import CannotEdit, run_command

__all__ = ["ask_for", "find_kind", "item_path", "start_item"]

LEFT_OUT = frozenset({"slug", "aliases", *DERIVED_FIELDS["model"], *DERIVED_FIELDS["words"]})
"""Fields of records and words that are not written in the front matter, or seldom."""
MEASURED_FIELDS = frozenset({"path", "size_b"})
"""Fields of a picture or material that are read from its file."""
OTHER_WAYS = {(Material, "url")}
"""Fields of which a group has one or another; the draft has the other."""

HEAD = Message("What has no # in front must be filled in. Of the rest, take the # away from what you know.")
ABSTRACT = Message("a sentence or two, for lists")
OWN_SLUG = Message("only where the address in this language has another name than the file")
OLD_ADDRESSES = Message("addresses that this page had before, if any")
FACTS = Message("Facts stand here once, for all languages.")
TIMED = Message("a day, or a moment with its zone: 2026-12-01T11:00+01:00")
READY = Message("%(path)s is ready to be written. `make preview` shows it as you write.")


def start_item(
    content: Path,
    kind: Kind,
    slug: str,
    langs: Sequence[str],
    title: str,
    lang: str,
    folder: str,
    today: date,
    gettext: Gettext = str,
) -> Path:
    """Write the draft of an item into the folder `content` and return its path. Nothing is overwritten.

    The file of the site's first language that an item has holds its facts, so a file in a later language gets words
    only, if there is one before it. `gettext` translates the remarks.
    """
    if not SLUG.fullmatch(slug):
        raise CannotEdit(Message('"%(slug)s" cannot be part of an address. %(hint)s', slug=slug, hint=SLUG_HINT))
    if lang not in langs:
        names = ", ".join(langs)
        raise CannotEdit(
            Message('"%(lang)s" is not a language of the site; write one of: %(names)s.', lang=lang, names=names)
        )
    paths = {code: content / item_path(kind, slug, code, langs[0], folder, today) for code in langs}
    path = paths[lang]
    if path.exists():
        raise CannotEdit(Message("%(path)s exists already.", path=str(path)))
    title = title or slug.replace("-", " ").capitalize()
    lines = _draft_words(kind, title, today, gettext)
    if not any(paths[code].exists() for code in langs[: langs.index(lang)]):
        shown = f"content/{path.relative_to(content).as_posix()}"
        derived = kind.from_path(slug, shown) if kind.from_path else ()
        lines += ["", f"# {FACTS.localize(gettext)}"]
        lines += _yaml_of_fields(kind.model, {*LEFT_OUT, *derived}, today, gettext)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["---", *lines, "---", "", ""]), encoding="utf-8", newline="\n")
    return path


def _draft_words(kind: Kind, title: str, today: date, gettext: Gettext) -> list[str]:
    """Return the rows of a draft that differ by language."""
    return [
        f"# {HEAD.localize(gettext)}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f'abstract: ""  # {ABSTRACT.localize(gettext)}',
        *_yaml_of_fields(kind.words, {*LEFT_OUT, "title", "abstract"}, today, gettext),
        f'# slug: "linear-algebra"  # {OWN_SLUG.localize(gettext)}',
        f"# aliases: [/corsi/vecchio/]  # {OLD_ADDRESSES.localize(gettext)}",
    ]


def item_path(kind: Kind, slug: str, lang: str, default_lang: str, folder: str, today: date) -> PurePosixPath:
    """Return the path of an item's file below the content folder.

    A kind whose files lie one folder deep has a folder for each item (`courses/x/index.md`), unless that folder has a
    meaning: a release's year (`press/2026/x.md`), a hub item's format.
    """
    if kind.source is None:
        raise CannotEdit(Message("A %(kind)s is not written by hand; it comes with `invoke sync`.", kind=kind.name))
    base, *deeper = PurePosixPath(kind.source).parts[:-1]
    suffix = ".md" if lang == default_lang else f".{lang}.md"
    if not deeper:
        return PurePosixPath(base, slug + suffix)
    if kind.from_path and not folder:
        raise CannotEdit(Message("Say in which folder of content/%(folder)s/ it belongs: --folder=NAME.", folder=base))
    if not folder and "published" in kind.model.__dataclass_fields__:
        folder = str(today.year)
    return PurePosixPath(base, folder, slug + suffix) if folder else PurePosixPath(base, slug, f"index{suffix}")


def _yaml_of_fields(model: type, left_out: Container[str], today: date, gettext: Gettext) -> Iterator[str]:
    """Yield the lines of a record's or words' fields: required ones first, then the others, commented out."""
    types = resolve_type_hints(model)
    for field in sorted(fields(model), key=lambda field: not _is_required(field)):
        if field.name not in left_out:
            mark = "" if _is_required(field) else "# "
            yield from (mark + line for line in _yaml_of_field(field.name, types[field.name], today, gettext))


def _yaml_of_field(name: str, hint: Any, today: date, gettext: Gettext, is_required: bool = False) -> Iterator[str]:
    """Yield one field with an example; a group of fields, or a list of groups, continues below it, indented."""
    inner = strip_type(hint)
    if is_list := typing.get_origin(inner) is tuple:
        inner = strip_type(typing.get_args(inner)[0])
    if not (is_dataclass(inner) and isinstance(inner, type)) or inner is PartialDate:
        value, meaning = _example_of(name, hint, today)
        if is_required:
            meaning = Message("%(meaning)s, never left out", meaning=meaning)
        yield f"{name}: {value}  # {meaning.localize(gettext)}"
        return
    yield f"{name}:"
    types, lead = resolve_type_hints(inner), "  - " if is_list else "  "
    for field in fields(inner):
        if field.name not in MEASURED_FIELDS and (inner, field.name) not in OTHER_WAYS:
            for line in _yaml_of_field(field.name, types[field.name], today, gettext, _is_required(field)):
                yield lead + line
                lead = " " * len(lead)


def _example_of(name: str, hint: Any, today: date) -> tuple[str, Message]:
    """Return a valid value of a field that holds no group, as YAML, and its meaning in a few words."""
    kind = strip_type(hint)
    if typing.get_origin(kind) is tuple:
        value, meaning = _example_of(name.removesuffix("s"), typing.get_args(kind)[0], today)
        return f"[{value}]", Message("a list; each: %(meaning)s", meaning=meaning)
    for mark in _marks(hint):
        if isinstance(mark, AddressSyntax):
            return mark.example, mark.noun
        if isinstance(mark, WithTime) and kind is date:
            return today.isoformat(), TIMED
        if isinstance(mark, RefTo):
            any_kind = "course/linear-algebra", Message("a kind and a slug")
            return (
                any_kind
                if mark.kind is None
                else (f"the-{mark.kind}", Message("the slug of a %(kind)s", kind=mark.kind))
            )
        if isinstance(mark, NumberName):
            return "pok.learners", Message("a name in figures.yaml")
    if choices := list_choices(hint):
        return choices[0], Message("one of %(names)s", names=", ".join(choices))
    if name.endswith("lang"):
        return '"it"', Message("the code of a language")
    if typing.get_origin(kind) is dict:
        return '{it: "…", en: "…"}', Message("in each language")
    examples = {
        bool: ("true", Message("true or false")),
        int: ("0" if name.startswith("start") else "1" if name == "part" else "3", Message("a whole number")),
        date: (today.isoformat(), Message("a day")),
        datetime: (f"{today.isoformat()}T18:00+01:00", Message("a day and a time, with the offset from UTC")),
        PartialDate: (f'"{today.year}"', Message("a year, a month (2020-06) or a day")),
    }
    return examples.get(kind, ('"…"', Message("text")))


def _marks(hint: Any) -> tuple[Any, ...]:
    """Return the annotations of a type, also of an optional one."""
    if typing.get_origin(hint) is typing.Annotated:
        return tuple(typing.get_args(hint)[1:])
    return tuple(mark for part in typing.get_args(hint) for mark in _marks(part))


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def find_kind(name: str, kinds: Sequence[Kind]) -> Kind:
    """Return the kind with that name. Raises `CannotEdit` where there is none."""
    by_name = {kind.name: kind for kind in kinds if kind.source}
    if name in by_name:
        return by_name[name]
    message = Message('"%(name)s" is not a kind; write one of: %(names)s', name=name, names=", ".join(sorted(by_name)))
    raise CannotEdit(add_suggestion(message, name, by_name))


def ask_for(options: argparse.Namespace, langs: Sequence[str], gettext: Gettext, ask: Callable[[str], str]) -> None:
    """Ask for what an item needs and the command line does not say, until each answer is one."""
    kinds = {kind.name: kind for kind in KINDS if kind.source}

    def answer(question: Message, is_valid: Callable[[str], object]) -> str:
        while not is_valid(text := ask(f"{question.localize(gettext)} ").strip()):
            pass
        return text

    names = ", ".join(sorted(kinds))
    options.kind = answer(Message("What is it? One of %(names)s:", names=names), kinds.__contains__)
    options.title = answer(Message("What is its title?"), bool)
    proposal = slugify(options.title)
    question = Message("How does its address end? Nothing for %(slug)s:", slug=proposal)
    options.slug = answer(question, lambda text: SLUG.fullmatch(text or proposal)) or proposal
    question = Message(
        "In which language? One of %(names)s, nothing for %(lang)s:", names=", ".join(langs), lang=langs[0]
    )
    options.lang = answer(question, lambda text: (text or langs[0]) in langs) or langs[0]
    if kinds[options.kind].from_path:
        question = Message(
            "In which folder of content/%(folder)s/?", folder=str(kinds[options.kind].source).split("/")[0]
        )
        options.folder = answer(question, SLUG.fullmatch)


def slugify(title: str) -> str:
    """Return what a title's address is like: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", anyascii(title).lower()).strip("-")


def main() -> int:
    """Start the item that the command line asks for, or the answers on the terminal, and print its path."""
    from pelican.settings import read_settings

    parser = argparse.ArgumentParser(prog="new", description=__doc__)
    for argument in ("kind", "slug"):
        parser.add_argument(argument, nargs="?", default="")
    for option in ("--title", "--lang", "--folder"):
        parser.add_argument(option, default="")
    options = parser.parse_args()
    langs = read_settings("pelicanconf.py")["LANGUAGES"]

    def start(gettext: Gettext) -> Message:
        if not options.kind and sys.stdin.isatty():
            ask_for(options, langs, gettext, input)
        if not options.kind or not options.slug:
            raise CannotEdit(Message("Write a kind and a name: invoke new course linear-algebra"))
        kind = find_kind(options.kind, KINDS)
        lang, today, words = options.lang or langs[0], date.today(), (options.slug, langs, options.title)
        path = start_item(Path("content"), kind, *words, lang, options.folder, today, gettext)
        return Message(READY.message_id, path=str(path))

    return run_command(start)


if __name__ == "__main__":
    sys.exit(main())

"""The values of a file's fields as the types of its model mean them, where YAML would mean something else.

A number in a field of words is text as it is written, and a comment behind unquoted words is refused, as are empty
values, `yes` for true, and numbers for dates. Words with signs of Markdown become markup or plain words here.
"""

import dataclasses
import re
import types
import typing
from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from openknowledge.model.addresses import AddressSyntax
from openknowledge.model.values import Exact, Html, Inline, PartialDate, RefTo, WithTime
from openknowledge.problems import Message, Problem

from .frontmatter import DATE_HINT, TIME_HINT
from .located_yaml import FieldPath, LocatedFields, format_field_path
from .markdown.inline import has_signs, plain_words, read_inline
from .text_links import TextLink, resolve_links
from .type_hints import resolve_type_hints
from .yaml_mistakes import COLON_HINT, CUT, QUOTE_HINT

__all__ = ["FieldReader", "members_of"]

COLON_IN_TEXT = Message("a colon makes a group of fields of this text"), COLON_HINT
LIST_FOR_TEXT = Message("this is a list, where one text belongs"), Message("Write the text behind the colon.")
EMPTY = Message("this field is empty")
EMPTY_HINT = Message("Write a value behind the colon, or remove the line; a word such as null stands in quotes.")
COMMA_HINT = Message('Put a text that has a comma in it in quotes: {it: "Una lavagna, piena di matrici"}.')
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
EITHER_HINT = Message("Write a day, 2026-12-01, or a moment with its zone, 2026-12-01T11:00+01:00.")
WORDS = ("inline", "words", "exact")
DATES = ("day", "moment", "partial", "either", "partial or moment")
EXACT_WORDS = ("lang", "langs")
BLANK_LINE = re.compile(r"\n[ \t]*\n")
ONE_PARAGRAPH_HINT = Message("Delete the blank line, or write the second paragraph into the text.")
MAX_TITLE, MAX_WORDS = 500, 10_000
"""How long a title, and words of one line, may be: to sort them and to set them in pictures costs more than to read."""


class Shape(NamedTuple):
    """What a type is made of, as far as it matters here: a kind of value, and what is inside it."""

    kind: str
    inner: Any = None


@dataclasses.dataclass(frozen=True, slots=True)
class _Member:
    shape: Shape
    is_required: bool


@cache
def shape_of(hint: Any) -> Shape:
    """Return the shape of a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        marks = hint.__metadata__
        for mark, kind in ((Inline, "inline"), (Exact, "exact"), (RefTo, "name"), (AddressSyntax, "name")):
            if any(isinstance(one, mark) for one in marks):
                return Shape(kind)
        if any(isinstance(one, WithTime) for one in marks):
            return Shape("partial or moment" if arguments[0] is PartialDate else "either")
        return shape_of(arguments[0]) if arguments[0] is not str else Shape("name")
    if origin in (types.UnionType, typing.Union):
        return shape_of(next(part for part in arguments if part is not type(None)))
    if origin is tuple:
        return Shape("list", shape_of(arguments[0]))
    if origin is dict:
        return Shape("mapping", shape_of(arguments[1]))
    if hint in SIMPLE:
        return Shape(SIMPLE[hint])
    return Shape("group", members_of(typing.cast(Any, hint))) if dataclasses.is_dataclass(hint) else Shape("other")


SIMPLE = {str: "words", bool: "bool", int: "int", date: "day", datetime: "moment", PartialDate: "partial"}


@cache
def members_of(model: Any) -> dict[str, _Member]:
    """Return the fields of a group of fields."""
    required = {
        field.name
        for field in dataclasses.fields(model)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    return {
        name: _Member(Shape("name") if hint is str and name.endswith(EXACT_WORDS) else shape_of(hint), name in required)
        for name, hint in resolve_type_hints(model).items()
        if typing.get_origin(hint) is not ClassVar
    }


class FieldReader:
    """Reads the values of one file, and collects what is wrong with them.

    `failed` are the paths that have a problem already; `markup` are the words that have some, each with its path;
    `links` are those of all its texts. Links mean files below the content folder `root`.
    """

    def __init__(self, fields: LocatedFields, root: Path | None = None) -> None:
        self.fields, self.root = fields, root
        self.problems: list[Problem] = []
        self.failed: set[FieldPath] = set()
        self.markup: list[tuple[FieldPath, Html]] = []
        self.links: list[TextLink] = []

    def read(self, model: type, data: dict[str, Any], names: Collection[str] | None = None) -> dict[str, Any]:
        """Return the fields of a model that a mapping has, those in `names` alone if they are given."""
        chosen = {name: value for name, value in data.items() if names is None or name in names}
        return self._group(members_of(model), chosen, ())

    def read_value(self, hint: Any, value: Any, path: FieldPath) -> Any:
        """Return one value of a type."""
        return self._value(shape_of(hint), value, path)

    def _fail(self, path: FieldPath, message: Message, hint: Message | None) -> None:
        if path not in self.failed:
            self.failed.add(path)
            self.problems.append(self.fields.locate_problem(path, message, hint))

    def _group(self, members: dict[str, _Member], data: dict[str, Any], path: FieldPath) -> dict[str, Any]:
        values = {}
        for name, value in data.items():
            member = members.get(name)
            if member is None:
                values[name] = value
                continue
            values[name] = self._value(member.shape, value, (*path, name))
            if member.is_required and isinstance(value, str) and not value.strip() and member.shape.kind in WORDS:
                self._fail((*path, name), EMPTY, EMPTY_HINT)
        return values

    def _value(self, shape: Shape, value: Any, path: FieldPath) -> Any:
        kind = shape.kind
        if value is None:
            is_cut = path in self.fields.cut and kind in WORDS
            self._fail(path, CUT if is_cut else EMPTY, QUOTE_HINT if is_cut else EMPTY_HINT)
        elif kind == "group" and isinstance(value, dict):
            return self._group(shape.inner, value, path)
        elif kind == "list" and isinstance(value, list):
            return [self._value(shape.inner, part, (*path, index)) for index, part in enumerate(value)]
        elif kind == "mapping" and isinstance(value, dict):
            for name in (name for name, part in value.items() if part is None):
                self._fail((*path, name), EMPTY, COMMA_HINT)
            return {name: self._value(shape.inner, part, (*path, name)) for name, part in value.items()}
        elif isinstance(value, dict | list):
            if kind in WORDS:
                self._fail(path, *(COLON_IN_TEXT if isinstance(value, dict) else LIST_FOR_TEXT))
            return value
        elif kind in WORDS or kind == "name":
            return self._text(kind, value, path)
        elif kind in DATES:
            return self._date(kind, self._as_written(value, path), path)
        else:
            self._check_simple(kind, value, path)
        return value

    def _check_simple(self, kind: str, value: Any, path: FieldPath) -> None:
        if kind == "bool" and not isinstance(value, bool):
            message = Message('"%(value)s" is neither true nor false', value=self._as_written(value, path))
            self._fail(path, message, Message("Write true or false."))
        elif kind == "int" and isinstance(value, bool):
            message = Message('"%(value)s" is not a whole number', value=self._as_written(value, path))
            self._fail(path, message, Message("Write a whole number without quotes or separators."))

    def _as_written(self, value: Any, path: FieldPath) -> str:
        return value if isinstance(value, str) else self.fields.written.get(path, str(value))

    def _date(self, kind: str, text: str, path: FieldPath) -> str | date:
        if kind == "either" or (kind == "partial or moment" and ":" in text):
            return self._day_or_moment(text.strip(), path)
        if kind == "day" and not DAY.fullmatch(text.strip()):
            self._fail(path, Message('"%(value)s" is not a date', value=text), DATE_HINT)
        elif kind == "moment" and not MOMENT.fullmatch(text.strip()):
            self._fail(path, Message('"%(value)s" is not a date with a time', value=text), TIME_HINT)
        return text.strip()

    def _day_or_moment(self, text: str, path: FieldPath) -> str | date:
        try:
            moment = date.fromisoformat(text) if DAY.fullmatch(text) else datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or (isinstance(moment, datetime) and moment.tzinfo is None):
            message = Message('"%(value)s" is neither a day nor a moment with its zone', value=text)
            day = Message('"%(value)s" is not a date', value=text)
            self._fail(path, *((message, EITHER_HINT) if ":" in text else (day, DATE_HINT)))
            return text
        return moment

    def _text(self, kind: str, value: Any, path: FieldPath) -> str:
        """Return a text as it is written, as markup or as plain words."""
        text = self._as_written(value, path).strip()
        if self.fields.cut and kind in WORDS and path in self.fields.cut:
            self._fail(path, CUT, QUOTE_HINT)
        text = self._fit(kind, text, path)
        if kind not in ("inline", "words") or not has_signs(text):
            return text
        rendered = read_inline(text)
        for _, message, hint in rendered.issues:
            self._fail(path, message, hint)
        markup = rendered.html
        if markup is None:
            return text
        if kind == "inline":
            markup = self._resolve_links(markup, path)
            self.markup.append((path, markup))
            return markup
        for mark, message in REFUSED_IN_PLAIN:
            if mark in markup:
                self._fail(path, message, Message("Write it in words here; the text can have it."))
        if path == ("title",):
            self.markup.append((path, markup))
        return plain_words(markup)

    def _fit(self, kind: str, text: str, path: FieldPath) -> str:
        """Return as much of a text as its field may have."""
        limit = MAX_TITLE if path == ("title",) else MAX_WORDS
        if kind == "inline":
            if BLANK_LINE.search(text):
                self._fail(path, Message("this field is one paragraph, and has a blank line"), ONE_PARAGRAPH_HINT)
        elif len(text) > limit:
            message = Message("this has more than %(number)s characters", number=limit)
            self._fail(path, message, Message("Shorten it; the text of the page has room for more."))
            return text[:limit]
        return text

    def _resolve_links(self, markup: Html, path: FieldPath) -> Html:
        if self.root is None:
            return markup
        line, field = self.fields.find_line(path), format_field_path(path)
        resolved = resolve_links(markup, self.fields.path, self.root, lambda _target: line, field)
        self.problems.extend(resolved.problems)
        self.links += resolved.links
        return resolved.html


REFUSED_IN_PLAIN = (
    ("<data ", Message("a number cannot stand in this field")),
    ("<a ", Message("a link cannot stand in this field")),
)

"""Puts the fields of front matters in the order of their models, and changes nothing else: `invoke format`."""

import argparse
import sys
import typing
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from openknowledge.catalogue.kind import Kind
from openknowledge.content.located_yaml import LocatedFields, load_yaml
from openknowledge.content.type_hints import resolve_type_hints, strip_type
from openknowledge.problems import Message, count_files

from .loading import find_kind_of_path, load_site
from .source_text import is_group, is_list, last_row, read_source
from .terminal import CannotEdit, run_command

__all__ = ["format_text", "main"]

Types = Mapping[str, Any]


def format_text(text: str, kind: Kind) -> str:
    """Return a file of a kind with its fields in the order of the words and then of the facts.

    Rows are moved as a whole, a field with the remarks right above it. A group is left as it is where rows cannot be
    moved: in braces, or where a remark would come between a dash and its first field.
    """
    source = read_source(text)
    root = source.root() if source is not None else None
    if source is None or not is_group(root):
        return text
    rows = source.front.split("\n")
    models: tuple[Any, ...] = (kind.words, kind.model)
    _order_group(rows, root, {name: hint for model in models for name, hint in resolve_type_hints(model).items()})
    front = "\n".join(rows)
    return source.head + front + source.tail if _says_the_same(source.front, front) else text


def _says_the_same(old: str, new: str) -> bool:
    """Return whether two front matters have the same rows and mean the same."""
    rows = [Counter(row.replace("- ", "  ", 1).strip() for row in front.split("\n")) for front in (old, new)]
    loaded = [load_yaml(front, "") for front in (old, new)]
    before, after = (fields.data if isinstance(fields, LocatedFields) else None for fields in loaded)
    return rows[0] == rows[1] and before is not None and before == after


def _order_group(rows: list[str], node: Any, types: Types) -> None:
    """Order the fields of a group in place, those inside its fields first: their rows stay within its own."""
    if node.flow_style:
        return
    for key, value in node.value:
        for inner in value.value if is_list(value) and not value.flow_style else [value]:
            model = _model_of(types.get(key.value))
            if model is not None and is_group(inner):
                _order_group(rows, inner, resolve_type_hints(model))
    starts = [key.start_mark.line for key, _ in node.value]
    ends = [max(last_row(value), start) for (_, value), start in zip(node.value, starts, strict=True)]
    if len(set(starts)) < len(starts):
        return
    column = node.value[0][0].start_mark.column
    dash = rows[starts[0]][:column]
    is_entry = "-" in dash
    begins = [starts[0] if is_entry else _first_remark(rows, starts[0], 0)]
    begins += [end + 1 for end in ends[:-1]]
    names = [*types]
    places = {key.value: names.index(key.value) if key.value in names else len(names) for key, _ in node.value}
    blocks = list(zip((key.value for key, _ in node.value), begins, [*begins[1:], ends[-1] + 1], strict=True))
    ordered = sorted(blocks, key=lambda block: places[block[0]])
    if ordered == blocks:
        return
    if is_entry:
        first = ordered[0]
        if first[1] != starts[[key.value for key, _ in node.value].index(first[0])]:
            return
        rows[starts[0]] = " " * column + rows[starts[0]][column:]
    moved = [row for _, begin, end in ordered for row in rows[begin:end]]
    rows[begins[0] : ends[-1] + 1] = moved
    if is_entry:
        rows[begins[0]] = dash + rows[begins[0]][column:]


def _first_remark(rows: Sequence[str], start: int, earliest: int) -> int:
    """Return the row on which the remarks right above a field begin."""
    while start > earliest and rows[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def _model_of(hint: Any) -> type | None:
    """Return the class of a field that is a group or a list of groups."""
    inner = strip_type(hint) if hint is not None else None
    if typing.get_origin(inner) is tuple:
        inner = strip_type(typing.get_args(inner)[0])
    return inner if isinstance(inner, type) and is_dataclass(inner) and fields(inner) else None


def format_files(paths: Sequence[Path], checks_only: bool) -> Message:
    """Order the fields of some files, or of all; return how many were changed.

    Raises `CannotEdit` where a file has problems, and with `checks_only` where one would be changed.
    """
    loaded = load_site()
    content = loaded.options.content
    if loaded.problems:
        raise loaded.refusal()
    chosen = [path.absolute() for path in paths] or sorted(content.absolute().rglob("*.md"))
    changed = []
    for path in chosen:
        relative = path.relative_to(content.absolute()).as_posix()
        kind = find_kind_of_path(relative)
        if kind is None:
            continue
        text = path.read_bytes().decode("utf-8")
        formatted = format_text(text, kind)
        if formatted != text:
            changed.append(f"{content.name}/{relative}")
            if not checks_only:
                path.write_bytes(formatted.encode())
    if checks_only and changed:
        raise CannotEdit(
            Message("The fields are in another order here: %(files)s. Run make format.", files=", ".join(changed))
        )
    return Message("%(files)s changed.", files=count_files(len(changed)))


def main() -> int:
    """Format what the command line asks for."""
    parser = argparse.ArgumentParser(prog="format", description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    return run_command(lambda _: format_files(options.files, options.check))


if __name__ == "__main__":
    sys.exit(main())

"""Old addresses in the front matter of a file: added and taken away, all else left byte by byte."""

import json
import re
from collections.abc import Collection

from .source_text import Field, SourceText, is_list, read_source

__all__ = ["change_aliases"]

PLAIN = re.compile(r"[A-Za-z0-9_/.~-]+")


def change_aliases(text: str, added: Collection[str], removed: Collection[str]) -> str:
    """Return a file with other `aliases`; one that is there already is not added again."""
    source = read_source(text)
    if source is None:
        return text
    found = source.find(("aliases",))
    present = [str(entry.value) for entry in found.node.value] if found and is_list(found.node) else []
    remaining = [alias for alias in present if alias not in removed]
    wanted = [*remaining, *(alias for alias in added if alias not in remaining)]
    if wanted == present:
        return text
    front = _write(source, found, wanted, remaining == present)
    return source.head + front + source.tail


def _write(source: SourceText, found: Field | None, wanted: list[str], only_adds: bool) -> str:
    """Return the front matter with these aliases in the place and the form of those that it has."""
    front, end = source.front, "\r\n" if source.head.endswith("\r\n") else "\n"
    written = [alias if PLAIN.fullmatch(alias) else json.dumps(alias, ensure_ascii=False) for alias in wanted]
    row = f"aliases: [{', '.join(written)}]{end}"
    if found is None:
        return front + row
    rows = front.split("\n")
    if not only_adds or not is_list(found.node) or not found.node.value:
        return (
            "\n".join(rows[: found.first_row])
            + ("\n" if found.first_row else "")
            + ((row if wanted else "") + "\n".join(rows[found.last_row + 1 :]))
        )
    new = written[len(found.node.value) :]
    last = found.node.value[-1]
    if found.node.flow_style:
        place = last.end_mark.index
        return front[:place] + "".join(f", {alias}" for alias in new) + front[place:]
    dash = rows[last.start_mark.line][: last.start_mark.column]
    rows[found.last_row + 1 : found.last_row + 1] = [dash + alias + end.rstrip("\n") for alias in new]
    return "\n".join(rows)

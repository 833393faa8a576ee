"""The extraction of the interface's messages from code and templates into the catalogues of `theme/locale/`."""

import ast
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from openknowledge.rendering.locale import PAGES, PROBLEMS, find_locale

KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "gettext", "N_", "Message")),
    **dict.fromkeys(("plural", "plural_forms", "ngettext", "N_plural"), (1, 2)),
}
"""The functions that mark a message: methods of `Language`, N_, `Message`, and the templates' functions."""
CATALOGUES = {PAGES: [name for name in KEYWORDS if name != "Message"], PROBLEMS: ["Message"]}
"""Which of them mark the messages of which catalogue."""

OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}}
STABLE_HEADERS = tuple(
    f'"{name}:'.encode()
    for name in ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
)
"""The headers that stay; dates and versions would change a catalogue whose messages have not changed."""

Extracted = tuple[int, str, tuple[str, ...], list[str]]
"""A line, the marking function, the message with its plural, and comments, as Babel takes them from an extractor."""


def extract_calls(file: IO[bytes], keywords: Iterable[str], _comment_tags: Any, **_options: Any) -> Iterator[Extracted]:
    """Yield the messages of a Python file, wherever a marking function is called: in other calls, in f-strings.

    Babel's own extractor misses what is inside another call. Of `gettext("a" if x else "b")` both are messages.
    """
    for node in ast.walk(ast.parse(file.read())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = str(getattr(node.func, "attr", None) or getattr(node.func, "id", None))
        if name in keywords:
            count = len(KEYWORDS[name] or (1,))
            if count > 1:
                literals = tuple(text for argument in node.args[:count] for text in _find_literals(argument))
                yield from [(node.lineno, name, literals, [])] if len(literals) == count else []
            else:
                yield from ((node.lineno, name, (text,), []) for text in _find_literals(node.args[0]))


def _find_literals(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression may be, as far as it says so itself."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_find_literals(node.body), *_find_literals(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (text for value in node.values for text in _find_literals(value))


METHODS: list[tuple[str, Any]] = [("**.py", extract_calls), ("**.html", "jinja2")]


def collect_messages(folders: tuple[Path, ...], catalogue_name: str = PAGES) -> Catalog:
    """Return all messages of one catalogue that the files below the folders use."""
    keywords: dict[str, Any] = {name: KEYWORDS[name] for name in CATALOGUES[catalogue_name]}
    catalog = Catalog(charset="utf-8")
    for folder in folders:
        messages = extract_from_dir(folder, METHODS, OPTIONS, keywords, strip_comment_tags=True)
        for name, _line, message, _comments, context in messages:
            if message and all(message):
                catalog.add(message, locations=[((folder / name).as_posix(), 0)], context=context)
    return catalog


def update_catalogue(old: bytes, lang: str, template: Catalog, others: Iterable[Catalog] = ()) -> bytes:
    """Return a catalogue with exactly the messages of the template, sorted; existing translations stay.

    A new message has the translation that one of the other catalogues has; otherwise it stays empty and is never
    guessed, because a wrong word is worse than a missing one.
    """
    locale = find_locale(lang)
    catalog = read_po(BytesIO(old), locale=locale) if old else Catalog(locale=locale)
    catalog.update(template, no_fuzzy_matching=True)
    for message in catalog:
        moved = (other.get(message.id) for other in others if message.id and not message.string)
        message.string = next((found.string for found in moved if found and found.string), message.string)
    catalog.obsolete.clear()
    catalog.header_comment = f"# The interface's words, language {lang}."
    catalog.fuzzy = False
    written = BytesIO()
    write_po(written, catalog, width=0, sort_output=True, include_lineno=False)
    header, _, messages = written.getvalue().partition(b"\n\n")
    headers = [line for line in header.split(b"\n") if not line.startswith(b'"') or line.startswith(STABLE_HEADERS)]
    return b"\n".join(headers) + b"\n\n" + messages.rstrip(b"\n") + b"\n"


def main() -> None:
    """Update all catalogues, and print how many messages each still lacks."""
    templates = {
        name: collect_messages((Path("plugins/openknowledge"), Path("theme/templates")), name) for name in CATALOGUES
    }
    for folder in sorted(path / "LC_MESSAGES" for path in Path("theme/locale").iterdir() if path.is_dir()):
        lang, paths = folder.parent.name, {name: folder / f"{name}.po" for name in CATALOGUES}
        old = {name: path.read_bytes() if path.exists() else b"" for name, path in paths.items()}
        others = [read_po(BytesIO(data), locale=lang) for data in old.values()]
        for name, path in paths.items():
            text = update_catalogue(old[name], lang, templates[name], others)
            path.write_bytes(text)
            messages = [message for message in read_po(BytesIO(text), locale=find_locale(lang)) if message.id]
            missing = sum(not message.string or not all(message.string) for message in messages)
            print(f"{path}: {len(messages)} messages, {missing} not translated")


if __name__ == "__main__":
    main()

"""The extraction of the interface's messages from code and templates into the catalogues of `theme/locale/`."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from openknowledge.rendering.locale import PAGES, PROBLEMS

KEYWORDS: dict[str, dict[str, tuple[int, ...] | None]] = {
    PAGES: {
        **dict.fromkeys(("_", "gettext", "N_")),
        **dict.fromkeys(("plural", "plural_forms", "ngettext"), (1, 2)),
    },
    PROBLEMS: {"Message": None},
}
"""The functions that mark a message, by catalogue: methods of `Language`, N_, the templates' functions; `Message`."""

METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}}
STABLE_HEADERS = tuple(
    f'"{name}:'.encode()
    for name in ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
)
"""The headers that stay; dates and versions would change a catalogue whose messages have not changed."""


def collect_messages(folders: tuple[Path, ...], catalogue_name: str = PAGES) -> Catalog:
    """Return all messages of one catalogue that the files below the folders use."""
    catalog = Catalog(charset="utf-8")
    for folder in folders:
        messages = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS[catalogue_name], strip_comment_tags=True)
        for name, _line, message, _comments, context in messages:
            if message and all(message):
                catalog.add(message, locations=[((folder / name).as_posix(), 0)], context=context)
    return catalog


def update_catalogue(old: bytes, lang: str, template: Catalog, others: Iterable[Catalog] = ()) -> bytes:
    """Return a catalogue with exactly the messages of the template, sorted; existing translations stay.

    A new message has the translation that one of the other catalogues has; otherwise it stays empty and is never
    guessed, because a wrong word is worse than a missing one.
    """
    catalog = read_po(BytesIO(old), locale=lang) if old else Catalog(locale=lang)
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
        name: collect_messages((Path("plugins/openknowledge"), Path("theme/templates")), name) for name in KEYWORDS
    }
    for folder in sorted(path / "LC_MESSAGES" for path in Path("theme/locale").iterdir() if path.is_dir()):
        lang, paths = folder.parent.name, {name: folder / f"{name}.po" for name in KEYWORDS}
        old = {name: path.read_bytes() if path.exists() else b"" for name, path in paths.items()}
        others = [read_po(BytesIO(data), locale=lang) for data in old.values()]
        for name, path in paths.items():
            text = update_catalogue(old[name], lang, templates[name], others)
            path.write_bytes(text)
            messages = [message for message in read_po(BytesIO(text), locale=lang) if message.id]
            missing = sum(not message.string or not all(message.string) for message in messages)
            print(f"{path}: {len(messages)} messages, {missing} not translated")


if __name__ == "__main__":
    main()

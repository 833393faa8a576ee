"""Gives an item another name, with all that names it: `invoke rename course/coding programming`."""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from openknowledge.catalogue.site import HOME, Site
from openknowledge.content.checks import SLUG, SLUG_HINT
from openknowledge.content.snapshot_files import SERIES_FOLDER
from openknowledge.model.values import Lang, Ref
from openknowledge.problems import Message
from openknowledge.url_paths import normalize

from .aliases import change_aliases
from .link_mending import LinkMender, Moves
from .loading import LoadedSite, find_kind_of_path, load_site
from .source_text import FieldPath, read_source
from .terminal import CannotEdit, run_command

__all__ = ["main", "rename"]

EDITED = (".md", ".yaml", ".yml", ".jsonl")
PUBLISHED = re.compile(r"^(published:[ ]*[\"']?)\d{4}", re.MULTILINE)


@dataclass(frozen=True)
class NewName:
    """What an item is to be called: its reference, and the folder of its file or of its own folder."""

    ref: Ref
    folder: str


class ChangedAddress(NamedTuple):
    """A page that has another address, and the file of its words in that language, if there is one."""

    old: str
    new: str
    file: str


def rename(old: str, new: str) -> Message:
    """Rename an item by reference or path, and return what was done.

    All is tried on a copy first: unless that has no problems, nothing is changed. Raises `CannotEdit` or
    `ContentProblems`.
    """
    loaded = load_site()
    if loaded.problems:
        raise loaded.refusal()
    content = loaded.options.content.absolute()
    ref = find_item(old, loaded)
    files = tuple(path.partition("/")[2] for path in loaded.assembled.site.files_of(ref))
    target = read_target(new, ref, files[0])
    moves = Moves(dict(list_moves(content, ref, files[0], target)))
    if (target.ref != ref and loaded.assembled.site.fork().url_parts(target.ref)) or any(
        (content / path).exists() for path in moves.paths.values()
    ):
        raise CannotEdit(Message("There is already something called %(name)s.", name=str(target.ref)))
    with copied(content) as copy:
        texts = _try(loaded, copy, ref, target, moves)
    apply(content, moves, texts)
    moved = ", ".join(f"{content.name}/{path}" for path in moves.paths.values())
    return Message(
        "%(old)s is %(new)s now: %(moved)s. Its old addresses lead to the new ones; files with other words in them: "
        "%(number)s.",
        old=str(ref),
        new=str(target.ref),
        moved=moved,
        number=len(texts),
    )


def find_item(name: str, loaded: LoadedSite) -> Ref:
    """Return the item of a reference, or of the path of one of its files or of its folder."""
    site = loaded.assembled.site
    path = name.removeprefix("./").rstrip("/")
    path = path if path.startswith("content/") else f"content/{path}"
    for ref in site.refs():
        files = site.files_of(ref)
        own = {*files, *(file.rpartition("/")[0] for file in files if _is_index(file))}
        if str(ref) == name or path in own:
            if not files or not files[0].endswith(".md"):
                raise CannotEdit(Message("%(name)s has no file of its own that could be renamed.", name=str(ref)))
            if ref == HOME:
                raise CannotEdit(Message("%(name)s is found by its name, and keeps it.", name=str(ref)))
            return ref
    raise CannotEdit(
        Message('There is no item "%(name)s". Write a reference (course/coding) or the path of its file.', name=name)
    )


def read_target(name: str, ref: Ref, file: str) -> NewName:
    """Return what an item is to be called, from a slug, a reference or a path below the content folder."""
    path = PurePosixPath(name.removeprefix("./").removeprefix("content/").removesuffix(".md").rstrip("/"))
    path = path.parent if path.name == "index" else path
    folder = PurePosixPath(file).parent.parent if _is_index(file) else PurePosixPath(file).parent
    if len(path.parts) > 2 or (len(path.parts) == 2 and path.parts[0] != ref.kind):
        folder = path.parent
    slug = path.name
    if not SLUG.fullmatch(slug):
        raise CannotEdit(Message('"%(slug)s" cannot be part of an address. %(hint)s', slug=slug, hint=SLUG_HINT))
    kind = find_kind_of_path(f"{folder}/{slug}/index.md" if _is_index(file) else f"{folder}/{slug}.md")
    if kind is None or kind.name != ref.kind:
        raise CannotEdit(
            Message("%(name)s stays a %(kind)s: write another name of that kind.", name=str(ref), kind=ref.kind)
        )
    return NewName(Ref(ref.kind, slug), folder.as_posix())


def list_moves(content: Path, ref: Ref, file: str, target: NewName) -> Iterator[tuple[str, str]]:
    """Yield the paths that an item's name is part of, and the new ones: a folder, or files called after the item."""
    old, new = ref.slug, target.ref.slug
    if _is_index(file):
        yield PurePosixPath(file).parent.as_posix(), f"{target.folder}/{new}"
    else:
        yield from _list_named(content, PurePosixPath(file).parent.as_posix(), old, target.folder, new)
    if ref.kind == "course":
        yield from _list_named(content, SERIES_FOLDER, old, SERIES_FOLDER, new)


def _list_named(content: Path, folder: str, old: str, new_folder: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield the files of a folder called after an item: its translations, captions, picture or series."""
    for path in sorted((content / folder).glob(f"{old}.*")):
        yield f"{folder}/{path.name}", f"{new_folder}/{new}{path.name[len(old) :]}"


def _is_index(file: str) -> bool:
    return file.rpartition("/")[2].partition(".")[0] == "index"


@contextmanager
def copied(content: Path) -> Iterator[Path]:
    """Yield a copy of the content folder, on the same disk, so that files need not be copied but linked."""
    with tempfile.TemporaryDirectory(prefix=".rename-", dir=content.parent) as folder:
        copy = Path(folder) / content.name
        shutil.copytree(content, copy, symlinks=True, copy_function=_link)
        yield copy


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)
    return target


def _try(loaded: LoadedSite, copy: Path, ref: Ref, target: NewName, moves: Moves) -> dict[str, str]:
    """Rename an item in a copy, and return the new texts by new path. Raises `ContentProblems` if it has any then."""
    content, site = loaded.options.content.absolute(), loaded.assembled.site
    fields = _find_references(loaded, ref)
    mender = LinkMender(content, moves, ref, target.ref, fields)
    texts = _mend_all(content, mender, _change_year(ref, target))
    apply(copy, moves, texts)
    between = load_site(copy)
    changes = list(_list_changed(site, between.assembled.site, ref, target.ref))
    addresses = {normalize(change.old): change.new for change in changes}
    mender = LinkMender(content, moves, ref, target.ref, fields, addresses, site.base_url)
    texts = _mend_all(content, mender, _change_year(ref, target))
    for change in (change for change in changes if change.file):
        text = texts.get(change.file) or (copy / change.file).read_bytes().decode()
        texts[change.file] = change_aliases(text, [change.old], [change.new, change.new.rstrip("/")])
    _write(copy, texts)
    after = load_site(copy)
    if after.problems:
        raise after.refusal()
    return texts


def _change_year(ref: Ref, target: NewName) -> str | None:
    """Return the year that a release gets with its folder."""
    year = PurePosixPath(target.folder).name
    return year if ref.kind == "press" and re.fullmatch(r"\d{4}", year) else None


def _mend_all(content: Path, mender: LinkMender, year: str | None) -> dict[str, str]:
    """Return the texts that read differently after the moves, by new path."""
    texts = {}
    for path in sorted(file for file in content.rglob("*") if file.suffix in EDITED and file.is_file()):
        relative = path.relative_to(content).as_posix()
        new = mender.moves.apply(relative)
        text = path.read_bytes().decode()
        mended = mender.mend(relative, text)
        if year is not None and new != relative and (source := read_source(mended)) is not None:
            mended = source.head + PUBLISHED.sub(rf"\g<1>{year}", source.front) + source.tail
        if mended != text:
            texts[new] = mended
    return texts


def _find_references(loaded: LoadedSite, ref: Ref) -> Mapping[str, tuple[FieldPath, ...]]:
    """Return the fields that name an item, by file below the content folder."""
    content = loaded.assembled.content
    found: dict[str, tuple[FieldPath, ...]] = {}
    for name in content.table.names:
        for check in content.load_checks(name):
            if check.type == "ref" and check.target == str(ref):
                path = check.path.partition("/")[2]
                found[path] = (*found.get(path, ()), _read_field_path(check.field or ""))
    return found


def _read_field_path(text: str) -> FieldPath:
    """Return `runs[1].starts` as a path."""
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", text))


def _list_changed(before: Site, after: Site, old: Ref, new: Ref) -> Iterator[ChangedAddress]:
    """Yield the pages that have other addresses: those of the item, and those with its name in their addresses."""
    before, after = before.fork(), after.fork()
    for ref in before.refs():
        renamed = new if ref == old else ref
        if after.url_parts(renamed) is None:
            continue
        files = {_lang_of(path, before.default_lang): path.partition("/")[2] for path in after.files_of(renamed)}
        for lang in before.langs:
            urls = f"/{before.route_of(ref, lang).url}", f"/{after.route_of(renamed, lang).url}"
            if urls[0] != urls[1]:
                yield ChangedAddress(*urls, files.get(lang, ""))


def _lang_of(path: str, default: Lang) -> Lang:
    return path.rpartition("/")[2].removesuffix(".md").partition(".")[2] or default


def apply(content: Path, moves: Moves, texts: Mapping[str, str]) -> None:
    """Move files and write texts; where the system refuses, everything is put back."""
    done: list[tuple[Path, Path]] = []
    before: dict[Path, bytes] = {}
    try:
        for old, new in moves.paths.items():
            (content / new).parent.mkdir(parents=True, exist_ok=True)
            (content / old).rename(content / new)
            done.append((content / new, content / old))
        before.update({content / path: (content / path).read_bytes() for path in texts})
        _write(content, texts)
    except OSError as error:
        for path, data in before.items():
            path.write_bytes(data)
        for new_path, old_path in reversed(done):
            new_path.rename(old_path)
        raise CannotEdit(Message("Nothing was renamed: %(reason)s.", reason=str(error.strerror))) from None


def _write(content: Path, texts: Mapping[str, str]) -> None:
    """Write texts as new files, because those of a copy may be links to the real ones."""
    for path, text in texts.items():
        file = content / path
        temporary = file.with_name(f".{file.name}.new")
        try:
            temporary.write_bytes(text.encode())
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)


def main() -> int:
    """Rename what the command line asks for."""
    parser = argparse.ArgumentParser(prog="rename", description=__doc__)
    parser.add_argument("old")
    parser.add_argument("new")
    options = parser.parse_args()
    return run_command(lambda _: rename(options.old, options.new))


if __name__ == "__main__":
    sys.exit(main())

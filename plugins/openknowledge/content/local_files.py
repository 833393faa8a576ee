"""Which file below content/ a path means: percent-encoded, in either Unicode form, and with its name's own capitals."""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import unquote

from openknowledge.problems import Message, suggest_spelling
from openknowledge.project_files import as_refusal, open_project_file

__all__ = ["NO_FILE", "FileProblem", "LocalFile", "explain_link", "explain_picture", "find_local_file"]

PATH_HINT = Message("Write its path as it is seen from this file, for example notes.pdf or ../algebra/index.md.")
NO_FILE = Message("no file")
HOST = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|edu|eu|it|net|org|uk)(?:[/?#].*)?|www\..+", re.IGNORECASE)
"""What looks like an address without its beginning."""


class LocalFile(NamedTuple):
    """A file or folder below content/ by its real name; `path` counts from there.

    `suffix` is what an address has behind it: `#page=3`.
    """

    path: str
    suffix: str
    size_b: int = 0
    is_folder: bool = False


class FileProblem(Exception):
    """A path means no file; `reason` completes "the link leads to …", `hint` says what to write instead."""

    def __init__(self, reason: Message, hint: Message) -> None:
        super().__init__(reason)
        self.reason, self.hint = reason, hint

    @classmethod
    def of(cls, error: OSError) -> Self:
        """Return the problem of a file that cannot be read."""
        if isinstance(error, FileNotFoundError):
            return cls(NO_FILE, PATH_HINT)
        refusal = as_refusal(error)
        return cls(Message("a file that is not read: %(reason)s", reason=refusal.message), refusal.hint)


def find_local_file(root: Path, folder: str, target: str, *, is_address: bool = True) -> LocalFile:
    """Return what a target means that stands in a file of `folder`, which counts from the content folder `root`.

    A target that begins with a slash counts from `root`. An address may be percent-encoded and have a query or a
    fragment; a file that is named by all the characters is found as well. Raises `FileProblem` if there is nothing.
    """
    readings = [*dict.fromkeys(_read_target(target, is_address=is_address))]
    for path, suffix in readings:
        found = _find(root, folder, path)
        if found is not None:
            return _open(root, found, suffix)
    raise _explain(root, folder, target, readings[0][0])


def _read_target(target: str, *, is_address: bool) -> Iterator[tuple[str, str]]:
    """Yield what a target may mean: a path, and what follows it in an address."""
    if is_address:
        for marks in ("#?", "#"):
            end = min((at for mark in marks if (at := target.find(mark)) >= 0), default=len(target))
            yield unquote(target[:end]), target[end:]
            yield target[:end], target[end:]
    yield target, ""
    yield unquote(target), ""


def _steps(folder: str, path: str) -> list[str] | None:
    """Return the steps of a path from the content folder; None where it leads above that."""
    steps = [] if path.startswith("/") or not folder else folder.split("/")
    for step in path.split("/"):
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return steps


def _find(root: Path, folder: str, path: str) -> str | None:
    """Return the real path of a file or folder from the content folder; None where there is none, or it is hidden."""
    steps = _steps(folder, path)
    if not steps or "\0" in path:
        return None
    own = folder.split("/") if folder else []
    known = 0
    while known < min(len(own), len(steps)) and own[known] == steps[known]:
        known += 1
    if any(step.startswith(".") for step in steps[known:]):
        return None
    written = "/".join(steps)
    if _parts_capitals(str(root)) and os.path.lexists(f"{root}/{written}"):
        return written
    real = steps[:known]
    for step in steps[known:]:
        name = _real_name("/".join((str(root), *real)), step)
        if name is None:
            return None
        real.append(name)
    return "/".join(real)


@lru_cache(maxsize=64)
def _parts_capitals(root: str) -> bool:
    """Return whether the disk has files only under their own names: there a path that exists needs no second look."""
    swapped = os.path.join(os.path.dirname(root), os.path.basename(root).swapcase())  # noqa: PTH118, PTH119, PTH120
    return swapped != root and not os.path.lexists(swapped)


def _real_name(folder: str, name: str) -> str | None:
    """Return the name of an entry as its folder has it.

    The folder is asked for it, because some disks open a file under a name with other capitals.
    """
    composed = unicodedata.normalize("NFC", name)
    names = _list_names(folder)
    found = names.get(name) or names.get(composed)
    if found is None:
        _names_at.cache_clear()  # It may have come in the same moment.
        names = _list_names(folder)
        found = names.get(name) or names.get(composed)
    return found


def _list_names(folder: str) -> Mapping[str, str]:
    try:
        return _names_at(folder, os.stat(folder).st_mtime_ns)  # noqa: PTH116 - asked for every link
    except OSError:
        return {}


@lru_cache(maxsize=64)
def _names_at(folder: str, _changed_ns: int) -> Mapping[str, str]:
    """Return the names of a folder's entries by those names and by their composed form."""
    names = sorted(os.listdir(folder))  # noqa: PTH208 - asked for every folder
    return {**{unicodedata.normalize("NFC", name): name for name in names}, **{name: name for name in names}}


def _open(root: Path, path: str, suffix: str) -> LocalFile:
    if os.path.isdir(f"{root}/{path}"):  # noqa: PTH112 - asked for every link
        return LocalFile(path, suffix, is_folder=True)
    if path.endswith(".md"):
        return LocalFile(path, suffix)  # An item, which is read anyway.
    try:
        with open_project_file(root / path, root) as file:
            return LocalFile(path, suffix, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise FileProblem.of(error) from None


def explain_link(target: str, problem: FileProblem) -> tuple[Message, Message]:
    """Return what is wrong with the target of a link, and what to write instead."""
    if problem.reason is NO_FILE:
        return Message('the link "%(target)s" leads to no file', target=target), problem.hint
    return Message('the link "%(target)s" leads to %(reason)s', target=target, reason=problem.reason), problem.hint


def explain_picture(target: str, problem: FileProblem) -> tuple[Message, Message]:
    """Return what is wrong with the target of a picture, and what to write instead."""
    if problem.reason is NO_FILE:
        return Message('there is no picture "%(target)s"', target=target), problem.hint
    message = Message('the picture "%(target)s" leads to %(reason)s', target=target, reason=problem.reason)
    return message, problem.hint


def _explain(root: Path, folder: str, target: str, path: str) -> FileProblem:
    """Return the problem of a target that means nothing, with what may have been meant."""
    steps = _steps(folder, path)
    if steps is None:
        hint = Message("Put a copy of the file beside this one.")
        return FileProblem(Message("something outside the content folder"), hint)
    return FileProblem(NO_FILE, _suggest(root, steps, target))


def _suggest(root: Path, steps: list[str], target: str) -> Message:
    """Return what to write instead of a path: the name that differs, or an address."""
    if "\\" in target:
        return Message('Write "/" between folders.')
    if HOST.fullmatch(target):
        return Message('Begin an address with "https://".')
    if "@" in target:
        return Message('Begin an e-mail address with "mailto:".')
    real = [str(root)]
    for step in steps:
        names = _list_names("/".join(real))
        name = names.get(step) or names.get(unicodedata.normalize("NFC", step))
        if name is not None:
            real.append(name)
            continue
        shown = [one for one in sorted(names) if not one.startswith(".")]
        same = next((one for one in shown if one.casefold() == step.casefold()), None)
        if same is not None:
            return Message('Its name is "%(name)s": capital and small letters differ.', name=same)
        near = suggest_spelling(step, shown)
        return Message("Check its name and folder: %(near)s", near=near) if near else PATH_HINT
    return PATH_HINT

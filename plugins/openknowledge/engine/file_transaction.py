"""Files of the content that change together: after a crash they are all old or all new for whoever reads next."""

import errno
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from filelock import BaseFileLock, FileLock

from openknowledge.problems import ContentProblems, operator_problem

from .atomic_files import TEMP_SUFFIX

__all__ = ["find_last_transaction", "finish_transaction", "lock_files", "replace_files"]

FOLDER = ".transaction"
"""Where drafts, the journal and the lock lie, below the content folder: scans skip it, because it is hidden."""
JOURNAL = "journal.json"
DRAFT_NAME = re.compile(rf"\d+{re.escape(TEMP_SUFFIX)}")
LOCK_TIMEOUT_S = 60
"""How long one waits for another process that is replacing files."""

Step = tuple[str, str | None]
"""The path of a file below the content folder, and the name of the draft that takes its place; None removes it."""


def replace_files(root: Path, files: Mapping[str, bytes | None]) -> None:
    """Write files below `root`, by path; None removes one. Either all of them change or none.

    All drafts are on the disk before the journal names them; from then on the change counts as made, and whoever comes
    next carries it out. Raises `OSError`, with nothing changed, where a draft cannot be written.
    """
    if not files:
        return
    folder = root / FOLDER
    with lock_files(root):
        _finish(root)
        try:
            steps = [_prepare(root, path, data, number) for number, (path, data) in enumerate(sorted(files.items()))]
            _write(folder / f"{JOURNAL}{TEMP_SUFFIX}", json.dumps(steps).encode())
            _sync_folder(folder)
            os.replace(folder / f"{JOURNAL}{TEMP_SUFFIX}", folder / JOURNAL)  # noqa: PTH105 - tests count the steps
        except OSError:
            _remove_drafts(folder)
            raise
        _sync_folder(folder)
        _carry_out(root, steps)


def lock_files(root: Path) -> BaseFileLock:
    """Return the lock of whoever replaces files below `root`; a process that has it may take it once more."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / "lock", timeout=LOCK_TIMEOUT_S, is_singleton=True)


def find_last_transaction(root: Path) -> int:
    """Return a number that changes with each replacement of files below `root`; zero where there was none."""
    with suppress(OSError):
        return (root / FOLDER).stat().st_mtime_ns
    return 0


def finish_transaction(root: Path) -> None:
    """Carry out what a process that was killed had begun to replace below `root`, if it had come to its journal.

    Whoever reads the content calls this first. Raises `ContentProblems` where it cannot be done, because the files are
    then partly old and partly new.
    """
    journal = root / FOLDER / JOURNAL
    if not journal.exists():
        return
    try:
        with lock_files(root):
            _finish(root)
    except (OSError, ValueError) as error:
        shown = f"{root.name}/{FOLDER}/{JOURNAL}"
        message = f"a sync was interrupted, and what it had begun cannot be finished: {error}"
        hint = "Run a sync or a build that may write here, or restore the folder from the repository."
        raise ContentProblems([operator_problem(shown, None, None, message, hint)]) from error


def _finish(root: Path) -> None:
    """Carry out a journal, or remove drafts that none names."""
    folder = root / FOLDER
    if (folder / JOURNAL).exists():
        _carry_out(root, _read_journal(root))
    else:
        _remove_drafts(folder)


def _prepare(root: Path, path: str, data: bytes | None, number: int) -> Step:
    """Write the draft of a file. Raises `OSError` where it could not take its place later."""
    target, folder = root / path, root / FOLDER
    _check_path(root, path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if data is None:
        return path, None
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.parent.stat().st_dev != folder.stat().st_dev:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(target))
    name = f"{number}{TEMP_SUFFIX}"
    _write(folder / name, data)
    return path, name


def _check_path(root: Path, path: str) -> None:
    """Raise `ValueError` unless a path is one of the content; anybody may have put a journal there."""
    parts = PurePosixPath(path).parts
    is_plain = path == "/".join(parts) and not any(part == ".." or part.startswith(".") for part in parts)
    if not is_plain or "\\" in path or not (root / path).parent.resolve().is_relative_to(root.parent.resolve()):
        raise ValueError(f'"{path}" is not a file of the content')


def _read_journal(root: Path) -> list[Step]:
    """Return the steps of a journal. Raises `ValueError` where it is none of ours."""
    steps: list[Step] = []
    for step in json.loads((root / FOLDER / JOURNAL).read_bytes()):
        match step:
            case [str() as path, str() | None as draft] if draft is None or DRAFT_NAME.fullmatch(draft):
                _check_path(root, path)
                steps.append((path, draft))
            case _:
                raise ValueError(f"{step!r} is not a step")
    return steps


def _carry_out(root: Path, steps: Iterable[Step]) -> None:
    """Put drafts in their places; those that are not there any more were put there before a crash."""
    folder = root / FOLDER
    touched = {folder}
    for path, draft in steps:
        target = root / path
        if draft is None:
            target.unlink(missing_ok=True)
        elif (folder / draft).exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(folder / draft, target)  # noqa: PTH105 - tests count the steps
        touched |= {target.parent, target.parent.parent}
    for touched_folder in sorted(filter(Path.is_dir, touched)):
        _sync_folder(touched_folder)
    (folder / JOURNAL).unlink()
    _sync_folder(folder)
    _remove_drafts(folder)


def _remove_drafts(folder: Path) -> None:
    for draft in folder.glob(f"*{TEMP_SUFFIX}"):
        draft.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make sure that the names of a folder's files are on the disk; Windows knows no such thing."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

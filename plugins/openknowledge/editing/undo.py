"""Gives a file back as it was last committed: `invoke undo content/courses/coding/index.md`."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from openknowledge.problems import Gettext, Message

from .terminal import CannotEdit, confirm, run_command

__all__ = ["main", "undo"]

QUESTION = Message("Give the file back as it was last committed? What it has now is lost. [y/N]")


def undo(path: Path, gettext: Gettext, ask: Callable[[str], bool]) -> Message:
    """Show what would change in a file, ask, and put its last committed state in its place; return what was done.

    Raises `CannotEdit` where there is nothing to go back to.
    """
    shown = path.as_posix()
    if path.is_dir():
        raise CannotEdit(Message("%(path)s is a folder; name the file.", path=shown))
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    if _git(folder, "rev-parse", "--git-dir") is None:
        raise CannotEdit(Message("There is no git repository here, so no earlier state is known."))
    absolute = str(path.absolute())
    if not _git(folder, "ls-tree", "--name-only", "HEAD", "--", absolute):
        if not path.exists():
            raise CannotEdit(Message("There is no file %(path)s, and there never was one.", path=shown))
        raise CannotEdit(Message("%(path)s is new: it was never committed, so there is no earlier state.", path=shown))
    changes = _git(folder, "diff", "--no-color", "--no-ext-diff", "-R", "HEAD", "--", absolute)
    if not changes:
        return Message("%(path)s is as it was last committed.", path=shown)
    print(changes, end="")
    if not ask(QUESTION.localize(gettext)):
        return Message("%(path)s stays as it is.", path=shown)
    if _git(folder, "checkout", "--quiet", "HEAD", "--", absolute) is None:
        raise CannotEdit(Message("git could not give %(path)s back.", path=shown))
    return Message("%(path)s is again as it was last committed.", path=shown)


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints; None where it fails or is not installed."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def main() -> int:
    """Undo what the command line asks for."""
    parser = argparse.ArgumentParser(prog="undo", description=__doc__)
    parser.add_argument("file", type=Path)
    file: Path = parser.parse_args().file
    return run_command(lambda gettext: undo(file, gettext, confirm))


if __name__ == "__main__":
    sys.exit(main())

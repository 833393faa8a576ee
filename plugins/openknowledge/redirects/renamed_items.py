"""What git knows of items that changed their address: by a new name of their file, or by another `slug:` in it."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from openknowledge.project_files import is_project_file, read_project_file

__all__ = ["RenameHistory"]

RENAMES = ("--name-status", "--find-renames=50%", "--diff-filter=R", "--no-color", "-z")
MAX_STEPS = 20
"""How often a file may have been renamed one time after the other."""


@dataclass(frozen=True)
class RenameHistory:
    """The renamed files of a content folder. Without git, or outside a repository, nothing is known."""

    content: Path

    def files_of(self, kind_globs: Mapping[str, str], kind: str, slug: str, file_lang: str) -> tuple[str, ...]:
        """Return the files that have now what was an item's file in a language, or had this `slug:`.

        `file_lang` is `en` where the file is called `x.en.md`, else empty. Paths begin with the content folder's name.
        """
        glob = kind_globs.get(kind)
        if glob is None:
            return ()
        renamed = (self._follow(new) for old, new in self._moves.items() if _names_item(old, glob, slug, file_lang))
        moved = {path for path in renamed if path is not None}
        return tuple(sorted(moved or self._files_with_slug(glob, slug, file_lang)))

    @cached_property
    def _moves(self) -> dict[str, str]:
        """The last new name of each file that was renamed, in a commit or since."""
        committed = self._git("log", "--format=", "--reverse", *RENAMES, "--", ".")
        return {**_read_renames(committed), **_read_renames(self._uncommitted())}

    def _follow(self, path: str) -> str | None:
        """Return the name that a file has in the end; None where it has gone."""
        for _ in range(MAX_STEPS):
            if (self.content / path).is_file():
                return f"{self.content.name}/{path}"
            if path not in self._moves:
                return None
            path = self._moves[path]
        return None

    def _uncommitted(self) -> str:
        """Return the renames in the working tree, compared through an index of its own, so that nothing is staged."""
        objects = self._git("rev-parse", "--git-path", "objects").strip()
        if not objects:
            return ""
        with tempfile.TemporaryDirectory() as folder:
            own = {
                "GIT_INDEX_FILE": f"{folder}/index",
                "GIT_OBJECT_DIRECTORY": folder,
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": str((self.content / objects).resolve()),
            }
            self._git("read-tree", "HEAD", environment=own)
            self._git("add", "--all", ".", environment=own)
            return self._git("diff", "--cached", *RENAMES, "HEAD", "--", ".", environment=own)

    def _files_with_slug(self, glob: str, slug: str, file_lang: str) -> Iterator[str]:
        """Yield the files of a kind that had a `slug:` once."""
        found = self._git("log", "--format=", "--name-only", "-z", f"-Sslug: {slug}", "--", ".")
        is_written = re.compile(rf"^slug: *[\"']?{re.escape(slug)}[\"']?\s*$", re.MULTILINE)
        for path in dict.fromkeys(part.strip("\n") for part in found.split("\0")):
            file = self.content / path
            fits = path.endswith(".md") and _lang_of(path) == file_lang and PurePosixPath(path).match(glob)
            if fits and is_project_file(path, self.content) and not is_written.search(self._read(file)):
                yield f"{self.content.name}/{path}"

    def _read(self, file: Path) -> str:
        return read_project_file(file, self.content).decode("utf-8", "replace")

    def _git(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Return what git prints; nothing where it fails or is not there. Paths count from the content folder."""
        command = ["git", "-C", str(self.content), "-c", "core.quotePath=false", *arguments]
        if "--cached" in arguments or "log" in arguments:
            command.insert(command.index(arguments[0]) + 1, "--relative")
        try:
            done = subprocess.run(
                command, capture_output=True, check=False, env={**os.environ, **(environment or {})}, timeout=60
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _read_renames(text: str) -> dict[str, str]:
    """Return old and new names from `R100 NUL old NUL new NUL …`."""
    words = [word for word in text.split("\0") if word.strip()]
    return {
        words[index + 1]: words[index + 2] for index, word in enumerate(words[:-2]) if re.fullmatch(r"\n*R\d+", word)
    }


def _names_item(path: str, glob: str, slug: str, file_lang: str) -> bool:
    """Return whether a path was that of an item's file in a language."""
    pure = PurePosixPath(path)
    base = pure.name.partition(".")[0]
    name = pure.parent.name if base == "index" else base
    return path.endswith(".md") and name == slug and _lang_of(path) == file_lang and pure.match(glob)


def _lang_of(path: str) -> str:
    return PurePosixPath(path).name.removesuffix(".md").partition(".")[2]

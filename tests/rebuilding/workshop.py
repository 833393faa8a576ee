"""A small site with content, a theme and settings of its own that can be edited, and built over and over."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import json
import logging
import marshal
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any
from unittest import mock

from jinja2 import Environment
from pelican import Pelican
from pelican.settings import read_settings
from PIL import Image
from tests.site.small import FILES, ROOT, TODAY, digest, entries_below
from tests.site.warm import results_file, run_at_once, run_pelican

from openknowledge.assets import collect as theme_files
from openknowledge.content import loader
from openknowledge.content.read_item import read_item
from openknowledge.discovery import icons
from openknowledge.engine import precompress
from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems
from openknowledge.rendering import locale, template_digests

__all__ = [
    "BuildReport",
    "CleanBuildRefused",
    "Workshop",
    "a_picture",
    "counting_reads",
    "difference",
    "sync_text",
    "video_row",
]


def a_picture(width_px: int, shade: int) -> bytes:
    """Return a PNG of a single colour."""
    held = io.BytesIO()
    Image.new("RGB", (width_px, 40), (shade, 80, 120)).save(held, "PNG")
    return held.getvalue()


def video_row(number: int, title: str, year: int = 2024) -> dict[str, Any]:
    """Return a line of the channel's snapshot."""
    return {
        "youtube_id": f"video-{number:05}",
        "slug": f"filmato-{number}",
        "title": title,
        "description": f"Descrizione {number}.",
        "published": f"{year}-05-{number % 27 + 1:02}T10:00:00Z",
        "duration_s": 60 + number,
        "lang": "it",
        "text_lang": "it",
    }


def sync_text(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)


VIDEOS = [video_row(number, f"Filmato numero {number}") for number in range(1, 6)]
PLAYLISTS = [
    {"youtube_id": "list-a", "slug": "serie-a", "title": "Serie A", "description": "", "videos": ["filmato-1"]},
    {"youtube_id": "list-b", "slug": "serie-b", "title": "Serie B", "description": "", "videos": ["filmato-2"]},
]

MORE: dict[str, str] = {
    "strands/fisica.md": "---\ntitle: Fisica\nabstract: Altri corsi.\n---\n",
    "topics/forme.md": "---\ntitle: Forme\nabstract: Che cosa si vede.\n---\n",
    "people/bruno.md": "---\ntitle: Bruno C.\nabstract: Insegna geometria.\n---\n",
    "partners/impresa.md": "---\ntitle: Impresa\nabstract: Una impresa.\n---\n",
    "snapshots/youtube/videos-2024.jsonl": sync_text(VIDEOS),
    "snapshots/youtube/playlists.jsonl": sync_text(PLAYLISTS),
}


class CleanBuildRefused(Exception):
    """A clean build refuses the content."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build in this process did, or the problems of the content."""

    problems: tuple[str, ...] = ()
    planned: dict[str, int] = field(default_factory=dict)
    executed: dict[str, int] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    removed: int = 0

    @property
    def is_good(self) -> bool:
        return not self.problems


class Workshop:
    """A folder with `content/`, `theme/` and an output that one build after the other goes into.

    Builds run in this process. `forget` drops what it knows of the folder, so that the next build stands on what is
    on the disk, as one in a new process would.
    """

    def __init__(self, folder: Path, content: Path | None = None, **settings: Any) -> None:
        self.folder = folder
        self.content, self.theme = folder / "content", folder / "theme"
        self.output, self.cache = folder / "output", folder / "cache"
        self.settings: dict[str, Any] = {"BUILD_DATE": TODAY, "BUILD_EXECUTOR": "inline", **settings}
        self.session = BuildSession()
        self._clean_builds = 0
        folder.mkdir(parents=True, exist_ok=True)
        if content is not None:
            shutil.copytree(content, self.content)
        else:
            for name, text in {**FILES, **MORE}.items():
                self.write(name, text)
        shutil.copytree(ROOT / "theme", self.theme)

    # Edits

    def write(self, name: str, text: str | bytes) -> None:
        """Write a file of content/."""
        path = self.content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def read(self, name: str) -> str:
        return (self.content / name).read_text(encoding="utf-8")

    def remove(self, name: str) -> None:
        (self.content / name).unlink()

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text, (name, old)
        self.write(name, text.replace(old, new, 1))

    def settle(self) -> None:
        """Give all files a time some seconds ago, as they have it when an editor comes back."""
        for path in (*self.content.rglob("*"), *self.theme.rglob("*")):
            if path.is_file():
                found = path.stat()
                moment = min(found.st_mtime_ns, found.st_ctime_ns - 5_000_000_000)
                if moment != found.st_mtime_ns:
                    os.utime(path, ns=(moment, moment))

    # Builds

    def build(self, **settings: Any) -> BuildReport:
        """Build in this process what there is now."""
        return self._build(self.output, self.cache, self.session, settings)

    def _build(self, output: Path, cache: Path, session: BuildSession, settings: dict[str, Any]) -> BuildReport:
        values = {**self._settings_of(output, cache, settings), "BUILD_SESSION": session}
        before = list(logging.getLogger().handlers), logging.getLogger().level
        silence = io.StringIO()
        try:
            with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence), remembering_results():
                pelican = Pelican(read_settings(str(ROOT / "pelicanconf.py"), override=values))
                pelican.run()
        except ContentProblems as problems:
            return BuildReport(problems=tuple(map(str, problems.problems)))
        finally:
            logging.getLogger().handlers[:], logging.getLogger().level = before
            session.close()
            gc.enable()
        return _report(session)

    def clean(self, **settings: Any) -> dict[str, str]:
        """Return the digests of a clean build of the same inputs: no output, no cache, nothing in memory."""
        self._clean_builds += 1
        place = self.folder / f"clean-{self._clean_builds}"
        try:
            reported = self._build(place / "output", place / "cache", BuildSession(), settings)
            if reported.is_good:
                return digest(place / "output")
            raise CleanBuildRefused(reported.problems)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def snapshot(self) -> Snapshot:
        """Return the files and settings as they are now, to go back to."""
        return Snapshot(self)

    def forget(self) -> None:
        """Forget what this process knows of earlier builds: what is on the disk remains."""
        self.session = BuildSession()

    def read_output(self) -> dict[str, str]:
        """Return the digests of the output; fails where a draft is left in it."""
        assert not [path for path, _ in entries_below(self.output) if path.endswith(".draft")]
        return digest(self.output)

    def times(self) -> dict[str, int]:
        """Return when each file of the output was last written, the build state included but not the lock."""
        found = ((path, entry) for path, entry in entries_below(self.output) if entry.is_file())
        return {path: entry.stat().st_mtime_ns for path, entry in found if entry.name != ".lock"}

    def _settings_of(self, output: Path, cache: Path, settings: dict[str, Any]) -> dict[str, Any]:
        places = {"PATH": self.content, "THEME": self.theme, "OUTPUT_PATH": output, "CACHE_PATH": cache}
        return {**self.settings, **{name: str(path) for name, path in places.items()}, **settings}

    # Builds in processes of their own

    def command(self, output: Path | None = None, cache: Path | None = None, **settings: Any) -> list[str]:
        """Return the command that builds in a new process."""
        values = self._settings_of(output or self.output, cache or self.cache, settings)
        path, theme = values.pop("PATH"), values.pop("THEME")
        place = values.pop("OUTPUT_PATH")
        options = [f"{name}={json.dumps(value)}" for name, value in values.items()]
        start = [sys.executable, "-m", "pelican", path, "-s", str(ROOT / "pelicanconf.py"), "-t", theme, "-o", place]
        return [*start, "--fatal", "errors", "-e", *options]

    def run(self, limit_s: float = 0, **settings: Any) -> subprocess.CompletedProcess[str]:
        """Build in a new process that has loaded what it needs, and is ended as `run_pelican` says."""
        return run_pelican(self.command(**settings)[3:], self.folder, limit_s=limit_s)

    def run_at_once(self, outputs: list[Path]) -> list[subprocess.CompletedProcess[str]]:
        """Build into each of the folders at the same time, in processes that have loaded what they need."""
        return run_at_once([self.command(output)[3:] for output in outputs], self.folder)


class Snapshot:
    """The files and settings of a workshop as they were at one moment, in a folder beside them."""

    FOLDERS = ("content", "theme", "output", "cache")

    def __init__(self, shop: Workshop) -> None:
        self._shop, self._settings = shop, dict(shop.settings)
        self._folder = shop.folder / "snapshot"
        for name in self.FOLDERS:
            if (shop.folder / name).is_dir():
                shutil.copytree(shop.folder / name, self._folder / name)
            else:
                (self._folder / name).mkdir(parents=True)
        self._saved = {name: _look_through(self._folder / name) for name in self.FOLDERS}

    def restore(self, *names: str) -> None:
        """Put folders back to what they were, all if none is named; the next build knows what is on the disk only."""
        for name in names or self.FOLDERS:
            self._restore(name)
        self._shop.settings = dict(self._settings)
        self._shop.forget()

    def _restore(self, name: str) -> None:
        """Copy what differs by size or time, and remove what was not there."""
        folder = self._shop.folder / name
        if not folder.is_dir() or folder.is_symlink():
            remove(folder)
            folder.mkdir(parents=True)
        (stamps, folders), (now, folders_now) = self._saved[name], _look_through(folder)
        for path in now.keys() - stamps.keys():
            (folder / path).unlink()
        for path in (path for path, stamp in stamps.items() if now.get(path) != stamp):
            remove(folder / path)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._folder / name / path, folder / path)
        for path in sorted(folders_now - folders, reverse=True):
            if (folder / path).is_dir():
                (folder / path).rmdir()


def _look_through(folder: Path) -> tuple[dict[str, tuple[int, int]], set[str]]:
    """Return size and time of every file below a folder, and the folders."""
    stamps, folders = {}, set()
    for path, entry in entries_below(folder):
        if entry.is_dir(follow_symlinks=False):
            folders.add(path)
        else:
            found = entry.stat(follow_symlinks=False)
            stamps[path] = found.st_size, found.st_mtime_ns
    return stamps, folders


def remove(path: Path) -> None:
    """Remove a file or a folder, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


_results: dict[tuple[object, ...], Any] = {}


@contextlib.contextmanager
def remembering_results() -> Iterator[None]:
    """Have this process make once what depends on nothing but texts: that is half of a clean build's time.

    Templates are compiled and their references found, the theme's files assembled, catalogues of messages read,
    icons drawn, and what lasts is compressed as far as it goes. What the program of warm builds has made is taken.
    """
    if not _results and results_file().exists():
        _results.update(_load_results(results_file().read_bytes()))
    with (
        _remembered(
            Environment,
            "compile",
            lambda environment, source, name=None, path=None: (_options(environment), source, name, path is None),
            suited=lambda code, values: code.replace(co_filename=values[3]) if any(values[3:]) else code,
        ),
        _remembered(template_digests, "_parse", lambda environment, name, text, _: (_options(environment), name, text)),
        _remembered(
            theme_files, "collect", lambda theme: _files(theme / "static"), is_lasting=lambda _, found: not found[1]
        ),
        _remembered(
            precompress, "compress", lambda *values: values, is_lasting=lambda values, _: values[2] is precompress.BEST
        ),
        _remembered(locale, "load_translations", lambda folder, *rest: (_files(folder), *rest)),
        _remembered(icons, "draw_icons", lambda drawing: drawing),
    ):
        yield


def dump_results() -> bytes:
    """Return what this process remembers, for others of the same run; catalogues have functions, which stay here."""
    coded = {
        entry: (isinstance(found, CodeType), marshal.dumps(found) if isinstance(found, CodeType) else found)
        for entry, found in _results.items()
        if entry[0] != "load_translations"
    }
    return pickle.dumps(coded, pickle.HIGHEST_PROTOCOL)


def _load_results(data: bytes) -> dict[tuple[object, ...], Any]:
    return {entry: marshal.loads(found) if is_code else found for entry, (is_code, found) in pickle.loads(data).items()}


def _remembered(
    place: Any,
    name: str,
    key: Callable[..., Any],
    is_lasting: Callable[[Any, Any], bool] = lambda *_: True,
    suited: Callable[[Any, Any], Any] = lambda found, _: found,
) -> AbstractContextManager[object]:
    """Have a function called once for each key of its arguments, where its values or what it returns are lasting.

    `suited` returns what was remembered as it is for other arguments with the same key.
    """
    plain = getattr(place, name)

    @functools.wraps(plain)
    def once(*arguments: Any, **named: Any) -> Any:
        values = key(*arguments, **named)
        entry = name, values
        if entry in _results:
            return suited(_results[entry], arguments)
        found = plain(*arguments, **named)
        if is_lasting(values, found):
            _results[entry] = found
        return found

    return mock.patch.object(place, name, once)


def _options(environment: Environment) -> tuple[object, ...]:
    """Return what else decides what becomes of a template's text."""
    return (environment.trim_blocks, environment.lstrip_blocks, environment.autoescape, *environment.extensions)


def _files(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """Return the names and bytes of all files below a folder."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in found)


def _report(session: BuildSession) -> BuildReport:
    scheduler = session.scheduler
    if scheduler is None:
        return BuildReport()
    counts = dict(scheduler.planned), dict(scheduler.executed)
    return BuildReport((), *counts, tuple(scheduler.changed), session.removed)


@contextlib.contextmanager
def counting_reads() -> Iterator[list[str]]:
    """Collect the items that are read from their files meanwhile."""
    found: list[str] = []
    plain = read_item

    def noted(item: Any, *rest: Any) -> Any:
        found.append(str(item.ref))
        return plain(item, *rest)

    with mock.patch.object(loader, "read_item", noted):
        yield found


def difference(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """Return the differences between two outputs, in words."""
    rows = [f"missing: {path}" for path in sorted(wanted.keys() - found.keys())]
    rows += [f"too much: {path}" for path in sorted(found.keys() - wanted.keys())]
    return rows + [f"differs: {path}" for path in sorted(found.keys() & wanted.keys()) if found[path] != wanted[path]]

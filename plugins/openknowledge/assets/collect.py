"""The theme's static files as they are published: each with a fingerprint of its bytes in its name."""

import posixpath
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath

from openknowledge.problems import Problem, operator_problem, sort_problems
from openknowledge.project_files import FileRefused, read_project_file

from . import stylesheets
from .scripts import Bundle, imported_files

__all__ = ["Asset", "collect"]

PUBLISHED = "theme"
CODE_FOLDERS = ("css", "js")
SCRIPTS = (".js", ".mjs")
FINGERPRINT_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Asset:
    """A published file. `name` is the theme's name for it (`site.css`, `icons/icon.svg`)."""

    name: str
    path: str
    data: bytes


def collect(theme: Path) -> tuple[tuple[Asset, ...], tuple[Problem, ...]]:
    """Return the published files of a theme's `static` folder by name, and what is wrong with them.

    A stylesheet or script that another one imports becomes part of it, and is not published by itself.
    """
    folder = theme / "static"
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    collector = AssetCollector(folder)
    for path in files:
        if path.suffix not in (".css", *SCRIPTS):
            collector.add(path)
    scripts = [path for path in files if path.suffix in SCRIPTS]
    imported = {file for path in scripts for file in imported_files(path, collector.read(path))}
    # Scripts that only import each other are a mistake, which the last of them tells.
    for path in sorted(scripts, key=lambda path: (path in imported, path)):
        if path not in collector.imported:
            collector.add(path)
    sheets = {}
    for path in sorted((path for path in files if path.suffix == ".css"), key=lambda path: len(path.parts)):
        if path not in collector.imported:
            sheets[path] = collector.stylesheet(path, path)
    for path, sheet in sheets.items():
        if path not in collector.imported:
            collector.publish(path, sheet.encode())
    assets = sorted(collector.assets.values(), key=lambda asset: asset.name)
    return tuple(assets), sort_problems(collector.problems)


@dataclass
class AssetCollector:
    """The state of one `collect`: published files, imported stylesheets and scripts, problems.

    `parts` are stylesheets with their imports inlined, by file and by the folder that their addresses start from.
    """

    folder: Path
    assets: dict[Path, Asset] = field(default_factory=dict)
    imported: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    in_progress: list[Path] = field(default_factory=list)
    parts: dict[tuple[Path, str], str] = field(default_factory=dict)

    def add(self, path: Path) -> Asset | None:
        """Return the published form of a file that is not a stylesheet; None while that form is in progress."""
        if path in self.in_progress:
            return None
        if path not in self.assets:
            self.in_progress.append(path)
            data = self.script(path).encode() if path.suffix in SCRIPTS else self.load(path)
            self.in_progress.pop()
            self.publish(path, data)
        return self.assets[path]

    def publish(self, path: Path, data: bytes) -> None:
        """Publish `data` as the file at `path`."""
        name = PurePosixPath(self.name(path))
        fingerprint = sha256(data).hexdigest()[:FINGERPRINT_LENGTH]
        published = PurePosixPath(PUBLISHED, name.with_suffix(f".{fingerprint}{name.suffix}"))
        self.assets[path] = Asset(str(name), str(published), data)

    def name(self, path: Path) -> str:
        """Return the theme's name for a file: `site.css` for `css/site.css`, `icons/icon.svg` for itself."""
        parts = path.relative_to(self.folder).parts
        return "/".join(parts[1:] if parts[0] in CODE_FOLDERS and len(parts) > 1 else parts)

    def script(self, path: Path) -> str:
        """Return a script with the modules that it imports."""

        def published(file: Path) -> str | None:
            asset = self.add(file)
            address = self.relative(path, asset) if asset else ""
            return address if address.startswith("../") else f"./{address}" if address else None

        bundle = Bundle(self.read, self.resolve, published, self.report)
        text = bundle.assemble(path)
        self.imported.update(bundle.scopes)
        return text

    def stylesheet(self, path: Path, sheet: Path) -> str:
        """Return a stylesheet with its imports inlined; addresses are relative to `sheet`, which it becomes part of."""
        if path in self.in_progress:
            self.report(path, None, "the stylesheet imports itself, perhaps through others", "Remove one @import.")
            return ""

        def part(target: str, line: int) -> str:
            file = self.resolve(path, target, line)
            if file is None:
                return ""
            self.imported.add(file)
            return self.stylesheet(file, sheet)

        def published(target: str, line: int) -> str:
            name, mark, rest = target.partition("#")
            file = self.resolve(path, name, line)
            asset = self.add(file) if file else None
            return f"{self.relative(sheet, asset)}{mark}{rest}" if asset else target

        key = path, posixpath.dirname(self.name(sheet))
        if key not in self.parts:
            self.in_progress.append(path)
            self.parts[key] = stylesheets.assemble(self.read(path), part, published, partial(self.report, path))
            self.in_progress.pop()
        return self.parts[key]

    def resolve(self, path: Path, target: str, line: int) -> Path | None:
        """Return the file that `path` calls `target`; report a problem and return None where there is none."""
        if ":" in target or target.startswith("/"):
            hint = "Copy the file into the theme and write its place relative to this file."
            self.report(path, line, f'"{target}" is not a file of the theme', hint)
            return None
        file = Path(posixpath.normpath(path.parent / target))
        if file.is_file() and file.is_relative_to(self.folder):
            return file
        self.report(path, line, f'"{target}" does not exist', "Paths are relative to this file.")
        return None

    def relative(self, path: Path, asset: Asset) -> str:
        """Return the address of an asset relative to the published form of `path`."""
        return posixpath.relpath(asset.path, posixpath.dirname(f"{PUBLISHED}/{self.name(path)}"))

    def read(self, path: Path) -> str:
        """Return the text of a file; report a problem and return an empty text where it is not UTF-8."""
        try:
            return self.load(path).decode("utf-8-sig")
        except UnicodeDecodeError:
            self.report(path, None, "the file is not UTF-8", "Save it again as UTF-8.")
            return ""

    def load(self, path: Path) -> bytes:
        """Return the bytes of a file; report a problem and return nothing where it may not be read."""
        try:
            return read_project_file(path, self.folder.parent)
        except FileRefused as refusal:
            self.report(path, None, refusal.message, refusal.hint)
            return b""

    def report(self, path: Path, line: int | None, message: str, hint: str) -> None:
        """Record a problem at a line of a file."""
        shown_path = path.relative_to(self.folder.parent.parent).as_posix()
        self.problems.append(operator_problem(shown_path, line, None, message, hint))

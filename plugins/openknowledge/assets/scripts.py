"""Scripts: a module and all that it imports become one file, in which each has a scope of its own."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Bundle", "imported_files"]

NAMES = r"\{([\w\s,$]*)\}"
STATEMENT = re.compile(
    rf"""
      ^import \s* (?:{NAMES} \s* from \s*)? (["'])([^"'\n]+)\2 ;?
    | ^export \s+ (?: {NAMES} \s* ;? | (?=(?:async\s+)? (?:function\s*\*?|class|const) \s+ ([\w$]+)) )
    | \bimport\( \s* (["'])([^"'\n]+)\6
    | ^(?:import|export)\b (?!\()
    """,
    re.MULTILINE | re.VERBOSE,
)
"""An import or export of one of the forms that are understood: with names in braces, or before what is declared.

Not of `let`: whoever imports a module has the values that its names had when it ended.
"""
FORMS = 'Write import { name } from "./file.js" and export { name }, or export before function, class or const.'

IN_TURN, IN_TURN_HINT = "imports this file in turn", "Move what both need to a third file."


def imported_files(path: Path, text: str) -> Iterator[Path]:
    """Yield the files that a module imports, where they are written as they should be."""
    for match in STATEMENT.finditer(text):
        if match[3]:
            yield Path(posixpath.normpath(path.parent / match[3]))


@dataclass
class Bundle:
    """The modules that a script imports, in the order in which they run; those that it loads later stay files.

    `resolve(path, target, line)` returns the file that a module names, `published(file)` the address of one that is
    loaded later. `report(path, line, message, hint)` receives what is wrong.
    """

    read: Callable[[Path], str]
    resolve: Callable[[Path, str, int], Path | None]
    published: Callable[[Path], str | None]
    report: Callable[[Path, int, str, str], None]
    parts: list[str] = field(default_factory=list)
    exports: dict[Path, dict[str, str]] = field(default_factory=dict)
    scopes: dict[Path, str] = field(default_factory=dict)

    def assemble(self, path: Path) -> str:
        """Return a script with all that it imports; what it exports it still does, for those that load it later."""
        own = self._rewrite(path)
        names = (f"{inside} as {name}" for name, inside in sorted(self.exports[path].items()))
        if self.exports[path]:
            own += f"export {{ {', '.join(names)} }};\n"
        return "\n".join((*self.parts, own)) if self.parts else own

    def _rewrite(self, path: Path) -> str:
        """Return a module without imports and exports, after those that it imports have been added."""
        text = self.read(path)
        self.exports[path] = {}

        def replace(match: re.Match[str]) -> str:
            imported, _, target, exported, declared, quote, later = match.groups()
            line = text.count("\n", 0, match.start()) + 1
            if target:
                return self._import(path, target, imported, line)
            if later:
                return f"import({quote}{self._later(path, later, line)}{quote}"
            if exported is None and declared is None:
                self.report(path, line, "this import or export has a form that is not understood", FORMS)
            self.exports[path] |= {declared: declared} if declared else _pairs(exported or "")
            return ""

        return STATEMENT.sub(replace, text).strip() + "\n"

    def _later(self, path: Path, target: str, line: int) -> str:
        """Return the address of a file that is loaded later."""
        file = self.resolve(path, target, line)
        address = self.published(file) if file else target
        if address is None:
            self.report(path, line, f'"{target}" {IN_TURN}', IN_TURN_HINT)
        return address or target

    def _import(self, path: Path, target: str, names: str | None, line: int) -> str:
        """Return the statement that stands in place of an import."""
        file = self.resolve(path, target, line)
        if file is None:
            return ""
        if file in self.exports and file not in self.scopes:
            self.report(path, line, f'"{target}" {IN_TURN}', IN_TURN_HINT)
            return ""
        scope = self.scopes.get(file) or self._add(file)
        wanted = {exported: own for own, exported in _pairs(names or "").items()}
        for name in wanted.keys() - self.exports[file].keys():
            self.report(path, line, f'"{target}" exports no "{name}"', FORMS)
        return f"const {_braces(wanted)} = {scope};" if wanted else ""

    def _add(self, file: Path) -> str:
        """Add a module, and return the name of what it exports."""
        own = self._rewrite(file)
        scope = self.scopes[file] = f"$module{len(self.scopes)}"
        names = self.exports[file]
        self.parts.append(
            f"const {scope} = (() => {{\n{own}return {_braces(names)};\n}})();" if names else f"{{\n{own}}}"
        )
        return scope


def _pairs(names: str) -> dict[str, str]:
    """Return what names in braces are called elsewhere: `{"en": "English"}` for `English as en`."""
    pairs = (part.split() for part in names.split(",") if part.strip())
    return {words[-1]: words[0] for words in pairs}


def _braces(names: dict[str, str]) -> str:
    return f"{{ {', '.join(name if name == other else f'{name}: {other}' for name, other in sorted(names.items()))} }}"

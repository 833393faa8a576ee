"""What a build makes, in a form that can be made later, elsewhere, or not at all because it is there already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from openknowledge.manifest import CacheClass, FileRole

from .atomic_files import write_output

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["Action", "FileClass", "Files", "Rule", "run_rule", "static_action"]

Files = tuple[tuple[str, bytes], ...]
"""Files below output/, each by its path."""

ProgressCallback = Callable[[str, int, int], None]

FileClass = tuple[CacheClass, FileRole]
"""For how long a file may be kept by those who fetched it, and what it is for."""


@dataclass(frozen=True, slots=True)
class Action:
    """Files to be made by a function that any process can import, from values that can be sent to it.

    `told` is the digest of all that decides what comes out, beside the facts that were asked for; `shared` are first
    arguments that much work has in common. Other writers than ours are handed the `view` and what `template` gives.
    """

    function: Callable[..., Files]
    arguments: tuple[Any, ...]
    shared: tuple[Any, ...] = ()
    digest: bytes | None = None
    view: Any = None
    template: Callable[[], Any] | None = None

    def run(self) -> Files:
        return self.function(*self.shared, *self.arguments)


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of products, such as all pages. `each` names them, as texts; `make` asks the site for one of them.

    Those that `is_first` picks are made before any other is written, and `check` is handed the files of all of them:
    it raises where others would take the same place. `label` is what a progress bar says. `role` is what the files are
    for, all of them or those of a product; `cache` is IMMUTABLE where a file's name changes with its bytes.
    """

    name: str
    label: str
    keys: Callable[[Site], Iterable[tuple[str, ...]]]
    plan: Callable[..., Action]
    built_first: Callable[[tuple[str, ...]], bool] = lambda _parts: False
    check: Callable[[Site, Mapping[str, str]], None] | None = None
    role: FileRole | Callable[[tuple[str, ...]], FileRole] = FileRole.DATA
    cache: CacheClass = CacheClass.PAGE

    def file_classes(self, parts: Mapping[str, tuple[str, ...]]) -> dict[str, FileClass]:
        """What sort of files each product has, by its key."""
        role = self.role
        if isinstance(role, FileRole):
            return dict.fromkeys(parts, (self.cache, role))
        return {key: (self.cache, role(one)) for key, one in parts.items()}


class RuleWriter(Protocol):
    """A writer that knows what it made before."""

    def run_rule(self, line: Rule, site: Site, progress: ProgressCallback | None) -> int: ...


def run_rule(writer: Any, rule: Rule, site: Site, output: Path, progress: ProgressCallback | None = None) -> int:
    """Make a line of products with a writer: what is there already is left to one that knows; how many there are."""
    maker = getattr(writer, "run_rule", None)
    if maker is not None:
        found: int = maker(rule, site, progress)
        return found
    count = 0
    for work in _plan_all(rule, site):
        count += 1
        if work.view is not None and work.template is not None:
            writer.write_file(work.view.save_as, work.template(), {}, url=work.view.url, view=work.view)
        else:
            for path, data in work.run():
                write_output(output / path, data)
    return count


def _plan_all(line: Rule, site: Site) -> Iterator[Action]:
    """All the work of a line, after a look at what would take the same place."""
    parts = sorted(line.keys(site.fork()), key=lambda one: not line.built_first(one))
    first = [line.plan(site.fork(), *one) for one in parts if line.built_first(one)]
    if line.check is not None:
        line.check(site.fork(), {work.view.save_as: work.view.heading for work in first})
    yield from first
    for one in parts[len(first) :]:
        yield line.plan(site.fork(), *one)


def static_action(*files: tuple[str, bytes]) -> Action:
    """Files that are at hand already."""
    return Action(identity, (tuple(files),))


def identity(files: Files) -> Files:
    return files

"""Rules and actions: what a build makes, as values that can run later, in another process, or not at all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from openknowledge.manifest import CacheClass, FileRole
from openknowledge.output_paths import explain_path
from openknowledge.problems import ContentProblems, Message, Problem
from openknowledge.progress import ProgressCallback

from .atomic_files import write_output
from .query_graph import QueryGraph

__all__ = ["Action", "Description", "FileClass", "Files", "Rule", "TrackedSite", "run_rule", "static_action"]

Files = tuple[tuple[str, bytes], ...]
"""Files below output/: the path and the bytes of each."""


class FileClass(NamedTuple):
    """How long caches may retain a file, and what it is for."""

    cache: CacheClass
    role: FileRole


class Description(NamedTuple):
    """What a node of the query graph is, in words: `text` and `path` are formats of the arguments of its key.

    `parameters` name the arguments; a last one that begins with `*` takes all that are left. Where `kind` and `slug`
    are among them, `{item}` are the files of that item. `path` is the file of which the node is made, from the
    project's root.
    """

    text: str
    parameters: tuple[str, ...] = ()
    path: str = ""


class TrackedSite(Protocol):
    """What the engine needs of a site: forks that record in a query graph what is read through them."""

    @property
    def graph(self) -> QueryGraph:
        """The graph in which the site records."""

    @property
    def changed_fields(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the fields that differ, by the keys of inputs that changed."""

    @property
    def descriptions(self) -> Mapping[str, Description]:
        """What each input and query is, by its name."""

    def fork(self, deps: dict[int, None] | None = None) -> Self:
        """Return the same site with dependencies of its own."""

    def attach(self, graph: QueryGraph, extras: dict[str, Any]) -> None:
        """Go on with the graph and the extras of an earlier build."""


@dataclass(frozen=True, slots=True)
class Action:
    """The work that makes the files of one output: a function that any process can import, and its arguments.

    `shared` are first arguments that many actions have in common. `digest` is that of all that decides the bytes,
    except for the templates among the dependencies; None has it computed from the arguments. A stock writer gets `view`
    and the template that `template` returns.
    """

    function: Callable[..., Files]
    arguments: tuple[Any, ...]
    shared: tuple[Any, ...] = ()
    digest: bytes | None = None
    view: Any = None
    template: Callable[[], Any] | None = None

    def run(self) -> Files:
        """Return the files."""
        return self.function(*self.shared, *self.arguments)


@dataclass(frozen=True, slots=True)
class Rule:
    """A family of outputs, such as all pages: `keys` names them in a site, and `plan` returns the action of one key.

    Actions whose keys `built_first` picks are planned before any other runs. `label` is for a progress bar. `role` is
    what the files are for, all or by the first part of a key; `cache` is IMMUTABLE where a file's name changes with its
    bytes. `descriptions` are the words for its outputs, by its name or by that and the first part of a key, and for
    what its plugin adds.
    """

    name: str
    label: str
    keys: Callable[..., Iterable[tuple[str, ...]]]
    plan: Callable[..., Action]
    built_first: Callable[[tuple[str, ...]], bool] = lambda _key: False
    role: FileRole | Mapping[str, FileRole] = FileRole.DATA
    cache: CacheClass = CacheClass.PAGE
    descriptions: Mapping[str, Description] = field(default_factory=dict)

    def file_classes(self, keys: Mapping[str, tuple[str, ...]]) -> dict[str, FileClass]:
        """Return the class of each output's files by the keys of the query graph."""
        if isinstance(self.role, FileRole):
            return dict.fromkeys(keys, FileClass(self.cache, self.role))
        classes = {part: FileClass(self.cache, role) for part, role in self.role.items()}
        return {key: classes[parts[0]] for key, parts in keys.items()}


def run_rule(writer: Any, rule: Rule, site: TrackedSite, output: Path, progress: ProgressCallback | None = None) -> int:
    """Make the outputs of a rule with a writer, and return how many there are.

    A writer that has a `run_rule` of its own makes only what has changed; any other one makes them all.
    """
    if hasattr(writer, "run_rule"):
        count: int = writer.run_rule(rule, site, progress)
        return count
    count = 0
    for action in (rule.plan(site.fork(), *key) for key in rule.keys(site.fork())):
        count += 1
        if action.view is not None and action.template is not None:
            check_output_path(action.view.save_as, rule.name)
            writer.write_file(action.view.save_as, action.template(), {}, url=action.view.url, view=action.view)
        else:
            for path, data in action.run():
                check_output_path(path, rule.name)
                write_output(output / path, data)
    return count


def check_output_path(path: str, rule: str = "") -> None:
    """Raise `ContentProblems` where nothing may be written at a path; `rule` is the name of the rule that would."""
    reason = explain_path(path, rule)
    if reason is not None:
        message = Message("nothing can be written here: %(reason)s", reason=reason)
        raise ContentProblems(
            [Problem(f"output/{path}", None, None, message, Message("Give the page another address."))]
        )


def static_action(*files: tuple[str, bytes]) -> Action:
    """Return an action whose files exist already as bytes."""
    return Action(tuple, (files,))

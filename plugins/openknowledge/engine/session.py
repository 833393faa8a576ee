"""The build session: one build into one folder, from the check of its inputs to the build state."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import cache, partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar, cast

from openknowledge.manifest import MANIFEST, UNFINISHED, CacheClass
from openknowledge.problems import ContentProblems, Message, Problem
from openknowledge.progress import ProgressCallback

from .atomic_files import TEMP_SUFFIX, file_wanted, file_written
from .build_inputs import BuildInputs, digest_files, digest_settings, digest_theme, scan_inputs, start_scan
from .build_state import (
    BUILD_STATE,
    LOCK,
    TWIN_ARTIFACT,
    UNKNOWN_FILE,
    BuildState,
    BuildTrace,
    OutputFile,
    OutputStamp,
    begin_journal,
    file_stamp,
)
from .digest import code_fingerprint
from .precompress import Precompressor
from .query_graph import SEPARATOR, QueryGraph, join_key
from .rules import Rule, TrackedSite, check_output_path
from .scheduler import Scheduler
from .workers.pool import executor_settings, open_pool
from .workers.side_task import start_beside

T = TypeVar("T")

__all__ = ["LOCK_TIMEOUT_S", "NEXT_CHANGE", "BuildSession", "OutputLocked"]

LOCK_TIMEOUT_S = 60.0
"""How long a build waits for another one to leave the folder."""
UNTRACED_SETTINGS = frozenset({"BUILD_DATE", "MARKDOWN_READER", "TWINS"})
"""Settings whose outcome is among the inputs of the query graph (the day, records), or that change no file."""
REDIRECT_PREFIX = f"forward{SEPARATOR}"
"""How the keys of pages at old URLs begin, which are not counted."""
NEXT_CHANGE = "next change"
"""The extra with the moment (in seconds since 1970) from which on the same content makes other pages."""
THEME_FILES = "theme files"
"""The extra with what is known of the theme's files, by folder."""
RECENT_FILES = "recent files"
"""The extra with the digests of the files that had changed shortly before the build."""
EXTERNAL_ARTIFACT = "written"
"""The artifact of files that other plugins write themselves."""
LARGE_STATE_B = 4_000_000
"""The size of a build state, that of some 2,000 files, from which processes of their own look at files."""
LASTING_CACHES = (CacheClass.IMMUTABLE, CacheClass.MEDIA)
"""The cache classes of files that seldom change."""


class OutputLocked(Exception):
    """Another build has been writing into the folder for longer than `LOCK_TIMEOUT_S`."""


def _stop(problems: Iterable[Problem]) -> NoReturn:
    raise ContentProblems(problems)


class BuildSession:
    """What the plugins of a build share, and what a process retains from one build to the next.

    `is_up_to_date` says that there is nothing to do. `theme_digest` is that of the theme's files. `state.extras` are
    plain values that plugins leave for the next build, `retained` values of theirs that the process keeps between
    builds. `viewed_path` is the file that a preview shows, which is made first. `theme_hooks` are called when the theme
    changed while pages were made. `problem_count` and `fallback_count` are for the summary. Where `only` names a rule,
    no other makes anything, and the plugins that offer others do not take part.
    """

    def __init__(self) -> None:
        self.viewed_path = ""
        self.retained: dict[Any, Any] = {}
        self._warm: tuple[Path, tuple[int, int] | None, BuildState, QueryGraph] | None = None
        self._resources = ExitStack()
        self._reset()

    def _reset(self) -> None:
        self.started_s = time.monotonic()
        self.settings: Mapping[str, Any] = {}
        self.output = Path()
        self.only = ""
        self.state, self.trace = BuildState(), BuildTrace()
        self.graph: QueryGraph | None = None
        self.inputs = BuildInputs(b"", False)
        self.theme_digest = ""
        self.is_up_to_date = False
        self.scheduler: Scheduler | None = None
        self.removed = self.problem_count = self.fallback_count = 0
        self.site: TrackedSite | None = None
        self.output_checks: list[Callable[[], Iterable[Problem]]] = []
        self.stop_or_report: Callable[[Iterable[Problem]], None] = _stop
        self.theme_hooks: list[Callable[[], None]] = []
        self._external: dict[str, bool] = {}
        self._modified: set[str] = set()
        self._find_modified: Callable[[], set[str]] = set
        self._inherited: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Self:
        """Return the session that the plugins of a build share in its settings; one that has not started if none is."""
        if "BUILD_SESSION" not in settings:
            settings["BUILD_SESSION"] = cls()
        return cast(Self, settings["BUILD_SESSION"])

    @property
    def changed_count(self) -> int:
        """Return the number of files with new bytes."""
        built = len(self.scheduler.changed) if self.scheduler is not None else 0
        return built + sum(self._external.values())

    def close(self) -> None:
        """Release the folder and the workers, wherever the build stopped."""
        file_wanted.disconnect(self.check_external)
        file_written.disconnect(self.record_external)
        self._resources.close()

    # Before anything is read

    def check_inputs(self, settings: dict[str, Any], output: str) -> None:
        """Start a build: see whether there is anything to do at all."""
        self.close()
        self._reset()
        file_wanted.connect(self.check_external)
        file_written.connect(self.record_external)
        self.settings, self.output = settings, Path(output).resolve()
        self.only = str(settings.get("BUILD_ONLY", ""))
        now_ns, wait_for_scan = time.time_ns(), start_scan(Path(settings["PATH"]), self._start_beside)
        self._read_state()
        self._find_modified = self._start_beside(partial(self.state.modified_outputs, self.output))
        self.theme_digest = self._digest_theme()
        self.inputs = scan_inputs(settings, self.theme_digest, now_ns, wait_for_scan)
        is_same = self.inputs.is_conclusive and self.state.inputs_digest == self.inputs.digest
        is_whole = is_same and not self._find_modified() and not (self.output / UNFINISHED).exists()
        self.is_up_to_date = is_whole and not self.is_due() and self._has_same_bytes()

    def _start_beside(self, function: Callable[[], T]) -> Callable[[], T]:
        """Start a function in a fork where the last build had many files, and return what waits for its result."""
        size_b, _ = file_stamp(str(self.output / BUILD_STATE)) or (0, 0)
        started = start_beside(self.settings, function) if size_b >= LARGE_STATE_B else function
        wait = cache(started)
        if started is not function:
            self._resources.callback(wait)  # No process stays behind where a build stops.
        return wait

    def _digest_theme(self) -> str:
        """Return the digest of the theme; the state has what is known of its files."""
        return digest_theme(self.settings, self.state.extras.setdefault(THEME_FILES, {}))

    def is_due(self) -> bool:
        """Return whether a moment has come from which on the same content makes other pages."""
        due_s = self.state.extras.get(NEXT_CHANGE)
        return due_s is not None and not self.settings.get("BUILD_DATE") and time.time() >= due_s

    def _has_same_bytes(self) -> bool:
        """Return whether the files whose stamps prove nothing have the bytes that they had for the last build."""
        recorded: Mapping[str, bytes] = self.state.extras.get(RECENT_FILES, {})
        is_known = self.inputs.recent.keys() <= recorded.keys()
        return is_known and digest_files(Path(self.settings["PATH"]), recorded) == recorded

    def _read_state(self) -> None:
        """Read the state; that which this process wrote last is at hand, unless another process wrote since."""
        stamp = file_stamp(str(self.output / BUILD_STATE))
        warm, self._warm = self._warm, None
        if warm is not None and warm[:2] == (self.output, stamp):
            self.state, self.graph = warm[2:]
        else:
            self.state, self.graph = BuildState.read(self.output), None

    def _retain_state(self) -> None:
        if self.graph is not None:
            self._warm = (self.output, file_stamp(str(self.output / BUILD_STATE)), self.state, self.graph)

    # When everything is read and right

    def lock_output(self) -> None:
        """Lock the folder, mark it as unfinished, start the workers. Raises `OutputLocked` if another build stays."""
        from filelock import FileLock, Timeout

        self.output.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.output / LOCK)
        before = file_stamp(str(self.output / BUILD_STATE))
        try:
            lock.acquire(timeout=LOCK_TIMEOUT_S)
        except Timeout:
            raise OutputLocked(str(self.output)) from None
        self._resources.callback(lock.release)
        if file_stamp(str(self.output / BUILD_STATE)) != before:
            self._read_state()
            self._find_modified = partial(self.state.modified_outputs, self.output)
        self._modified = self._find_modified()
        if (self.output / UNFINISHED).exists():
            self._recover()
        begin_journal(self.output)
        self.state.trace = self.trace
        pool = self._resources.enter_context(open_pool(*executor_settings(self.settings)))
        self.scheduler = Scheduler(self.state, self.output, pool, self._modified)
        self.scheduler.viewed_path = self.viewed_path

    def _recover(self) -> None:
        """Remove the drafts of a build that did not end, and adopt its new files, to remove what is not made again."""
        for draft in sorted(self.output.rglob(f".*{TEMP_SUFFIX}")):
            draft.unlink(missing_ok=True)
        self._modified = self.state.modified_outputs(self.output)
        self._inherited = frozenset(self._journaled(self.state))
        self.state.files.update((path, UNKNOWN_FILE) for path in sorted(self._inherited))

    def _journaled(self, state: BuildState) -> list[str]:
        """Return the files that a build named in its journal, and that a state does not know."""
        # What follows the last line end was cut off.
        paths = (self.output / UNFINISHED).read_bytes().decode("utf-8", "replace").split("\n")[:-1]
        return [path for path in paths if path not in state.files and (self.output / path).is_file()]

    def discard_new_files(self) -> None:
        """Remove the files that are new, because the content has a mistake and the old site stays."""
        for path in self._journaled(BuildState.read(self.output)):
            if path not in self._inherited:
                self._remove_file(self.output / path)

    def run_rule(self, rule: Rule, site: TrackedSite, progress: ProgressCallback | None) -> int:
        """Run a rule; before the first one, the site gets the query graph of the last build, and is checked."""
        assert self.scheduler is not None
        if self.site is not site:
            self.site = site
            self._attach_graph(site)
            self.check_outputs()
        if self.only not in ("", rule.name, rule.cache):
            return 0
        self.state.descriptions.update((name, tuple(words)) for name, words in rule.descriptions.items())
        return self.scheduler.run_rule(rule, site, progress)

    def check_outputs(self) -> None:
        """Run every check that comes before the first file is written, and report all problems together."""
        problems = [problem for check in self.output_checks for problem in check()]
        if problems:
            self.stop_or_report(problems)

    def _attach_graph(self, site: TrackedSite) -> None:
        """Compare settings and code with those of the last build; answers hold only under the same ones."""
        settings, previous = digest_settings(self.settings), self.state.settings
        names = sorted({**settings, **previous}.keys() - UNTRACED_SETTINGS)
        if not self.state.artifacts:
            self.trace.rebuild_causes = ("new",)
        elif code_fingerprint() != self.state.code_epoch:
            self.trace.rebuild_causes = ("code",)
        else:
            changed = (name for name in names if settings.get(name) != previous.get(name))
            self.trace.rebuild_causes = tuple(join_key("setting", name) for name in changed)
        if self.trace.rebuild_causes:
            self.graph = QueryGraph()
        elif self.graph is None:
            self.graph = self.state.load_graph()
        self.state.settings, self.state.code_epoch = settings, code_fingerprint()
        self.state.descriptions = {name: tuple(words) for name, words in site.descriptions.items()}
        site.attach(self.graph, self.state.extras)

    def check_external(self, path: Path) -> None:
        """Raise `ContentProblems` where another plugin is about to write what has an owner, or cannot be a file."""
        absolute = Path(path).resolve()
        if not absolute.is_relative_to(self.output):
            return
        name = absolute.relative_to(self.output).as_posix()
        check_output_path(name)
        known = self.state.files.get(name)
        if known is not None and self.scheduler is not None and known.artifact in self.scheduler.live:
            raise ContentProblems([_two_owners(name, known.artifact, EXTERNAL_ARTIFACT)])

    def record_external(self, path: Path, changed: bool) -> None:
        """Record a file that another plugin wrote; files outside the folder are not retained."""
        absolute = Path(path).resolve()
        if absolute.is_relative_to(self.output):
            self._external[absolute.relative_to(self.output).as_posix()] = changed

    # When everything is made

    def finish(self) -> None:
        """Remove what is not made any more, and write the manifest, then the state."""
        if self.is_up_to_date or self.scheduler is None:
            if self.is_up_to_date:
                self._retain_state()
            return
        self._record_externals()
        removed = [key for key in self.state.artifacts if key not in self.scheduler.live]
        for key in removed:
            del self.state.artifacts[key]
        paths = self._owned_paths()
        self._precompress(paths, self.scheduler)
        self._remove_others(paths)
        arguments = self.output, self.settings["SITEURL"], self.scheduler.live
        wait_for_manifest = self._start_beside(partial(self.state.save_manifest, *arguments))
        self.state.inputs_digest = self.inputs.digest if self.inputs.is_conclusive else b""
        self.state.extras[RECENT_FILES] = {**self.inputs.recent}
        self.state.counts = self._count()
        self._write_state(removed, wait_for_manifest)
        (self.output / UNFINISHED).unlink(missing_ok=True)
        self.close()

    def _owned_paths(self) -> set[str]:
        """Return the paths of all files. Raises `ContentProblems` where two rules or plugins wrote one file."""
        paths = [*self._external, *chain.from_iterable(artifact.paths for artifact in self.state.artifacts.values())]
        owned = set(paths)
        if len(owned) == len(paths):
            return owned
        owners = dict.fromkeys(self._external, EXTERNAL_ARTIFACT)
        problems = []
        for key, artifact in self.state.artifacts.items():
            for path in artifact.paths:
                owner = owners.setdefault(path, key)
                if owner != key:
                    problems.append(_two_owners(path, owner, key))
        if problems:
            self.discard_new_files()
            raise ContentProblems(problems)
        return set(owners)

    def _count(self) -> dict[str, int]:
        files = self.state.files.items()
        pages = sum(path.endswith(".html") and not file.artifact.startswith(REDIRECT_PREFIX) for path, file in files)
        feeds = sum(path.endswith((".rss.xml", ".atom.xml")) for path in self.state.files)
        return {"pages": pages, "feeds": feeds, "problems": self.problem_count, "fallbacks": self.fallback_count}

    def _record_externals(self) -> None:
        """Record the files that other plugins wrote, and did not remove again."""
        for path in list(self._external):
            stamp = file_stamp(f"{self.output}/{path}")
            if stamp is None:
                del self._external[path]
                continue
            digest = sha256((self.output / path).read_bytes()).hexdigest()
            self.state.record_file(path, OutputFile(*stamp, EXTERNAL_ARTIFACT, digest))

    def _precompress(self, paths: set[str], scheduler: Scheduler) -> None:
        if not self.settings.get("TWINS"):
            self.state.twins, self.state.codec_fingerprint = {}, ""
            return
        cache = Path(self.settings.get("CACHE_PATH", ".cache"), "twins").resolve()
        lasting = {key for key, file_class in scheduler.live.items() if file_class.cache in LASTING_CACHES}
        files = self.state.files
        precompressor = Precompressor(self.state, self.output, cache)
        precompressor.compress_outputs(
            paths, self._modified, lambda path: files[path].artifact in lasting, scheduler.pool
        )

    def _remove_others(self, paths: set[str]) -> None:
        """Remove the files of no artifact, and the folders that become empty."""
        live = paths | {twin.path for twins in self.state.twins.values() for twin in twins} | {MANIFEST}
        for path in [path for path in self.state.files if path not in live]:
            is_twin = self.state.files.pop(path).artifact == TWIN_ARTIFACT
            self.removed += self._remove_file(self.output / path) and not is_twin

    def _remove_file(self, path: Path) -> bool:
        """Remove a file. Return whether it existed. A path that leads out of the folder is not followed."""
        if not path.parent.resolve().is_relative_to(self.output):
            return False
        existed = path.exists()
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.output or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()
        return existed

    def _write_state(self, removed: list[str], wait_for_manifest: Callable[[], OutputStamp]) -> None:
        graph = self.graph
        if graph is not None:
            for key in removed:
                if key in graph.numbers:
                    graph.remove(graph.numbers[key])
            graph.finish_build()
            if not self.trace.rebuild_causes:
                nodes = {graph.keys[number] for number in graph.changed if graph.is_known(number)}
                self.trace.changed = sorted(nodes.difference(self.state.artifacts))
        if self._digest_theme() != self.theme_digest:
            # The theme changed while pages were made: nothing that was made of it holds.
            for forget in self.theme_hooks:
                forget()
            self.state.code_epoch = b""
        modified = graph if graph is not None and graph.modified else None
        self.state.write(self.output, modified, wait_for_manifest)
        self._retain_state()


def _two_owners(path: str, *owners: str) -> Problem:
    first, second = (name.replace(SEPARATOR, " ") for name in owners)
    message = Message("two things were written here: %(first)s, and %(second)s", first=first, second=second)
    return Problem(f"output/{path}", None, None, message, Message("Give one of the two another address."))

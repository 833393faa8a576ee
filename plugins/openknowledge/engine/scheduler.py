"""Runs rules: plans the actions whose dependencies changed, and runs those that would make something else."""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from openknowledge.progress import ProgressCallback

from .atomic_files import atomic_write_if_changed
from .build_state import Artifact, BuildState, OutputFile, file_stamp, journal_new_files
from .digest import canonical_bytes, digest_bytes
from .query_graph import SEPARATOR, DeltaRecorder, GraphDelta, apply_delta, join_key
from .rules import Action, FileClass, Files, Rule, TrackedSite, check_output_path
from .workers.pool import WorkerPool, split_batches
from .workers.remote_call import BroadcastRef, resolve

__all__ = ["Scheduler", "write_output_file"]

BATCH_SIZE = 24
"""How many actions a worker gets at a time: they share parts of their views, and their results come back together."""
FORK_BATCH_SIZE = 48
PARALLEL_THRESHOLD = 60
"""The number of actions from which worker processes save time."""
INLINE_POOL = WorkerPool(None)


WrittenFile = tuple[str, bool, OutputFile]
"""A file below output/ that an action wrote: its path, whether its bytes are new, and how it is now."""


class PlannedAction(NamedTuple):
    """An action under its key in the query graph, with the numbers of what its plan read."""

    key: str
    action: Action
    deps: dict[int, None]


class ForkResult(NamedTuple):
    """What a fork made of a batch. `delta` is None where the batch ran in the parent, whose graph has it all."""

    planned_count: int
    same_digest: tuple[str, ...]
    artifacts: tuple[tuple[str, Artifact, tuple[WrittenFile, ...]], ...]
    delta: GraphDelta | None


class RuleRun(NamedTuple):
    """A rule that runs for a site, and its keys in the query graph with their parts."""

    rule: Rule
    site: TrackedSite
    keys: Mapping[str, tuple[str, ...]]
    progress: Callable[[int], None]


class Scheduler:
    """The rules of one build.

    `live` are the keys of all artifacts that the site has, with the classes of their files. By rule, `planned` counts
    the actions that were planned, `executed` those that ran; `changed` are the files with new bytes. `viewed_path` is
    the file that is made before others. `on_written` is called with each file that was written and the view that it
    shows.
    """

    def __init__(self, state: BuildState, output: Path, pool: WorkerPool, modified: set[str]) -> None:
        self.state, self.output, self.pool = state, output, pool
        self.live: dict[str, FileClass] = {}
        self.planned: Counter[str] = Counter()
        self.executed: Counter[str] = Counter()
        self.changed: list[str] = []
        self.viewed_path = ""
        self.on_written: Callable[[str, Any], None] | None = None
        self._damaged = {state.files[path].artifact for path in modified}

    def run_rule(self, rule: Rule, site: TrackedSite, progress: ProgressCallback | None) -> int:
        """Make what has changed of a rule's outputs, and return how many outputs it has."""
        keys = {SEPARATOR.join((rule.name, *parts)): parts for parts in rule.keys(site.fork())}
        self.live.update(rule.file_classes(keys))
        present = [key for key in keys if key in self.state.artifacts and key not in self._damaged]
        current = site.graph.find_current(present)
        stale = [key for key in keys if key not in current]
        if not stale:
            return len(keys)

        def report(done: int) -> None:
            if progress:
                progress(rule.label, done, len(stale))

        run = RuleRun(rule, site, keys, report)
        planned = [self.plan_action(run, key) for key in stale if rule.built_first(keys[key])]
        later = [key for key in stale if not rule.built_first(keys[key])]
        later.sort(key=lambda key: not self._is_viewed(key))
        is_parallel = len(stale) >= PARALLEL_THRESHOLD and self.pool.is_parallel
        if is_parallel and self.pool.is_forked and self.on_written is None:
            self._run_forked(run, planned, later)
        else:
            actions = chain(planned, (self.plan_action(run, key) for key in later))
            self._run_batches(run, actions, self.pool if is_parallel else INLINE_POOL)
        return len(keys)

    def _is_viewed(self, key: str) -> bool:
        return self.viewed_path != "" and self.viewed_path in self.state.paths_of((key,))

    # Planning

    def plan_action(self, run: RuleRun, key: str) -> PlannedAction:
        """Plan one action, and note what its plan reads."""
        deps: dict[int, None] = {}
        action = run.rule.plan(run.site.fork(deps), *run.keys[key])
        self.planned[run.rule.name] += 1
        if action.view is not None:
            check_output_path(action.view.save_as, run.rule.name)
        return PlannedAction(key, action, deps)

    def record(self, run: RuleRun, planned: PlannedAction) -> bool:
        """Record what a plan read. Return whether the action must run."""
        key, action, deps = planned
        graph, artifacts = run.site.graph, self.state.artifacts
        own = action.digest or digest_bytes(canonical_bytes((action.function.__qualname__, action.arguments)))
        digest = digest_bytes(own + self.state.code_epoch)
        number = graph.intern(key)
        graph.record(number, digest, tuple(deps))
        previous = artifacts.get(key)
        if previous is None:
            artifacts[key] = Artifact(digest, (), ("new",))
        elif key in self._damaged:
            artifacts[key] = previous._replace(digest=digest, causes=("damaged",))
        elif previous.digest == digest:
            self.state.trace.same_digest.append(key)
            return False
        else:
            inputs, fields = graph.transitive_inputs(number, graph.changed), run.site.changed_fields
            causes = (join_key(name, ", ".join(fields[name])) if fields.get(name) else name for name in inputs)
            artifacts[key] = previous._replace(digest=digest, causes=self.state.trace.rebuild_causes or tuple(causes))
        return True

    # Running

    def _run_batches(self, run: RuleRun, planned: Iterable[PlannedAction], pool: WorkerPool) -> None:
        """Have a pool run the actions in the order in which they are planned; inline, each file is written at once."""
        sent: deque[tuple[PlannedAction, ...]] = deque()
        size = BATCH_SIZE if pool.is_parallel else 1

        def needed() -> Iterator[PlannedAction]:
            for done, action in enumerate(planned, start=1):
                run.progress(done)
                if self.record(run, action):
                    yield action

        def batches() -> Iterator[tuple[str, tuple[Any, ...]]]:
            actions = needed()
            while batch := tuple(islice(actions, size)):
                sent.append(batch)
                calls = (
                    (each.function, tuple(map(pool.broadcast, each.shared)), each.arguments) for _, each, _ in batch
                )
                yield str(self.output), tuple(calls)

        function: Callable[..., Any] = _run_and_write if pool.shares_filesystem else _run_batch
        for result in pool.map(function, batches()):
            written = result if pool.shares_filesystem else _write_all(self.output, result)
            for (key, action, _), files in zip(sent.popleft(), written, strict=True):
                self._record_files(run, key, action, files)

    def _run_forked(self, run: RuleRun, planned: Sequence[PlannedAction], later: Sequence[str]) -> None:
        """Have forks of this process do everything, from the plan to the files."""
        # One action of each family is planned here: all forks then share the answers that they have in common.
        samples = {run.keys[key][:-1]: key for key in reversed(later)}
        planned = [*planned, *(self.plan_action(run, key) for key in samples.values())]
        keys = list(dict.fromkeys((*(action.key for action in planned), *later)))
        keys.sort(key=lambda key: not self._is_viewed(key))
        context = ForkContext(self, run, {action.key: action for action in planned}, len(run.site.graph), os.getpid())
        done = 0
        with self.pool.forked_with(context) as (pool, ref):
            for result in pool.map(partial(_run_in_fork, ref), split_batches(keys, FORK_BATCH_SIZE)):
                if result.delta is not None:
                    apply_delta(run.site.graph, result.delta)
                    self.planned[run.rule.name] += result.planned_count
                    self.state.trace.same_digest.extend(result.same_digest)
                for key, artifact, files in result.artifacts:
                    self.state.artifacts[key] = artifact
                    self._record_files(run, key, None, files)
                done += FORK_BATCH_SIZE
                run.progress(min(done, len(keys)))

    def _record_files(self, run: RuleRun, key: str, action: Action | None, files: tuple[WrittenFile, ...]) -> None:
        """Record the files of an action that ran; `on_written` is told of those whose view is at hand."""
        self.executed[run.rule.name] += 1
        previous = self.state.artifacts[key]
        self.state.artifacts[key] = previous._replace(paths=tuple(path for path, _, _ in files))
        for path in set(previous.paths).difference(self.state.artifacts[key].paths):
            if path in self.state.files and self.state.files[path].artifact == key:
                self.state.files[path] = self.state.files[path]._replace(artifact="")
        for path, changed, file in files:
            self.state.record_file(path, file._replace(artifact=key))
            if changed:
                self.changed.append(path)
            if self.on_written is not None and action is not None and action.view is not None:
                self.on_written(path, action.view)
        if previous.causes != ("new",):
            trace = self.state.trace
            (trace.written if any(changed for _, changed, _ in files) else trace.same_bytes).append(key)


@dataclass
class ForkContext:
    """What each fork has: all that it takes to plan and run an action. `planned` are those that were planned before.

    `base` is the number of the graph's nodes when it was copied.
    """

    scheduler: Scheduler
    run: RuleRun
    planned: dict[str, PlannedAction]
    base: int
    parent_pid: int
    recorder: DeltaRecorder | None = None


def _run_in_fork(ref: BroadcastRef, keys: Sequence[str]) -> ForkResult:
    """Plan and run the actions of some keys, in a fork or, where none is left, in the parent."""
    context: ForkContext = resolve(ref)
    scheduler, state, run = context.scheduler, context.scheduler.state, context.run
    if os.getpid() != context.parent_pid and context.recorder is None:
        context.recorder = DeltaRecorder(run.site.graph, context.base)
    planned_count, same_before = sum(key not in context.planned for key in keys), len(state.trace.same_digest)
    results: list[tuple[str, Files]] = []
    for key in keys:
        planned = context.planned.pop(key, None) or scheduler.plan_action(run, key)
        if scheduler.record(run, planned):
            results.append((key, planned.action.run()))
    written = _write_all(scheduler.output, [files for _, files in results])
    built = tuple((key, state.artifacts[key], files) for (key, _), files in zip(results, written, strict=True))
    delta = context.recorder.take() if context.recorder is not None else None
    return ForkResult(planned_count, tuple(state.trace.same_digest[same_before:]), built, delta)


def write_output_file(output: Path, path: str, data: bytes) -> WrittenFile:
    """Write a file below output/, unless it has those bytes."""
    name = f"{output}/{path}"
    changed = atomic_write_if_changed(name, data)
    size_b, mtime_ns = file_stamp(name) or (0, 0)
    return path, changed, OutputFile(size_b, mtime_ns, "", sha256(data).hexdigest())


def _run_batch(batch: tuple[str, Sequence[Any]]) -> tuple[Files, ...]:
    """Run actions in a worker on another machine, and send the files."""
    return tuple(function(*map(resolve, shared), *arguments) for function, shared, arguments in batch[1])


def _run_and_write(batch: tuple[str, Sequence[Any]]) -> tuple[tuple[WrittenFile, ...], ...]:
    """Run actions in a worker on this machine, and write the files."""
    return _write_all(Path(batch[0]), _run_batch(batch))


def _write_all(output: Path, results: Sequence[Files]) -> tuple[tuple[WrittenFile, ...], ...]:
    """Write the files of some actions, and name those that are new in the journal at once."""
    for files in results:
        for path, _ in files:
            check_output_path(path)
    journal_new_files(output, (path for files in results for path, _ in files))
    return tuple(tuple(write_output_file(output, path, data) for path, data in files) for files in results)

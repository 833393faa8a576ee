"""Makes what has changed and leaves the rest: products one by one, by what each of them asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import forks
from .atomic_files import atomic_write_if_changed
from .build_state import BuildState, file_stamp, journal_new_files
from .digest import canonical_bytes, digest_bytes
from .graph_delta import apply_delta
from .query_graph import SEPARATOR, QueryGraph, key_of
from .rules import Action, FileClass, Files, ProgressCallback, Rule
from .workers.pool import WorkerPool, resolve

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["Scheduler"]

BATCH = 24
"""How many products a worker is handed at a time: they share what they show, and come back together."""
MANY = 60
"""From how many products on work is worth other hands."""
NO_ENTRY = (0, 0, "", "")
"""The entry of a file that no product has."""

WrittenFile = tuple[str, bool, int, int, str]
"""A file's path below output/, whether it changed, its size in bytes, its time in nanoseconds, its bytes' SHA-256."""


class Scheduler:
    """One build's work: lines of products, made where they have changed, and what became of them.

    By line, `viewed` counts the products that were made anew as values, `rendered` those whose files were. `wanted` are
    the keys of all products that the site has, with the sort of their files.
    """

    def __init__(self, ledger: BuildState, output: Path, hands: WorkerPool, damaged: set[str]) -> None:
        self.state, self.output, self.pool = ledger, output, hands
        self.live: dict[str, FileClass] = {}
        self.planned: dict[str, int] = {}
        self.executed: dict[str, int] = {}
        self.changed: list[str] = []
        self.priority: Callable[[str], bool] = lambda _key: False
        self.rebuild_causes: tuple[str, ...] = ()
        self.changed_fields: Mapping[str, tuple[str, ...]] = {}
        self.on_written: Callable[[str, Any], None] | None = None
        self._damaged = {ledger.files[path][2] for path in damaged}

    def run_rule(self, line: Rule, site: Site, progress: ProgressCallback | None) -> int:
        """Make what has changed of a line of products; how many products it has."""
        book = site.graph
        self.changed_fields = site.changed_fields
        parts = {key_of(line.name, *one): one for one in line.keys(site.fork())}
        self.live.update(line.file_classes(parts))
        stale = [key for key in parts if self._is_stale(book, key)]
        early = [key for key in stale if line.built_first(parts[key])]
        works = [self.plan_action(line, site, key, parts[key]) for key in early]
        if (line.check is not None and any(key not in self.state.artifacts for key in stale)) or early:
            self._check(line, site, parts, works)
        late = sorted(
            (key for key in stale if not line.built_first(parts[key])), key=lambda key: not self.priority(key)
        )
        is_much = len(stale) >= MANY and self.pool.is_parallel

        def tell(number: int) -> None:
            if progress:
                progress(line.label, number, len(stale))

        if is_much and self.pool.is_forked and self.on_written is None:
            self._run_forked(line, site, parts, works, late, tell)
        else:
            do = self._run_pool if is_much else self._run_inline
            do(line, book, chain(works, (self.plan_action(line, site, key, parts[key]) for key in late)), tell)
        return len(parts)

    def _is_stale(self, book: QueryGraph, key: str) -> bool:
        if key in self._damaged or key not in self.state.artifacts:
            return True
        number = book.numbers.get(key)
        return number is None or not book.is_up_to_date(number)

    def plan_action(
        self, line: Rule, site: Site, key: str, parts: Sequence[str]
    ) -> tuple[str, Action, dict[int, None]]:
        """One product as it is to be made, and what that asked."""
        notes: dict[int, None] = {}
        work = line.plan(site.fork(notes), *parts)
        self.planned[line.name] = self.planned.get(line.name, 0) + 1
        return key, work, notes

    def _check(self, line: Rule, site: Site, parts: dict[str, Any], works: Sequence[Any]) -> None:
        """Look for what would take the same place, among all first products, made now or before."""
        if line.check is None:
            return
        made = {key: work for key, work, _ in works}
        taken: dict[str, str] = {}
        for key, one in parts.items():
            if line.built_first(one):
                if key in made:
                    taken[made[key].view.save_as] = made[key].view.heading
                else:
                    taken.update((path, path) for path in self.state.artifacts[key][1])
        line.check(site.fork(), taken)

    def _run_inline(self, line: Rule, book: QueryGraph, works: Iterator[Any], tell: Callable[[int], None]) -> None:
        """Do the work whose outcome may differ from what is there."""
        for key, work in self._needed(book, works, tell):
            (files,) = self.write((work.run(),))
            self._record_files(line, key, work, files)

    def _run_pool(self, line: Rule, book: QueryGraph, works: Iterator[Any], tell: Callable[[int], None]) -> None:
        """The same in batches, each made by whoever has a hand free."""
        sent: deque[tuple[tuple[str, Action], ...]] = deque()

        def batches() -> Iterator[tuple[str, tuple[Any, ...]]]:
            needed = self._needed(book, works, tell)
            while batch := tuple(islice(needed, BATCH)):
                sent.append(batch)
                yield str(self.output), tuple(map(self._broadcast, batch))

        function = _done_and_written if self.pool.shares_filesystem else _done
        for outcome in self.pool.map(function, batches()):
            made = outcome if self.pool.shares_filesystem else self.write(outcome)
            for (key, work), files in zip(sent.popleft(), made, strict=True):
                self._record_files(line, key, work, files)

    def _run_forked(
        self,
        line: Rule,
        site: Site,
        parts: Mapping[str, Sequence[str]],
        works: Sequence[Any],
        late: Sequence[str],
        tell: Callable[[int], None],
    ) -> None:
        """The same in copies of this process, which make everything of a product, from what it asks to its files."""
        book = site.graph
        # One of each sort is made here: what they all look up is then known to every copy.
        samples = {tuple(parts[key][:-1]): key for key in reversed(late)}
        works = [*works, *(self.plan_action(line, site, key, parts[key]) for key in samples.values())]
        keys = sorted(
            {**{work[0]: None for work in works}, **dict.fromkeys(late)}, key=lambda key: not self.priority(key)
        )
        done = 0
        for outcome in forks.run_in_forks(self, line, site, parts, works, keys):
            if outcome.delta is not None:
                apply_delta(book, outcome.delta)
                self.planned[line.name] = self.planned.get(line.name, 0) + outcome.planned
            for key, entry, files in outcome.entries:
                self.state.artifacts[key] = entry
                self._record_files(line, key, None, files)
            done += forks.FORK_BATCH
            tell(min(done, len(keys)))

    def _broadcast(self, named: tuple[str, Action]) -> tuple[Any, ...]:
        work = named[1]
        return work.function, tuple(map(self.pool.broadcast, work.shared)), work.arguments

    def _needed(
        self, book: QueryGraph, works: Iterator[Any], tell: Callable[[int], None]
    ) -> Iterator[tuple[str, Action]]:
        """The work that is not done already, with what it asked written down."""
        for number, (key, work, notes) in enumerate(works, start=1):
            tell(number)
            if self.record(book, key, work, notes):
                yield key, work

    def record(self, book: QueryGraph, key: str, work: Action, notes: dict[int, None]) -> bool:
        """Write down what a product asked; whether it has to be made."""
        told = work.digest or digest_bytes(canonical_bytes((work.function.__qualname__, work.arguments)))
        templates = b"".join(book.digest(one) for one in notes if book.keys[one].startswith("template"))
        digest = digest_bytes(told + templates + self.state.code_epoch)
        number = book.intern(key)
        before = self.state.artifacts.get(key)
        book.record(number, digest, tuple(notes))
        if before is not None and before[0] == digest and key not in self._damaged:
            return False
        self._causes(book, key, number, digest, before)
        return True

    def _causes(self, book: QueryGraph, key: str, number: int, digest: bytes, before: Any) -> None:
        if before is None:
            causes: tuple[str, ...] = ("new",)
        elif key in self._damaged:
            causes = ("damaged",)
        else:
            causes = self.rebuild_causes or tuple(map(self._with_fields, book.transitive_inputs(number, book.changed)))
        self.state.artifacts[key] = (digest, before[1] if before is not None else (), causes)

    def _with_fields(self, fact: str) -> str:
        """A fact that changed, with the fields that differ where it is a record that was there before."""
        name, *arguments = fact.split(SEPARATOR)
        fields = self.changed_fields.get("/".join(arguments), ()) if name in ("record", "stub") else ()
        return SEPARATOR.join((fact, ", ".join(fields))) if fields else fact

    def write(self, made: Iterable[Files]) -> tuple[tuple[WrittenFile, ...], ...]:
        """Write the files of products that were made in this process."""
        return _all_written(self.output, tuple(made))

    def _record_files(self, line: Rule, key: str, work: Action | None, files: tuple[WrittenFile, ...]) -> None:
        """Write down the files of a product that was made; other plugins hear of its view where it is at hand."""
        digest, before, causes = self.state.artifacts[key]
        self.executed[line.name] = self.executed.get(line.name, 0) + 1
        self.state.artifacts[key] = (digest, tuple(path for path, *_ in files), causes)
        for path in before:
            if path not in self.state.artifacts[key][1] and self.state.files.get(path, NO_ENTRY)[2] == key:
                size, time, _, digested = self.state.files[path]
                self.state.files[path] = (size, time, "", digested)
        for path, changed, size, time, digested in files:
            self.state.record_file(path, (size, time, key, digested))
            if changed:
                self.changed.append(path)
            if self.on_written is not None and work is not None and work.view is not None:
                self.on_written(path, work.view)


def _write(output: Path, path: str, data: bytes) -> WrittenFile:
    place = f"{output}/{path}"
    changed = atomic_write_if_changed(place, data)
    size, time = file_stamp(place) or (0, 0)
    return path, changed, size, time, sha256(data).hexdigest()


def _done(batch: tuple[str, Sequence[Any]]) -> tuple[Any, ...]:
    """What workers on other machines do: make files, and send them."""
    return tuple(function(*map(resolve, shared), *arguments) for function, shared, arguments in batch[1])


def _done_and_written(batch: tuple[str, Sequence[Any]]) -> tuple[tuple[WrittenFile, ...], ...]:
    """What workers on this machine do: make files, and write them."""
    return _all_written(Path(batch[0]), _done(batch))


def _all_written(output: Path, made: Sequence[Files]) -> tuple[tuple[WrittenFile, ...], ...]:
    """Write the files of some products, all of them announced at once."""
    journal_new_files(output, (path for files in made for path, _ in files))
    return tuple(tuple(_write(output, path, data) for path, data in files) for files in made)

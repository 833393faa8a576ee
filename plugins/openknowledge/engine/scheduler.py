"""Makes what has changed and leaves the rest: products one by one, by what each of them asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import forks
from .atomic_files import replace_if_changed
from .build_state import Ledger, announce, file_stamp
from .digest import canonical, digest_of_bytes
from .graph_delta import take
from .query_graph import SEPARATOR, Book, key_of
from .rules import Files, Line, Sort, Told, Work
from .workers.pool import Workers, received

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["Making"]

BATCH = 24
"""How many products a worker is handed at a time: they share what they show, and come back together."""
MANY = 60
"""From how many products on work is worth other hands."""
NOBODYS = (0, 0, "", "")
"""The entry of a file that no product has."""

Made = tuple[str, bool, int, int, str]
"""A file's path below output/, whether it changed, its size in bytes, its time in nanoseconds, its bytes' SHA-256."""


class Making:
    """One build's work: lines of products, made where they have changed, and what became of them.

    By line, `viewed` counts the products that were made anew as values, `rendered` those whose files were. `wanted` are
    the keys of all products that the site has, with the sort of their files.
    """

    def __init__(self, ledger: Ledger, output: Path, hands: Workers, damaged: set[str]) -> None:
        self.ledger, self.output, self.hands = ledger, output, hands
        self.wanted: dict[str, Sort] = {}
        self.viewed: dict[str, int] = {}
        self.rendered: dict[str, int] = {}
        self.changed: list[str] = []
        self.first: Callable[[str], bool] = lambda _key: False
        self.reason: tuple[str, ...] = ()
        self.fields: Mapping[str, tuple[str, ...]] = {}
        self.published: Callable[[str, Any], None] | None = None
        self._again = {ledger.files[path][2] for path in damaged}

    def line(self, line: Line, site: Site, progress: Told | None) -> int:
        """Make what has changed of a line of products; how many products it has."""
        book = site.inputs.graph
        self.fields = site.inputs.changed_fields
        parts = {key_of(line.name, *one): one for one in line.each(site.fork())}
        self.wanted.update(line.sorts(parts))
        stale = [key for key in parts if self._is_stale(book, key)]
        early = [key for key in stale if line.is_first(parts[key])]
        works = [self.work(line, site, key, parts[key]) for key in early]
        if (line.check is not None and any(key not in self.ledger.products for key in stale)) or early:
            self._check(line, site, parts, works)
        late = sorted((key for key in stale if not line.is_first(parts[key])), key=lambda key: not self.first(key))
        is_much = len(stale) >= MANY and self.hands.are_there

        def tell(number: int) -> None:
            if progress:
                progress(line.label, number, len(stale))

        if is_much and self.hands.are_copies and self.published is None:
            self._make_apart(line, site, parts, works, late, tell)
        else:
            do = self._make_many if is_much else self._make
            do(line, book, chain(works, (self.work(line, site, key, parts[key]) for key in late)), tell)
        return len(parts)

    def _is_stale(self, book: Book, key: str) -> bool:
        if key in self._again or key not in self.ledger.products:
            return True
        number = book.numbers.get(key)
        return number is None or not book.is_current(number)

    def work(self, line: Line, site: Site, key: str, parts: Sequence[str]) -> tuple[str, Work, dict[int, None]]:
        """One product as it is to be made, and what that asked."""
        notes: dict[int, None] = {}
        work = line.make(site.fork(notes), *parts)
        self.viewed[line.name] = self.viewed.get(line.name, 0) + 1
        return key, work, notes

    def _check(self, line: Line, site: Site, parts: dict[str, Any], works: Sequence[Any]) -> None:
        """Look for what would take the same place, among all first products, made now or before."""
        if line.check is None:
            return
        made = {key: work for key, work, _ in works}
        taken: dict[str, str] = {}
        for key, one in parts.items():
            if line.is_first(one):
                if key in made:
                    taken[made[key].view.save_as] = made[key].view.heading
                else:
                    taken.update((path, path) for path in self.ledger.products[key][1])
        line.check(site.fork(), taken)

    def _make(self, line: Line, book: Book, works: Iterator[Any], tell: Callable[[int], None]) -> None:
        """Do the work whose outcome may differ from what is there."""
        for key, work in self._needed(book, works, tell):
            (files,) = self.written((work.done(),))
            self._note(line, key, work, files)

    def _make_many(self, line: Line, book: Book, works: Iterator[Any], tell: Callable[[int], None]) -> None:
        """The same in batches, each made by whoever has a hand free."""
        sent: deque[tuple[tuple[str, Work], ...]] = deque()

        def batches() -> Iterator[tuple[str, tuple[Any, ...]]]:
            needed = self._needed(book, works, tell)
            while batch := tuple(islice(needed, BATCH)):
                sent.append(batch)
                yield str(self.output), tuple(map(self._sent, batch))

        function = _done_and_written if self.hands.share_a_disk else _done
        for outcome in self.hands.each(function, batches()):
            made = outcome if self.hands.share_a_disk else self.written(outcome)
            for (key, work), files in zip(sent.popleft(), made, strict=True):
                self._note(line, key, work, files)

    def _make_apart(
        self,
        line: Line,
        site: Site,
        parts: Mapping[str, Sequence[str]],
        works: Sequence[Any],
        late: Sequence[str],
        tell: Callable[[int], None],
    ) -> None:
        """The same in copies of this process, which make everything of a product, from what it asks to its files."""
        book = site.inputs.graph
        # One of each sort is made here: what they all look up is then known to every copy.
        samples = {tuple(parts[key][:-1]): key for key in reversed(late)}
        works = [*works, *(self.work(line, site, key, parts[key]) for key in samples.values())]
        keys = sorted({**{work[0]: None for work in works}, **dict.fromkeys(late)}, key=lambda key: not self.first(key))
        done = 0
        for outcome in forks.made_apart(self, line, site, parts, works, keys):
            if outcome.news is not None:
                take(book, outcome.news)
                self.viewed[line.name] = self.viewed.get(line.name, 0) + outcome.viewed
            for key, entry, files in outcome.entries:
                self.ledger.products[key] = entry
                self._note(line, key, None, files)
            done += forks.BATCH
            tell(min(done, len(keys)))

    def _sent(self, named: tuple[str, Work]) -> tuple[Any, ...]:
        work = named[1]
        return work.function, tuple(map(self.hands.sent, work.shared)), work.arguments

    def _needed(self, book: Book, works: Iterator[Any], tell: Callable[[int], None]) -> Iterator[tuple[str, Work]]:
        """The work that is not done already, with what it asked written down."""
        for number, (key, work, notes) in enumerate(works, start=1):
            tell(number)
            if self.settle(book, key, work, notes):
                yield key, work

    def settle(self, book: Book, key: str, work: Work, notes: dict[int, None]) -> bool:
        """Write down what a product asked; whether it has to be made."""
        told = work.told or digest_of_bytes(canonical((work.function.__qualname__, work.arguments)))
        templates = b"".join(book.digest(one) for one in notes if book.keys[one].startswith("template"))
        digest = digest_of_bytes(told + templates + self.ledger.epoch)
        number = book.number(key)
        before = self.ledger.products.get(key)
        book.settle(number, digest, tuple(notes))
        if before is not None and before[0] == digest and key not in self._again:
            return False
        self._causes(book, key, number, digest, before)
        return True

    def _causes(self, book: Book, key: str, number: int, digest: bytes, before: Any) -> None:
        if before is None:
            causes: tuple[str, ...] = ("new",)
        elif key in self._again:
            causes = ("damaged",)
        else:
            causes = self.reason or tuple(map(self._with_fields, book.facts_below(number, book.changed)))
        self.ledger.products[key] = (digest, before[1] if before is not None else (), causes)

    def _with_fields(self, fact: str) -> str:
        """A fact that changed, with the fields that differ where it is a record that was there before."""
        name, *arguments = fact.split(SEPARATOR)
        fields = self.fields.get("/".join(arguments), ()) if name in ("record", "stub") else ()
        return SEPARATOR.join((fact, ", ".join(fields))) if fields else fact

    def written(self, made: Iterable[Files]) -> tuple[tuple[Made, ...], ...]:
        """Write the files of products that were made in this process."""
        return _all_written(self.output, tuple(made))

    def _note(self, line: Line, key: str, work: Work | None, files: tuple[Made, ...]) -> None:
        """Write down the files of a product that was made; other plugins hear of its view where it is at hand."""
        digest, before, causes = self.ledger.products[key]
        self.rendered[line.name] = self.rendered.get(line.name, 0) + 1
        self.ledger.products[key] = (digest, tuple(path for path, *_ in files), causes)
        for path in before:
            if path not in self.ledger.products[key][1] and self.ledger.files.get(path, NOBODYS)[2] == key:
                size, time, _, digested = self.ledger.files[path]
                self.ledger.files[path] = (size, time, "", digested)
        for path, changed, size, time, digested in files:
            self.ledger.note(path, (size, time, key, digested))
            if changed:
                self.changed.append(path)
            if self.published is not None and work is not None and work.view is not None:
                self.published(path, work.view)


def _write(output: Path, path: str, data: bytes) -> Made:
    place = f"{output}/{path}"
    changed = replace_if_changed(place, data)
    size, time = file_stamp(place) or (0, 0)
    return path, changed, size, time, sha256(data).hexdigest()


def _done(batch: tuple[str, Sequence[Any]]) -> tuple[Any, ...]:
    """What workers on other machines do: make files, and send them."""
    return tuple(function(*map(received, shared), *arguments) for function, shared, arguments in batch[1])


def _done_and_written(batch: tuple[str, Sequence[Any]]) -> tuple[tuple[Made, ...], ...]:
    """What workers on this machine do: make files, and write them."""
    return _all_written(Path(batch[0]), _done(batch))


def _all_written(output: Path, made: Sequence[Files]) -> tuple[tuple[Made, ...], ...]:
    """Write the files of some products, all of them announced at once."""
    announce(output, (path for files in made for path, _ in files))
    return tuple(tuple(_write(output, path, data) for path, data in files) for files in made)

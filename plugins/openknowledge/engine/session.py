"""One build into one folder, from the look at what is there to the ledger, which is written last."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from openknowledge.manifest import MANIFEST, UNFINISHED, CacheClass

from .atomic_files import DRAFT
from .build_state import LEDGER, LOCK, Ledger, file_stamp
from .inputs import Inputs, inputs_of, settings_digests, theme_digest
from .manifest_writer import write_manifest
from .precompress import TWIN, Twins
from .query_graph import SEPARATOR, Book
from .rules import Line, Told
from .scheduler import Making
from .workers.pool import workers

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["BusyFolder", "Run"]

PATIENCE_S = 60.0
"""How long a build waits for another one to leave the folder."""
IN_FACTS = ("BUILD_DATE", "MARKDOWN_READER")
"""Settings whose outcome is among the facts: the day, and what texts were read as."""
AT_THE_END = ("TWINS",)
"""Settings that change no file: what they ask for is done when all is made."""
NOBODY_KNOWS = (-1, -1, "", "")
"""The entry of a file that a build made which did not end."""
FORWARD = f"forward{SEPARATOR}"
"""How the products begin that are pages, but at old addresses alone: nobody counts them."""
ELSEWHERE = "written"
"""The product of files that other plugins write themselves."""


class BusyFolder(Exception):
    """Another build has been writing into the folder for longer than anybody waits."""


class Run:
    """What the plugin knows of the build under way. In a living process a run goes on in the book of the one before."""

    living: ClassVar[dict[Path, tuple[tuple[int, int] | None, Ledger, Book]]] = {}

    def __init__(self) -> None:
        self.output = Path()
        self.settings: Mapping[str, Any] = {}
        self.ledger = Ledger()
        self.making: Making | None = None
        self.inputs = Inputs(b"", False)
        self.is_up_to_date = False
        self.began = 0.0
        self.removed = 0
        self.problems = 0
        self.fell_back = 0
        self.looking_at = ""
        self._site: Site | None = None
        self._book: Book | None = None
        self._elsewhere: dict[str, bool] = {}
        self._damaged: set[str] = set()
        self._inherited: frozenset[str] = frozenset()
        self._open = ExitStack()

    def close(self) -> None:
        """Let the folder and the workers go, wherever the build stopped."""
        self._open.close()

    # Before anything is read

    def look(self, settings: Any, output: str) -> None:
        """See whether there is anything to do at all; says so in `UP_TO_DATE`."""
        self.began = time.monotonic()
        self.settings, self.output = settings, Path(output).resolve()
        self.looking_at = settings.get("LOOKING_AT", "")
        settings["THEME_REVISION"] = theme_digest(settings)
        self.inputs = inputs_of(settings, settings["THEME_REVISION"], time.time_ns())
        self._read()
        known = self.ledger.inputs
        is_same = self.inputs.is_sure and known == self.inputs.digest and not self._is_unfinished()
        self._damaged = self.ledger.damaged(self.output)
        self.is_up_to_date = is_same and not self._damaged
        settings["UP_TO_DATE"] = self.is_up_to_date
        settings["SCANNED"] = self.inputs.stamps
        settings["REMEMBERED"] = self.ledger.memo

    def _is_unfinished(self) -> bool:
        return (self.output / UNFINISHED).exists()

    def _read(self) -> None:
        """The ledger and the book: those that this process wrote last, unless somebody else has written since."""
        stamp = file_stamp(str(self.output / LEDGER))
        kept = Run.living.pop(self.output, None)
        if kept is not None and kept[0] == stamp:
            _, self.ledger, self._book = kept
        else:
            self.ledger, self._book = Ledger.read(self.output), None

    # When everything is read and right

    def open(self) -> None:
        """Take the folder, and mark it as unfinished; drafts of a killed build are swept."""
        from filelock import FileLock, Timeout

        self.output.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.output / LOCK)
        before = file_stamp(str(self.output / LEDGER))
        try:
            lock.acquire(timeout=PATIENCE_S)
        except Timeout:
            raise BusyFolder(str(self.output)) from None
        self._open.callback(lock.release)
        if file_stamp(str(self.output / LEDGER)) != before:
            self._read()
            self._damaged = self.ledger.damaged(self.output)
        if self._is_unfinished():
            self._take_over()
        (self.output / UNFINISHED).touch()
        name, scheduler = self.settings.get("BUILD_EXECUTOR", "processes"), self.settings.get("BUILD_SCHEDULER", "")
        hands = self._open.enter_context(workers(name, scheduler, self.settings.get("BUILD_WORKERS", 0)))
        self.making = Making(self.ledger, self.output, hands, self._damaged)
        if self.looking_at:
            self.making.first = self._is_looked_at

    def _take_over(self) -> None:
        """Sweep the drafts of a build that did not end; what it made new is ours, and goes unless it is made again."""
        for draft in sorted(self.output.rglob(f".*{DRAFT}")):
            draft.unlink(missing_ok=True)
        self._damaged = self.ledger.damaged(self.output)
        self._inherited = frozenset(self._announced(self.ledger))
        self.ledger.files.update((path, NOBODY_KNOWS) for path in sorted(self._inherited))

    def _announced(self, ledger: Ledger) -> list[str]:
        """The files that a build said it would make new, and that a ledger does not know."""
        said = (self.output / UNFINISHED).read_text("utf-8", "replace").splitlines(keepends=True)
        paths = [line.removesuffix("\n") for line in said if line.endswith("\n")]
        return [path for path in paths if path not in ledger.files and (self.output / path).is_file()]

    def give_up(self) -> None:
        """Take back the files that are new: something is wrong with the content, and the old site stands."""
        for path in self._announced(Ledger.read(self.output)):
            if path not in self._inherited:
                self._remove_file(self.output / path)

    def _is_looked_at(self, key: str) -> bool:
        return self.looking_at in self.ledger.files_of((key,))

    def make(self, line: Line, site: Site, progress: Told | None) -> int:
        """Make a line of products; the first time, the site goes on in the book of the last build."""
        assert self.making is not None
        if self._site is not site:
            self._site = site
            self._begin(site)
        return self.making.line(line, site, progress)

    def _begin(self, site: Site) -> None:
        """Compare settings and code with those of the last build; answers hold only under the same ones."""
        assert self.making is not None
        now = settings_digests(self.settings)
        then = self.ledger.settings
        differing = sorted(name for name in {**now, **then} if now.get(name) != then.get(name))
        differing = [name for name in differing if name not in (*IN_FACTS, *AT_THE_END)]
        epoch = self.inputs_epoch()
        if epoch != self.ledger.epoch:
            self.making.reason = ("code",)
        elif differing:
            self.making.reason = tuple(f"setting\x1f{name}" for name in differing)
        book = Book() if self.making.reason else self._book or self.ledger.book()
        self.ledger.settings, self.ledger.epoch = now, epoch
        site.facts.memo = self.ledger.memo
        self._book = book
        site.begin(book)

    def inputs_epoch(self) -> bytes:
        from .code_fingerprint import code_fingerprint

        return code_fingerprint()

    def note(self, path: Path, changed: bool) -> None:
        """Take down a file that another plugin wrote; files elsewhere are not ours to keep."""
        whole = Path(path).resolve()
        if whole.is_relative_to(self.output):
            self._elsewhere[whole.relative_to(self.output).as_posix()] = changed

    # When everything is made

    def finish(self) -> None:
        """Remove what is made no more, write the manifest, then the ledger, last of all."""
        if self.is_up_to_date and self._book is not None:
            Run.living[self.output] = (file_stamp(str(self.output / LEDGER)), self.ledger, self._book)
        if self.is_up_to_date or self.making is None:
            return
        self._take_down_others()
        gone = [key for key in self.ledger.products if key not in self.making.wanted]
        for key in gone:
            del self.ledger.products[key]
        kept = {path for _, files, _ in self.ledger.products.values() for path in files} | set(self._elsewhere)
        self._make_twins(kept)
        self._remove(kept)
        write_manifest(self.output, self.settings["SITEURL"], self.ledger, self.making.wanted)
        self.ledger.inputs = self.inputs.digest if self.inputs.is_sure else b""
        self.ledger.counts = self._counted()
        self._write(gone)
        (self.output / UNFINISHED).unlink(missing_ok=True)
        self.close()

    def _counted(self) -> dict[str, int]:
        pages = sum(
            path.endswith(".html") and not entry[2].startswith(FORWARD) for path, entry in self.ledger.files.items()
        )
        feeds = sum(path.endswith((".rss.xml", ".atom.xml")) for path in self.ledger.files)
        return {"pages": pages, "feeds": feeds, "problems": self.problems, "fell back": self.fell_back}

    @property
    def changed(self) -> int:
        made = len(self.making.changed) if self.making is not None else 0
        return made + sum(self._elsewhere.values())

    def _take_down_others(self) -> None:
        """Write down what other plugins wrote; what they took away again is none of ours."""
        for path in list(self._elsewhere):
            stamp = file_stamp(f"{self.output}/{path}")
            if stamp is None:
                del self._elsewhere[path]
                continue
            digest = sha256((self.output / path).read_bytes()).hexdigest()
            self.ledger.note(path, (*stamp, ELSEWHERE, digest))

    def _make_twins(self, kept: set[str]) -> None:
        """Make the twins of all files, where a setting says so: those whose bytes are the same have theirs."""
        assert self.making is not None
        twins = Twins(self.ledger, self.output, Path(self.settings.get("CACHE_PATH", ".cache"), "twins").resolve())
        if not self.settings.get("TWINS"):
            twins.forget()
            return
        files, wanted = self.ledger.files, self.making.wanted

        def is_lasting(path: str) -> bool:
            return wanted.get(files[path][2], (CacheClass.PAGE,))[0] in (CacheClass.IMMUTABLE, CacheClass.MEDIA)

        twins.make(kept, self._damaged, is_lasting, self.making.hands)

    def _remove(self, kept: set[str]) -> None:
        """Remove files that no product has any more, and the folders that they leave empty."""
        wanted = kept | {row[1] for rows in self.ledger.twins.values() for row in rows} | {MANIFEST}
        for path in [path for path in self.ledger.files if path not in wanted]:
            is_twin = self.ledger.files.pop(path)[2] == TWIN
            self.removed += self._remove_file(self.output / path) and not is_twin

    def _remove_file(self, path: Path) -> bool:
        """Whether there was such a file. A path that leads out of the folder is not followed."""
        if not path.parent.resolve().is_relative_to(self.output):
            return False
        was_there = path.exists()
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.output or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()
        return was_there

    def _doubt_templates(self) -> None:
        """A theme that changed while pages were made is in nobody's memory as what it was: all is looked at again."""
        if theme_digest(self.settings) != self.settings["THEME_REVISION"]:
            from openknowledge.rendering.render import forget_templates

            forget_templates()
            self.ledger.epoch = b""
            self.ledger.memo.pop("templates", None)

    def _write(self, gone: list[str]) -> None:
        book = self._book
        if book is not None:
            for key in gone:
                if key in book.numbers:
                    book.forget(book.numbers[key])
            book.end()
        self.ledger.memo = self._site.facts.memo if self._site is not None else self.ledger.memo
        self._doubt_templates()
        self.ledger.write(self.output, book if book is not None and book.touched else None)
        if book is not None:
            Run.living[self.output] = (file_stamp(str(self.output / LEDGER)), self.ledger, book)

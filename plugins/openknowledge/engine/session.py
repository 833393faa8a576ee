"""One build into one folder, from the look at what is there to the ledger, which is written last."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from openknowledge.manifest import MANIFEST, UNFINISHED, CacheClass

from .atomic_files import TEMP_SUFFIX
from .build_state import BUILD_STATE, LOCK, BuildState, file_stamp
from .inputs import BuildInputs, digest_settings, digest_theme, scan_inputs
from .manifest_writer import write_manifest
from .precompress import TWIN, Precompressor
from .query_graph import SEPARATOR, QueryGraph
from .rules import ProgressCallback, Rule
from .scheduler import Scheduler
from .workers.pool import open_pool

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["BuildSession", "OutputLocked"]

LOCK_TIMEOUT_S = 60.0
"""How long a build waits for another one to leave the folder."""
TRACKED_SETTINGS = ("BUILD_DATE", "MARKDOWN_READER")
"""Settings whose outcome is among the facts: the day, and what texts were read as."""
POSTPROCESS_SETTINGS = ("TWINS",)
"""Settings that change no file: what they ask for is done when all is made."""
UNKNOWN_ENTRY = (-1, -1, "", "")
"""The entry of a file that a build made which did not end."""
REDIRECT_PREFIX = f"forward{SEPARATOR}"
"""How the products begin that are pages, but at old addresses alone: nobody counts them."""
EXTERNAL = "written"
"""The product of files that other plugins write themselves."""


class OutputLocked(Exception):
    """Another build has been writing into the folder for longer than anybody waits."""


class BuildSession:
    """What the plugin knows of the build under way. In a living process a run goes on in the book of the one before."""

    _warm: ClassVar[dict[Path, tuple[tuple[int, int] | None, BuildState, QueryGraph]]] = {}

    def __init__(self) -> None:
        self.output = Path()
        self.settings: Mapping[str, Any] = {}
        self.state = BuildState()
        self.scheduler: Scheduler | None = None
        self.inputs = BuildInputs(b"", False)
        self.is_up_to_date = False
        self.started_s = 0.0
        self.removed = 0
        self.problems = 0
        self.fallback_count = 0
        self.viewed_path = ""
        self._site: Site | None = None
        self.graph: QueryGraph | None = None
        self._external: dict[str, bool] = {}
        self._damaged: set[str] = set()
        self._inherited: frozenset[str] = frozenset()
        self._resources = ExitStack()

    def close(self) -> None:
        """Let the folder and the workers go, wherever the build stopped."""
        self._resources.close()

    # Before anything is read

    def check_inputs(self, settings: Any, output: str) -> None:
        """See whether there is anything to do at all; says so in `UP_TO_DATE`."""
        self.started_s = time.monotonic()
        self.settings, self.output = settings, Path(output).resolve()
        self.viewed_path = settings.get("LOOKING_AT", "")
        settings["THEME_REVISION"] = digest_theme(settings)
        self.inputs = scan_inputs(settings, settings["THEME_REVISION"], time.time_ns())
        self._read()
        known = self.state.inputs_digest
        is_same = self.inputs.is_conclusive and known == self.inputs.digest and not self._is_unfinished()
        self._damaged = self.state.modified_outputs(self.output)
        self.is_up_to_date = is_same and not self._damaged
        settings["UP_TO_DATE"] = self.is_up_to_date
        settings["SCANNED"] = self.inputs.stamps
        settings["REMEMBERED"] = self.state.extras

    def _is_unfinished(self) -> bool:
        return (self.output / UNFINISHED).exists()

    def _read(self) -> None:
        """The ledger and the book: those that this process wrote last, unless somebody else has written since."""
        stamp = file_stamp(str(self.output / BUILD_STATE))
        kept = BuildSession._warm.pop(self.output, None)
        if kept is not None and kept[0] == stamp:
            _, self.state, self.graph = kept
        else:
            self.state, self.graph = BuildState.read(self.output), None

    # When everything is read and right

    def lock_output(self) -> None:
        """Take the folder, and mark it as unfinished; drafts of a killed build are swept."""
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
            self._read()
            self._damaged = self.state.modified_outputs(self.output)
        if self._is_unfinished():
            self._recover()
        (self.output / UNFINISHED).touch()
        name, scheduler = self.settings.get("BUILD_EXECUTOR", "processes"), self.settings.get("BUILD_SCHEDULER", "")
        hands = self._resources.enter_context(open_pool(name, scheduler, self.settings.get("BUILD_WORKERS", 0)))
        self.scheduler = Scheduler(self.state, self.output, hands, self._damaged)
        if self.viewed_path:
            self.scheduler.priority = self._is_viewed

    def _recover(self) -> None:
        """Sweep the drafts of a build that did not end; what it made new is ours, and goes unless it is made again."""
        for draft in sorted(self.output.rglob(f".*{TEMP_SUFFIX}")):
            draft.unlink(missing_ok=True)
        self._damaged = self.state.modified_outputs(self.output)
        self._inherited = frozenset(self._journaled(self.state))
        self.state.files.update((path, UNKNOWN_ENTRY) for path in sorted(self._inherited))

    def _journaled(self, ledger: BuildState) -> list[str]:
        """The files that a build said it would make new, and that a ledger does not know."""
        said = (self.output / UNFINISHED).read_text("utf-8", "replace").splitlines(keepends=True)
        paths = [line.removesuffix("\n") for line in said if line.endswith("\n")]
        return [path for path in paths if path not in ledger.files and (self.output / path).is_file()]

    def discard_new_files(self) -> None:
        """Take back the files that are new: something is wrong with the content, and the old site stands."""
        for path in self._journaled(BuildState.read(self.output)):
            if path not in self._inherited:
                self._remove_file(self.output / path)

    def _is_viewed(self, key: str) -> bool:
        return self.viewed_path in self.state.paths_of((key,))

    def run_rule(self, line: Rule, site: Site, progress: ProgressCallback | None) -> int:
        """Make a line of products; the first time, the site goes on in the book of the last build."""
        assert self.scheduler is not None
        if self._site is not site:
            self._site = site
            self._resume_graph(site)
        return self.scheduler.run_rule(line, site, progress)

    def _resume_graph(self, site: Site) -> None:
        """Compare settings and code with those of the last build; answers hold only under the same ones."""
        assert self.scheduler is not None
        now = digest_settings(self.settings)
        then = self.state.settings
        differing = sorted(name for name in {**now, **then} if now.get(name) != then.get(name))
        differing = [name for name in differing if name not in (*TRACKED_SETTINGS, *POSTPROCESS_SETTINGS)]
        epoch = self.code_epoch()
        if epoch != self.state.code_epoch:
            self.scheduler.rebuild_causes = ("code",)
        elif differing:
            self.scheduler.rebuild_causes = tuple(f"setting\x1f{name}" for name in differing)
        book = QueryGraph() if self.scheduler.rebuild_causes else self.graph or self.state.load_graph()
        self.state.settings, self.state.code_epoch = now, epoch
        self.graph = book
        site.attach(book, self.state.extras)

    def code_epoch(self) -> bytes:
        from .code_fingerprint import code_fingerprint

        return code_fingerprint()

    def record_external(self, path: Path, changed: bool) -> None:
        """Take down a file that another plugin wrote; files elsewhere are not ours to keep."""
        whole = Path(path).resolve()
        if whole.is_relative_to(self.output):
            self._external[whole.relative_to(self.output).as_posix()] = changed

    # When everything is made

    def finish(self) -> None:
        """Remove what is made no more, write the manifest, then the ledger, last of all."""
        if self.is_up_to_date and self.graph is not None:
            BuildSession._warm[self.output] = (file_stamp(str(self.output / BUILD_STATE)), self.state, self.graph)
        if self.is_up_to_date or self.scheduler is None:
            return
        self._record_externals()
        gone = [key for key in self.state.artifacts if key not in self.scheduler.live]
        for key in gone:
            del self.state.artifacts[key]
        kept = {path for _, files, _ in self.state.artifacts.values() for path in files} | set(self._external)
        self._precompress(kept)
        self._remove(kept)
        write_manifest(self.output, self.settings["SITEURL"], self.state, self.scheduler.live)
        self.state.inputs_digest = self.inputs.digest if self.inputs.is_conclusive else b""
        self.state.counts = self._counted()
        self._write(gone)
        (self.output / UNFINISHED).unlink(missing_ok=True)
        self.close()

    def _counted(self) -> dict[str, int]:
        pages = sum(
            path.endswith(".html") and not entry[2].startswith(REDIRECT_PREFIX)
            for path, entry in self.state.files.items()
        )
        feeds = sum(path.endswith((".rss.xml", ".atom.xml")) for path in self.state.files)
        return {"pages": pages, "feeds": feeds, "problems": self.problems, "fell back": self.fallback_count}

    @property
    def changed(self) -> int:
        made = len(self.scheduler.changed) if self.scheduler is not None else 0
        return made + sum(self._external.values())

    def _record_externals(self) -> None:
        """Write down what other plugins wrote; what they took away again is none of ours."""
        for path in list(self._external):
            stamp = file_stamp(f"{self.output}/{path}")
            if stamp is None:
                del self._external[path]
                continue
            digest = sha256((self.output / path).read_bytes()).hexdigest()
            self.state.record_file(path, (*stamp, EXTERNAL, digest))

    def _precompress(self, kept: set[str]) -> None:
        """Make the twins of all files, where a setting says so: those whose bytes are the same have theirs."""
        assert self.scheduler is not None
        twins = Precompressor(
            self.state, self.output, Path(self.settings.get("CACHE_PATH", ".cache"), "twins").resolve()
        )
        if not self.settings.get("TWINS"):
            twins.clear()
            return
        files, wanted = self.state.files, self.scheduler.live

        def is_lasting(path: str) -> bool:
            return wanted.get(files[path][2], (CacheClass.PAGE,))[0] in (CacheClass.IMMUTABLE, CacheClass.MEDIA)

        twins.compress_outputs(kept, self._damaged, is_lasting, self.scheduler.pool)

    def _remove(self, kept: set[str]) -> None:
        """Remove files that no product has any more, and the folders that they leave empty."""
        wanted = kept | {row[1] for rows in self.state.twins.values() for row in rows} | {MANIFEST}
        for path in [path for path in self.state.files if path not in wanted]:
            is_twin = self.state.files.pop(path)[2] == TWIN
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

    def _invalidate_if_theme_changed(self) -> None:
        """A theme that changed while pages were made is in nobody's memory as what it was: all is looked at again."""
        if digest_theme(self.settings) != self.settings["THEME_REVISION"]:
            from openknowledge.rendering.render import clear_environments

            clear_environments()
            self.state.code_epoch = b""
            self.state.extras.pop("templates", None)

    def _write(self, gone: list[str]) -> None:
        book = self.graph
        if book is not None:
            for key in gone:
                if key in book.numbers:
                    book.remove(book.numbers[key])
            book.finish_build()
        self._invalidate_if_theme_changed()
        self.state.write(self.output, book if book is not None and book.modified else None)
        if book is not None:
            BuildSession._warm[self.output] = (file_stamp(str(self.output / BUILD_STATE)), self.state, book)

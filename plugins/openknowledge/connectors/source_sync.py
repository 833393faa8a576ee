"""The sync of one source: it is recorded and read, compared with what is stored, and written whole or not at all."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from openknowledge.content.snapshot_files import SERIES_FOLDER
from openknowledge.engine.file_transaction import lock_files, replace_files
from openknowledge.problems import Message, Problem, sort_problems
from openknowledge.progress import ProgressCallback

from .caption_files import move_captions
from .comparison import leave_to_others, next_snapshot, read_slug_names
from .differences import BelievedFacts
from .failures import LimitReached, SourceFailed
from .http_client import Clock, PlatformClient, RequestBounds
from .recording import Recording
from .redaction import Redactor
from .retention import expire_all, expire_unconfirmed, find_confirmed_day, note_confirmation
from .settings import ConfiguredSource
from .snapshot import Snapshot, find_changed_files, read_snapshot
from .source import PlatformSource, RecordContext, SourceFacts, SyncFindings
from .stills import MAX_STILL_REQUESTS, STILL_SIZE_B, StillFetch, find_strays
from .sync_result import SourceResult, SyncStatus, TableChanges, compare_counts, compare_rows

__all__ = ["SourceSync"]

RECORDINGS, STILLS = "sync", "~stills"
"""Where recordings lie, below the cache, and the end of the name of that of stills: no source has such a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSync:
    """Syncs sources one after the other. With `is_plan` nothing is written but the recording.

    `limit` takes the place of each source's own; `accepted` are the hashes of differences to take as they are. Secrets
    are learnt by one redactor, so that none shows up in what another source says. `settings` are Pelican's, which
    milestones need.
    """

    content: Path
    cache: Path
    environment: Mapping[str, str]
    now: datetime
    redactor: Redactor
    show_progress: ProgressCallback
    limit: int | None = None
    accepted: Sequence[str] = ()
    is_plan: bool = False
    clock: Clock | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def run(self, configured: ConfiguredSource) -> SourceResult:
        """Sync a source; a failure is part of the result, because other sources go on."""
        findings = SyncFindings()
        requests = _RequestCount()
        try:
            result = self._sync(configured, findings, requests)
            if configured.stills and not self.is_plan and result.status in (SyncStatus.DONE, SyncStatus.HELD_BACK):
                result = replace(result, changes={**result.changes, "stills": self._fetch_stills(configured, findings)})
        except LimitReached as error:
            result = SourceResult(name=configured.name, status=SyncStatus.LIMIT, reason=str(error))
        except SourceFailed as error:
            result = SourceResult(name=configured.name, status=SyncStatus.FAILED, reason=str(error))
        except Timeout:
            reason = f"another sync or build has been writing into {self.content} for a minute"
            result = SourceResult(name=configured.name, status=SyncStatus.FAILED, reason=reason)
        except OSError as error:
            reason = f"{error.filename or self.content}: cannot be read or written: {error.strerror}"
            result = SourceResult(name=configured.name, status=SyncStatus.FAILED, reason=reason)
        if configured.keep_days and result.status in (SyncStatus.FAILED, SyncStatus.LIMIT):
            result = self._expire(result, configured.keep_days)
        return self._redact(replace(result, requests=requests.number), findings)

    def _expire(self, result: SourceResult, keep_days: int) -> SourceResult:
        """Remove what is stored of a source that failed, where nothing has confirmed it for too long."""
        known, day = read_snapshot(self.content, result.name, findings := SyncFindings()), self.now.date()
        confirmed = find_confirmed_day(self.content, result.name, known)
        if findings.problems or confirmed is None or (day - confirmed).days < keep_days:
            return result
        after = expire_all(known, day)
        files = {
            **find_changed_files(self.content, result.name, after),
            **find_strays(self.content, result.name, after),
        }
        if not self.is_plan:
            replace_files(self.content, files)
            shutil.rmtree(self.cache / RECORDINGS / result.name, ignore_errors=True)
        reason = f"{result.reason}. No sync has confirmed its facts since {confirmed}, so they are removed"
        return replace(result, reason=reason, changes=_compare(known, after, files), files=tuple(sorted(files)))

    def _sync(self, configured: ConfiguredSource, findings: SyncFindings, requests: "_RequestCount") -> SourceResult:
        source = configured.create(self.content, self.environment)
        self.redactor.add(*source.secrets())
        known = read_snapshot(self.content, configured.name, findings)
        if findings.problems:
            return _refuse(configured.name, "what is stored is broken")
        facts = self._record_and_read(configured, source, known.facts, findings, requests)
        if findings.problems:
            return _refuse(configured.name, "what the platform says is broken")
        result, files = self._compare_stored(configured, known, facts, findings)
        if not files or self.is_plan or findings.problems:
            return result
        with lock_files(self.content):
            # Something may have been withdrawn while the platform was asked.
            stored = read_snapshot(self.content, configured.name, findings)
            if stored != known:
                result, files = self._compare_stored(configured, stored, facts, findings)
            if not findings.problems:
                replace_files(self.content, files)
        return result

    def _compare_stored(
        self, configured: ConfiguredSource, known: Snapshot, facts: SourceFacts, findings: SyncFindings
    ) -> tuple[SourceResult, dict[str, bytes | None]]:
        """Return what becomes of the facts, and the files to write together: snapshot and series."""
        name = configured.name
        names = read_slug_names(self.content, name, known, findings)
        if findings.problems:
            return _refuse(name, "the content has problems"), {}
        facts = leave_to_others(facts, names, name, findings)
        series = {}
        if facts.enrollments:
            from .series import read_own_series

            series = read_own_series(self.content, name, findings)
        after, believed = next_snapshot(known, facts, names, self.now.date(), series, self.accepted)
        if configured.keep_days:
            after = expire_unconfirmed(after, self.now.date(), configured.keep_days)
        files = self._find_files(configured, after, believed, findings)
        milestones, releases = self._find_milestones(files)
        files |= releases
        if findings.problems:
            return _refuse(name, "the series of enrolments have problems"), {}
        result = SourceResult(
            name=name,
            status=SyncStatus.HELD_BACK if believed.held_back else SyncStatus.DONE,
            changes=_compare(known, after, files),
            files=tuple(sorted(files)),
            held_back=[one.as_row() for one in believed.held_back],
            accepted=tuple(one.hash for one in believed.accepted),
            milestones=milestones,
        )
        return result, files

    def _find_milestones(self, files: Mapping[str, bytes | None]) -> tuple[tuple[str, ...], Mapping[str, bytes]]:
        """Return the milestones that the series among `files` reach, in words, and the files of their drafts."""
        series = {path: data for path, data in files.items() if path.startswith(SERIES_FOLDER) and data}
        if not series or not self.settings:
            return (), {}
        from .milestones import ReleaseDrafts

        try:
            drafts = ReleaseDrafts.from_settings(self.settings)
        except ValueError as error:
            raise SourceFailed(f"pelicanconf.py: {error}") from None
        return drafts.write(self.content, series)

    def _find_files(
        self, configured: ConfiguredSource, after: Snapshot, believed: BelievedFacts, findings: SyncFindings
    ) -> dict[str, bytes | None]:
        """Return the files of snapshot and series that change, by path below the content folder."""
        name, title, keep_days = configured.name, configured.title or configured.name, configured.keep_days
        enrollments, accepted = believed.facts.enrollments, believed.accepted_courses
        files: dict[str, bytes | None] = {
            **find_changed_files(self.content, name, after),
            **find_strays(self.content, name, after),
            **move_captions(self.content, believed.moved_ids("video"), findings),
        }
        if enrollments:
            from .series import append_points

            files |= append_points(self.content, name, title, enrollments, findings, accepted)
        if keep_days and not any(one.rule == "gone" for one in believed.held_back):
            files |= note_confirmation(self.content, name, self.now.date(), keep_days, is_written=bool(files))
        return files

    def _record_and_read(
        self,
        configured: ConfiguredSource,
        source: PlatformSource,
        known: SourceFacts,
        findings: SyncFindings,
        requests: "_RequestCount",
    ) -> SourceFacts:
        day, folder = self.now.date(), self.cache / RECORDINGS / configured.name
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder.with_suffix(".lock"), timeout=0):
                recording = Recording(folder, day, self.redactor, configured.configuration)
                with self._open_client(configured, source) as client:
                    requests.read = lambda: client.requests_sent
                    source.record(RecordContext(recording, client, known, self.show_progress))
                recording.finish()
                return source.read(recording, known, findings)
        except Timeout:
            raise SourceFailed("another sync of this source is under way") from None

    def _fetch_stills(self, configured: ConfiguredSource, findings: SyncFindings) -> TableChanges:
        folder = self.cache / RECORDINGS / f"{configured.name}{STILLS}"
        bounds = RequestBounds(requests=MAX_STILL_REQUESTS, bytes=STILL_SIZE_B)
        folder.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(folder.with_suffix(".lock"), timeout=0),
            PlatformClient(
                configured.stills_url, self.now.date(), redactor=self.redactor, bounds=bounds, clock=self.clock
            ) as client,
        ):
            recording = Recording(folder, self.now.date(), self.redactor, configured.stills)
            fetch = StillFetch(self.content, configured.name, configured.stills, client, recording, self.show_progress)
            return fetch.run(findings)

    def _open_client(self, configured: ConfiguredSource, source: PlatformSource) -> PlatformClient:
        bounds = RequestBounds(requests=self.limit or configured.limit, requests_a_minute=source.requests_a_minute)
        return PlatformClient(
            source.url or "",
            self.now.date(),
            auth=source.create_auth(),
            redactor=self.redactor,
            secrets=source.secrets,
            bounds=bounds,
            clock=self.clock,
        )

    def _redact(self, result: SourceResult, findings: SyncFindings) -> SourceResult:
        redact = self.redactor.redact
        return replace(
            result,
            reason=redact(result.reason),
            milestones=tuple(map(redact, result.milestones)),
            held_back=self.redactor.redact_values(result.held_back),
            problems=_redact_problems(findings.problems, redact),
            warnings=_redact_problems(findings.warnings, redact),
        )


@dataclass(slots=True)
class _RequestCount:
    """How many requests were made, also where recording them has failed."""

    read: Callable[[], int] = lambda: 0

    @property
    def number(self) -> int:
        return self.read()


def _refuse(name: str, reason: str) -> SourceResult:
    return SourceResult(name=name, status=SyncStatus.FAILED, reason=f"{reason}, so all stays as it was")


def _compare(known: Snapshot, after: Snapshot, files: Iterable[str]) -> dict[str, TableChanges]:
    """Return the changes of each table, of the numbers of all, and of the series of enrolments."""
    old, new = known.facts.rows, after.facts.rows
    tables = {table: compare_rows(old.get(table, {}), new.get(table, {})) for table in {**old, **new}}
    numbers = compare_counts(known.facts, after.facts)
    if any(numbers):
        tables["numbers"] = numbers
    if points := sum(path.startswith(SERIES_FOLDER) for path in files):
        tables["enrolments"] = TableChanges(changed=points)
    return tables


def _redact_problems(problems: list[Problem], redact: Callable[[str], str]) -> tuple[Problem, ...]:
    return tuple(
        replace(
            one,
            path=redact(one.path),
            message=Message(redact(one.message)),
            hint=Message(redact(one.hint)) if one.hint else None,
        )
        for one in sort_problems(problems)
    )

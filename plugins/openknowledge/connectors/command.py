"""The command `invoke sync`: what the platforms say now becomes small changes in content/snapshots/."""

import argparse
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from openknowledge.engine.file_transaction import finish_transaction, lock_files, replace_files
from openknowledge.invisible_text import escape_invisible
from openknowledge.problems import ContentProblems, sort_problems, suggest_spelling
from openknowledge.progress import ProgressCallback, progress_bar

from .caption_files import copy_captions, find_videos_without_captions
from .http_client import Clock
from .kinds import SOURCE_KINDS
from .redaction import Redactor
from .settings import ConfiguredSource, SourceKind, load_settings
from .source import SyncFindings
from .source_sync import SourceSync
from .sync_result import MAX_LISTED, SourceResult, SyncResult, SyncStatus

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    """Ends with 1 where it is called wrongly; 2 says that something was held back."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(SyncStatus.FAILED, f"{self.prog}: {message}\n")


def main(
    argv: Sequence[str] | None = None,
    *,
    project: Path | None = None,
    environment: Mapping[str, str] | None = None,
    kinds: Mapping[str, SourceKind] = SOURCE_KINDS,
    clock: Clock | None = None,
) -> int:
    """Sync once and return the exit status: 0 done, 1 a source failed, 2 held back, 3 stopped at the limit."""
    options, clock = _parse_options(argv), clock or Clock()
    if options.youtube_dump:
        return _sync_dump(options, clock)
    try:
        settings = load_settings(project or Path(), kinds)
        content = _shorten(options.content or settings.content)
        finish_transaction(content)
    except ContentProblems as refusal:
        print(refusal.localize(str), file=sys.stderr)
        return SyncStatus.FAILED
    now = clock.now().astimezone(settings.timezone)
    if options.captions:
        return _copy_captions(options.captions, content, is_plan=options.plan)
    if options.withdraw:
        return _withdraw(content, options.withdraw, now.date(), is_plan=options.plan)
    chosen = _choose(settings.sources, options.source)
    if chosen is None:
        return SyncStatus.FAILED
    environment = os.environ if environment is None else environment
    sources = _sync_all(chosen, content, settings.cache, options, environment, now, clock, settings.values)
    return _report(sources, now.date(), content, options)


def _sync_dump(options: argparse.Namespace, clock: Clock) -> int:
    """Sync recorded answers as the source that they were asked by; what that has recorded itself stays."""
    from .youtube.dump import RecordedDump

    def create(_content: Path, values: Mapping[str, Any]) -> RecordedDump:
        return RecordedDump(folder=options.youtube_dump, fetched=options.fetched, **values)

    source = ConfiguredSource("youtube", "youtube-dump", SourceKind(create), {})
    now = datetime.combine(options.fetched, time(), UTC) if options.fetched else clock.now()
    content = options.content or Path("content")
    with TemporaryDirectory() as cache:
        sources = _sync_all([source], content, Path(cache), options, {}, now, clock, {})
    return _report(sources, now.date(), content, options)


def _report(sources: Sequence[SourceResult], day: date, content: Path, options: argparse.Namespace) -> int:
    """Say what became of the sources, write it where that is asked for, and return the exit status."""
    result = SyncResult(tuple(sources), day, options.plan, find_videos_without_captions(content))
    _show(result)
    _show_missing(result.without_captions)
    for name in sorted({*options.accept} - {name for one in result.sources for name in one.accepted}):
        print(f"There is no difference {name} now, so nothing was taken for it.", file=sys.stderr)
    for path, text in ((options.json, result.to_json), (options.report, result.to_markdown)):
        if path:
            path.write_bytes(text().encode(errors="backslashreplace"))
    return result.status


def _withdraw(content: Path, youtube_ids: Sequence[str], day: date, *, is_plan: bool) -> int:
    """Take videos or playlists off the site for good, and say which files change."""
    from .withdrawal import withdraw

    verbs = ("would be changed", "would be removed") if is_plan else ("changed", "removed")
    findings = SyncFindings()
    for youtube_id in youtube_ids:
        with lock_files(content):
            files = withdraw(content, youtube_id, day, findings)
            if not is_plan:
                replace_files(content, files)
        for path, data in sorted(files.items()):
            print(f"{verbs[data is None]}: {content / path}")
    print(*findings.problems, sep="\n", end="\n" if findings.problems else "", file=sys.stderr)
    return SyncStatus.FAILED if findings.problems else SyncStatus.DONE


def _copy_captions(folder: Path, content: Path, *, is_plan: bool) -> int:
    """Copy the caption files of a folder into the content, all or none, and say what became of each."""
    if not folder.is_dir():
        print(f"{folder}: there is no such folder", file=sys.stderr)
        return SyncStatus.FAILED
    copies = copy_captions(folder, content)
    for name, reason in copies.left_out:
        print(f"left out: {name}: {reason}")
    for warning in copies.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if copies.problems:
        problems = sort_problems(copies.problems)
        print(*problems, "No caption file was written.", sep="\n", file=sys.stderr)
        return SyncStatus.FAILED
    if not is_plan:
        replace_files(content, copies.files)
    for path, data in sorted(copies.files.items()):
        print(f"{'removed' if data is None else 'written'}: {content / path}")
    written = sum(data is not None for data in copies.files.values())
    counts = f"{written} written, {len(copies.same)} the same, {len(copies.left_out)} left out."
    print(f"Caption files: {counts}{' Nothing was written: this is a plan.' if is_plan else ''}")
    return SyncStatus.DONE


def _show_missing(titles: Mapping[str, str]) -> None:
    """List the videos that have captions on the channel and no file here."""
    if titles:
        print(f"Videos with captions on the channel and no caption file here: {len(titles)}")
    for number, (youtube_id, title) in enumerate(titles.items()):
        if number == MAX_LISTED:
            print(f"  and {len(titles) - MAX_LISTED} more; --json FILE has them all")
            break
        print(f"  {youtube_id}  {escape_invisible(title)}")


def _shorten(path: Path) -> Path:
    """Return a path as it is written below the folder that one is in, for messages."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _sync_all(
    chosen: Sequence[ConfiguredSource],
    content: Path,
    cache: Path,
    options: argparse.Namespace,
    environment: Mapping[str, str],
    now: datetime,
    clock: Clock,
    settings: Mapping[str, Any],
) -> list[SourceResult]:
    redactor = Redactor()
    with _progress() as show_progress:
        sync = SourceSync(
            content=content,
            cache=cache,
            environment=environment,
            now=now,
            redactor=redactor,
            show_progress=show_progress,
            limit=options.limit,
            accepted=options.accept,
            is_plan=options.plan,
            clock=clock,
            settings=settings,
        )
        return [_sync_one(sync, source, redactor) for source in chosen]


def _progress() -> AbstractContextManager[ProgressCallback]:
    """Return what shows progress: a bar on a terminal, else lines."""
    if not sys.stderr.isatty():
        return nullcontext(_LineProgress().show)
    from rich.console import Console

    return progress_bar(Console(stderr=True))


def _sync_one(sync: SourceSync, source: ConfiguredSource, redactor: Redactor) -> SourceResult:
    """Sync a source; a mistake of ours in one of them does not stop the others."""
    try:
        return sync.run(source)
    except Exception as error:
        print(redactor.redact(traceback.format_exc()), file=sys.stderr)
        reason = redactor.redact(f"{type(error).__name__}: {error}. Please report the lines above.")
        return SourceResult(name=source.name, status=SyncStatus.FAILED, reason=reason)


class _LineProgress:
    """Says in a log once what is being done and how many there are, and each time a tenth more of them is done."""

    def __init__(self) -> None:
        self._tenths: dict[str, int] = {}

    def show(self, what: str, done: int, total: int) -> None:
        tenth = done * 10 // max(1, total)
        if self._tenths.get(what, -1) < tenth:
            self._tenths[what] = tenth
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)


def _show(result: SyncResult) -> None:
    for source in result.sources:
        for warning in source.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        for problem in source.problems:
            print(problem, file=sys.stderr)
        for milestone in source.milestones:
            print(f"milestone: {milestone}")
        for row in source.held_back:
            accept = f"If it is right: --accept {row['hash']}"
            print(f"{source.name}: held back: {row['table']}: {row['reason']}. {accept}", file=sys.stderr)
        if source.reason:
            print(f"{source.name}: {source.outcome}: {source.reason}", file=sys.stderr)
    print(result.to_table(), result.summarize(), sep="\n")


def _choose(sources: Sequence[ConfiguredSource], names: Sequence[str]) -> list[ConfiguredSource] | None:
    """Return the sources to sync; None, and a word about it, where there are none."""
    known = {source.name: source for source in sources}
    if not known:
        print("SOURCES in pelicanconf.py names no source; see docs/operators.md.", file=sys.stderr)
        return None
    for name in names:
        if name not in known:
            hint = suggest_spelling(name, known) or f"There are: {', '.join(known)}."
            print(f'SOURCES has no source "{name}". {hint}', file=sys.stderr)
            return None
    return [source for source in sources if not names or source.name in names]


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="sync", description=__doc__)
    parser.add_argument("--source", action="append", default=[], metavar="NAME", help="only this source; repeatable")
    parser.add_argument(
        "--accept", action="append", default=[], metavar="HASH", help="take a difference that is held back; repeatable"
    )
    parser.add_argument(
        "--withdraw", action="append", default=[], metavar="ID", help="take a video off the site for good; repeatable"
    )
    parser.add_argument("--captions", type=Path, metavar="DIR", help="copy the caption files of a folder instead")
    parser.add_argument("--plan", action="store_true", help="say what would change, and write nothing")
    parser.add_argument("--limit", type=_positive, metavar="N", help="make at most N requests a source")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what became of it as JSON")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table as Markdown")
    parser.add_argument("--content", type=Path, metavar="DIR", help="the content folder")
    parser.add_argument(
        "--youtube-dump", type=Path, metavar="DIR", help="read recorded answers of the YouTube Data API instead"
    )
    parser.add_argument("--fetched", type=date.fromisoformat, metavar="DAY", help="the day of the dump: 2026-12-01")
    options = parser.parse_args(argv)
    if options.fetched and not options.youtube_dump:
        parser.error("--fetched belongs to --youtube-dump")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number

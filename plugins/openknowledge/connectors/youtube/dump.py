"""The source behind `--youtube-dump`: answers of the YouTube Data API v3 in three files, each a list of pages."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openknowledge.connectors.recording import Recording
from openknowledge.connectors.source import RecordContext, SourceFacts, SyncFindings, UnsignedSource
from openknowledge.problems import Problem, operator_problem

from .answers import RECORD_HINT, Entry, RecordedItem, YouTubeAnswers
from .facts import read_facts

__all__ = ["RecordedDump", "read_dump"]

COUNT = ("contentDetails", "itemCount")
VIEWS = ("statistics", "viewCount")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDump(UnsignedSource):
    """What was recorded in a folder elsewhere, so nothing is asked for. `fetched` is its day, if that is known."""

    name: str
    folder: Path
    fetched: date | None = None
    url: str = ""
    tables: tuple[str, ...] = ("video", "playlist")

    def record(self, context: RecordContext) -> None:
        """Ask for nothing."""

    def read(self, _recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return the facts of the folder; none where it is broken, which is in the findings."""
        dump = read_dump(self.folder, self.fetched, findings)
        return SourceFacts() if findings.problems else read_facts(dump, known)


def read_dump(folder: Path, fetched: date | None, findings: SyncFindings) -> YouTubeAnswers:
    """Return the items of `playlists.json`, `playlistItems.json` and `videos.json` in `folder`.

    Views count from the day `fetched`, or from that of their page.
    """
    playlists, items, videos = (
        _items(folder / f"{name}.json", fetched, findings) for name in ("playlists", "playlistItems", "videos")
    )
    entries = tuple(filter(None, map(_read_entry, items)))
    _report_gaps(playlists, entries, videos)
    return YouTubeAnswers(None, playlists, entries, videos)


def _read_entry(item: RecordedItem) -> Entry | None:
    playlist, position = item.get("snippet", "playlistId"), item.get("snippet", "position")
    if not isinstance(playlist, str):
        item.report(("snippet", "playlistId"), "this entry does not say which playlist it belongs to")
    elif not isinstance(position, int):
        item.report(("snippet", "position"), "this entry has no place in its playlist")
    else:
        return Entry.read(playlist, position, item)
    return None


def _report_gaps(playlists: Iterable[RecordedItem], entries: Iterable[Entry], videos: Iterable[RecordedItem]) -> None:
    """Report playlists that count entries of which the dump has none, and warn once of views whose day is unknown."""
    seen = {entry.playlist for entry in entries}
    for item in playlists:
        count = item.get(*COUNT)
        if isinstance(count, int) and count > 0 and item.get_text("id") not in seen:
            item.report(COUNT, f"the playlist counts {count} entries and playlistItems.json has none of them")
    undated = [item for item in videos if item.day is None and item.get(*VIEWS) is not None]
    if undated:
        message = f"the views of {len(undated)} videos are left out: the dump does not say of which day they are"
        hint = "Give the day: --fetched 2026-12-01."
        undated[0].findings.warnings.append(operator_problem(undated[0].path, None, None, message, hint))


def _items(path: Path, fetched: date | None, findings: SyncFindings) -> tuple[RecordedItem, ...]:
    pages = _read_pages(str(path))
    if isinstance(pages, Problem):
        findings.problems.append(pages)
        return ()
    malformed = [*_malformed_pages(str(path), pages)]
    missing, hidden = ([], []) if malformed else _check_totals(str(path), pages)
    findings.problems.extend(malformed or missing)
    if malformed or missing:
        return ()
    findings.warnings.extend(hidden)
    return tuple(
        RecordedItem(str(path), f"[{number}].items[{index}]", item, fetched or _day(page.get("fetched")), findings)
        for number, page in enumerate(pages)
        for index, item in enumerate(page["items"])
    )


def _day(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(value).date()
    except (TypeError, ValueError):
        return None


def _read_pages(path: str) -> list[Any] | Problem:
    try:
        pages = json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        return _problem(path, "there is no such file")
    except OSError as error:
        return operator_problem(path, None, None, f"the file cannot be read: {error.strerror}", None)
    except (ValueError, RecursionError) as error:
        return operator_problem(path, getattr(error, "lineno", None), None, f"this is not JSON: {error}", RECORD_HINT)
    return pages if isinstance(pages, list) and pages else _problem(path, "this is not a list of pages")


def _malformed_pages(path: str, pages: list[Any]) -> Iterator[Problem]:
    for number, page in enumerate(pages):
        if not isinstance(page, dict) or not isinstance(page.get("items"), list):
            yield _problem(path, _api_error(page) or "this page has no items", f"[{number}]")
            continue
        for index, item in enumerate(page["items"]):
            if not isinstance(item, dict):
                yield _problem(path, "this is not an item", f"[{number}].items[{index}]")


def _api_error(page: Any) -> str | None:
    """Return the error that the API answered in place of a page, such as a used-up quota."""
    error = page.get("error") if isinstance(page, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return f"the API answered with an error: {message}" if message else None


def _check_totals(path: str, pages: list[Any]) -> tuple[list[Problem], list[Problem]]:
    """Return problems where a list of pages has holes, and warnings where the API counts items that it does not show.

    The pages of one list name the same total; each that names a next page needs one that names a previous one. Pages
    may be in any order, and a file may hold several lists. Fewer items than a page has are hidden, more are missing.
    """
    groups: dict[int, list[Any]] = defaultdict(list)
    for page in pages:
        groups[_number(page, "totalResults")].append(page)
    missing: list[Problem] = []
    hidden: list[Problem] = []
    for total, group in sorted(groups.items()):
        following = sum("nextPageToken" in page for page in group)
        preceded = sum("prevPageToken" in page for page in group)
        short = total * (len(group) - preceded) - sum(len(page["items"]) for page in group)
        page_size = max(_number(page, "resultsPerPage") or 1 for page in group)
        if following != preceded:
            end = "last" if following > preceded else "first"
            message = f"the {end} page of a list of {total} items is missing" if total else "pages are missing"
            missing.append(_problem(path, message))
        elif short >= max(1, min(page_size, total)):
            message = f"pages are missing: {short} of the items that the list of {total} should have are not there"
            missing.append(_problem(path, message))
        elif short > 0:
            hint = "Items that are not public are counted and not shown."
            hidden.append(
                operator_problem(path, None, None, f"the API counts {total} items but shows {short} fewer", hint)
            )
    return missing, hidden


def _number(page: dict[str, Any], name: str) -> int:
    info = page.get("pageInfo")
    value = info.get(name) if isinstance(info, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _problem(path: str, message: str, field: str | None = None) -> Problem:
    return operator_problem(path, None, field, message, RECORD_HINT)

"""The recorded answers of the YouTube Data API v3: three files, each a list of pages."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openknowledge.problems import Problem

from ..findings import SyncFindings

RECORD_HINT = "Record the answers of the API again; the snapshot stays as it was."


@dataclass(frozen=True, slots=True)
class RecordedItem:
    """One item of a page. `index` is its position in the file; `fetched` the day, if the page has it."""

    path: str
    index: str
    data: dict[str, Any]
    fetched: str | None = None

    def get(self, *names: str) -> Any:
        """Return the value below `names`; None where any of them is missing."""
        value: Any = self.data
        for name in names:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    def problem(self, names: tuple[str, ...], message: str, hint: str | None = RECORD_HINT) -> Problem:
        """Return a problem at a field of this item."""
        return Problem(self.path, None, ".".join((self.index, *names)), message, hint)


@dataclass(frozen=True, slots=True)
class YouTubeDump:
    """All items of the three files, in the order of the recording."""

    playlists: tuple[RecordedItem, ...]
    entries: tuple[RecordedItem, ...]
    videos: tuple[RecordedItem, ...]


def read_dump(folder: Path, findings: SyncFindings) -> YouTubeDump:
    """Return the items of `playlists.json`, `playlistItems.json` and `videos.json` in `folder`."""
    names = ("playlists.json", "playlistItems.json", "videos.json")
    return YouTubeDump(*(_items(folder / name, findings) for name in names))


def _items(path: Path, findings: SyncFindings) -> tuple[RecordedItem, ...]:
    pages = _pages(path)
    if isinstance(pages, Problem):
        findings.problems.append(pages)
        return ()
    broken = [*_broken_pages(path, pages)] or [*_missing_pages(path, pages)]
    findings.problems.extend(broken)
    if broken:
        return ()
    findings.warnings.extend(_hidden_items(path, pages))
    return tuple(
        RecordedItem(str(path), f"[{number}].items[{index}]", item, page.get("fetched"))
        for number, page in enumerate(pages)
        for index, item in enumerate(page["items"])
    )


def _pages(path: Path) -> list[Any] | Problem:
    try:
        pages = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Problem(str(path), None, None, "there is no such file", RECORD_HINT)
    except OSError as error:
        return Problem(str(path), None, None, f"the file cannot be read: {error.strerror}", None)
    except (ValueError, RecursionError) as error:
        return Problem(str(path), getattr(error, "lineno", None), None, f"this is not JSON: {error}", RECORD_HINT)
    if not isinstance(pages, list) or not pages:
        return Problem(str(path), None, None, "this is not a list of pages", RECORD_HINT)
    return pages


def _broken_pages(path: Path, pages: list[Any]) -> Iterator[Problem]:
    for number, page in enumerate(pages):
        if not isinstance(page, dict) or not isinstance(page.get("items"), list):
            message = _api_error(page) or "this page has no items"
            yield Problem(str(path), None, f"[{number}]", message, RECORD_HINT)
            continue
        for index, item in enumerate(page["items"]):
            if not isinstance(item, dict):
                yield Problem(str(path), None, f"[{number}].items[{index}]", "this is not an item", RECORD_HINT)


def _api_error(page: Any) -> str | None:
    """Return the error that the API answered in place of a page, such as a used-up quota."""
    error = page.get("error") if isinstance(page, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return f"the API answered with an error: {message}" if message else None


def _missing_pages(path: Path, pages: list[Any]) -> Iterator[Problem]:
    """Return problems where a list of pages has holes, by its tokens and totals.

    The pages of one list name the same total; each that names a next page needs one that names a previous one. Pages
    may be in any order, and a file may hold several lists.
    """
    for total, group in _by_total(pages):
        following = sum("nextPageToken" in page for page in group)
        preceded = sum("prevPageToken" in page for page in group)
        if following != preceded:
            end = "last" if following > preceded else "first"
            message = f"the {end} page of a list of {total} items is missing" if total else "pages are missing"
            yield Problem(str(path), None, None, message, RECORD_HINT)
            continue
        short = _shortfall(total, group)
        if short >= max(1, min(_page_size(group), total or 0)):
            message = f"pages are missing: {short} of the items that the list of {total} should have are not there"
            yield Problem(str(path), None, None, message, RECORD_HINT)


def _hidden_items(path: Path, pages: list[Any]) -> Iterator[Problem]:
    """Return warnings where the API counts items that it does not show, fewer than a page of them."""
    for total, group in _by_total(pages):
        short = _shortfall(total, group)
        if short > 0:
            message = f"the API counts {total} items but shows {short} fewer"
            yield Problem(str(path), None, None, message, "Items that are not public are counted and not shown.")


def _by_total(pages: list[Any]) -> list[tuple[int | None, list[Any]]]:
    groups: dict[int | None, list[Any]] = defaultdict(list)
    for page in pages:
        groups[_number(page, "totalResults")].append(page)
    return sorted(groups.items(), key=lambda group: group[0] or 0)


def _shortfall(total: int | None, group: list[Any]) -> int:
    lists = sum("prevPageToken" not in page for page in group)
    return (total or 0) * lists - sum(len(page["items"]) for page in group)


def _page_size(group: list[Any]) -> int:
    return max(_number(page, "resultsPerPage") or 1 for page in group)


def _number(page: dict[str, Any], name: str) -> int | None:
    info = page.get("pageInfo")
    value = info.get(name) if isinstance(info, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None

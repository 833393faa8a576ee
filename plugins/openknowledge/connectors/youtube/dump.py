"""The recorded answers of the YouTube Data API v3: three files, each a list of pages."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from openknowledge.connectors.source import SyncFindings
from openknowledge.problems import Problem, operator_problem

__all__ = ["RecordedItem", "YouTubeDump", "read_dump"]

RECORD_HINT = "Record the answers of the API again; the snapshot stays as it was."


@dataclass(frozen=True, slots=True)
class RecordedItem:
    """One item of a page. `index` is its position in the file; `fetched` the day, if the page has it."""

    path: str
    index: str
    data: dict[str, Any]
    fetched: str | None
    findings: SyncFindings

    def get(self, *names: str) -> Any:
        """Return the value below `names`; None where any of them is missing."""
        value: Any = self.data
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def report(self, names: tuple[str, ...], message: str) -> None:
        """Add a problem at a field of this item."""
        self.findings.problems.append(_problem(self.path, message, ".".join((self.index, *names))))

    def warn(self, names: tuple[str, ...], message: str) -> None:
        """Add a warning at a field of this item."""
        self.findings.warnings.append(operator_problem(self.path, None, ".".join((self.index, *names)), message, None))


class YouTubeDump(NamedTuple):
    """All items of the three files, in the order of the recording."""

    playlists: tuple[RecordedItem, ...]
    entries: tuple[RecordedItem, ...]
    videos: tuple[RecordedItem, ...]


def read_dump(folder: Path, findings: SyncFindings) -> YouTubeDump:
    """Return the items of `playlists.json`, `playlistItems.json` and `videos.json` in `folder`."""
    names = ("playlists.json", "playlistItems.json", "videos.json")
    return YouTubeDump(*(_items(folder / name, findings) for name in names))


def _items(path: Path, findings: SyncFindings) -> tuple[RecordedItem, ...]:
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
        RecordedItem(str(path), f"[{number}].items[{index}]", item, page.get("fetched"), findings)
        for number, page in enumerate(pages)
        for index, item in enumerate(page["items"])
    )


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

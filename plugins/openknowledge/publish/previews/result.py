"""How a preview ended: as any publication, with the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ..result import PublishResult, Status
from .report import ChangeReport, FileChange

__all__ = ["PreviewResult"]


@dataclass(frozen=True)
class PreviewResult(PublishResult):
    """How a preview ended.

    `preview_url` is empty where nothing was to be published; `removed_files` is not None where it was removed.
    """

    name: str = ""
    preview_url: str = ""
    report: ChangeReport | None = None
    removed_files: int | None = None

    def _summary_lines(self) -> Iterator[str]:
        yield from map(str, self.problems)
        if self.removed_files is not None:
            files = (
                f"is taken away: {self.removed_files:,} files."
                if self.removed_files
                else "is not there: nothing to do."
            )
            yield f"The preview {self.name} {files}"
            return
        if self.report is not None:
            yield _summarize(self.report)
        if self.status is Status.REFUSED:
            published = f"The preview is at {self.preview_url}/, but what it shows" if self.preview_url else "This"
            yield f"{published} cannot be published: the addresses above would be lost."
        elif self.status in (Status.PUBLISHED, Status.NOTHING_TO_DO):
            yield f"The preview is at {self.preview_url}/" if self.preview_url else "Nothing was published."
        else:
            yield from super()._summary_lines()

    def to_dict(self) -> dict[str, Any]:
        """Return the result with the report, as it is written as JSON."""
        preview = {"name": self.name, "url": self.preview_url, "taken_away": self.removed_files}
        report = _report_dict(self.report) if self.report is not None else None
        return {**super().to_dict(), "preview": preview, "report": report}


def _summarize(report: ChangeReport) -> str:
    counts = f"{len(report.added):,} added, {len(report.changed):,} changed, {len(report.removed):,} removed"
    return f"Pages: {counts}. Lists: {len(report.lists):,} changed. Feeds: {len(report.feeds):,} touched."


def _report_dict(report: ChangeReport) -> dict[str, Any]:
    lists = {
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "lists": report.lists,
        "feeds": report.feeds,
        "forwards": report.redirects,
        "others": report.others,
    }
    return {
        "site_url": report.site_url,
        "compared_with": report.release.number if report.release else None,
        "before": asdict(report.before),
        "after": asdict(report.after),
        **{name: [_file_dict(file) for file in files] for name, files in lists.items()},
        "lost": [asdict(lost) for lost in report.lost],
    }


def _file_dict(file: FileChange) -> dict[str, Any]:
    return {
        "address": file.address,
        "path": file.path,
        "title": file.title,
        "lang": file.lang,
        "size_b": file.after.size_b if file.after else None,
        "growth_b": file.growth_b,
        "forward": asdict(file.redirect) if file.redirect else None,
    }

"""What became of a preview: as any publication, with the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ..result import PublishResult, Status
from .report import ChangeReport, FileChange, SiteSize

__all__ = ["PreviewResult"]


@dataclass(frozen=True)
class PreviewResult(PublishResult):
    """`preview_url` is empty where nothing was to be published; `taken_away` counts files where it was taken away."""

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
            yield _summary(self.report)
        if self.status is Status.REFUSED:
            published = f"The preview is at {self.preview_url}/, but what it shows" if self.preview_url else "This"
            yield f"{published} cannot be published: the addresses above would be lost."
        elif self.status in (Status.PUBLISHED, Status.NOTHING_TO_DO):
            yield f"The preview is at {self.preview_url}/" if self.preview_url else "Nothing was published."
        else:
            yield from super()._summary_lines()

    def to_json(self) -> str:
        told = json.loads(super().to_json())
        told["preview"] = {"name": self.name, "url": self.preview_url, "taken_away": self.removed_files}
        told["report"] = _told(self.report) if self.report is not None else None
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _summary(report: ChangeReport) -> str:
    parts = (
        ("added", report.added),
        ("changed", report.changed),
        ("removed", report.removed),
    )
    counts = ", ".join(f"{len(files):,} {verb}" for verb, files in parts)
    return f"Pages: {counts}. Lists: {len(report.lists):,} changed. Feeds: {len(report.feeds):,} touched."


def _told(report: ChangeReport) -> dict[str, Any]:
    return {
        "site_url": report.site_url,
        "compared_with": report.release.number if report.release else None,
        "before": _weight(report.before),
        "after": _weight(report.after),
        **{
            name: [_file(one) for one in files]
            for name, files in (
                ("added", report.added),
                ("changed", report.changed),
                ("removed", report.removed),
                ("lists", report.lists),
                ("feeds", report.feeds),
                ("forwards", report.redirects),
                ("others", report.others),
            )
        },
        "lost": [asdict(loss) for loss in report.lost],
    }


def _weight(weight: SiteSize) -> dict[str, int]:
    return asdict(weight)


def _file(one: FileChange) -> dict[str, Any]:
    return {
        "address": one.address,
        "path": one.path,
        "title": one.title,
        "lang": one.lang,
        "size_b": one.after.size_b if one.after else None,
        "growth_b": one.growth_b,
        "forward": asdict(one.redirect) if one.redirect else None,
    }

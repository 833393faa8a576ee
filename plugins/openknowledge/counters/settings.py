"""The settings `COUNTERS_*`."""

import dataclasses
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Self

from openknowledge.catalogue.settings import read_fields

__all__ = ["CountersSettings", "offer_settings"]

PREFIX = "COUNTERS_"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountersSettings:
    """Each field is a setting: `stale_after_days` is `COUNTERS_STALE_AFTER_DAYS`.

    `json` and `course_json` are paths below output/: of the index of all numbers and of the documents that pages ask
    for. `{slug}` in the second is the course's, `total/courses`, `total/strand/SLUG` or `figure/GROUP`. `history_csv`
    has the data of histories, where it is a course's or `total/courses`. `milestones` are the totals whose day a course
    page shows.
    """

    stale_after_days: int = 400
    json: str = "data/counters.json"
    course_json: str = "data/counters/{slug}.json"
    history_csv: str = "data/counters/{slug}.csv"
    milestones: tuple[int, ...] = (1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000)

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> Self:
        """Return the settings of a site. Raises `ValueError` that names the wrong setting and says what to write."""
        names = [PREFIX + field.name.upper() for field in dataclasses.fields(cls)]
        for name in settings:
            if name.startswith(PREFIX) and name not in names:
                raise ValueError(f"{name} is not a setting; there are {', '.join(names)}")
        values = read_fields(cls, PREFIX, settings)
        if isinstance(values.get("milestones"), list):
            values["milestones"] = tuple(values["milestones"])
        return cls(**values)

    def __post_init__(self) -> None:
        if not _is_whole(self.stale_after_days):
            raise ValueError("COUNTERS_STALE_AFTER_DAYS must be a number of days, such as 400")
        if not _is_json_path(self.json):
            raise ValueError('COUNTERS_JSON must be a path below output/, such as "data/counters.json"')
        if not _is_json_path(self.course_json) or "{slug}" not in self.course_json:
            raise ValueError('COUNTERS_COURSE_JSON must be a path such as "data/counters/{slug}.json"')
        if not _is_path(self.history_csv, ".csv") or "{slug}" not in self.history_csv:
            raise ValueError('COUNTERS_HISTORY_CSV must be a path such as "data/counters/{slug}.csv"')
        if not isinstance(self.milestones, tuple) or not all(map(_is_whole, self.milestones)):
            raise ValueError("COUNTERS_MILESTONES must be totals, such as (1000, 5000)")


def offer_settings(settings: dict[str, Any]) -> None:
    """Check the settings, and offer those that are not set to the catalogue."""
    values = asdict(CountersSettings.from_pelican(settings))
    settings.update({PREFIX + name.upper(): value for name, value in values.items()})


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_json_path(value: object) -> bool:
    return _is_path(value, ".json")


def _is_path(value: object, ending: str) -> bool:
    if not isinstance(value, str) or not value.endswith(ending) or value.count("{") > value.count("{slug}"):
        return False
    path = PurePosixPath(value)
    return not path.is_absolute() and ".." not in path.parts

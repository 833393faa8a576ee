"""The enrolment series of a site by course, each unpickled only when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from openknowledge.engine.digest import canonical_bytes, digest, digest_bytes
from openknowledge.model.numbers import EnrollmentSeries

from ..records import unpickle_record

__all__ = ["SeriesTable"]


class SeriesTable(Mapping[str, EnrollmentSeries]):
    """The series by course, in order; `pickled` has the bytes of each, whose digest is the series' own.

    A series has a point for each month or so: to unpickle all of a large site's takes longer than the rest of a small
    edit.
    """

    def __init__(self, pickled: Mapping[str, bytes]) -> None:
        self.pickled = dict(sorted(pickled.items()))
        self._series: dict[str, EnrollmentSeries] = {}

    @classmethod
    def of(cls, series: Mapping[str, EnrollmentSeries]) -> SeriesTable:
        """Return a table of those series."""
        return cls({course: canonical_bytes(one) for course, one in series.items()})

    def __getitem__(self, course: str) -> EnrollmentSeries:
        series = self._series.get(course)
        if series is None:
            series = self._series[course] = unpickle_record(self.pickled[course])
        return series

    def __contains__(self, course: object) -> bool:
        return course in self.pickled

    def __iter__(self) -> Iterator[str]:
        return iter(self.pickled)

    def __len__(self) -> int:
        return len(self.pickled)

    def among(self, courses: Collection[str]) -> SeriesTable:
        """Return the table of those courses alone."""
        known = set(courses)
        return SeriesTable({course: data for course, data in self.pickled.items() if course in known})

    def digest_of(self, course: str) -> bytes:
        """Return the digest of a course's series, also where it has none."""
        return digest_bytes(self.pickled.get(course, b""))

    @cached_property
    def fingerprint(self) -> bytes:
        """Return the digest of all series."""
        return digest([(course, self.digest_of(course)) for course in self.pickled])

"""The kinds of sources that `SOURCES` may name."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from openknowledge.rendering.locale import is_timezone

from .moodle import MoodleSource
from .openedx import OpenEdxSource
from .settings import Option, SourceKind

__all__ = ["SOURCE_KINDS"]

WebAddress = Annotated[str, Field(strict=True, pattern=r"^https?://[^\s?#]+$")]


def _check_timezone(name: str) -> str:
    if not is_timezone(name):
        raise ValueError(name)
    return name


TimeZone = Annotated[str, AfterValidator(_check_timezone)]
COURSE_PLATFORM = {
    "url": Option(WebAddress, "Write the address of the platform: https://lms.example.edu", is_required=True),
    "courses": Option(dict[str, str], 'Write the folders of courses by their number there: {"MAT101": "pre-calculus"}'),
    "timezone": Option(TimeZone, "Write the zone in which its days are, if that is not TIMEZONE: Europe/Rome"),
}
SOURCE_KINDS: Mapping[str, SourceKind] = {
    "moodle": SourceKind(
        lambda content, options: MoodleSource(content=content, **options),
        {**COURSE_PLATFORM, "counts": Option(bool, "Write True, or leave it out.")},
        secrets=("token",),
    ),
    "openedx": SourceKind(
        lambda content, options: OpenEdxSource(content=content, **options),
        {
            **COURSE_PLATFORM,
            "catalogue": Option(Literal["courses", "discovery"], 'Write "courses" or "discovery".'),
            "counts": Option(Literal["instructor", "course_summaries"], 'Write "instructor" or "course_summaries".'),
            "username": Option(str, "Write the name of the account whose view of the catalogue is asked for."),
        },
        optional_secrets=("client_id", "client_secret"),
    ),
}
"""By the word after `kind`: its class, its options with their types and hints, its secrets."""

"""The numbers of a channel, which the sync writes beside its videos, and figures show: `snapshot: youtube/views`."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openknowledge.model.numbers import Measure, Qualifier, Views
from openknowledge.problems import Message, Problem, add_suggestion
from openknowledge.project_files import FileRefused, read_project_file

from .cpu_limit import read_within_limit
from .frontmatter import decode_text
from .located_yaml import FieldPath, LocatedFields
from .video_views import read_views

__all__ = ["CHANNEL_PATTERN", "ChannelNumbers", "fill_figure", "read_channel_numbers"]

CHANNEL_PATTERN = "snapshots/*/channel.csv"
QUALIFIERS = {
    Measure.SUBSCRIBERS: Qualifier.ABOUT,  # YouTube rounds it down to three digits.
    Measure.VIEWS: Qualifier.EXACT,
    Measure.VIDEOS: Qualifier.EXACT,
}
FILLED = ("value", "as_of", "qualifier", "measure")
ChannelNumbers = Mapping[str, Mapping[str, Views]]
"""By the name of the source, then by measure. What the platform hides is not there."""


def read_channel_numbers(root: Path) -> tuple[dict[str, dict[str, Views]], list[Problem]]:
    """Return the numbers of all channels below the content folder, and what is wrong with their files."""
    numbers: dict[str, dict[str, Views]] = {}
    problems: list[Problem] = []
    for path in sorted(root.glob(CHANNEL_PATTERN)):
        shown_path = f"{root.name}/{path.relative_to(root).as_posix()}"
        try:
            text = decode_text(read_project_file(path, root), shown_path)
        except FileRefused as refusal:
            problems.append(Problem(shown_path, None, None, refusal.message, refusal.hint))
            continue
        if isinstance(text, Problem):
            problems.append(text)
            continue
        result = read_within_limit(partial(read_views, text, shown_path), shown_path, len(text))
        numbers[path.parent.name], wrong = ({}, [result]) if isinstance(result, Problem) else result
        problems.extend(wrong)
    return numbers, problems


def fill_figure(
    file: LocatedFields, path: FieldPath, fields: Mapping[str, Any], numbers: ChannelNumbers
) -> dict[str, Any] | Problem:
    """Return the fields of a figure with those that its `snapshot` has; unchanged where it names none.

    A number that the platform hides is not known.
    """
    if "snapshot" not in fields:
        return dict(fields)
    source, _, measure = str(fields["snapshot"]).partition("/")
    for name in FILLED:
        if name in fields:
            hint = Message("Remove it: the number comes from the snapshot, with its day and measure.")
            return file.locate_problem((*path, name), Message('"%(name)s" is not written here', name=name), hint)
    if source not in numbers:
        message = Message('no sync has written the numbers of a channel "%(source)s"', source=source)
        hint = Message('Write the name of a source and a number: "youtube/views".')
        return file.locate_problem((*path, "snapshot"), add_suggestion(message, source, numbers), hint)
    if measure not in QUALIFIERS:
        message = Message('"%(measure)s" is not a number of a channel', measure=measure)
        names = ", ".join(f"{source}/{name}" for name in QUALIFIERS)
        hint = Message("Write one of %(names)s.", names=names)
        return file.locate_problem((*path, "snapshot"), add_suggestion(message, measure, QUALIFIERS), hint)
    found = numbers[source].get(measure)
    return {
        **{name: value for name, value in fields.items() if name != "snapshot"},
        "measure": measure,
        "qualifier": str(QUALIFIERS[Measure(measure)]),
        "value": found and found.total,
        **({"as_of": found.as_of.isoformat()} if found else {}),
    }

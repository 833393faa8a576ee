"""Where rules and published URLs come from: settings, editors' files and aliases, and the keys of courses' runs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from openknowledge.catalogue.site import Site
from openknowledge.content.field_values import FieldReader
from openknowledge.content.frontmatter import describe_unknown_field
from openknowledge.content.located_yaml import LIST, FieldPath, LocatedFields, load_list
from openknowledge.invisible_text import is_one_line
from openknowledge.model.addresses import is_web_url
from openknowledge.model.course import Course
from openknowledge.model.values import Ref
from openknowledge.problems import ContentProblems, Message, Problem
from openknowledge.url_paths import normalize, path_error, path_of_file, slash_variants

from .table import RedirectRule

__all__ = [
    *("MOODLE", "LegacyRun", "RedirectsSettings", "alias_rules", "legacy_paths", "legacy_runs"),
    *("page_path", "parse_published", "parse_redirects", "portal_rules", "run_path", "withdrawn_rules"),
]

PUBLISHED_FILES = ("content/snapshots/addresses.txt",)
REDIRECTS = "redirects.yaml"
FIELDS = ("from", "to", "gone", "why")
EXAMPLE = Message("Write for each: - from: /old/, and below it, indented, to: /new/ or gone: true.")
MOODLE = "/course/view.php"
"""Moodle's path for all courses; the query names the course."""
EDX_SUFFIXES = ("", "about/", "course/", "info/")
"""What Open edX appends to the URL of a run."""

Mistake = tuple[tuple[str, ...], Message, Message]
"""Where in an entry something is wrong, what is wrong, and what to write instead."""


@dataclass(frozen=True, slots=True)
class RedirectsSettings:
    """The files of published URLs, each with the path that problems show, and the editors' file of redirects.

    Relative paths of the setting `ADDRESSES` count from the folder that has the content folder.
    """

    published: tuple[tuple[str, Path], ...]
    redirects: Path

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> Self:
        """Return the settings of a site. Raises `ContentProblems`."""
        content = Path(settings["PATH"])
        paths = settings.get("ADDRESSES", PUBLISHED_FILES)
        if not isinstance(paths, tuple | list) or not all(isinstance(path, str) and path for path in paths):
            hint = Message(
                "Write the paths of files, with a comma after each: ADDRESSES = %(files)s.", files=repr(PUBLISHED_FILES)
            )
            raise ContentProblems(
                (Problem("pelicanconf.py", None, "ADDRESSES", Message("this is not a list of files"), hint),)
            )
        return cls(tuple((path, content.parent / path) for path in paths), content / REDIRECTS)

    @property
    def redirects_label(self) -> str:
        """The path of the editors' file as problems show it."""
        return f"{self.redirects.parent.name}/{self.redirects.name}"


def parse_published(text: str, path: str) -> Iterator[str | Problem]:
    """Yield the normalized URLs of a file with one a line; empty lines and those that begin with `#` are skipped."""
    for number, line in enumerate(text.split("\n"), start=1):
        plain = line.strip()
        if plain.startswith("/"):
            yield normalize(plain)
        elif plain and not plain.startswith("#"):
            hint = Message("Write a path that begins with a slash, such as /corsi/, or # before a remark.")
            yield Problem(path, number, None, Message('"%(plain)s" is not an address', plain=plain), hint)


# Rules that the site's own data gives


def page_path(site: Site, name: str, lang: str) -> str:
    """Return the normalized path of an item's page, by its reference."""
    return path_of_file(site.route_of(Ref(*name.split("/", 1)), lang).save_as)


def alias_rules(site: Site) -> Iterator[RedirectRule]:
    """Yield the rules of the aliases that items declare."""
    for name, (lang, alias, path, line, index) in site.aliases():
        yield RedirectRule(normalize(alias), page_path(site, name, lang), path, line or None, f"aliases[{index}]")


def withdrawn_rules(site: Site) -> Iterator[RedirectRule]:
    """Yield the rules of what was taken off the site for good."""
    for kind, slug in site.withdrawn():
        for lang in site.langs:
            yield RedirectRule(normalize(path_of_file(site.routes.route(kind, lang, slug=slug).save_as)), None)


@dataclass(frozen=True, slots=True)
class LegacyRun:
    """A run of a course in the old portal; `lang` is the language of the page to redirect to.

    `key` is the run's in Open edX and `number` that in Moodle; empty where it was not there.
    """

    course: str
    lang: str
    key: str
    number: str


def legacy_runs(courses: Iterable[Course], langs: tuple[str, ...]) -> Iterator[LegacyRun]:
    """Yield all runs in the order of the courses, each with its own language or else the site's first one."""
    for course in courses:
        for run in course.runs:
            lang = run.lang if run.lang in langs else langs[0]
            number = "" if run.moodle_id is None else str(run.moodle_id)
            yield LegacyRun(course.slug, lang, run.key if _is_of_edx(run.key) else "", number)


def _is_of_edx(key: str) -> bool:
    """Return whether a key was part of a URL: Moodle's keys were not, and some are only names."""
    is_named = key.startswith("course-v1:") or key.count("/") == 2
    return is_named and not any(text in key for text in ("?", "#", "..", " ", "\\", "//"))


def legacy_paths(run: LegacyRun) -> tuple[str, ...]:
    """Return the paths of a run in Open edX, with and without the final slash."""
    suffixes = EDX_SUFFIXES if run.key else ()
    return tuple(path for suffix in suffixes for path in slash_variants(f"/courses/{run.key}/{suffix}"))


def run_path(address: str) -> str | None:
    """Return the path of the run for a path below it; None for other paths."""
    run, slash, step = address.rstrip("/").rpartition("/")
    return f"{run}/" if address.startswith("/courses/") and f"{step}{slash}" in EDX_SUFFIXES else None


def portal_rules(site: Site, runs: Iterable[LegacyRun]) -> Iterator[RedirectRule]:
    """Yield the rules for the old portal's URLs of courses."""
    for run in runs:
        for address in legacy_paths(run):
            yield RedirectRule(normalize(address), page_path(site, f"course/{run.course}", run.lang))


# Rules that editors write


def parse_redirects(text: str, path: str, langs: Sequence[str]) -> tuple[list[RedirectRule], list[Problem]]:
    """Return the rules of the editors' file, and everything that is wrong with the file by itself.

    A wrong entry has a rule as far as it can be read, so that its URL is not reported as lost as well.
    """
    located, _, mistakes = load_list(text, path, (Message("this is not a list of redirects"), EXAMPLE))
    rules: list[RedirectRule] = []
    problems = [*mistakes]
    for index, entry in enumerate(located.data[LIST]):
        problems += _entry_problems(located, index, entry, langs)
        if isinstance(entry, dict) and not _source_error(entry.get("from")):
            line = located.find_line((LIST, index, "from"))
            target, reason = entry.get("to"), entry.get("why")
            target = target if isinstance(target, str) and _is_target(target) else None
            reader = FieldReader(located)
            words = reader.read_value(dict[str, str], reason, (LIST, index, "why")) if isinstance(reason, dict) else {}
            problems += reader.problems
            rules.append(RedirectRule(normalize(entry["from"]), target, path, line, "from", words))
    return rules, problems


def _entry_problems(located: LocatedFields, index: int, entry: Any, langs: Sequence[str]) -> Iterator[Problem]:
    """Yield what is wrong with one entry."""
    start: FieldPath = (LIST, index)
    if not isinstance(entry, dict):
        yield Problem(
            located.path,
            located.find_line(start),
            None,
            Message('"%(entry)s" is not a redirect', entry=str(entry)),
            EXAMPLE,
        )
        return
    for name in entry:
        if name not in FIELDS:
            line = located.find_line((*start, name)) or 1
            yield describe_unknown_field(name, FIELDS, LocatedFields(located.path, entry, {(name,): line}))
    source_error = _source_error(entry.get("from"))
    mistakes = [(("from",), *source_error)] if source_error else []
    for place, message, hint in (*mistakes, *_end_mistakes(entry), *_reason_mistakes(entry, langs)):
        yield Problem(located.path, located.find_line((*start, *place)), str(place[0]), message, hint)


def _source_error(source: Any) -> tuple[Message, Message] | None:
    return path_error(source) if isinstance(source, str) else (Message("this field is missing"), EXAMPLE)


def _end_mistakes(entry: dict[str, Any]) -> Iterator[Mistake]:
    """Check that exactly one of `to` and `gone` is there."""
    target, gone = entry.get("to"), entry.get("gone")
    if "gone" in entry and gone is not True:
        yield (
            ("gone",),
            Message('"%(gone)s" means nothing here', gone=str(gone)),
            Message("Write gone: true, or leave it out."),
        )
    elif gone and target is not None:
        yield ("gone",), Message("what is gone leads nowhere"), Message('Keep "to:" or "gone: true", not both.')
    elif not gone and not isinstance(target, str):
        yield ("to",), Message("this field is missing"), EXAMPLE
    elif isinstance(target, str) and not _is_target(target):
        hint = Message(
            "Write a path of the site, such as /%(path)s, or a whole address that begins with https://.",
            path=target.lstrip("/"),
        )
        if target.startswith("http://"):
            hint = Message("Write https://%(path)s, if it is there too.", path=target.removeprefix("http://"))
        yield ("to",), Message('"%(target)s" is not an address', target=target), hint


def _is_target(text: str) -> bool:
    """Return whether a text is a path of the site or a whole web address, and nothing else that servers would read."""
    if text.startswith("/"):
        return not text.startswith("//") and re.search(r"[\s\\]", text) is None and is_one_line(text)
    return text.startswith("https://") and is_web_url(text)


def _reason_mistakes(entry: dict[str, Any], langs: Sequence[str]) -> Iterator[Mistake]:
    reason = entry.get("why")
    if reason is None:
        return
    if not isinstance(reason, dict) or not all(isinstance(words, str) and words.strip() for words in reason.values()):
        example = ", ".join(f"{lang}: …" for lang in langs)
        yield (
            ("why",),
            Message("these are not words by language"),
            Message("Write why: {%(example)s}.", example=example),
        )
        return
    if "gone" not in entry:
        yield ("why",), Message("only the page of what is gone says why"), Message("Remove it.")
    for lang in reason:
        if lang not in langs:
            yield (
                ("why", lang),
                Message('"%(lang)s" is no language here', lang=lang),
                Message("Write one of: %(names)s.", names=", ".join(langs)),
            )

"""Milestones of enrolments become drafts of press releases, in each language of the site."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openknowledge.catalogue.views.numbers import choose_measure, define_series, define_total
from openknowledge.content.frontmatter import parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.counters.growth import ReachedMilestone, find_reached, real_series
from openknowledge.counters.settings import CountersSettings
from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries
from openknowledge.model.values import Lang
from openknowledge.problems import Gettext, Message
from openknowledge.project_files import read_project_file
from openknowledge.rendering.locale import Language, load_gettext, load_languages

from .series import read_before_and_after
from .source import SyncFindings

__all__ = ["ReleaseDrafts", "describe_milestone", "draft_releases", "find_milestones"]

REMARK = Message("Written by the sync: it appears once the line draft is removed. Read it, and add place and contact.")
MARKDOWN_SIGN = re.compile(r"[\\`*_\[\]<>{}#$~=^]")
UNESCAPED_BRACKET = re.compile(r"(?<!\\)[\[\]]")
BACKSLASH = r"\\\g<0>"


@dataclass(frozen=True)
class ReleaseDrafts:
    """What drafts of releases need of the settings; the languages are loaded with the first draft.

    `thresholds` are the milestones, `langs` the site's languages, the default one first.
    """

    thresholds: Sequence[int]
    langs: tuple[Lang, ...]
    site_names: Mapping[Lang, str]
    settings: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "ReleaseDrafts":
        """Return what Pelican's settings say. Raises `ValueError` where those of the counters are wrong."""
        langs = tuple(settings.get("LANGUAGES") or (settings["DEFAULT_LANG"],))
        name = settings.get("SITENAME", "")
        names = {lang: settings.get("SITENAMES", {}).get(lang, name) for lang in langs}
        return cls(CountersSettings.from_pelican(settings).milestones, langs, names, settings)

    def write(self, content: Path, changed: Mapping[str, bytes]) -> tuple[tuple[str, ...], dict[str, bytes]]:
        """Return the milestones that changed series reach, in words, and the files of their drafts."""
        milestones = find_milestones(content, changed, self.thresholds)
        if not milestones:
            return (), {}
        locale = Path(self.settings["THEME"]) / "locale"
        zone, formats = self.settings.get("TIMEZONE") or "UTC", self.settings.get("LOCALES", {})
        languages = load_languages(locale, self.langs, zone, formats)
        gettext = load_gettext(self.settings)
        files = draft_releases(content, milestones, changed, languages, self.site_names, gettext)
        return tuple(map(describe_milestone, milestones)), files


def find_milestones(content: Path, changed: Mapping[str, bytes], thresholds: Sequence[int]) -> list[ReachedMilestone]:
    """Return what is reached when the `changed` series (bytes by path from the folder `content`) are written."""
    return find_reached(*read_before_and_after(content, changed, SyncFindings()), thresholds) if changed else []


def describe_milestone(milestone: ReachedMilestone) -> str:
    """Return a milestone for an operator: `course/algebra: 10000 enrolments reached on 2026-10-02 (10219)`."""
    subject = f"course/{milestone.course}" if milestone.course else "all courses"
    day, total = milestone.reached.day, milestone.reached.total
    return f"{subject}: {milestone.threshold} enrolments reached on {day} ({total})"


def draft_releases(
    content: Path,
    milestones: Sequence[ReachedMilestone],
    changed: Mapping[str, bytes],
    languages: Mapping[Lang, Language],
    site_names: Mapping[Lang, str],
    gettext: Gettext = str,
) -> dict[str, bytes]:
    """Return a draft for each milestone, as the bytes of its files by path from the folder `content`.

    The first of the `languages` is the site's default. Where there is a release of that name, in any year and
    language, there is none. `gettext` translates the remark to editors.
    """
    series = read_before_and_after(content, changed, SyncFindings())[1] if milestones else {}
    courses = {path.name for path in content.glob("courses/*")}
    files: dict[str, bytes] = {}
    for milestone in milestones:
        name = f"{milestone.course or 'all-courses'}-{milestone.threshold}"
        if any(content.glob(f"press/*/{name}.*")) or any(content.glob(f"press/*/{name}/*")):
            continue
        for number, (lang, language) in enumerate(languages.items()):
            if milestone.course:
                words = _course_words(content, milestone, series[milestone.course], language)
            else:
                counted = real_series(series.values())
                words = _portal_words(milestone, counted, len(courses), language, site_names[lang])
            facts = _facts(milestone, gettext) if number == 0 else ()
            path = f"press/{milestone.reached.day.year}/{name}{f'.{lang}' if number else ''}.md"
            files[path] = "\n".join(("---", *facts, *words[:-1], "---", "", words[-1], "")).encode()
    return files


def _facts(milestone: ReachedMilestone, gettext: Gettext) -> tuple[str, ...]:
    mentions = (f"mentions: [course/{milestone.course}]",) if milestone.course else ()
    return f"# {REMARK.localize(gettext)}", "draft: true", f"published: {milestone.reached.day}", *mentions


def _course_words(
    content: Path, milestone: ReachedMilestone, series: EnrollmentSeries, language: Language
) -> tuple[str, str, str, str]:
    """Return the lines of the front matter and the text of a release about a course."""
    title, path = _find_title(content, milestone.course, language.code)
    values = _values(milestone, language) | {
        "course": title,
        "link": f"[{UNESCAPED_BRACKET.sub(BACKSLASH, title)}]({{filename}}/{path})",
        "source": _escape(series.source),
    }
    gettext = language.gettext
    return (
        _field("title", gettext("“%(course)s” reaches %(threshold)s enrolments", **values)),
        _field("standfirst", gettext("On %(day)s the online course counted %(total)s", **values)),
        _field(
            "abstract",
            gettext(
                "The online course “%(course)s” has reached %(threshold)s enrolments: %(total)s on %(day)s.", **values
            ),
        ),
        "\n\n".join(
            (
                gettext(
                    "The online course %(link)s has reached %(threshold)s enrolments. On %(day)s there were %(total)s; "
                    "on %(day_before)s there had been %(total_before)s.",
                    **values,
                ),
                _escape(define_series(series, language)),
                gettext("Source of the data: %(source)s, %(day)s.", **values),
            )
        ),
    )


def _portal_words(
    milestone: ReachedMilestone, series: Sequence[EnrollmentSeries], courses: int, language: Language, site_name: str
) -> tuple[str, str, str, str]:
    """Return the lines of the front matter and the text of a release about all courses."""
    counted = choose_measure(series)
    sources = language.join_list([*dict.fromkeys(one.source for one in counted)])
    values = _values(milestone, language) | {"site": _escape(site_name), "source": _escape(sources)}
    gettext = language.gettext
    return (
        _field("title", gettext("%(site)s reaches %(threshold)s enrolments", **values)),
        _field("standfirst", gettext("On %(day)s its online courses counted %(total)s in all", **values)),
        _field(
            "abstract",
            gettext(
                "The online courses of %(site)s have reached %(threshold)s enrolments: %(total)s on %(day)s.", **values
            ),
        ),
        "\n\n".join(
            (
                gettext(
                    "The online courses of %(site)s have reached %(threshold)s enrolments. On %(day)s there were "
                    "%(total)s in all; on %(day_before)s there had been %(total_before)s.",
                    **values,
                ),
                _escape(define_total(language, counted, len(counted) < len(series), courses)),
                gettext("Source of the data: %(source)s, %(day)s.", **values),
            )
        ),
    )


def _values(milestone: ReachedMilestone, language: Language) -> dict[str, str]:
    return {
        "threshold": language.number(milestone.threshold),
        **_point_values(milestone.reached, language),
        **{f"{name}_before": value for name, value in _point_values(milestone.before, language).items()},
    }


def _point_values(point: EnrollmentPoint, language: Language) -> dict[str, str]:
    return {"total": language.number(point.total), "day": language.date(point.day).text}


def _escape(text: str) -> str:
    return MARKDOWN_SIGN.sub(BACKSLASH, text)


def _field(name: str, text: str) -> str:
    return f"{name}: {json.dumps(text, ensure_ascii=False)}"


def _find_title(content: Path, course: str, lang: Lang) -> tuple[str, str]:
    """Return a course's title in a language, else in another one, and the path of its first file."""
    folder = content / "courses" / course
    paths = sorted(folder.glob("*.md"), key=lambda path: (path.name != f"index.{lang}.md", path.name != "index.md"))
    for path in paths:
        front = parse_front_matter(read_project_file(path, content), path.name)
        if isinstance(front, LocatedFields) and isinstance(front.data.get("title"), str):
            first = min(paths, key=lambda path: (path.name != "index.md", path.name))
            return front.data["title"], first.relative_to(content).as_posix()
    return course, f"courses/{course}/index.md"

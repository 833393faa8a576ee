"""The parts of a course with what there is to watch and to work with in each; and what belongs to no part."""

from collections.abc import Iterator
from dataclasses import replace

from openknowledge.model.course import Course, CourseWords, Lesson
from openknowledge.model.values import Lang
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_

from ..site import Site
from .base import CardGroup, NavLink
from .body import words_of
from .pages import MaterialRow, SyllabusRow
from .parts import card_group, material_rows, record_link

__all__ = ["course_videos", "other_materials", "syllabus_rows"]

VIDEOS_LIMIT = 6
LESSONS_LIMIT = 12
"""How many videos of a playlist a part of the syllabus names, before it links to all."""


def syllabus_rows(course: Course, words: CourseWords, site: Site, lang: Lang) -> tuple[SyllabusRow, ...]:
    """Return the parts of the syllabus in their order."""
    language, shown = site.language(lang), words_of(site, course, lang)
    return tuple(
        SyllabusRow(
            title=shown(unit.title),
            weeks=language.plural("%(number)s week", "%(number)s weeks", unit.weeks) if unit.weeks else None,
            text=shown(unit.text or ""),
            lessons=tuple(link for one in course.lessons if one.part == part for link in _links(one, site, lang)),
            materials=material_rows(site, [one for one in course.materials if one.part == part], lang),
        )
        for part, unit in enumerate(words.syllabus, start=1)
    )


def other_materials(course: Course, words: CourseWords, site: Site, lang: Lang) -> tuple[MaterialRow, ...]:
    """Return the materials that no part of the syllabus shows."""
    count = len(words.syllabus)
    return material_rows(site, [one for one in course.materials if one.part is None or one.part > count], lang)


def _links(lesson: Lesson, site: Site, lang: Lang) -> Iterator[NavLink]:
    """Yield a link to each video, with its length, and to the playlist where that has more."""
    listed, playlist = _listed(lesson, site), site.stub("playlist", lesson.playlist)
    slugs = dict.fromkeys((*lesson.videos, *listed[:LESSONS_LIMIT]))
    for video in (site.stub("video", slug) for slug in slugs):
        if not isinstance(video, Video):
            continue
        length = site.language(lang).duration(video.duration_s) if video.duration_s else None
        yield replace(record_link(site, video, lang), count=length)
    if playlist is not None and len(listed) > LESSONS_LIMIT:
        yield record_link(site, playlist, lang)


def _listed(lesson: Lesson, site: Site) -> tuple[str, ...]:
    """Return the videos of the lesson's playlist, in its order."""
    playlist = site.stub("playlist", lesson.playlist)
    return playlist.videos if isinstance(playlist, Playlist) else ()


def course_videos(course: Course, words: CourseWords, site: Site, lang: Lang) -> CardGroup | None:
    """Return the first videos that no part of the syllabus has, with a link to the rest.

    Those of the course's playlists come first, in their order.
    """
    count = len(words.syllabus)
    lessons = [lesson for lesson in course.lessons if lesson.part <= count]
    shown = {slug for lesson in lessons for slug in (*lesson.videos, *_listed(lesson, site))}
    in_parts = {lesson.playlist for lesson in lessons}
    referrers = site.referrers(course, "playlist")
    playlists = [one for one in referrers if isinstance(one, Playlist) and one.slug not in in_parts]
    ordered = [site.stub("video", slug) for playlist in playlists for slug in playlist.videos]
    videos = (video for video in site.referrers(course, "video") if isinstance(video, Video))
    singles = sorted((v for v in videos if v.course == course.slug), key=lambda video: (video.published, video.slug))
    every = {one.ref: one for one in [*ordered, *singles] if one is not None and one.slug not in shown}
    more = record_link(site, playlists[0], lang) if playlists else None
    title = N_("Videos of the course")
    group = card_group(site, [*every.values()], lang, title, VIDEOS_LIMIT, has_kickers=False)
    return replace(group, more=more) if group else None

"""A course's editions, and the one thing that a reader can do today: by their state, then by the page's language."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from openknowledge.content.course_runs import split_key
from openknowledge.model.course import Course, CourseRun, CourseState
from openknowledge.model.values import Lang, PartialDate
from openknowledge.rendering.locale import N_, Language

from ..site import Site
from .base import Badge, NavLink
from .labels import PACES, STATES
from .pages import CourseAction, RunRow
from .parts import language_names

__all__ = ["Remains", "course_action", "edition_labels", "edition_rows", "state_badge"]

ACTIONS = {
    CourseState.OPEN: N_("Enrol for free"),
    CourseState.RUNNING: N_("Join for free"),
    CourseState.SELF_PACED: N_("Begin for free"),
    CourseState.ARCHIVED: N_("See the past edition on the portal"),
}
"""What one can do with a run now, by its state."""
LOOK, SEARCH = N_("See it on the portal"), N_("Look for it on the portal")
OVER, WATCHED = N_("All editions are over."), N_("The videos can still be watched.")
RANKS = {state: rank for rank, state in enumerate(CourseState)}
NEXT_FIRST = (CourseState.OPEN, CourseState.UPCOMING)
"""The states in which the run that begins first is the one to take; in the others it is the newest."""


def state_badge(state: CourseState, language: Language) -> Badge:
    """Return a state in its words."""
    return Badge(text=language.gettext(STATES[state]), tone=state.value)


# The action


class Remains(NamedTuple):
    """The anchors of the parts of a page that have videos and materials; empty where there are none."""

    videos: str = ""
    materials: str = ""


def course_action(course: Course, site: Site, lang: Lang, remains: Remains) -> CourseAction:
    """Return the action of the run that has the course's own state, in the page's language where there is one.

    Where no such run has an address, the portal's list is offered. A course that is over leads to what can still be
    read: its videos and materials here, else its last edition on the portal.
    """
    state, gettext = course.state_on(site.today), site.language(lang).gettext
    here = _lead_to_remains(remains, site.language(lang)) if state is CourseState.ARCHIVED else None
    if here is not None:
        return here
    runs = _choose_runs(course, site, lang)
    notes = [gettext(OVER)] if state is CourseState.ARCHIVED else []
    if runs and runs[0].state_on(site.today) is state:
        link, others = _run_link(runs[0], course, site, lang, is_one_of_many=len(runs) > 1), runs[1:]
        notes += _enrolment_notes(runs[0], site.language(lang), site.today)
    else:
        link, others = NavLink(text=gettext(SEARCH), url=site.settings.portal_url, rel="external"), runs
        notes.append(gettext("The link leads to the portal’s list of courses."))
    links = tuple(_run_link(run, course, site, lang, is_one_of_many=True) for run in others)
    return CourseAction(link=link, others=links, note=" ".join(notes))


def _choose_runs(course: Course, site: Site, lang: Lang) -> list[CourseRun]:
    """Return the run to offer in each language, the one for the page first; past ones only where all are."""
    is_over = course.state_on(site.today) is CourseState.ARCHIVED
    runs = [run for run in course.runs if run.url and (run.state_on(site.today) is CourseState.ARCHIVED) is is_over]
    chosen: dict[Lang | None, CourseRun] = {}
    for run in sorted(runs, key=lambda run: _preference(run, course, site, lang)):
        code = _language_of(run, course)
        if code is not None or not chosen:
            chosen.setdefault(code, run)
    return [*chosen.values()]


def _preference(run: CourseRun, course: Course, site: Site, lang: Lang) -> tuple[Any, ...]:
    """Return the sort key by which the run to offer comes first."""
    state, code = run.state_on(site.today), _language_of(run, course)
    is_near = code is not None and code.partition("-")[0] == lang.partition("-")[0]
    first_day, place = run.starts or run.ends, course.runs.index(run)
    day = first_day.toordinal() if first_day else 0
    order = (day, place) if state in NEXT_FIRST else (-day, -place)
    return RANKS[state], code != lang, not is_near, code is not None, *order


def _language_of(run: CourseRun, course: Course) -> Lang | None:
    """Return the language of a run: its own, else that of a course with one language; None where it is not known."""
    return run.lang or (course.teaching_langs[0] if len(course.teaching_langs) == 1 else None)


def _run_link(run: CourseRun, course: Course, site: Site, lang: Lang, *, is_one_of_many: bool) -> NavLink:
    """Return the link to a run; its language is named where it is another one than the page's, or one of many."""
    language, code = site.language(lang), _language_of(run, course)
    state = run.state_on(site.today)
    is_shut = run.is_closed(site.today) and state is not CourseState.ARCHIVED
    text = language.gettext(LOOK if is_shut else ACTIONS.get(state, LOOK))
    if code is not None and (is_one_of_many or code != lang):
        name = language.language_name(code)
        text = language.gettext("%(action)s (in %(language)s)", action=text, language=name)
    return NavLink(text=text, url=run.url or "", rel="external")


def _enrolment_notes(run: CourseRun, language: Language, today: date) -> Iterator[str]:
    """Yield what dates say of the enrolment in a run: until when, from when, or since when no more."""
    opens, closes = run.enrollment_opens, run.enrollment_closes
    if run.state_on(today) is CourseState.ARCHIVED:
        return
    if opens is not None and today < opens:
        yield language.gettext("Enrolment opens on %(day)s.", day=language.date(opens).text)
    elif closes is not None:
        text = N_("Enrolment closed on %(day)s.") if today > closes else N_("Enrolment closes on %(day)s.")
        yield language.gettext(text, day=language.date(closes).text)


def _lead_to_remains(remains: Remains, language: Language) -> CourseAction | None:
    """Return the way to what this page still has of a course that is over; None where that is nothing."""
    gettext = language.gettext
    if remains.videos:
        text = N_("The videos can still be watched, and the materials read.") if remains.materials else WATCHED
        link = NavLink(text=gettext("Watch the videos"), url=f"#{remains.videos}")
    elif remains.materials:
        text = N_("The materials can still be read.")
        link = NavLink(text=gettext("Read the materials"), url=f"#{remains.materials}")
    else:
        return None
    return CourseAction(link=link, note=f"{gettext(OVER)} {gettext(text)}")


# The editions


def edition_rows(course: Course, site: Site, lang: Lang) -> dict[str, Any]:
    """Return the fields of the page: current runs, soonest first; past ones, newest first; why some have no dates.

    That dates are not known is said once: by the state where it is that of the course, else in `runs_note`.
    """
    language, state = site.language(lang), course.state_on(site.today)
    runs = sorted(course.runs, key=_soonest)
    past = [run for run in runs if run.state_on(site.today) is CourseState.ARCHIVED]
    labels = edition_labels(course, language)
    has_undated = any(run.starts is None and run.ends is None for run in runs)

    def rows(chosen: Iterable[CourseRun]) -> tuple[RunRow, ...]:
        return tuple(_run_row(run, language, site.today, labels[run.key]) for run in chosen)

    says_why = has_undated and state is not CourseState.UNKNOWN
    return {
        "runs": rows(run for run in runs if run not in past),
        "past_runs": rows(reversed(past)),
        "runs_note": language.gettext("Where no dates are given, they are not available.") if says_why else "",
    }


def _soonest(run: CourseRun) -> tuple[date, str]:
    return (run.starts or date.max, run.label or run.key)


def edition_labels(course: Course, language: Language) -> dict[str, str]:
    """Return what each run is called, by its key; of several of one name each says its language."""
    names = {run.key: run.label or _name_run(run, language) for run in course.runs}
    counts = Counter(names.values())
    for run in course.runs:
        name = names[run.key]
        if run.lang and counts[name] > 1:
            code = language.language_name(run.lang)
            names[run.key] = language.gettext("%(edition)s, in %(language)s", edition=name, language=code)
    return names


def _run_row(run: CourseRun, language: Language, today: date, label: str) -> RunRow:
    """Return a run with its dates in words."""
    state = run.state_on(today)
    details = [language.gettext(PACES[run.pace])] if run.pace else []
    if run.lang and label in (run.label, _name_run(run, language)):
        details.append(language_names(language, [run.lang]))
    if run.certificate:
        details.append(language.gettext("With a certificate"))
    if run.enrollment_closes and run.is_enrolling(today):
        details.append(language.gettext("Enrol by %(day)s", day=language.date(run.enrollment_closes).text))
    return RunRow(
        label=label,
        dates=_run_dates(run, language),
        badge=None if state is CourseState.UNKNOWN else state_badge(state, language),
        details=tuple(details),
        url=run.url,
        key=run.key,
    )


def _name_run(run: CourseRun, language: Language) -> str:
    """Return what people may call a run that only its platform knows: its month, or else the run that its key names."""
    if run.starts:
        month = language.partial_date(PartialDate(run.starts.year, run.starts.month)).text
        return language.gettext("%(month)s edition", month=month)
    parts = split_key(run.key)
    return parts[2].replace("_", " ") if parts else language.gettext("Edition on the portal")


def _run_dates(run: CourseRun, language: Language) -> str:
    """Return from when to when; empty where nothing is known."""
    gettext = language.gettext
    first = language.date(run.starts).text if run.starts else ""
    last = language.date(run.ends).text if run.ends else ""
    if first and last:
        return gettext("from %(first)s to %(last)s", first=first, last=last)
    if first:
        return gettext("from %(first)s", first=first)
    return gettext("until %(last)s", last=last) if last else ""

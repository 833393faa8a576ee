"""The runs of a course: dates, state, and the main action."""

from datetime import date

from openknowledge.model.course import Course, CourseRun, CourseState
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_, Language

from ..site import Site
from .base import Badge, NavLink
from .labels import PACES, STATES
from .pages import RunRow


def state_badge(state: CourseState, language: Language) -> Badge:
    """Return the badge of a course's state."""
    return Badge(text=language.gettext(STATES[state]), tone=state.value)


def main_action(course: Course, site: Site, lang: Lang) -> NavLink | None:
    """Return the main action: the link of the first run that has one and is not over."""
    gettext = site.language(lang).gettext
    labels = {
        CourseState.OPEN: N_("Enrol for free"),
        CourseState.RUNNING: N_("Join for free"),
        CourseState.SELF_PACED: N_("Begin for free"),
    }
    for state in (
        CourseState.OPEN,
        CourseState.RUNNING,
        CourseState.SELF_PACED,
        CourseState.UPCOMING,
        CourseState.UNKNOWN,
    ):
        for run in course.runs:
            if run.url and run.state_on(site.today) is state:
                return NavLink(text=gettext(labels.get(state, N_("See it on the portal"))), url=run.url, rel="external")
    return None


def run_row(run: CourseRun, language: Language, today: date) -> RunRow:
    """Return a run with its dates in words; dates that are not public are said not to be."""
    state = run.state_on(today)
    details = [language.gettext(PACES[run.pace])] if run.pace else []
    if run.lang:
        details.append(language.language_name(run.lang))
    if run.certificate:
        details.append(language.gettext("With a certificate"))
    if run.enrollment_closes and run.is_enrolling(today):
        day = language.date(run.enrollment_closes).text
        details.append(language.gettext("Enrol by %(day)s", day=day))
    return RunRow(
        label=run.label,
        dates=run_dates(run, language),
        badge=None if state is CourseState.UNKNOWN else state_badge(state, language),
        details=tuple(details),
        url=run.url,
        key=run.key,
    )


def run_dates(run: CourseRun, language: Language) -> str:
    """Return the dates of a run as text."""
    if run.starts and run.ends:
        first, last = language.date(run.starts).text, language.date(run.ends).text
        return language.gettext("from %(first)s to %(last)s", first=first, last=last)
    if run.starts:
        return language.gettext("from %(first)s", first=language.date(run.starts).text)
    if run.ends:
        return language.gettext("until %(last)s", last=language.date(run.ends).text)
    return language.gettext("Dates not known")

"""The things that records describe: courses, videos, releases, events, people, organisations."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from openknowledge.catalogue.kinds.press import find_appearance
from openknowledge.catalogue.kinds.video import iso_duration
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import PageView
from openknowledge.catalogue.views.body import plain_text
from openknowledge.catalogue.views.labels import FORMATS, LEVELS
from openknowledge.catalogue.views.pages import CoursePage, HubPage, VideoPage
from openknowledge.model.course import Course, CourseRun, CourseState, Topic
from openknowledge.model.people import Credit, CreditRole, Partner, Person
from openknowledge.model.programme import HubFormat, HubItem, Initiative, Session
from openknowledge.model.texts import PressRelease
from openknowledge.model.values import Html, Record, Ref
from openknowledge.model.video import Video

from .nodes import (
    Node,
    drop_unknown,
    known_lang,
    license_url,
    list_topics,
    material_nodes,
    moment,
    node_id,
    person_node,
    picture_url,
    publisher,
    publisher_id,
    refer,
    schema_day,
    short,
)

__all__ = ["THINGS"]

MOST_RUNS = 6
MOST_OUTCOMES = 5
MOST_CLIPS = 16
SCHEMA = "https://schema.org/"
PARAGRAPH = re.compile(r"<p(?:\s[^>]*)?>(.*?)</p>", re.DOTALL)


def _begin(record: Record, view: PageView, site: Site, schema_type: str, description: str | None = None) -> Node:
    """Return what any thing has: type, identifier, address, name and description, in the words of its page.

    The description is the abstract unless the page shows another one, else the beginning of the text.
    """
    words = site.translation(record, view.lang).words
    description = description or plain_text(site, words.abstract, view.lang) or _first_paragraph(record, view, site)
    return {
        "@type": schema_type,
        "@id": node_id(site, record.ref),
        "url": view.canonical_url,
        "name": words.title,
        "description": short(description),
    }


def _first_paragraph(record: Record, view: PageView, site: Site) -> str:
    """Return the first words of a record's text; none where it begins with something of another site."""
    paragraph = PARAGRAPH.search(site.translation(record, view.lang).words.body)
    text = plain_text(site, Html(paragraph[1]), view.lang) if paragraph else ""
    return text if "://" not in text else ""


def _shown_lang(record: Record, view: PageView, site: Site) -> str | None:
    """Return the language of the words that a page shows of a record."""
    return known_lang(site.translation(record, view.lang).lang)


def _people(entries: Sequence[Credit], view: PageView, site: Site) -> dict[str, Node]:
    """Return the people of credits, by slug."""
    nodes = ((credit.person, person_node(site, credit.person, view.lang)) for credit in entries)
    return {slug: node for slug, node in nodes if node is not None}


def _refer_to(people: Mapping[str, Node], entries: Sequence[Credit], *roles: CreditRole) -> list[Node]:
    """Return references to the people that have one of the roles."""
    slugs = dict.fromkeys(credit.person for credit in entries if credit.role in roles)
    return [{"@id": people[slug]["@id"]} for slug in slugs if slug in people]


OTHER_ROLES = tuple(role for role in CreditRole if role is not CreditRole.AUTHOR)


def describe_course(course: Course, view: CoursePage, site: Site) -> Iterator[Node]:
    """Yield a course with its editions, and its people. Who teaches is said of the editions where there are any."""
    words: Any = site.translation(course, view.lang).words
    gettext, runs = site.language(view.lang).gettext, _choose_runs(course, site.today)
    people = _people(course.credits, view, site)
    teachers = _refer_to(people, course.credits, CreditRole.TEACHER)
    others = [role for role in OTHER_ROLES if role is not CreditRole.TEACHER or not runs]
    credential = plain_text(site, words.certificate or "", view.lang) or (gettext("Open Badge") if course.badge else "")
    labels = {row.key: row.label for row in (*view.runs, *view.past_runs)}
    node = _begin(course, view, site, "Course")
    yield node | {
        "description": node["description"] or node["name"],
        "provider": publisher(site),
        "courseCode": course.code,
        "inLanguage": [*course.teaching_langs],
        "educationalLevel": gettext(LEVELS[course.level]) if course.level else None,
        "teaches": [short(plain_text(site, line, view.lang)) for line in words.outcomes[:MOST_OUTCOMES]],
        "coursePrerequisites": short(plain_text(site, words.requirements or "", view.lang)),
        "educationalCredentialAwarded": short(credential),
        "isAccessibleForFree": True,
        "offers": {"@type": "Offer", "category": "Free", "price": 0, "priceCurrency": "EUR"},
        "license": license_url(course.license),
        "image": picture_url(site, view.picture),
        "author": _refer_to(people, course.credits, CreditRole.AUTHOR),
        "contributor": _refer_to(people, course.credits, *others),
        "about": list_topics(site, course, view.lang),
        "hasCourseInstance": [drop_unknown(_describe_run(run, course, labels, teachers)) for run in runs],
        "hasPart": material_nodes(site, course.materials, view.lang),
    }
    yield from people.values()


def _choose_runs(course: Course, today: date) -> list[CourseRun]:
    """Return the editions that are not over, then the newest of the others."""
    newest_first = sorted(course.runs, key=lambda run: (run.starts or date.min, run.key), reverse=True)
    newest_first.sort(key=lambda run: run.state_on(today) is CourseState.ARCHIVED)
    return newest_first[:MOST_RUNS]


def _describe_run(run: CourseRun, course: Course, labels: Mapping[str, str], teachers: list[Node]) -> Node:
    """Return an edition: everything of the portal takes place online."""
    schedule: Node | None = None
    if course.weekly_hours and course.weeks:
        weekly = f"PT{course.weekly_hours}H"
        schedule = {
            "@type": "Schedule",
            "duration": weekly,
            "repeatFrequency": "Weekly",
            "repeatCount": course.weeks,
        }
    return {
        "@type": "CourseInstance",
        "name": labels.get(run.key),
        "courseMode": "Online",
        "inLanguage": run.lang,
        "startDate": schema_day(run.starts),
        "endDate": schema_day(run.ends),
        "courseWorkload": f"PT{course.total_hours}H" if course.total_hours else None,
        "courseSchedule": schedule,
        "url": run.url,
        "instructor": teachers,
    }


def describe_video(video: Video, view: VideoPage, site: Site) -> Iterator[Node]:
    """Yield a video with its chapters, and its people; nothing where there is no film any more."""
    if view.watch_url is None:
        return
    people, course = _people(video.credits, view, site), site.stub("course", video.course)
    views = video.views
    names = [{"@type": "Person", "name": name} for name in video.speakers]
    uploaded = moment(site, video.published)
    text = video.description.strip() or _first_paragraph(video, view, site) or ("" if view.notes else view.origin)
    yield _begin(video, view, site, "VideoObject", text) | {
        "thumbnailUrl": site.absolute_url(view.picture.url),
        "uploadDate": uploaded,
        "dateModified": moment(site, video.updated, uploaded or ""),
        "duration": iso_duration(video.duration_s),
        "inLanguage": known_lang(video.lang),
        "embedUrl": view.embed_url,
        "sameAs": view.watch_url,
        "license": license_url(video.license),
        "author": _refer_to(people, video.credits, CreditRole.AUTHOR),
        "contributor": [*_refer_to(people, video.credits, *OTHER_ROLES), *names],
        "about": list_topics(site, video, view.lang),
        "isPartOf": refer(node_id(site, course.ref)) if course is not None and not course.sample else None,
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": {"@type": "WatchAction"},
            "userInteractionCount": views.total,
        }
        if views
        else None,
        "hasPart": _describe_chapters(video, view),
    }
    yield from people.values()


def _describe_chapters(video: Video, view: VideoPage) -> list[Node]:
    """Return the first chapters, each with the address at which the page plays it."""
    starts = [chapter.start_s for chapter in video.chapters]
    ends = [*starts[1:], video.duration_s]
    return [
        drop_unknown(
            {
                "@type": "Clip",
                "name": chapter.title,
                "startOffset": chapter.start_s,
                "endOffset": end,
                "url": f"{view.canonical_url}?t={chapter.start_s}",
            }
        )
        for chapter, end in zip(video.chapters[:MOST_CLIPS], ends, strict=False)
    ]


def describe_release(release: PressRelease, view: PageView, site: Site) -> Iterator[Node]:
    """Yield a press release as news."""
    words: Any = site.translation(release, view.lang).words
    published = moment(site, find_appearance(release, site))
    node = _begin(release, view, site, "NewsArticle", plain_text(site, words.standfirst or words.abstract, view.lang))
    yield {name: value for name, value in node.items() if name != "name"} | {
        "headline": node["name"],
        "mainEntityOfPage": view.canonical_url,
        "datePublished": published,
        "dateModified": moment(site, release.updated, published or ""),
        "dateline": words.place,
        "inLanguage": _shown_lang(release, view, site),
        "author": publisher(site),
        "publisher": publisher(site),
    }


def describe_hub_item(item: HubItem, view: HubPage, site: Site) -> Iterator[Node]:
    """Yield what is live as an event, all else as a resource; and its people."""
    people = _people(item.credits, view, site)
    initiative = site.stub("initiative", item.initiative)
    location = _describe_location(item, view)
    if item.session is not None and location is not None:
        yield _describe_event(item, item.session, location, people, view, site)
    else:
        gettext = site.language(view.lang).gettext
        yield _begin(item, view, site, "LearningResource") | {
            "learningResourceType": gettext(FORMATS[item.format][0]),
            "datePublished": moment(site, item.published),
            "dateModified": moment(site, item.updated),
            "inLanguage": _shown_lang(item, view, site),
            "image": picture_url(site, view.picture),
            "publisher": publisher(site),
            "isPartOf": refer(node_id(site, initiative.ref)) if initiative and not initiative.sample else None,
            "author": _refer_to(people, item.credits, CreditRole.AUTHOR),
            "contributor": _refer_to(people, item.credits, *OTHER_ROLES),
            "about": list_topics(site, item, view.lang),
            "hasPart": material_nodes(site, item.materials, view.lang),
        }
    yield from people.values()


def _describe_location(item: HubItem, view: HubPage) -> Node | None:
    """Return where a session takes place, as far as that is known: the page of one online leads there."""
    session = item.session
    if session is None:
        return None
    if session.place:
        return {"@type": "Place", "name": session.place, "address": session.place}
    is_online = item.format is HubFormat.WEBINAR or session.join_url or session.registration_url
    return {"@type": "VirtualLocation", "url": view.canonical_url} if is_online else None


def _describe_event(
    item: HubItem, session: Session, location: Node, people: Mapping[str, Node], view: HubPage, site: Site
) -> Node:
    mode = "Offline" if location["@type"] == "Place" else "Online"
    recording = site.stub("video", item.recording)
    has_recording = recording is not None and not recording.sample
    return _begin(item, view, site, "Event") | {
        "startDate": moment(site, session.starts),
        "endDate": moment(site, session.ends),
        "eventStatus": f"{SCHEMA}Event{'Cancelled' if session.cancelled else 'Scheduled'}",
        "eventAttendanceMode": f"{SCHEMA}{mode}EventAttendanceMode",
        "location": location,
        "inLanguage": _shown_lang(item, view, site),
        "image": picture_url(site, view.picture),
        "organizer": publisher(site),
        "performer": [refer(node["@id"]) for node in people.values()],
        "recordedIn": refer(node_id(site, Ref("video", recording.slug))) if recording and has_recording else None,
        "about": list_topics(site, item, view.lang),
    }


def describe_initiative(initiative: Initiative, view: PageView, site: Site) -> Iterator[Node]:
    """Yield an initiative as a series of works, with its days where they are known exactly."""
    yield _begin(initiative, view, site, "CreativeWorkSeries") | {
        "startDate": schema_day(initiative.starts),
        "endDate": schema_day(initiative.ends),
        "publisher": publisher(site),
        "about": list_topics(site, initiative, view.lang),
    }


def describe_person(person: Person, view: PageView, site: Site) -> Iterator[Node]:
    """Yield a person. Their links may lead anywhere, so only an identifier says who they are."""
    affiliation = {"@type": "Organization", "name": person.affiliation} if person.affiliation else None
    same = f"https://orcid.org/{person.orcid}" if person.orcid else None
    yield _begin(person, view, site, "Person") | {"affiliation": affiliation, "sameAs": same}


def describe_partner(partner: Partner, view: PageView, site: Site) -> Iterator[Node]:
    """Yield a partner. The organisation that publishes the site is described on each page; here are words about it."""
    node = _begin(partner, view, site, "Organization")
    if node["@id"] == publisher_id(site):
        yield {"@id": node["@id"], "description": node["description"]}
        return
    yield node | {"sameAs": f"https://ror.org/{partner.ror}" if partner.ror else None}


def describe_topic(topic: Topic, view: PageView, site: Site) -> Iterator[Node]:
    """Yield a topic as a term."""
    yield _begin(topic, view, site, "DefinedTerm")


THINGS: Mapping[str, Callable[[Any, Any, Site], Iterator[Node]]] = {
    "course": describe_course,
    "video": describe_video,
    "press": describe_release,
    "hub": describe_hub_item,
    "initiative": describe_initiative,
    "person": describe_person,
    "partner": describe_partner,
    "topic": describe_topic,
}
"""What describes the records of a kind, for their page."""

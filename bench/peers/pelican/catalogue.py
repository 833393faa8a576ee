"""What stock Pelican does not know of these articles: their facts, what they belong to, and the lists of that."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from markdown import Markdown
from pelican import signals

FACETS = {"states": "state", "subjects": "subject", "audiences": "audiences", "taught": "teaching_langs"}
PAGE = 24
NEAR = 2


class Catalogue:
    """The articles by all that the templates ask for."""

    def __init__(self, generator: Any) -> None:
        self.labels, self.groups = generator.settings["LABELS"], generator.settings["GROUPS"]
        self.articles = generator.articles
        for article in self.articles:
            article.facts = json.loads(article.metadata["facts"])
        self.by_url = {f"/{article.url}": article for article in self.articles}
        self.sections = grouped(self.articles, lambda article: (article.category.slug,))
        self.courses = sorted(self.sections["courses"], key=lambda article: article.title)
        self.counted = [article for article in self.sections["courses"] if "enrolments" in article.facts]
        self.members = {
            "topics": grouped(self.articles, lambda article: [tag.slug for tag in article.tags]),
            "people": grouped(self.articles, lambda article: article.facts["people"]),
            **{
                folder: grouped(self.articles, lambda article, name=name: several(article.facts.get(name)))
                for folder, name in (("strands", "strand"), ("partners", "partners"), ("initiatives", "initiative"))
            },
        }
        self.facets = {
            facet: grouped(self.sections["courses"], lambda article, name=name: several(article.facts[name]))
            for facet, name in FACETS.items()
        }
        videos = self.sections["videos"]
        self.years = grouped(videos, lambda article: (str(article.date.year),))
        self.spoken = grouped(videos, lambda article: (article.facts["lang"],))
        hub = self.sections["hub"]
        self.formats = grouped(hub, lambda article: (f"{article.facts['initiative']}-{article.facts['format']}",))
        self.mentioned = grouped(self.sections["press"], lambda article: article.facts["related"])
        self.shown = grouped(videos, lambda article: several(article.facts.get("course")))
        self.recorded = grouped(self.sections["hub"], lambda article: several(article.facts.get("recording")))
        self._relate()

    def _relate(self) -> None:
        for article in self.articles:
            article.newer = article.older = None
            article.kicker = self._kicker(article)
            cover = article.facts.get("subject", article.category.slug)
            article.cover = f"/theme/covers/{cover}.svg"
        for newer, older in pairwise(self.sections["press"]):
            newer.older, older.newer = older, newer

    def _kicker(self, article: Any) -> str:
        facts, section = article.facts, article.category.slug
        if section == "hub":
            return str(self.labels["formats"][facts["format"]])
        label = self.labels["kinds"][section]
        if "strand" in facts:
            return f"{label} · {self.groups['strands'][facts['strand']]['title']}"
        return f"{label} · {self.course(facts['course']).title}" if "course" in facts else label

    def course(self, slug: str) -> Any:
        return self.by_url[f"/courses/{slug}/"]

    def siblings(self, article: Any) -> list[Any]:
        """Return three other courses of a course's strand."""
        near = self.members["strands"][article.facts["strand"]][:4]
        return [other for other in near if other is not article][:3]

    def sharing(self, article: Any) -> list[Any]:
        """Return the newest three learning-hub items that share a topic with an article."""
        near = (other for tag in article.tags for other in self.members["topics"][tag.slug])
        others = {other.url: other for other in near if other.category.slug == "hub" and other is not article}
        return sorted(others.values(), key=lambda other: other.date, reverse=True)[:3]

    def sum(self, courses: Iterable[Any]) -> dict[str, int]:
        """Return the enrolments of some courses together."""
        courses = list(courses)
        totals = [article.facts["enrolments"][-1] for article in courses if "enrolments" in article.facts]
        return {"total": sum(totals), "counted": len(totals), "all": len(courses)}

    def options(self) -> list[dict[str, Any]]:
        """Return the filters of the courses."""
        filters = []
        for facet, label in self.labels["facets"]:
            names = self.labels["languages" if facet == "taught" else facet]
            values = sorted(self.facets[facet].items())
            options = [(names[value], f"/{facet}/{value}/", len(items)) for value, items in values]
            filters.append({"label": label, "options": options})
        return filters

    def shelves(self) -> list[dict[str, Any]]:
        """Return the years and languages of the videos."""
        years = [(year, f"/years/{year}/", len(self.years[year])) for year in sorted(self.years, reverse=True)]
        languages = [
            (self.labels["languages"][code], f"/spoken/{code}/", len(items))
            for code, items in sorted(self.spoken.items(), key=lambda pair: -len(pair[1]))
        ]
        return [{"label": "Year", "options": years}, {"label": "Language", "options": languages}]


def several(value: Any) -> Sequence[str]:
    """Return a value that may be one text, several or none as several."""
    return () if value is None else (value,) if isinstance(value, str) else value


class Groups(dict[str, list[Any]]):
    """Articles by a key; no articles for a key that none has."""

    def __missing__(self, _key: str) -> list[Any]:
        return []


def grouped(articles: Iterable[Any], keys: Any) -> Groups:
    groups = Groups()
    for article in articles:
        for key in keys(article):
            groups.setdefault(key, []).append(article)
    return groups


def relate(generator: Any) -> None:
    """Put the catalogue and the filters of its templates where all templates find them."""
    generator.context["catalogue"] = catalogue = Catalogue(generator)
    markdown = Markdown()
    generator.env.filters.update(
        day=lambda text: readable(date.fromisoformat(text[:10])),
        moment=lambda text: f"{readable(date.fromisoformat(text[:10]))}, {text[11:16]}",
        number=lambda value: f"{value:,}",
        duration=duration,
        md=lambda text: markdown.reset().convert(text),
        counted=lambda course: counted(course, catalogue.labels),
        chart=chart,
    )


def readable(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def duration(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def counting_day(facts: dict[str, Any], index: int) -> date:
    """Return the day of one of a course's totals."""
    first = date.fromisoformat(facts["counted_from"])
    month = first.month - 1 + index
    return date(first.year + month // 12, month % 12 + 1, 1)


def counted(course: Any, labels: dict[str, Any]) -> dict[str, Any]:
    """Return a course's enrolments as data."""
    totals = course.facts.get("enrolments")
    value = totals[-1] if totals else None
    day = counting_day(course.facts, len(totals) - 1) if totals else None
    text = f"{value:,}" if totals else "not known"
    short = f"{value // 10 * 10:,}+" if totals and value > 2000 else text
    words = {"label": "enrolments", "text": text, "short": short, "definition": labels["texts"]["counted"]}
    words |= {"source": "made-up counts" if totals else None, "date": readable(day) if day else None}
    plain = {"name": f"counter:course/{course.slug}", "value": value, "as_of": day.isoformat() if day else None}
    return {**plain, "sample": False, "source_url": None, **{name: {"en": word} for name, word in words.items()}}


def chart(course: Any) -> SimpleNamespace:
    """Return what the drawing of a course's enrolments is made of."""
    totals = course.facts["enrolments"]
    last = len(totals) - 1
    shown, most = min(71, last), max(1, totals[-1])
    indexes = [number * last // max(1, shown) for number in range(shown + 1)]
    points = (f"{4 + at * 632 // max(1, last)} {236 - totals[at] * 196 // most}" for at in indexes)
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if most / size <= 3)
    passed = ((total, next((at for at, value in enumerate(totals) if value >= total), None)) for total in (1000, 5000))
    return SimpleNamespace(
        line="L".join(points),
        grid=[(total, 236 - total * 196 // most) for total in range(0, most + 1, step)],
        first=counting_day(course.facts, 0),
        last=counting_day(course.facts, last),
        growth=(totals[-1] - totals[-2], totals[-1] - totals[-13] if last >= 12 else None) if last else None,
        milestones=[(total, counting_day(course.facts, at)) for total, at in passed if at is not None],
    )


Page = tuple[str, str, dict[str, Any]]
"""A page that is no article: its address, its template and what that is given."""


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield all lists, the pages of what items belong to, and the counters."""
    yield from group_pages(catalogue)
    yield from course_lists(catalogue)
    yield "videos/", "videos", {}
    for route, shelves in (("years", catalogue.years), ("spoken", catalogue.spoken)):
        for key, items in shelves.items():
            yield from shelf_pages(f"{route}/{key}/", catalogue.labels["languages"].get(key, key), items)
    years = grouped(catalogue.sections["press"], lambda article: (str(article.date.year),))
    yield "press/", "archive", {"heading": "Press", "years": years, "current": None}
    for year in years:
        yield f"press/{year}/", "archive", {"heading": f"Press {year}", "years": years, "current": year}
    for course in catalogue.counted:
        yield f"{course.url}counter.json", "counter", {"course": course}


def group_pages(catalogue: Catalogue) -> Iterator[Page]:
    for folder, name in (("strands", "Strands"), ("partners", "Partners")):
        yield f"{folder}/", "groups", {"folder": folder, "heading": name}
        for slug, words in catalogue.groups[folder].items():
            yield f"{folder}/{slug}/", "group", {"folder": folder, "heading": name, "words": words}
    for slug, words in catalogue.groups["initiatives"].items():
        yield f"initiatives/{slug}/", "initiative", {"words": words}
    for key, items in catalogue.formats.items():
        yield f"formats/{key}/", "format", {"items": items}


def course_lists(catalogue: Catalogue) -> Iterator[Page]:
    yield "courses/", "courses", {"heading": "Courses", "items": catalogue.courses, "current": ""}
    for facet, values in catalogue.facets.items():
        for value, items in values.items():
            by_title = sorted(items, key=lambda article: article.title)
            url = f"{facet}/{value}/"
            yield url, "courses", {"heading": f"Courses: {value}", "items": by_title, "current": f"/{url}"}


def shelf_pages(url: str, shelf: str, items: Sequence[Any]) -> Iterator[Page]:
    """Yield the pages of one list of videos."""
    count = max(1, -(-len(items) // PAGE))
    urls = [f"/{url}" if number == 1 else f"/{url}page/{number}/" for number in range(1, count + 1)]
    for number, path in enumerate(urls, start=1):
        near = [page for page in range(1, count + 1) if number == 1 or page == 1 or abs(page - number) <= NEAR]
        pager = {"number": number, "count": count, "urls": urls, "near": near}
        shown = items[(number - 1) * PAGE : number * PAGE]
        values = {"shelf": shelf, "items": shown, "total": len(items), "current": f"/{url}", "pager": pager}
        yield path[1:], "shelf", values


def write_lists(generator: Any, writer: Any) -> None:
    """Write what the catalogue has beside articles, and the feeds of strands and initiatives."""
    catalogue, context = generator.context["catalogue"], generator.context
    for url, template, values in pages(catalogue):
        path = f"{url}index.html" if url.endswith("/") else url
        writer.write_file(path, generator.get_template(template), context, url=url, **values)
    for folder in ("strands", "initiatives"):
        for slug in catalogue.groups[folder]:
            for kind in ("rss", "atom"):
                path = f"feeds/{folder}/{slug}.{kind}.xml"
                writer.write_feed(catalogue.members[folder][slug], context, path, path, feed_type=kind)


def register() -> None:
    signals.article_generator_finalized.connect(relate)
    signals.article_writer_finalized.connect(write_lists)

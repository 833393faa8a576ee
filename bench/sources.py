"""The corpus as each system reads it: the same texts, each with that system's front matter and links."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from bench.corpus import COURSE, HUB, PRESS, VIDEO, Corpus, Facts, Item
from bench.site_settings import BUILD_DATE
from openknowledge.model.course import CourseRun, CourseState, Pace

Fields = Mapping[str, object]

FOLDERS = {
    "topic": "topics",
    "person": "people",
    "strand": "strands",
    "partner": "partners",
    "initiative": "initiatives",
}
FEED_KINDS = ("topic", "strand", "initiative")
FEEDS: Facts = {"outputs": ["html", "rss", "atom"]}
HUGO_LISTS = {
    **dict.fromkeys(("subjects", "audiences", "taught", "states"), "facets"),
    **dict.fromkeys(("years", "spoken"), "shelves"),
    "formats": "formats",
}
"""Hugo's taxonomies that only make lists, and the folder of their layouts."""
SECTIONS = {COURSE: "courses", VIDEO: "videos", HUB: "hub", PRESS: "press"}


def write_ours(corpus: Corpus, content: Path) -> None:
    """Write the items and groups as records of the catalogue, and the enrolments as snapshots."""
    for kind, folder in FOLDERS.items():
        for group in corpus.groups(kind):
            fields = {"title": group.title, "abstract": group.abstract, **group.facts}
            write(content / folder / f"{group.slug}.md", fields, group.body)
    home = {"title": "A made-up site", "abstract": "What every system builds."}
    write(content / "pages/home.md", home, "Made-up texts, the same for every system.\n")
    for item in corpus.items():
        body = corpus.body(item, lambda other: f"{{filename}}/{our_file(other)}")
        write(content / our_file(item), our_fields(corpus, item), body)
        if item.enrolments:
            rows = "\n".join(f"{day},{total}" for day, total in months(item))
            path = content / f"snapshots/enrollments/{item.slug}.csv"
            save(path, f"# source: made-up counts\nday,total\n{rows}\n")


def our_fields(corpus: Corpus, item: Item) -> Fields:
    """Return an item's front matter in the catalogue's own terms."""
    facts = {name: value for name, value in item.facts.items() if name != "format"}
    fields: Facts = {"title": item.title, "abstract": item.abstract, "topics": list(item.topics), **facts}
    if item.kind == PRESS:
        related = (corpus.item(number) for number in item.related)
        people = [f"person/{person}" for person, _ in item.credits]
        fields["mentions"] = [*people, *(f"{other.kind}/{other.slug}" for other in related)]
    else:
        fields["credits"] = [{"person": person, "role": role} for person, role in item.credits]
    if item.kind == VIDEO:
        fields["published"] = f"{item.published}T09:00:00+00:00"
    elif item.kind != COURSE:
        fields["published"] = item.published
    return fields


def write_hugo(corpus: Corpus, content: Path) -> None:
    """Write items as pages of sections, and what they belong to as terms of taxonomies."""
    for kind, folder in FOLDERS.items():
        for group in corpus.groups(kind):
            words = {"title": group.title, "params": {"abstract": group.abstract, **group.facts}}
            outputs = FEEDS if kind in FEED_KINDS else {}
            write(content / folder / group.slug / "_index.md", {**words, **outputs}, group.body)
        write(content / folder / "_index.md", {"title": folder.capitalize()}, "")
    for section in SECTIONS.values():
        outputs = {"build": {"render": "never"}} if section == "hub" else FEEDS
        write(content / section / "_index.md", {"title": section.capitalize(), **outputs}, "")
    for taxonomy, layout in HUGO_LISTS.items():
        fields = {"title": taxonomy.capitalize(), "build": {"render": "never"}, "cascade": {"type": layout}}
        write(content / taxonomy / "_index.md", fields, "")
    for year in corpus.years(PRESS):
        write(content / f"press/{year}/_index.md", {"title": f"Press {year}"}, "")
    for item in corpus.items():
        write(content / file_of(item), hugo_fields(corpus, item), corpus.body(item, path_of))


def hugo_fields(corpus: Corpus, item: Item) -> Fields:
    """Return an item's front matter: taxonomies by their own names, all else as parameters."""
    facts = peer_facts(corpus, item)
    taxonomies = {
        "topics": facts.pop("topics"),
        "people": facts.pop("people"),
        "strands": one_or_none(item.facts.get("strand")),
        "partners": item.facts.get("partners", ()),
        "initiatives": one_or_none(item.facts.get("initiative")),
    }
    if item.kind == COURSE:
        names = {"subjects": "subject", "audiences": "audiences", "taught": "teaching_langs", "states": "state"}
        taxonomies |= {taxonomy: one_or_none(facts[name]) for taxonomy, name in names.items()}
    if item.kind == VIDEO:
        taxonomies |= {"years": (str(item.published.year),), "spoken": (facts["lang"],)}
    if item.kind == HUB:
        taxonomies["formats"] = (f"{facts['initiative']}-{facts['format']}",)
    dates = {"date": item.published, "lastmod": item.facts.get("updated", item.published)}
    outputs = {"outputs": ["html", "counter"]} if item.enrolments else {}
    known = {name: list(terms) for name, terms in taxonomies.items() if terms}
    return {"title": item.title, **dates, **outputs, **known, "params": {"abstract": item.abstract, **facts}}


def one_or_none(value: Any) -> tuple[str, ...]:
    """Return a value that may be one text, several or none as several."""
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def write_pelican(corpus: Corpus, content: Path) -> None:
    """Write articles with stock Pelican's own metadata: its tags are the topics, its category is the section."""
    titles = {group.slug: group.title for kind in ("topic", "person") for group in corpus.groups(kind)}
    for item in corpus.items():
        path = path_of(item).strip("/")
        metadata = {
            "Title": item.title,
            "Slug": item.slug,
            "Date": item.published,
            "Modified": item.facts.get("updated", item.published),
            "Category": SECTIONS[item.kind],
            "Template": "article" if item.kind == PRESS else item.kind,
            "Url": f"{path}/",
            "Save_as": f"{path}/index.html",
            "Summary": item.abstract,
            "Tags": ", ".join(titles[topic] for topic in item.topics),
            "Authors": ", ".join(titles[person] for person, _ in item.credits),
            "Facts": json.dumps({"abstract": item.abstract, **peer_facts(corpus, item)}, default=str),
        }
        head = "\n".join(f"{name}: {value}" for name, value in metadata.items())
        body = corpus.body(item, lambda other: f"{{filename}}/{file_of(other)}")
        save(content / file_of(item), f"{head}\n\n{body}")
    write_groups_as_data(corpus, content.parent / "groups.json")


def write_eleventy(corpus: Corpus, content: Path) -> None:
    """Write templates in Markdown, with data that the site's collections are made from."""
    for item in corpus.items():
        facts = {"section": SECTIONS[item.kind], "abstract": item.abstract, **peer_facts(corpus, item)}
        fields = {"title": item.title, "date": item.published, "permalink": f"{path_of(item)}index.html"}
        write(content / file_of(item), {**fields, "facts": facts}, corpus.body(item, path_of))
    write_groups_as_data(corpus, content / "_data/groups.json")


def peer_facts(corpus: Corpus, item: Item) -> Facts:
    """Return what a peer's templates show of an item beside its title, its dates and its text.

    Where an edition of a course stands depends on the day, which these templates do not know: it is written here.
    """
    facts: Facts = {
        **item.facts,
        "people": [person for person, _ in item.credits],
        "role": next((role for _, role in item.credits), ""),
        "topics": list(item.topics),
        "related": [path_of(corpus.item(number)) for number in item.related],
    }
    if item.kind == COURSE:
        runs = [{**run, "state": run_state(run)} for run in item.facts.get("runs", ())]
        states = [run["state"] for run in runs]
        facts |= {"runs": runs, "state": next((state for state in CourseState if state in states), CourseState.UNKNOWN)}
    if item.enrolments:
        facts |= {"counted_from": str(months(item)[0][0]), "enrolments": list(item.enrolments)}
    return facts


def run_state(run: Facts) -> str:
    """Return where an edition stands on the day of the build."""
    fields = {name: value for name, value in run.items() if name != "pace"}
    pace = Pace(run["pace"]) if "pace" in run else None
    return CourseRun(**fields, pace=pace).state_on(date.fromisoformat(BUILD_DATE)).value


def months(item: Item) -> list[tuple[date, int]]:
    """Return a course's enrolments with their days: the first of each month after it was published."""
    first = item.published.year * 12 + item.published.month
    return [
        (date((first + index) // 12, (first + index) % 12 + 1, 1), total) for index, total in enumerate(item.enrolments)
    ]


def our_file(item: Item) -> str:
    """Return the path of an item's file below our content/."""
    return f"courses/{item.slug}/index.md" if item.kind == COURSE else file_of(item)


def file_of(item: Item) -> str:
    """Return the path of an item's file below a peer's content/."""
    return f"{path_of(item).strip('/')}.md"


def path_of(item: Item) -> str:
    """Return the address of an item's page on the peers' sites."""
    between = {PRESS: f"{item.published.year}/", HUB: f"{item.facts.get('format')}/"}.get(item.kind, "")
    return f"/{SECTIONS[item.kind]}/{between}{item.slug}/"


def write_groups_as_data(corpus: Corpus, path: Path) -> None:
    """Write all groups for systems that have no pages for them to be written in."""
    named = {folder: [asdict(group) for group in corpus.groups(kind)] for kind, folder in FOLDERS.items()}
    save(path, json.dumps(named, indent=1, default=str) + "\n")


def write(path: Path, fields: Fields, body: str) -> None:
    """Write a file with YAML front matter; JSON's texts, lists and objects are YAML's too."""
    lines = (f"{name}: {_yaml(value)}" for name, value in fields.items())
    save(path, "\n".join(("---", *lines, "---", body)))


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, str | list | dict) else str(value)


def save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

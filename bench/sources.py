"""The corpus as each system reads it: the same texts, each with that system's front matter and links."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from bench.corpus import Address, Corpus, Group, Item

Fields = Mapping[str, object]


def write_ours(corpus: Corpus, content: Path) -> None:
    """Press releases, topics and people of the catalogue; an item's author and related items are its mentions."""

    def fields(item: Item) -> Fields:
        mentions = [f"person/{item.author}", *(f"press/{corpus.item(number).slug}" for number in item.related)]
        return {
            "title": item.title,
            "abstract": item.abstract,
            "place": item.place,
            "published": item.published,
            "topics": list(item.topics),
            "mentions": mentions,
        }

    for folder, groups in (("topics", corpus.topics()), ("people", corpus.people())):
        for one in groups:
            write(content / folder / f"{one.slug}.md", {"title": one.title, "abstract": one.abstract}, one.body)
    home = {"title": "A made-up site", "abstract": "What every system builds."}
    write(content / "pages/home.md", home, "Made-up texts, the same for every system.\n")
    write_items(corpus, content, fields, lambda item: f"{{filename}}/{place_of(item)}")


def write_hugo(corpus: Corpus, content: Path) -> None:
    """Pages in sections by year, with topics and people as taxonomies."""

    def fields(item: Item) -> Fields:
        return {
            "title": item.title,
            "abstract": item.abstract,
            "place": item.place,
            "date": item.published,
            "topics": list(item.topics),
            "people": [item.author],
            "related": [path_of(corpus.item(number)) for number in item.related],
        }

    with_feeds = {"outputs": ["html", "rss", "atom"]}
    for folder, groups, more in (("topics", corpus.topics(), with_feeds), ("people", corpus.people(), {})):
        for one in groups:
            group = {"title": one.title, "abstract": one.abstract, **more}
            write(content / folder / one.slug / "_index.md", group, one.body)
        write(content / folder / "_index.md", {"title": folder.capitalize()}, "")
    write(content / "press/_index.md", {"title": "Press", **with_feeds}, "")
    for year in corpus.years():
        write(content / f"press/{year}/_index.md", {"title": f"Press {year}"}, "")
    write_items(corpus, content, fields, path_of)


def write_pelican(corpus: Corpus, content: Path) -> None:
    """Articles with stock Pelican's own metadata: its tags are the topics, its category is the section."""
    topics = {one.slug: one.title for one in corpus.topics()}
    people = {one.slug: one.title for one in corpus.people()}
    for item in corpus.items():
        metadata = {
            "Title": item.title,
            "Slug": item.slug,
            "Date": item.published,
            "Summary": item.abstract,
            "Category": "Press",
            "Tags": ", ".join(topics[one] for one in item.topics),
            "Authors": people[item.author],
            "Place": item.place,
            "Related": " ".join(corpus.item(number).slug for number in item.related),
        }
        head = "\n".join(f"{name}: {value}" for name, value in metadata.items())
        body = corpus.body(item, lambda one: f"{{filename}}/{place_of(one)}")
        save(content / place_of(item), f"{head}\n\n{body}")
    write_groups_as_data(corpus, content.parent / "groups.json")


def write_eleventy(corpus: Corpus, content: Path) -> None:
    """Templates in Markdown, with data that its collections are made from."""

    def fields(item: Item) -> Fields:
        return {
            "title": item.title,
            "abstract": item.abstract,
            "place": item.place,
            "date": item.published,
            "year": item.published.year,
            "topics": list(item.topics),
            "person": item.author,
            "related": [path_of(corpus.item(number)) for number in item.related],
            "permalink": f"{path_of(item)}index.html",
        }

    write_items(corpus, content, fields, path_of)
    write_groups_as_data(corpus, content / "_data/groups.json")


def place_of(item: Item) -> str:
    """Where the item's file stands below content/, in all systems."""
    return f"press/{item.published.year}/{item.slug}.md"


def path_of(item: Item) -> str:
    """Where the item's page stands on the peers' sites."""
    return f"/press/{item.published.year}/{item.slug}/"


def write_groups_as_data(corpus: Corpus, path: Path) -> None:
    """Topics and people for systems that have no pages for them to be written in."""
    named = {"topics": corpus.topics(), "people": corpus.people()}
    save(path, json.dumps({name: list(map(_as_data, groups)) for name, groups in named.items()}, indent=1) + "\n")


def _as_data(group: Group) -> dict[str, str]:
    return {"slug": group.slug, "title": group.title, "abstract": group.abstract, "body": group.body}


def write_items(corpus: Corpus, content: Path, fields: Callable[[Item], Fields], address: Address) -> None:
    """A file for each item of the corpus."""
    for item in corpus.items():
        write(content / place_of(item), fields(item), corpus.body(item, address))


def write(path: Path, fields: Fields, body: str) -> None:
    """A file with YAML front matter; JSON's strings and lists are YAML's too."""
    lines: Iterable[str] = (f"{name}: {_yaml(value)}" for name, value in fields.items())
    save(path, "\n".join(("---", *lines, "---", body)))


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | list) else str(value)


def save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

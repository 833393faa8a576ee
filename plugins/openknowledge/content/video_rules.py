"""What editors' rules say of the channel's videos: speakers by videos/people.yaml, topics by videos/topics.yaml."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from openknowledge.engine.build_inputs import FileTree
from openknowledge.model.values import ExactText, Value
from openknowledge.model.video import DerivedFrom
from openknowledge.problems import Message, Problem, add_suggestion
from openknowledge.project_files import FileRefused, read_project_file

from .cpu_limit import read_within_limit
from .field_values import FieldReader
from .frontmatter import decode_text, describe_unknown_field, validate
from .located_yaml import FieldPath, LocatedFields, RecoveredFields, load_yaml, recover_fields
from .name_patterns import (
    MAX_STARS,
    NAMES,
    compile_titles,
    compile_words,
    count_stars,
    find_pattern,
    fold,
    name_slug,
)

__all__ = ["PEOPLE_FILE", "TOPICS_FILE", "Derived", "VideoRules", "list_slugs", "read_rules"]

PEOPLE_FILE = "videos/people.yaml"
TOPICS_FILE = "videos/topics.yaml"
PATTERN_HINT = Message('Write {names} where the names are and * for anything else: "{names}: *".')


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePattern(Value):
    """Where names stand in a title or in a line of a description; in the videos of some playlists, or in all."""

    pattern: ExactText = ""
    playlists: tuple[ExactText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRules(Value):
    """How speakers are found: the first pattern that finds names counts.

    `no_names` are words that no name has, `spelling` has names as they should be by how they are written, `pages` has
    the people of the catalogue by their names, where their files are called in another way.
    """

    title: tuple[NamePattern, ...] = ()
    description: tuple[NamePattern, ...] = ()
    no_names: tuple[ExactText, ...] = ()
    spelling: dict[str, ExactText] = field(default_factory=dict)
    pages: dict[str, ExactText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRule(Value):
    """Which videos have a topic: those of playlists with such titles, and those with such words in their own title."""

    playlists: tuple[ExactText, ...] = ()
    words: tuple[ExactText, ...] = ()


class Derived(NamedTuple):
    """What the rules find of a video: topics, people by name and slug, and where; plain values."""

    topics: tuple[str, ...] = ()
    topics_from: tuple[str, ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    people_from: tuple[str, ...] = ()

    def as_fields(self, known_people: Collection[str]) -> dict[str, Any]:
        """Return the fields of the video; who is among `known_people`, by slug, is credited with a link."""
        fields = {
            "topics": self.topics,
            "topics_from": self.topics_from,
            "credits": tuple({"person": slug, "role": "speaker"} for _, slug in self.people if slug in known_people),
            "speakers": tuple(name for name, slug in self.people if slug not in known_people),
            "speakers_from": self.people_from,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True, slots=True)
class VideoRules:
    """The rules of both files."""

    people: PeopleRules = field(default_factory=PeopleRules)
    topics: Mapping[str, TopicRule] = field(default_factory=dict)

    def derive(self, title: str, description: str, playlists: tuple[str, ...]) -> Derived:
        """Return what the rules find of a video in playlists of these titles."""
        names, source = self._find_names(title, description, playlists)
        people = tuple((name, self.people.pages.get(name) or name_slug(name)) for name in names)
        return Derived(*self._find_topics(title, playlists), people, source)

    def _find_topics(self, title: str, playlists: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        topics: dict[str, None] = {}
        sources: dict[str, None] = {}
        folded = fold(title)
        for slug, rule in self.topics.items():
            if rule.words and compile_words(rule.words).search(folded):
                topics[slug] = sources[str(DerivedFrom.TITLE)] = None
            if _is_among(playlists, rule.playlists):
                topics[slug] = sources[str(DerivedFrom.PLAYLIST)] = None
        return (*topics,), (*sources,)

    def _find_names(
        self, title: str, description: str, playlists: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        no_names = frozenset(map(fold, self.people.no_names))
        places = (
            (DerivedFrom.TITLE, self.people.title, title),
            (DerivedFrom.DESCRIPTION, self.people.description, description),
        )
        for source, patterns, text in places:
            for rule in patterns:
                if text and (not rule.playlists or _is_among(playlists, rule.playlists)):
                    found = find_pattern(rule.pattern).find(text, title, no_names)
                    names = dict.fromkeys(self.people.spelling.get(name, name) for name in found)
                    if names:
                        return (*names,), (str(source),)
        return (), ()


@lru_cache(maxsize=4096)
def _is_among(playlists: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return bool(patterns) and any(compile_titles(patterns).fullmatch(fold(title)) for title in playlists)


def list_slugs(tree: FileTree, folder: str) -> frozenset[str]:
    """Return the slugs of the items whose Markdown files lie in a folder of one kind, such as `people/`."""
    names = (path.removeprefix(folder) for path in tree.below(folder) if path.endswith(".md"))
    return frozenset(name.partition(".")[0] for name in names if "/" not in name)


def read_rules(
    root: Path, paths: Iterable[str], topics: Collection[str], people: Collection[str]
) -> tuple[VideoRules, list[Problem]]:
    """Return the rules of the files that there are, without wrong ones, and what is wrong with them.

    `topics` and `people` are the slugs of those that there are.
    """
    rules = VideoRules()
    problems: list[Problem] = []
    for path in paths:
        shown_path, text = f"{root.name}/{path}", _read_text(root, path)
        read = partial(_read_people, people=people) if path == PEOPLE_FILE else partial(_read_topics, topics=topics)
        result: Any = text
        if isinstance(text, str):
            result = read_within_limit(partial(_parse, text, shown_path, read), shown_path, len(text))
        if isinstance(result, Problem):
            problems.append(result)
            continue
        found, wrong = result
        problems += wrong
        rules = replace(rules, people=found) if isinstance(found, PeopleRules) else replace(rules, topics=found)
    return rules, problems


def _read_text(root: Path, path: str) -> str | Problem:
    shown_path = f"{root.name}/{path}"
    try:
        return decode_text(read_project_file(root / path, root), shown_path)
    except FileNotFoundError:
        message = Message("the file has gone while it was being read")
        return Problem(shown_path, None, None, message, Message("Build again."))
    except FileRefused as refusal:
        return Problem(shown_path, None, None, refusal.message, refusal.hint)


def _parse(text: str, shown_path: str, read: Callable[[LocatedFields], tuple[Any, list[Problem]]]) -> Any:
    """Return the rules of a file, or its topics, and what is wrong."""
    file = load_yaml(text, shown_path)
    whole = recover_fields(text, shown_path, file) if isinstance(file, Problem) else RecoveredFields(file)
    found, wrong = read(whole.fields)
    return found, [*whole.problems, *wrong]


def _read_people(file: LocatedFields, people: Collection[str]) -> tuple[PeopleRules, list[Problem]]:
    reader = FieldReader(file)
    rules = validate(PeopleRules, reader.read(PeopleRules, file.data), file)
    if not isinstance(rules, PeopleRules):
        seen = {problem.line for problem in reader.problems}
        return PeopleRules(), [*reader.problems, *(problem for problem in rules if problem.line not in seen)]
    problems = [*reader.problems, *_check_patterns(file, rules)]
    for name, slug in rules.pages.items():
        if slug not in people:
            message = add_suggestion(Message('there is no person "%(slug)s"', slug=slug), slug, people)
            hint = Message("Write the name of a file in content/people/, without its ending.")
            problems.append(file.locate_problem(("pages", name), message, hint))
    return rules if not problems else PeopleRules(), problems


def _check_patterns(file: LocatedFields, rules: PeopleRules) -> Iterator[Problem]:
    for place, patterns in (("title", rules.title), ("description", rules.description)):
        for index, rule in enumerate(patterns):
            path: FieldPath = (place, index, "pattern")
            rest = rule.pattern.replace(NAMES, "", 1)
            if rest == rule.pattern:
                yield file.locate_problem(path, Message("the pattern does not say where the names are"), PATTERN_HINT)
            elif NAMES in rest:
                yield file.locate_problem(path, Message("the pattern has {names} twice"), PATTERN_HINT)
            elif count_stars(rule.pattern) > MAX_STARS:
                message = Message("the pattern has more than %(number)s stars", number=MAX_STARS)
                yield file.locate_problem(path, message, PATTERN_HINT)
            elif not rest.strip(" *") and not rule.playlists:
                hint = Message('Write what stands beside the names, or the "playlists" in which the pattern counts.')
                yield file.locate_problem(path, Message("the pattern finds names in every text"), hint)


def _read_topics(file: LocatedFields, topics: Collection[str]) -> tuple[dict[str, TopicRule], list[Problem]]:
    rules: dict[str, TopicRule] = {}
    problems: list[Problem] = []
    for slug, data in file.data.items():
        if slug not in topics:
            message = add_suggestion(Message('there is no topic "%(slug)s"', slug=slug), slug, topics)
            hint = Message("Write the name of a file in content/topics/, without its ending.")
            problems.append(file.locate_problem((slug,), message, hint))
            continue
        rule = _read_topic(file, slug, data)
        if isinstance(rule, TopicRule):
            rules[slug] = rule
        else:
            problems += rule
    return rules, problems


def _read_topic(file: LocatedFields, slug: str, data: Any) -> TopicRule | list[Problem]:
    example = Message('Write below it, indented: playlists: ["PyCon*"] or words: [statistics].')
    if not isinstance(data, dict) or not data:
        return [file.locate_problem((slug,), Message("this does not say which videos have the topic"), example)]
    located = file.below((slug,), data)
    known = TopicRule.__slots__
    unknown = [describe_unknown_field(name, known, located) for name in data if name not in known]
    reader = FieldReader(located)
    values = reader.read(TopicRule, {name: value for name, value in data.items() if name in known})
    if unknown or reader.problems:
        return [*unknown, *reader.problems]
    rule = validate(TopicRule, values, located)
    if not isinstance(rule, TopicRule):
        return list(rule)
    empty = [one for one in (*rule.playlists, *rule.words) if not one.strip(" *")]
    if empty:
        message = Message('"%(pattern)s" would give every video the topic', pattern=empty[0])
        return [file.locate_problem((slug,), message, example)]
    return rule

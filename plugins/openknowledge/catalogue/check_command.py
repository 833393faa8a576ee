"""`invoke check`: what is wrong with the content, without building the site."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from pelican.settings import read_settings
from rich.console import Console

from openknowledge.content.course_runs import find_differences, list_unassigned
from openknowledge.content.cpu_limit import CpuLimitExceeded, cpu_limit
from openknowledge.content.frontmatter import parse_front_matter
from openknowledge.content.loader import ContentIndex
from openknowledge.content.located_yaml import LocatedFields, load_yaml
from openknowledge.content.markdown.render import check_reader
from openknowledge.content.numbers import FIGURES_FILE
from openknowledge.content.passed_over import find_unused
from openknowledge.content.read_item import MAX_CPU_S
from openknowledge.content.schedule import NEVER, parse_appearance
from openknowledge.content.transcripts import find_odd_captions
from openknowledge.model.course import Course
from openknowledge.model.values import Ref
from openknowledge.problems import ContentProblems, Gettext, Message, Problem, sort_problems
from openknowledge.progress import progress_bar
from openknowledge.project_files import is_project_file, read_project_file
from openknowledge.rendering.locale import Language, describe_missing_words, load_gettext, load_languages

from .assemble import AssembledSite, assemble, index_courses
from .findings import ask_plugins, find_problems
from .gaps import describe_gaps
from .kinds import KINDS
from .link_targets import file_lang
from .number_remarks import find_disagreements, find_typed_numbers
from .settings import CatalogueSettings

NOT_CHECKED = Message("Not checked: whether the texts mean the same to all Markdown readers, because %(reason)s.")


def main(settings_file: str = "pelicanconf.py", *, counts_gaps: bool = False) -> int:
    """Print all problems, and with `counts_gaps` what courses lack.

    Return 1 where there are any problems, and where not everything could be checked.
    """
    reason = check_reader("fast")
    gettext: Gettext = str
    try:
        settings = read_settings(settings_file)
        options = CatalogueSettings.from_pelican(settings)
        languages = load_languages(options.locale, options.site.langs, options.timezone, options.locales)
        gettext = load_gettext(settings)
        with progress_bar(Console(stderr=True)) as progress:
            assembled = assemble(options, KINDS, languages, progress)
        for path, appears in assembled.scheduled:
            print(f"{path}: {describe_appearance(appears, languages[options.site.langs[0]])}")
        problems = list_problems(assembled, settings, checks_portability=reason is None)
        if problems:
            raise ContentProblems(problems)
        for line in describe_missing_words(languages, options.locale):
            print(line, file=sys.stderr)
        for remark in sort_problems(find_remarks(assembled)):
            print(remark.localize(gettext), file=sys.stderr)
    except ContentProblems as error:
        print(error.localize(gettext), file=sys.stderr)
        return error.exitcode
    finally:
        if reason:
            print(Message(NOT_CHECKED.message_id, reason=reason).localize(gettext), file=sys.stderr)
    if reason:
        return 1
    site = assembled.site
    for line in describe_gaps(site.fork()) if counts_gaps else ():
        print(line.localize(gettext))
    counts = {"items": len(site.refs()), "figures": len(site.figures), "series": len(site.series)}
    print(
        Message("No problems. Items: %(items)s; figures: %(figures)s; series: %(series)s.", **counts).localize(gettext)
    )
    return 0


def list_problems(assembled: AssembledSite, settings: Mapping[str, Any], *, checks_portability: bool) -> list[Problem]:
    """Return what a build would refuse, and what it would take for something else than another reader of Markdown."""
    content, advice = assembled.content.options.root, ask_plugins("advise", settings, assembled.site)
    problems = [*find_problems(assembled, settings), *advice]
    found = {(problem.path, problem.line) for problem in problems}
    ambiguous = check_portability(content) if checks_portability else ()
    problems += (one for one in ambiguous if (one.path, one.line) not in found)
    return [*problems, *check_languages_of_code(content)]


def describe_appearance(appears: str, language: Language) -> str:
    """Return when an item appears, in words of a language: `appears on 15 January 2027`."""
    if appears == NEVER:
        return language.gettext("is a draft, and appears once “draft: true” is removed")
    if len(appears) > len("2026-12-01"):
        when = language.moment(parse_appearance(appears, language.timezone))
    else:
        when = language.date(date.fromisoformat(appears))
    return language.gettext("appears on %(day)s", day=when.text)


def find_remarks(assembled: AssembledSite) -> Iterator[Problem]:
    """Yield what editors may want to know of content that has no problems."""
    yield from find_unused_files(assembled.content)
    yield from find_undrawn_diagrams(assembled.content.options.root)
    yield from find_odd_captions(assembled.content.options.root, assembled.transcripts)
    yield from check_platform_runs(assembled)
    yield from find_number_remarks(assembled)


def find_number_remarks(assembled: AssembledSite) -> Iterator[Problem]:
    """Yield remarks on numbers that are typed by hand, and on figures that disagree."""
    content, site = assembled.content.options.root, assembled.site.fork()
    texts = ((path, file_lang(path, site.default_lang), file) for path, file in _read_texts(content))
    yield from find_typed_numbers(((path, lang, file) for path, lang, file in texts if lang in site.langs), site)
    figures = content / FIGURES_FILE
    if site.figures and figures.is_file():
        file = load_yaml(read_project_file(figures, content).decode(), f"{content.name}/{FIGURES_FILE}")
        assert isinstance(file, LocatedFields)
        yield from find_disagreements(site.figures, file)


def find_unused_files(content: ContentIndex) -> Iterator[Problem]:
    """Yield a remark on each file of content that was read without problems and that nothing shows."""
    used = {path for paths in content.table.paths() for path in paths}
    used |= {path for paths in content.table.column("media") for path in paths}
    return find_unused(content.tree, used, content.options.root.name)


def check_platform_runs(assembled: AssembledSite) -> Iterator[Problem]:
    """Yield remarks on what editors and platforms say differently of a run, and on runs that belong to no course."""
    content, runs = assembled.content, assembled.platform_runs
    if not runs:
        return
    index = index_courses(content.table)
    yield from list_unassigned(runs, index)
    records = content.select_records(content.table)
    for slug, rows in sorted(index.assign(runs).items()):
        course = records.full(Ref("course", slug))
        assert isinstance(course, Course)
        file = course.files[0]
        front = parse_front_matter(read_project_file(content.options.root.parent / file, content.options.root), file)
        assert isinstance(front, LocatedFields)
        for place, name, written, row in find_differences(course, rows):
            values = {"written": str(written), "found": str(getattr(row, name)), "row": f"{row.path}:{row.line}"}
            message = Message('"%(written)s" is shown, where the platform says "%(found)s" (%(row)s)', **values)
            hint = Message("If the platform is right, remove the line here.")
            yield front.locate_problem(("runs", place, name), message, hint)


def check_portability(content: Path) -> Iterator[Problem]:
    """Yield Markdown below `content` that another reader would take for something else; needs the fast reader."""
    from openknowledge.content.markdown.portability_lint import lint

    return _look_through(content, lint)


def check_languages_of_code(content: Path) -> Iterator[Problem]:
    """Yield the blocks of code below `content` whose language has no colours."""
    from openknowledge.content.markdown.highlighting import find_unknown_languages

    return _look_through(content, find_unknown_languages)


def find_undrawn_diagrams(content: Path) -> Iterator[Problem]:
    """Yield a remark on each diagram that is shown as code here."""
    from openknowledge.content.markdown.diagrams import find_undrawn

    return _look_through(content, find_undrawn)


def _look_through(content: Path, find: Callable[[str], Iterable[tuple[int, Message, Message]]]) -> Iterator[Problem]:
    """Yield what is found in each text below `content`; one that takes too long is named where it is read."""
    for shown, front in _read_texts(content):
        found: list[tuple[int, Message, Message]] = []
        with suppress(CpuLimitExceeded, RecursionError), cpu_limit(MAX_CPU_S):
            found.extend(find(front.body))
        for line, message, hint in found:
            yield Problem(shown, front.body_line + line - 1, None, message, hint)


def _read_texts(content: Path) -> Iterator[tuple[str, LocatedFields]]:
    """Yield the path and the text of each file of Markdown that can be read."""
    for path in sorted(content.rglob("*.md")):
        if not is_project_file(path.relative_to(content).as_posix(), content):
            continue
        shown = f"{content.name}/{path.relative_to(content).as_posix()}"
        front = parse_front_matter(read_project_file(path, content), shown)
        if isinstance(front, LocatedFields):
            yield shown, front


if __name__ == "__main__":
    sys.exit(main(counts_gaps="--gaps" in sys.argv[1:]))

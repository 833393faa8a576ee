"""Files below content/ that nothing is made of: those whose name is surely a mistake, and those that nothing shows."""

import re
from collections.abc import Collection, Iterable, Iterator

from openknowledge.problems import Message, Problem, suggest_spelling

__all__ = ["MISNAMED_SUFFIXES", "find_misnamed", "find_unused", "is_left_alone"]

MARKDOWN_SUFFIXES = (".markdown", ".mdown", ".mkdn", ".mkd", ".mdwn", ".mdtxt", ".mdx", ".md.txt", ".md")
OTHER_TEXT_SUFFIXES = (".rst", ".adoc", ".asciidoc", ".textile", ".rmd", ".qmd", ".ipynb")
YAML_SUFFIXES = (".yaml", ".yml")
MISNAMED_SUFFIXES = (*MARKDOWN_SUFFIXES, *OTHER_TEXT_SUFFIXES, *YAML_SUFFIXES)
YAML_FILES = ("figures.yaml", "redirects.yaml", "synonyms.yaml")
"""The files beside the folders of the kinds that are read."""
FOR_PEOPLE = re.compile(r"(?:README|LICEN[CS]E|CHANGELOG|CONTRIBUTING)\b.*", re.IGNORECASE)
"""Files that people read in the repository."""
LEFTOVER = re.compile(
    r".*~|#.*#|~\$.*|.*\.(?:bak|orig|swp|tmp|part)|Thumbs\.db|desktop\.ini|Icon\r|__MACOSX", re.IGNORECASE
)
"""What editors and systems leave beside files."""
READ_ELSEWHERE = re.compile(
    r"(?:figures|redirects|synonyms)\.yaml|snapshots/enrollments/[^/]+\.csv|snapshots/[^/]+\.txt"
    r"|videos/captions/[^/]+|snapshots/[^/]+/stills/[^/]+\.jpg|videos/(?:people|topics)\.yaml"
    r"|snapshots/[^/]+/[a-z]+(?:-[a-z0-9]+)*\.(?:jsonl|csv)"
)
"""Files that are no item's, and are read all the same."""
FORMAT_HINT = Message("Write the text in Markdown, in a file whose name ends in .md.")


def find_misnamed(paths: Iterable[str], root: str) -> Iterator[Problem]:
    """Yield a problem for each file that is meant as a text or a table and would not be read, because of its name.

    Paths count from the content folder, whose name is `root`.
    """
    for path in paths:
        name = path.rpartition("/")[2]
        lower = name.lower()
        if name.endswith(".md") or not lower.endswith(MISNAMED_SUFFIXES) or is_left_alone(name):
            continue
        message = Message("the file would not be read: its name ends in another way")
        if lower.endswith(MARKDOWN_SUFFIXES):
            suffix = next(suffix for suffix in MARKDOWN_SUFFIXES if lower.endswith(suffix))
            hint = Message('Name it "%(name)s".', name=f"{name[: -len(suffix)]}.md")
            yield Problem(f"{root}/{path}", None, None, message, hint)
        elif lower.endswith(OTHER_TEXT_SUFFIXES):
            yield Problem(f"{root}/{path}", None, None, message, FORMAT_HINT)
        elif "/" not in path and path not in YAML_FILES:
            near = suggest_spelling(lower.rpartition(".")[0], (known.partition(".")[0] for known in YAML_FILES))
            hint = Message("Those that are read in this folder: %(names)s.", names=", ".join(YAML_FILES))
            message = Message("nothing reads a file of this name")
            if near is not None:
                message = Message("nothing reads a file of this name; %(near)s", near=near)
            yield Problem(f"{root}/{path}", None, None, message, hint)


def find_unused(paths: Iterable[str], used: Collection[str], root: str) -> Iterator[Problem]:
    """Yield a remark on each file that nothing is made of and nothing shows.

    `used` are the paths of items and of what they show. Nothing is wrong with such files, but whoever put them there
    may have meant something.
    """
    message = Message("nothing shows this file or links to it")
    hint = Message("Show it or link to it, or delete it.")
    for path in paths:
        if path not in used and not READ_ELSEWHERE.fullmatch(path) and not is_left_alone(path.rpartition("/")[2]):
            yield Problem(f"{root}/{path}", None, None, message, hint)


def is_left_alone(name: str) -> bool:
    """Return whether a file is one for people, or one that an editor or a system left, by its name."""
    return FOR_PEOPLE.fullmatch(name) is not None or LEFTOVER.fullmatch(name) is not None

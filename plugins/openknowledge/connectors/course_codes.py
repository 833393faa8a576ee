"""Which course a code is of, as editors wrote it into the files of the courses."""

from collections.abc import Mapping
from pathlib import Path

from openknowledge.content.frontmatter import parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.project_files import is_project_file, read_project_file

__all__ = ["read_course_codes"]


def read_course_codes(content: Path) -> Mapping[str, str]:
    """Return the slugs of courses by their code in small letters, without codes that several courses have.

    A file that cannot be read has no code: builds name its mistake.
    """
    slugs: dict[str, set[str]] = {}
    for path in sorted(content.glob("courses/*/index*.md")):
        if not is_project_file(path.relative_to(content).as_posix(), content):
            continue
        front = parse_front_matter(read_project_file(path, content), str(path))
        code = front.written.get(("code",), front.data.get("code")) if isinstance(front, LocatedFields) else None
        if code is not None:
            slugs.setdefault(str(code).casefold(), set()).add(path.parent.name)
    return {code: found.pop() for code, found in slugs.items() if len(found) == 1}

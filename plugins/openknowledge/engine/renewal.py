"""The counters' documents of a built site are exchanged for those that were built alone in a folder of their own."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from openknowledge.manifest import MANIFEST, UNFINISHED, CacheClass, Manifest, ManifestProblem, Twin
from openknowledge.problems import count_noun, operator_problem

from .atomic_files import TEMP_SUFFIX, atomic_write_if_changed
from .build_state import BUILD_STATE, LOCK, RENEWAL
from .precompress import FAST, compress
from .scheduler import write_output_file
from .session import LOCK_TIMEOUT_S

__all__ = ["RenewalRefused", "main", "renew_files"]


class RenewalRefused(Exception):
    """The folder has no whole site, or another build is writing it; the arguments are what is wrong and a cure."""


def renew_files(source: Path, output: Path) -> int:
    """Exchange the counters' documents that a site and a folder both have, and return how many have other bytes.

    Only they, their twins and the manifest are written, so everything else is as the last build made it. The build
    state is not: to the next build they are files that something else changed, and it makes them again. What is new
    in `source` waits for the pages that refer to it. Raises `RenewalRefused`.
    """
    if not (output / BUILD_STATE).exists():
        raise RenewalRefused("there is no built site here", "Build it first: invoke build.")
    try:
        with FileLock(output / LOCK, timeout=LOCK_TIMEOUT_S):
            return _renew(source, output)
    except Timeout:
        raise RenewalRefused("another build is writing here", "Wait until it has ended.") from None
    except (ManifestProblem, FileNotFoundError) as error:
        raise RenewalRefused(f"the manifest {error}".rstrip("."), "Build it again: invoke build.") from None


def _renew(source: Path, output: Path) -> int:
    journal = output / UNFINISHED
    if journal.exists() and journal.read_text("utf-8") != RENEWAL:
        raise RenewalRefused("a build did not end here", "Build it again: invoke build.")
    site_url, rows = Manifest.load_rows((output / MANIFEST).read_bytes())
    _, others = Manifest.load_rows((source / MANIFEST).read_bytes())
    digests = {path: digest for path, digest, _, _, cache, *_ in others if cache == CacheClass.COUNTERS}
    if journal.exists():
        for folder in {(output / path).parent for path in (MANIFEST, *digests)}:
            for draft in folder.glob(f".*{TEMP_SUFFIX}"):
                draft.unlink(missing_ok=True)
    numbers = [number for number, row in enumerate(rows) if digests.get(row[0], row[1]) != row[1]]
    if numbers or journal.exists():
        journal.write_text(RENEWAL, "utf-8")
        for number in numbers:
            rows[number] = _exchange(source, output, rows[number])
        atomic_write_if_changed(output / MANIFEST, Manifest.dump_rows(site_url, rows))
        journal.unlink()
    return len(numbers)


def _exchange(source: Path, output: Path, row: list[Any]) -> list[Any]:
    """Write a file and the twins that it has, and return its row of the manifest."""
    path, _, _, *classes, twins = row
    data = (source / path).read_bytes()
    _, _, file = write_output_file(output, path, data)
    renewed = []
    for encoding, twin_path, *_ in twins:
        _, _, twin = write_output_file(output, twin_path, compress(data, encoding, FAST))
        renewed.append(Twin(encoding, twin_path, twin.sha256, twin.size_b))
    return [path, file.sha256, file.size_b, *classes, renewed]


def main(arguments: Sequence[str]) -> int:
    """Renew the files of a folder with those of another one, and return the exit status."""
    source, output = map(Path, arguments)
    try:
        count = renew_files(source, output)
    except RenewalRefused as refusal:
        print(operator_problem(f"{output.name}/", None, None, *refusal.args), file=sys.stderr)
        return 1
    print(f"{count_noun(count, 'file')} of {output.name}/ renewed, no page.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

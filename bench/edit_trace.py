"""What one edited word of a course passes through: `python -m bench.edit_trace`.

The small site of the tests is built in two folders. A course is edited in the first one, so that all is loaded that
ever is; then in the second one, whose build is traced (`sys.setprofile`). What counts are files of the package of which
any code runs, and calls whose code is in another file than the caller's; a generator that goes on is a call, too.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from pelican import Pelican
from pelican.settings import read_settings
from tests.site.small import ROOT, TODAY, small_content

COURSE, OLD, NEW = "courses/algebra/index.md", "iscrizioni", "persone iscritte"
PACKAGE = f"{ROOT}/plugins/openknowledge/"


@dataclass
class Trace:
    """How often code of each file ran, and how often each function was called from another file."""

    files: Counter[str] = field(default_factory=Counter)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    def record(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Count an event of the profiler."""
        name, caller = frame.f_code.co_filename, frame.f_back
        if event != "call" or not name.startswith(PACKAGE):
            return
        self.files[name.removeprefix(PACKAGE)] += 1
        if caller is not None and caller.f_code.co_filename.startswith(PACKAGE) and caller.f_code.co_filename != name:
            self.calls[_name(caller), _name(frame)] += 1


def _name(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename.removeprefix(PACKAGE)}: {frame.f_code.co_qualname}"


def main(argv: Sequence[str] | None = None) -> None:
    """Trace an edit, and print how many files and calls there were."""
    parser = argparse.ArgumentParser(prog="bench.edit_trace", description=__doc__)
    parser.add_argument("--list", type=int, default=0, metavar="N", help="the calls between files that come most often")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="trace-") as folder:
        other, traced = Path(folder, "other"), Path(folder, "traced")
        for place in (other, traced):
            small_content(place)
            build(place)
        edit(other)
        build(other)
        edit(traced)
        trace = Trace()
        build(traced, trace)
    total, between = trace.files.total(), trace.calls.total()
    print(f"{len(trace.files)} files, {between:,} calls between them, of {total:,} calls")
    for (caller, function), count in trace.calls.most_common(options.list):
        print(f"{count:6,}  {caller} calls {function}")


def build(place: Path, trace: Trace | None = None) -> None:
    """Build the site of a folder in this process, and trace it if asked to."""
    paths = {"PATH": "content", "OUTPUT_PATH": "output", "CACHE_PATH": "cache"}
    own = {**{name: str(place / path) for name, path in paths.items()}, "BUILD_DATE": TODAY, "BUILD_WORKERS": 1}
    settings = read_settings(str(ROOT / "pelicanconf.py"), override=own)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        sys.setprofile(trace and trace.record)
        try:
            Pelican(settings).run()
        finally:
            sys.setprofile(None)


def edit(place: Path) -> None:
    """Change one word of a course."""
    path = place / "content" / COURSE
    text = path.read_text("utf-8")
    assert OLD in text
    path.write_text(text.replace(OLD, NEW, 1), "utf-8")


if __name__ == "__main__":
    main()

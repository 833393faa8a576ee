"""Builds in processes that have loaded before what every build needs.

Two thirds of the time of a small build go into loading Pelican, the plugins, the models of records and the templates.
A program does so once, by building a site; each build of a test is a fork of it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
TOOK = "TOOK"


def run_pelican(
    arguments: Sequence[str], folder: Path = ROOT, environment: Mapping[str, str] | None = None, limit_s: float = 0
) -> subprocess.CompletedProcess[str]:
    """Run Pelican's command line in a folder, in a fork of the program; only one thread at a time may.

    Variables of an environment, and plugins of its own, need a process that has nothing loaded, as an editor's has.
    The system ends the fork with SIGPROF, as abruptly as a kill, once it has used so many seconds of the processor;
    0 for never. They are as long on a busy machine as on a quiet one. A fork with a limit prints at its end how many
    it took.
    """
    if environment or any(argument.startswith("PLUGINS=") for argument in arguments):
        command, variables = [sys.executable, "-m", "pelican", *arguments], {**os.environ, **(environment or {})}
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=variables)
    with TemporaryDirectory() as place:
        request = {"arguments": [*arguments], "folder": str(folder), "place": place, "limit_s": limit_s}
        request["environment"] = {**os.environ}
        for name in ("stdout", "stderr"):
            Path(place, name).touch()
        program = _program()
        assert program.stdin and program.stdout
        program.stdin.write(json.dumps(request) + "\n")
        program.stdin.flush()
        status = int(program.stdout.readline())
        stdout, stderr = ((Path(place) / name).read_text("utf-8") for name in ("stdout", "stderr"))
    return subprocess.CompletedProcess([*arguments], status, stdout, stderr)


@cache
def _program() -> subprocess.Popen[str]:
    """Start the program; it ends when this process does, because nobody can ask it any more."""
    command = [sys.executable, "-m", "tests.site.warm"]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def main() -> None:
    """Build a site, then fork for each build that is asked for and answer with its status."""
    from tests.rebuilding.workshop import Workshop, remembering_results
    from tests.site import small

    with TemporaryDirectory() as folder, remembering_results():
        shop = Workshop(Path(folder))
        small.share_templates(shop.cache)
        assert shop.build(THEME=str(ROOT / "theme"), TWINS=True).is_good
        gc.collect()
        gc.freeze()
        for line in sys.stdin:
            child = os.fork()
            if not child:
                os._exit(_build(**json.loads(line)))
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _build(arguments: list[str], folder: str, place: str, environment: dict[str, str], limit_s: float) -> int:
    """Run Pelican's command line, and return the status that its process ends with."""
    import pelican

    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        for number, name in enumerate((os.devnull, f"{place}/stdout", f"{place}/stderr")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o600), number)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = ["pelican", *arguments]
        pelican.main(arguments)
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        if limit_s:
            print(TOOK, time.process_time())
        sys.stdout.flush()
        sys.stderr.flush()


if __name__ == "__main__":
    main()

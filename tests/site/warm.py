"""Builds in processes that have loaded before what every build needs.

Two thirds of the time of a small build go into loading Pelican, the plugins, the models of records and the templates.
A program does so once in a run of the tests, by building a site; each build of a test is a fork of it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, NoReturn, TextIO

from filelock import FileLock

ROOT = Path(__file__).parents[2]
TOOK = "TOOK"
USED_LATER = ("rich.status", "openknowledge.engine.workers.process_pool")
"""What Pelican's command line and builds with workers load, beyond what a build in one process does."""
LOOK_EVERY_S = 1
"""How often the program looks whether the run goes on."""


def run_pelican(
    arguments: Sequence[str], folder: Path = ROOT, environment: Mapping[str, str] | None = None, limit_s: float = 0
) -> subprocess.CompletedProcess[str]:
    """Run Pelican's command line in a folder, in a fork of the program.

    An environment, for variables that Python itself reads, as those of languages and of the seed of hashes, needs a
    process that has nothing loaded, as an editor's has. The system ends the fork with SIGPROF, as abruptly as a kill,
    once it has used so many seconds of the processor; 0 for never. They are as long on a busy machine as on a quiet
    one. A fork with a limit prints at its end how many it took.
    """
    if environment:
        command, variables = [sys.executable, "-m", "pelican", *arguments], {**os.environ, **environment}
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=variables)
    (done,) = run_at_once([arguments], folder, limit_s)
    return done


def run_at_once(
    several: Sequence[Sequence[str]], folder: Path = ROOT, limit_s: float = 0
) -> list[subprocess.CompletedProcess[str]]:
    """Run Pelican with several command lines at the same time, each in a fork; only one thread at a time may."""
    done = []
    with TemporaryDirectory() as place:
        requests: list[dict[str, Any]] = [
            {"arguments": [*arguments], "place": f"{place}/{number}"} for number, arguments in enumerate(several)
        ]
        for request in requests:
            request.update(folder=str(folder), limit_s=limit_s, environment={**os.environ})
            for name in ("stdout", "stderr"):
                Path(f"{request['place']}.{name}").touch()
        program = _program()
        program.write(json.dumps(requests) + "\n")
        program.flush()
        for request, status in zip(requests, json.loads(program.readline()), strict=True):
            texts = [Path(f"{request['place']}.{name}").read_text("utf-8") for name in ("stdout", "stderr")]
            done.append(subprocess.CompletedProcess(request["arguments"], status, *texts))
    return done


def _run_and_address() -> tuple[int, Path]:
    """Return the process that runs the tests, and where the program answers."""
    several = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    run = os.getppid() if several else os.getpid()
    return run, Path(gettempdir(), f"warm-{several or run}")


def results_file() -> Path:
    """Return the file with what the program made of texts alone, which is there once the program is."""
    return _results_file(_run_and_address()[1])


def _results_file(address: Path) -> Path:
    return Path(f"{address}.results")


@cache
def _program() -> TextIO:
    """Connect with the program, which is started by the first process of a run that needs it."""
    run, address = _run_and_address()
    with FileLock(f"{address}.lock"):
        if not address.exists():
            command = [sys.executable, "-m", "tests.site.warm", str(address), str(run)]
            program = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            while not address.exists():
                assert program.poll() is None, "The program that builds ended before it had begun."
                time.sleep(0.01)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(address))
    return connection.makefile("rw")


def main(address: Path, run: int) -> None:
    """Build a site, then answer at an address for as long as the process lives that runs the tests."""
    from tests.rebuilding.workshop import Workshop, dump_results, remembering_results

    with TemporaryDirectory() as folder, remembering_results():
        shop = Workshop(Path(folder))
        assert shop.build(THEME=str(ROOT / "theme"), TWINS=True).is_good
        _results_file(address).write_bytes(dump_results())
        for name in USED_LATER:
            import_module(name)
        gc.collect()
        gc.freeze()
        with socket.socket(socket.AF_UNIX) as listener:
            draft = Path(f"{address}.draft")
            listener.bind(str(draft))
            listener.listen()
            listener.settimeout(LOOK_EVERY_S)
            draft.rename(address)
            while _is_alive(run):
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    if not os.fork():
                        _answer(connection)
                    connection.close()
    for path in (address, Path(f"{address}.lock"), _results_file(address)):
        path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _answer(connection: socket.socket) -> NoReturn:
    """Fork for each build that a process asks for, and answer with the statuses of those that were asked at once."""
    try:
        with connection.makefile("rw") as asked:
            for line in asked:
                children = []
                for request in json.loads(line):
                    children.append(os.fork())
                    if not children[-1]:
                        os._exit(_build(**request))
                statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
                print(json.dumps(statuses), file=asked, flush=True)
    finally:
        os._exit(0)


def _build(arguments: list[str], folder: str, place: str, environment: dict[str, str], limit_s: float) -> int:
    """Run Pelican's command line, and return the status that its process ends with."""
    import blinker
    import pelican

    # Pelican connects the plugins of each run: those of the program's own build may be others.
    for known in blinker.default_namespace.values():
        for receiver in [*known.receivers_for(blinker.ANY)]:
            known.disconnect(receiver)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        for number, name in enumerate((os.devnull, f"{place}.stdout", f"{place}.stderr")):
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
    main(Path(sys.argv[1]), int(sys.argv[2]))

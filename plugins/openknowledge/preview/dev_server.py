"""The development server: it serves the site on this machine, and updates the browser at every save.

One process serves and builds. Another starts it, and starts it again when code changes, because a running process
cannot load changed code.
"""

import _thread
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from threading import Thread

from .file_server import run_server
from .handler import PreviewHandler, PreviewState
from .watcher import FileWatcher, needs_new_process

__all__ = ["main", "serve"]

RESTART = 75
"""The exit status of a server that asks to be started again."""
PORT_IN_USE = 3
"""The exit status of a server whose port is in use."""
STANDARD_INPUT = 0
GRACE_S = 10
"""How long a server may take to end a build before it is killed."""

WAKE_S = 0.2
"""How often the main thread checks for an interruption, which waiting for a save does not notice on all systems."""

OUTPUT = ".cache/preview/site"
PATTERN_MODULE = "tests.theme.pattern"
"""What prints the page of the theme's components: it is made of the examples that test them."""


def main(project: Path, port: int = 8000, today: str = "") -> None:
    """Serve the project's site until an interruption; start the server again when it asks for it."""
    has_run = False
    while True:
        status = _run_server(project, port, today)
        if status != RESTART and (status in (0, PORT_IN_USE) or not has_run):
            sys.exit(status)
        has_run = True
        if status != RESTART:
            print("The preview's code fails; it is tried again when it changes.", flush=True)
            _wait_for_code(project)


def _run_server(project: Path, port: int, today: str) -> int:
    """Run a server to its end. It lives as long as its standard input is open, which this process holds."""
    command = [sys.executable, "-m", __name__, str(project), str(port), today]
    with subprocess.Popen(command, cwd=project, stdin=subprocess.PIPE) as server:
        assert server.stdin is not None
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                server.wait(GRACE_S)
            server.kill()
            print("\nStopped.", flush=True)
            return 0


def _wait_for_code(project: Path) -> None:
    """Wait until code is saved, or exit at an interruption."""
    with FileWatcher(project) as saves:
        try:
            while not needs_new_process(saves.wait_for_changes(WAKE_S)):
                pass
        except KeyboardInterrupt:
            sys.exit(0)


def serve(project: Path, port: int, today: str = "") -> int:
    """Serve and build; return 0 at an interruption, `RESTART` when code changes, `PORT_IN_USE` without a port."""
    root = (project / OUTPUT).resolve()
    state = PreviewState(root, ready=(root / ".ledger").exists(), pattern_page=partial(_pattern_page, project, root))
    with ExitStack() as running:
        try:
            address = running.enter_context(run_server(partial(PreviewHandler, state=state), port))
        except OSError as reason:
            hint = f"Try another: make preview ARGS='--port {port + 1}'"
            print(f"Port {port} cannot be used ({reason.strerror}). {hint}", file=sys.stderr, flush=True)
            return PORT_IN_USE
        print(f"The site is at {address}/ and follows every save; Ctrl-C ends this.", flush=True)
        try:
            return _follow(project, state, today)
        except KeyboardInterrupt:
            return 0


def _pattern_page(project: Path, root: Path) -> bytes:
    """Return the page of the theme's components; a program of its own makes it, so that it is always that of now."""
    command = [sys.executable, "-m", PATTERN_MODULE, str(root)]
    return subprocess.run(command, cwd=project, capture_output=True, check=False).stdout


def _follow(project: Path, state: PreviewState, today: str) -> int:
    """Build now and after every save, until something changes that only a new process can load."""
    began = time.monotonic()
    with FileWatcher(project) as saves:
        from .builder import PreviewBuilder

        builder = PreviewBuilder(project, state, today)
        outcome = builder.build()
        print(f"{'Not ready' if outcome.crash else 'Ready'} in {time.monotonic() - began:.1f} s.", flush=True)
        while True:
            paths = saves.wait_for_changes(WAKE_S)
            if not paths:
                continue
            print(f"Changed: {', '.join(paths[:3])}{' and more' if len(paths) > 3 else ''}", flush=True)
            if needs_new_process(paths) or outcome.is_unexpected:
                print("Starting anew.", flush=True)
                return RESTART
            outcome = builder.build()


def _child_main(arguments: list[str]) -> int:
    """Run as the server process, which ends with its standard input; the parent handles the terminal's signals."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    Thread(target=_end_with_input, daemon=True).start()
    project, port, today = arguments
    return serve(Path(project), int(port), today)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _end_with_input() -> None:
    """Interrupt the main thread when the parent process is gone; end the process if that takes too long."""
    while os.read(STANDARD_INPUT, 1):  # Not by sys.stdin, whose lock forked workers would wait for.
        pass
    _thread.interrupt_main(signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(_child_main(sys.argv[1:]))

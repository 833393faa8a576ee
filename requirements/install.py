"""Create the environment `.venv` and install the locked packages: `python3 install.py run|publish|dask|develop`.

The script needs the standard library only. Each level contains the one before it: `run` builds and checks the site,
`publish` publishes, `dask` builds on several machines, `develop` tests. uv installs in seconds; where uv is not
available, or with INSTALLER=pip, pip installs the same packages by the same hashes. Without a change since the last
time nothing is done.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "installed.json"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

LEVELS = ("run", "publish", "dask", "develop")
"""The levels; each contains the one before it."""


class CannotInstall(Exception):
    """The environment cannot be created; the message says what to do about it."""


def main(level: str) -> None:
    """Bring the environment to `level`; a higher level that it already has stays."""
    last = _last()
    level = max(level, last.get("level", level), key=LEVELS.index)
    now = {"level": level, "digest": digest_of(level), "place": str(ENVIRONMENT)}
    if now == last and PYTHON.exists():
        return
    has_moved = last.get("place", now["place"]) != now["place"]
    _make_environment(force=has_moved)
    STAMP.unlink(missing_ok=True)
    _install(level)
    STAMP.write_text(json.dumps(now) + "\n", encoding="utf-8")


def digest_of(level: str) -> str:
    """Return the digest of everything that an installation depends on: locks, `pyproject.toml`, Python's version."""
    digest = hashlib.sha256()
    for path in (LOCKS / "uv.lock", LOCKS / f"{level}.lock", ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    digest.update(str(sys.version_info[:2]).encode())
    return digest.hexdigest()


def _last() -> dict[str, str]:
    """Return the level, digest and path of the last finished installation; empty if there is none."""
    try:
        last = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(last, dict) and last.get("level") in LEVELS
    return last if is_ours else {}


def _make_environment(force: bool) -> None:
    """Create `.venv`, unless a usable one of this Python exists. `force` replaces it."""
    if PYTHON.exists() and _is_usable() and not force:
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise CannotInstall(
            f"This Python ({sys.executable}) has no venv module.\n"
            f"    On Debian and Ubuntu: apt-get install python3-venv (or python{version}-venv).\n"
            "    Elsewhere: install Python from python.org or with your package manager."
        )
    _say("Making the environment in .venv")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)


def _is_usable() -> bool:
    """Return whether the environment has a pip and this Python's version."""
    question = "import pip, sys; print(sys.version_info[:2])"
    answer = subprocess.run([str(PYTHON), "-c", question], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == str(sys.version_info[:2])


def _install(level: str) -> None:
    """Install the locked packages, then this one as editable."""
    lock = str(LOCKS / f"{level}.lock")
    package = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if os.environ.get("INSTALLER", "uv") == "uv" and _has_uv():
        _say(f"Installing what requirements/{level}.lock lists, with uv")
        uv = [str(PYTHON), "-m", "uv", "--no-config", "--quiet", "pip"]
        target = ["--python", str(PYTHON)]
        # Compile now, as pip does: importing uncompiled modules takes three times as long, in every process.
        sync = ("sync", *target, "--compile-bytecode", "--require-hashes", lock)
        if _succeeds(*uv, *sync) and _succeeds(*uv, "install", *target, *package):
            return
        _say("uv could not do it; trying pip")
    _say(f"Installing what requirements/{level}.lock lists, with pip")
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    if not (_succeeds(*pip, "--require-hashes", "--requirement", lock) and _succeeds(*pip, *package)):
        raise CannotInstall(
            "The packages could not be installed; the lines above say why.\n"
            "    Is the network there, and does pip reach a package index? Then run the same command again."
        )


def _has_uv() -> bool:
    """Install the locked uv, and return whether there is one for this machine."""
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    done = _succeeds(*pip, "--require-hashes", "--only-binary", "uv", "--requirement", str(LOCKS / "uv.lock"))
    if not done:
        _say("uv cannot be installed here; pip does its work")
    return done


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (CannotInstall, subprocess.CalledProcessError) as reason:
        sys.exit(f"{reason}")

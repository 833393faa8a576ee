"""Makes the environment `.venv` and keeps it at what is locked: `python3 install.py run|fast|publish|dask|develop`.

Needs the standard library only. `run` is what building the site takes, `fast` all of that and the
fast Markdown reader, `publish` all of that and what publishing takes, `dask` all of that and what
building on several machines takes, `develop` all of that and what testing takes. uv installs in
seconds; where it cannot be had, or with INSTALLER=pip, pip does the same from the same hashes.
Nothing is done when nothing has changed since the last time.
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

LEVELS = ("run", "fast", "publish", "dask", "develop")
"""What can be installed, each containing the one before it."""


class CannotInstall(Exception):
    """Why the environment cannot be made, with what to do about it."""


def main(level: str) -> None:
    """Bring the environment to `level`; what it already has beyond that stays."""
    last = _last()
    level = max(level, last.get("level", level), key=LEVELS.index)
    now = {"level": level, "digest": digest_of(level), "place": str(ENVIRONMENT)}
    if now == last and PYTHON.exists():
        return
    has_moved = last.get("place", now["place"]) != now["place"]
    _make_environment(anew=has_moved)
    STAMP.unlink(missing_ok=True)
    _install(level)
    STAMP.write_text(json.dumps(now) + "\n", encoding="utf-8")


def digest_of(level: str) -> str:
    """What the installation depends on: the locks, the package's description and Python's version."""
    digest = hashlib.sha256()
    for path in (LOCKS / "uv.lock", LOCKS / f"{level}.lock", ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    digest.update(str(sys.version_info[:2]).encode())
    return digest.hexdigest()


def _last() -> dict[str, str]:
    """What was installed by the last installation that was finished, and where; empty if there is none."""
    try:
        last = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(last, dict) and last.get("level") in LEVELS
    return last if is_ours else {}


def _make_environment(anew: bool) -> None:
    """Make `.venv`, unless it stands, can be used and was made with this Python."""
    if PYTHON.exists() and _is_usable() and not anew:
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
    """Whether the environment has a pip and this Python's version."""
    question = "import pip, sys; print(sys.version_info[:2])"
    answer = subprocess.run([str(PYTHON), "-c", question], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == str(sys.version_info[:2])


def _install(level: str) -> None:
    """Install what is locked, then the package itself, so that edits to it take effect."""
    lock = str(LOCKS / f"{level}.lock")
    package = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if os.environ.get("INSTALLER", "uv") == "uv" and _has_uv():
        _say(f"Installing what requirements/{level}.lock lists, with uv")
        uv = [str(PYTHON), "-m", "uv", "--no-config", "--quiet", "pip"]
        here = ["--python", str(PYTHON)]
        # Compiled now, as pip does it: an import that compiles takes three times as long, in every process.
        sync = ("sync", *here, "--compile-bytecode", "--require-hashes", lock)
        if _succeeds(*uv, *sync) and _succeeds(*uv, "install", *here, *package):
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
    """Install the uv that is locked; False where there is none for this machine."""
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    done = _succeeds(*pip, "--require-hashes", "--only-binary", "uv", "--requirement", str(LOCKS / "uv.lock"))
    if not done:
        _say("uv cannot be installed here; pip does its work")
    return done


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _say(what: str) -> None:
    print(what, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (CannotInstall, subprocess.CalledProcessError) as reason:
        sys.exit(f"{reason}")

"""The project's tasks: `invoke --list` shows them, `make TASK ARGS="…"` runs one from outside the environment."""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from invoke.context import Context
from invoke.tasks import task

ROOT = Path(__file__).parent
MEMORY = Path("/dev/shm")
ROOM_B = 2**30
"""Several times what the files of a whole run of the tests take."""


@task(help={"today": "the day that the site is built for, as YYYY-MM-DD", "publish": "use publishconf.py"})
def build(_: Context, today: str = "", output: str = "output", publish: bool = False) -> None:
    """Build the site into output/."""
    settings = "publishconf.py" if publish else "pelicanconf.py"
    day = ["-e", f'BUILD_DATE="{today}"'] if today else []
    _run("pelican", "content", "-s", settings, "--fatal", "errors", "-o", output, *day)


@task(help={"publish": "use publishconf.py"})
def counters(_: Context, output: str = "output", publish: bool = False) -> None:
    """Build only the numbers' JSON into a built site, right after a sync: no page is made."""
    name = "publishconf" if publish else "pelicanconf"
    alone, only = f".cache/counters/{name}", 'BUILD_ONLY="counters"'
    _run("pelican", "content", "-s", f"{name}.py", "--fatal", "errors", "-o", alone, "-e", only)
    _run("openknowledge.engine.renewal", alone, output)


@task(help={"port": "where the site is served on this machine"})
def preview(_: Context, port: int = 8000, today: str = "") -> None:
    """Serve the site, and show in the browser what is saved as soon as it is."""
    from openknowledge.preview import dev_server

    dev_server.main(ROOT, port, today)


@task(
    help={
        "conformance": "run only what needs the shared data, servers or much time",
        "browser": "also run what needs Chromium",
        "thorough": "run everything, and what is left to chance ten times as often",
    }
)
def test(_: Context, conformance: bool = False, browser: bool = True, thorough: bool = False) -> None:
    """Run the tests on all cores; what follows -- goes to pytest."""
    from openknowledge.browser import chromium

    chosen = "" if thorough else "conformance" if conformance else "not conformance"
    marks = [mark for mark in (chosen, "" if browser else "not browser") if mark]
    arguments = _after_dashes()
    # A few files run faster than worker processes start.
    is_part = any((ROOT / "tests") in (ROOT / argument.partition("::")[0]).parents for argument in arguments)
    # Tests wait for programs and browsers a third of their time, so one worker more than cores keeps the cores busy.
    workers = str((os.cpu_count() or 1) + 1)
    options = ["-m", " and ".join(marks), *([] if is_part else ["-n", workers, "--dist", "worksteal"])]
    options += [*(["--thorough"] if thorough else []), *(["--durations=30"] if os.environ.get("CI") else [])]
    environment = {"CHROMIUM": str(chromium.find_or_install())} if browser else {}
    if not (is_part or conformance or thorough) and _has_memory_folder():
        environment["TMPDIR"] = str(MEMORY)
        options += ["-o", "tmp_path_retention_policy=failed", "-o", "tmp_path_retention_count=1"]
    _run("pytest", *options, *arguments, environment=environment)


@task
def lint(_: Context) -> None:
    """Check style and types."""
    typed = ("plugins", "tasks.py", "requirements/install.py")
    checks = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy", "--strict", *typed))
    if failed := [check[0] for check in checks if _status(*check)]:
        sys.exit(f"Not clean: {', '.join(failed)}.")


@task(help={"gaps": "count what courses do not say: outcomes, syllabus, effort, prerequisites, certificate, licence"})
def check(_: Context, gaps: bool = False) -> None:
    """Check the content, how heavy its pages are, and where their links lead."""
    _run("openknowledge.catalogue.check_command", *(["--gaps"] if gaps else []))
    _run("pelican", "content", "-s", "pelicanconf.py", "--fatal", "errors", "-o", ".cache/check")
    _run("openknowledge.assets.page_weight", ".cache/check")


@task(
    positional=["kind", "slug"],
    help={
        "title": "the item's title",
        "lang": "the language of the words; the site's first one if not said",
        "folder": "the folder in between: a press release's year, a learning-hub item's format",
    },
)
def new(_: Context, kind: str = "", slug: str = "", title: str = "", lang: str = "", folder: str = "") -> None:
    """Start a new item: `invoke new course linear-algebra --title "Linear algebra"`; alone, it asks."""
    options = [f"--{name}={value}" for name, value in (("title", title), ("lang", lang), ("folder", folder)) if value]
    _run("openknowledge.editing.new", *filter(None, (kind, slug)), *options)


@task(help={"old": "course/coding, or the path of its file", "new": "its new name, or a path"})
def rename(_: Context, old: str, new: str) -> None:
    """Give an item another name, with its files, the links to it and its old addresses."""
    _run("openknowledge.editing.rename", old, new)


@task
def undo(_: Context, file: str) -> None:
    """Give a file back as it was last committed, after showing what changes."""
    _run("openknowledge.editing.undo", file)


@task(iterable=["file"], help={"file": "only this file", "check": "change nothing, and fail instead"})
def format(_: Context, file: list[str], check: bool = False) -> None:  # noqa: A001 - the task's name
    """Put the fields of all files into their order."""
    _run("openknowledge.editing.canonical_order", *file, *(["--check"] if check else []))


@task(
    iterable=["source", "accept", "withdraw"],
    help={
        "source": "only this source of SOURCES; may be repeated",
        "accept": "take a difference that is held back: its hash; may be repeated",
        "withdraw": "take a video or playlist off the site for good: its id at YouTube; may be repeated",
        "plan": "say what would change, and write nothing",
        "limit": "make at most so many requests a source",
        "json": "a file for what became of it",
        "report": "a file for the table, as Markdown",
        "captions": "a folder of caption files to copy into content/videos/captions/, instead",
        "youtube-dump": "a folder with playlists.json, playlistItems.json and videos.json, read instead",
        "content": "the content folder",
        "fetched": "the day of the dump (YYYY-MM-DD), which dates the view counts",
    },
)
def sync(
    _: Context,
    source: list[str],
    accept: list[str],
    withdraw: list[str],
    plan: bool = False,
    limit: int = 0,
    json: str = "",
    report: str = "",
    captions: str = "",
    youtube_dump: str = "",
    content: str = "",
    fetched: str = "",
) -> None:
    """Ask the platforms in SOURCES, and write what they say to content/snapshots/."""
    flags = {"plan": plan}
    values = {"json": json, "report": report, "youtube-dump": youtube_dump, "content": content, "fetched": fetched}
    values |= {"captions": captions, "limit": str(limit) if limit else ""}
    options = [f"--{name}" for name, is_set in flags.items() if is_set]
    options += [f"--{name}={value}" for name, value in values.items() if value]
    lists = {"source": source, "accept": accept, "withdraw": withdraw}
    options += [f"--{name}={value}" for name, values in lists.items() for value in values]
    # Here and not as another program: to start a second Python takes longer than to read a list of a channel.
    os.chdir(ROOT)
    sys.argv[1:] = options
    runpy.run_module("openknowledge.connectors", run_name="__main__", alter_sys=True)


@task(
    help={
        "plan": "say what would change, and do nothing",
        "force": "publish an older commit over a newer one",
        "adopt": "take over a place that holds files of others",
        "no-build": "publish what output/ has already",
        "purge-everything": "have caches forget the whole site",
        "counters": "publish only the numbers' documents, over the last release",
        "preview": "publish a branch at an address of its own: its name, or a pull request's number",
        "report": "a file for what a preview changes, as Markdown",
        "remove": "take a preview away",
        "json": "a file for what became of it",
    }
)
def publish(
    _: Context,
    plan: bool = False,
    force: bool = False,
    adopt: bool = False,
    no_build: bool = False,
    purge_everything: bool = False,
    counters: bool = False,
    preview: str = "",
    report: str = "",
    remove: bool = False,
    json: str = "",
) -> None:
    """Build the site, check it, and publish what changed."""
    switches = (("plan", plan), ("force", force), ("adopt", adopt), ("no-build", no_build))
    more = (*switches, ("purge-everything", purge_everything), ("remove", remove), ("counters", counters))
    options = (f"--json={json}", f"--preview={preview}", f"--report={report}")
    _run("openknowledge.publish", "publish", *options, *(f"--{name}" for name, is_on in more if is_on))


@task(help={"json": "a file for the list"})
def releases(_: Context, json: str = "") -> None:
    """List the releases that can be restored, the newest first."""
    _run("openknowledge.publish", "releases", f"--json={json}")


@task(
    help={
        "number": "which release; the one before the last if not said",
        "plan": "say what would change, and do nothing",
        "json": "a file for what became of it",
    }
)
def rollback(_: Context, number: int = 0, plan: bool = False, json: str = "") -> None:
    """Restore an earlier release, without a build."""
    which = [str(number)] if number else []
    _run("openknowledge.publish", "rollback", *which, f"--json={json}", *(["--plan"] if plan else []))


@task(
    optional=["why-not"],
    help={
        "url": "the page's address: /corsi/coding/",
        "output": "the built site",
        "why-not": "say why the last build did not make it again: for all that changed, or for the file that is named",
    },
)
def explain(_: Context, url: str, output: str = "output", why_not: str | None = None) -> None:
    """Say why a page was made the last time, and what it depends on."""
    question = [] if why_not is None else ["--why-not", *([why_not] if isinstance(why_not, str) else [])]
    _run("openknowledge.catalogue.explain_command", url, "--output", output, *question)


@task
def messages(_: Context) -> None:
    """Collect the interface's words from plugins/ and theme/ into theme/locale/."""
    _run("openknowledge.editing.extract_messages")


@task(
    help={
        "pages": "addresses of a built site to show instead, with commas between",
        "output": "that site",
        "update": "store the looks of now, after looking at the pictures",
        "directory": "where the pictures go",
    }
)
def screenshots(
    _: Context, pages: str = "", output: str = "output", update: bool = False, directory: str = ".cache/looks"
) -> None:
    """Take pictures of every template, and name those that look otherwise than what is stored."""
    if not pages:
        _run("tests.theme.looks", directory, *(["--update"] if update else []))
        return
    from openknowledge.browser import screenshots as pictures
    from openknowledge.preview import file_server

    with file_server.serve_folder(Path(output)) as address:
        pictures.take_screenshots(address, tuple(pages.split(",")), Path(directory))


@task(
    help={
        "items": "how many items the made-up site has",
        "rounds": "how often each thing is measured",
        "only": "rows, with commas between: fast, default, word, nothing, preview, partial, memory, scale",
        "systems": "systems, with commas between: fast, ours, hugo, pelican, eleventy",
        "scale": "also build ten times as many items",
        "json": "a file for every sample",
        "write": "put the table into docs/performance.md",
    }
)
def bench(
    _: Context,
    items: int = 10_000,
    rounds: int = 3,
    only: str = "",
    systems: str = "",
    scale: bool = False,
    json: str = "",
    write: bool = False,
) -> None:
    """Measure how fast the site is built, beside other generators."""
    chosen = {"items": items, "rounds": rounds, "only": only, "systems": systems, "json": json}
    switches = [f"--{name}" for name, is_on in (("scale", scale), ("write", write)) if is_on]
    _run("bench.comparison", *(f"--{name}={value}" for name, value in chosen.items() if value), *switches)


@task
def audits(_: Context, output: str = ".cache/check") -> None:
    """Have Lighthouse, axe and the Nu checker look at the site, and write the accessibility statement."""
    _run("pelican", "content", "-s", "pelicanconf.py", "--fatal", "errors", "-o", output)
    _run("tests.audits", output)


@task
def lock(_: Context) -> None:
    """Choose the newest versions of all packages and write requirements/*.lock."""
    compile_ = ("uv", "--no-config", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header")
    options = ("--no-emit-index-url", "--python-version", "3.11", "--output-file")
    groups = ("pyproject.toml", "--group", "build")
    _run(*compile_, "--upgrade", "--group", "installer", *options, "requirements/uv.lock")
    _run(*compile_, "--upgrade", "--group", "audit", *options, "requirements/audit.lock")
    _run(*compile_, "--upgrade", "--group", "bench", *options, "requirements/bench.lock")
    _run(*compile_, "--upgrade", "--group", "servers", *options, "requirements/servers.lock")
    _run(*compile_, "--upgrade", "--group", "structured-data", *options, "requirements/structured-data.lock")
    _run(*compile_, "--upgrade", *groups, "--group", "develop", *options, "requirements/develop.lock")
    # uv prefers the versions in the file that it writes, so a copy makes the locks agree.
    shutil.copyfile(ROOT / "requirements/develop.lock", ROOT / "requirements/run.lock")
    _run(*compile_, *groups, *options, "requirements/run.lock")
    publish = (*groups, "--extra", "publish")
    shutil.copyfile(ROOT / "requirements/develop.lock", ROOT / "requirements/publish.lock")
    _run(*compile_, *publish, *options, "requirements/publish.lock")
    shutil.copyfile(ROOT / "requirements/develop.lock", ROOT / "requirements/dask.lock")
    _run(*compile_, *publish, "--extra", "dask", *options, "requirements/dask.lock")


@task
def audit(_: Context) -> None:
    """Compare the locked packages with the advisories that are known; fail where no database can be reached."""
    environment = ROOT / ".cache/audit"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    install = (python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / "requirements/audit.lock")
    subprocess.run(install, check=True)
    locks = sorted(ROOT.glob("requirements/*.lock"))
    options = ("--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off")
    command = (python, "-m", "pip_audit", *options, *(part for lock in locks for part in ("--requirement", lock)))
    if subprocess.run(command, check=False).returncode:
        sys.exit("A package has an advisory, or no database of advisories can be reached; see above.")


@task
def clean(_: Context) -> None:
    """Remove what was built; the environment stays."""
    for name in ("output", ".cache", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"):
        shutil.rmtree(ROOT / name, ignore_errors=True)


def _has_memory_folder() -> bool:
    """Return whether the files of tests have room in memory: to write them to a disk takes a quarter of their time."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return False
    # Tests make programs, too, which containers often refuse to run from there.
    return not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC and shutil.disk_usage(MEMORY).free > ROOM_B


def _after_dashes() -> list[str]:
    """Return the arguments of the command line after `--`."""
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []


def _run(module: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run a module of the environment as a program; exit with its status where it fails."""
    if status := _status(module, *arguments, environment=environment):
        sys.exit(status)


def _status(module: str, *arguments: str, environment: dict[str, str] | None = None) -> int:
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environment or {})}) as process:
        # A terminal interrupts all programs of a command; whoever else does speaks to this one alone.
        forward = signal.SIG_IGN if sys.stdin.isatty() else lambda *_: process.send_signal(signal.SIGINT)
        signal.signal(signal.SIGINT, forward)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        status = process.wait()
    return status if status >= 0 else 128 - status

"""Whatever is found where a site is published is refused with a sentence, and no link is followed out of the place."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore
from tests.chance import Chance
from tests.publish.builders import SITE, a_site
from tests.publish.repositories import a_hosting, a_machine, a_repository, git
from tests.publish.runs import HOME
from tests.publish.stores import TUNING, a_routed_target, keys

from openknowledge.publish.__main__ import main
from openknowledge.publish.publisher import Publisher
from openknowledge.publish.release import Commit
from openknowledge.publish.settings import PublishSettings
from openknowledge.publish.targets.object_client import CONTROL_PREFIX, ObjectClient
from openknowledge.publish.targets.object_store import ObjectStoreTarget, StorageOptions
from openknowledge.publish.targets.static_host import ArtifactTarget
from openknowledge.redirects.table import Redirect

SECRET = "the secret of somebody else"
COMMANDS = (("releases",), ("publish", "--no-build"), ("rollback",))
SPARSE_B = 3 * 1024**3
WRONG: tuple[Any, ...] = (
    None,
    -1,
    10**30,
    True,
    "../../outside",
    "--option",
    "\ud800",
    "\x1b[31m\n::error::",
    [],
    {},
    1.5,
)
TEXTS = (
    *(
        b"x\n\nnow y\nlock z\x0bnow z",
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"null",
        b"[1]",
        b'{"format": {}}',
        b"[" * 200_000,
        b"9" * 5_000,
    ),
    *(gzip.compress(b"[]"), gzip.compress(b"[" * 200_000), b'{"format": 1' + b" " * 10_000, "è".encode("utf-16")),
    *(b'{"format": 1, "digest": "x", "manifest": [1, [[1, 2, 3, 4, 5, 6, 7]]]}', b"\x1f\x8b\x08\x00" + b"\xff" * 50),
)


class World:
    """A project whose site is published twice, and what becomes of commands that are run for it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, make_target: Callable[[Path], Any] | None) -> None:
        self.folder, self.output, self.outside = folder, folder / "output", folder / "outside"
        self.outside.mkdir(parents=True)
        (self.outside / "secret").write_text(SECRET)
        (self.outside / "inside").mkdir()
        (self.outside / "inside/index.html").write_text(SECRET)
        settings = {
            "SITEURL": SITE,
            "OUTPUT_PATH": "output",
            "CACHE_PATH": ".cache",
            "PUBLISH_TARGET": {"kind": "directory", "path": "place"},
            "PUBLISH_READ_BACK_URL": "",
        }
        commit = Commit("2" * 40, "2026-11-02T10:00:00Z")
        patch.setattr("openknowledge.publish.publisher.read_commit", lambda _project: commit)
        patch.setattr("openknowledge.publish.publisher.find_mismatches", lambda *_: ())
        patch.setattr("openknowledge.publish.targets.local_folder._sync", lambda _folder: None)
        patch.setattr(
            "openknowledge.publish.__main__.load_settings",
            lambda _project, environment: PublishSettings.from_pelican(settings, environment, folder),
        )
        if make_target is not None:
            patch.setattr(Publisher, "make_target", lambda _publisher, adopts=False: make_target(folder))
        for number in (1, 2, 3):
            a_site(self.output, {**HOME, "b/index.html": f"<p>{number}", f"theme/{number}.css": "x"}, has_twins=True)
            if number < 3:
                assert self.run("publish", "--no-build")[0] == 0

    def run(self, *command: str) -> tuple[int, dict[str, Any]]:
        file = self.folder / "result.json"
        file.unlink(missing_ok=True)
        status = main([*command, "--json", str(file)], self.folder, {})
        return status, json.loads(file.read_text("utf-8"))

    def find_faults(self, capsys: pytest.CaptureFixture[str], what: str) -> Iterator[str]:
        """Run all commands; yield what is wrong with how they end."""
        before = list_folder(self.outside)
        for command in COMMANDS:
            status, result = self.run(*command)
            printed = "".join(capsys.readouterr())
            where = f"{what}: {' '.join(command)}"
            if "Traceback" in printed or "nobody expected" in printed:
                yield f"{where}: {printed[-900:]}"
            if status not in (0, 10, 20, 30) or (status >= 20 and not all(one["hint"] for one in result["problems"])):
                yield f"{where}: {status} {result['problems']}"
            if status >= 20 and not result["problems"]:
                yield f"{where}: {status} without a word"
            if SECRET in printed or "\x1b" in printed or "\n::" in printed:
                yield f"{where}: {printed}"
            if list_folder(self.outside) != before:
                yield f"{where}: touched what is outside"


def list_folder(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path): (path.lstat().st_mtime_ns, path.lstat().st_nlink, path.read_bytes() if path.is_file() else b"")
        for path in sorted([folder, *folder.rglob("*")])
    }


def wrong_states(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield deploy states of which one value, at any depth, is something else."""

    def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        yield path
        keys = value if isinstance(value, dict) else range(min(1, len(value))) if isinstance(value, list) else ()
        for key in keys:
            yield from places(value[key], (*path, key))

    for path in places(json.loads(data)):
        for value in WRONG:
            state = json.loads(data)
            inner = state
            for key in path[:-1]:
                inner = inner[key]
            if path:
                inner[path[-1]] = value
            yield f"{path} = {value!r:.30}", json.dumps(state if path else value).encode()


def replace_by(path: Path, outside: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what can be in the place of a file or folder."""
    yield "nothing", lambda: None
    yield "a link to a file", lambda: path.symlink_to(outside / "secret")
    yield "a link to a folder", lambda: path.symlink_to(outside / "inside")
    yield "a link to nothing", lambda: path.symlink_to(outside / "new")
    yield "a link to itself", lambda: path.symlink_to(path.name)
    yield "a folder", path.mkdir
    yield "a folder with a file", lambda: (path.mkdir(), (path / "x").write_text("x"))
    yield "a pipe", lambda: os.mkfifo(path)
    yield "a huge file", lambda: (path.touch(), os.truncate(path, SPARSE_B))


def some_of(tamperings: Iterator[Any], chance: Chance, share: int = 1) -> list[Any]:
    """Return all of them in a thorough run, and else a few."""
    known = list(tamperings)
    return known if chance.is_thorough else chance.sample(known, min(len(known), 30 // share))


def tamperings(place: Path, outside: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield ways to tamper with a folder, each with a function that does it."""

    def remove(path: Path) -> None:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)

    def first(folder: str) -> str:
        return f"{folder}/{min(path.name for path in (place / folder).iterdir())}"

    folders = ("locks", "manifests", "releases", "shards", "current", "releases/1", "releases/2", "releases/2/a")
    files = ("register.json", "former.txt", "locks/ssh", "locks/clock", first("manifests"), first("shards"))
    files += (
        "releases/1/a/index.html",
        "releases/2/a/index.html",
        "releases/2/.server",
        "releases/2/.server/release.json",
    )
    for name in (*folders, *files, "register.json.new", "current.new", "releases/3", "releases/3.part"):
        path = place / name
        for what, tamper in replace_by(path, outside):
            yield f"{name} is {what}", lambda path=path, tamper=tamper: (remove(path), tamper())
    texts = ("register.json", "former.txt", "locks/ssh", first("manifests"), first("shards"))
    for name in (*texts, "releases/2/.server/release.json"):
        for text in TEXTS:
            path = place / name
            yield f"{name} is {text[:30]!r}", lambda path=path, text=text: (remove(path), path.write_bytes(text))
    for what, state in wrong_states((place / "register.json").read_bytes()):
        yield what, lambda state=state: (remove(place / "register.json"), (place / "register.json").write_bytes(state))
    carried = [["../../outside/secret", 0], ["media/x", 10**30], ["a/index.html", -1], [1, 2], "x"]
    for row in carried:
        meta = json.dumps({"listing": "x", "carried": [row]})
        path = place / "releases/2/.server/release.json"
        yield f"carried {row}", lambda path=path, meta=meta: (remove(path), path.write_text(meta))


def test_a_tampered_folder_is_refused_or_mended_and_nothing_outside_is_touched(tmp_path, monkeypatch, capsys, chance):
    world = World(tmp_path, monkeypatch, None)
    place, whole = tmp_path / "place", tmp_path / "whole"
    place.rename(whole)
    faults = []

    shutil.copytree(whole, place, symlinks=True)
    for what, tamper in some_of(tamperings(place, world.outside), chance):
        shutil.rmtree(place)
        shutil.copytree(whole, place, symlinks=True)
        tamper()
        faults += list(world.find_faults(capsys, what))

    assert faults == []


@pytest.mark.parametrize(
    "text", [None, b"", b"{", b"[]", b'{"listing": "x", "carried": [["../x", 0]]}', b"\xff", b"[" * 9_999]
)
def test_what_a_release_says_of_itself_is_there_and_read_or_refused_with_a_cure(tmp_path, monkeypatch, capsys, text):
    world = World(tmp_path, monkeypatch, None)
    path = tmp_path / "place/current/.server/release.json"
    path.write_bytes(text or b"")
    if text is None:
        path.unlink()

    status, _ = world.run("publish", "--no-build")

    what = "is not there, though its release is" if text is None else "what the release says of itself cannot be read"
    assert status == 20
    assert f"release.json: {what}\n    Somebody" in "".join(capsys.readouterr())
    assert world.run("publish", "--no-build", "--adopt")[0] == 0
    assert (tmp_path / "place/current/b/index.html").read_text() == "<p>3"
    assert world.run("publish", "--no-build")[0] == 10


def a_plain_target(store: MemoryStore) -> ObjectStoreTarget:
    storage = StorageOptions(lambda _entry: {}, "1", grace_s=0)
    return ObjectStoreTarget(ObjectClient(store, "memory", TUNING), SITE, storage)


@pytest.mark.parametrize("make_target", [a_plain_target, a_routed_target])
def test_a_tampered_store_is_refused_or_mended(tmp_path, monkeypatch, capsys, chance, make_target):
    stores = [MemoryStore()]
    monkeypatch.setattr("openknowledge.publish.targets.object_client.READ_LIMIT_B", 1_000_000)
    world = World(tmp_path, monkeypatch, lambda _folder: make_target(stores[-1]))
    whole = contents_of(stores[0])
    state = f"{CONTROL_PREFIX}/register.json"
    controls = {
        key for key in whole if key.startswith(CONTROL_PREFIX) and "/kept/" not in key and "/objects/" not in key
    }
    bodies = (*TEXTS, b" " * 1_100_000)
    ways = [(key, body) for key in sorted({*controls, f"{CONTROL_PREFIX}/former.txt"}) for body in (None, *bodies)]
    ways += [(state, body) for _, body in wrong_states(whole[state])]
    faults = []

    for key, body in some_of(iter(ways), chance):
        stores.append(MemoryStore())
        for name, data in {**whole, key: body}.items():
            if data is not None:
                obstore.put(stores[-1], name, data)
        faults += list(world.find_faults(capsys, f"{key} is {(body or b'nothing')[:30]!r}"))

    assert faults == []


def contents_of(store: MemoryStore) -> dict[str, bytes]:
    return {key: bytes(obstore.get(store, key).bytes()) for key in keys(store)}


def test_a_tampered_branch_is_refused_or_mended(tmp_path, monkeypatch, capsys, chance):
    whole, remote = a_repository(tmp_path / "whole"), tmp_path / "remote"
    shutil.copytree(whole, remote)
    machine = a_machine(tmp_path / "machine", remote)
    world = World(tmp_path / "world", monkeypatch, lambda _folder: machine.target())
    shutil.rmtree(whole)
    remote.rename(whole)
    ref = "refs/openknowledge/state/pages"
    register = git(whole, "show", f"{ref}:register.json").encode()
    files = [(name, text) for name in ("register.json", "former.txt.gz") for text in (None, *TEXTS)]
    files += [("register.json", state) for _, state in wrong_states(register)]
    parents = git(whole, "rev-parse", f"{ref}^@").split()
    faults = []

    for name, text in [*some_of(iter(files), chance, 4), ("-p", b""), ("root", b"x"), ("ref", b"")]:
        shutil.rmtree(remote, ignore_errors=True)
        shutil.copytree(whole, remote)
        shutil.rmtree(machine.folder / "cache", ignore_errors=True)
        tamper_branch(remote, ref, name, text, parents)
        faults += list(world.find_faults(capsys, f"{name} is {(text or b'nothing')[:30]!r}"))

    assert faults == []


def tamper_branch(remote: Path, ref: str, name: str, text: bytes | None, parents: list[str]) -> None:
    """Put a file of the register, the manifest of the last release, or something else in the place of what is there."""

    def write(tree: str, body: bytes | None) -> str:
        rows = [row for row in git(remote, "ls-tree", tree).splitlines() if not row.endswith(f"\t{name}")]
        if body is not None:
            (remote / "body").write_bytes(body)
            rows.append(f"100644 blob {git(remote, 'hash-object', '-w', 'body')}\t{name}")
        (remote / "rows").write_text("".join(f"{row}\n" for row in rows))
        with (remote / "rows").open() as file:
            done = subprocess.run(["git", "mktree"], cwd=remote, stdin=file, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    new = list(parents)
    tree = f"{ref}^{{tree}}" if name == "root" else write(f"{ref}^{{tree}}", text) if name not in ("-p", "ref") else ref
    if name == "ref":
        git(remote, "update-ref", ref, git(remote, "rev-parse", f"{ref}:register.json"))
        return
    if name == "-p":
        new.pop()
    if name == "root":
        new[-1] = git(remote, "commit-tree", write(f"{parents[-1]}^{{tree}}", text), "-m", "x")
    tree = git(remote, "rev-parse", f"{tree}^{{tree}}" if name == "-p" else tree)
    commit = git(remote, "commit-tree", tree, *(word for parent in new for word in ("-p", parent)), "-m", "x")
    git(remote, "update-ref", ref, commit)


FORMER = {"directory": "former.txt", "store": f"{CONTROL_PREFIX}/former.txt", "artifact": "_openknowledge/former.bin"}


@pytest.mark.parametrize("kind", FORMER)
def test_former_addresses_that_are_gone_are_missed_until_the_place_is_taken_over(tmp_path, monkeypatch, capsys, kind):
    """A publication would forget that they were promised, and the next one could lose them without a word."""
    store, adopting, site = MemoryStore(), [], tmp_path / "site"

    def make(folder: Path) -> Any:
        if kind == "store":
            return replace(a_plain_target(store), adopts=bool(adopting))
        return ArtifactTarget(site, SITE, a_hosting(), read, adopts=bool(adopting))

    def read(name: str) -> bytes | None:
        return (site / name).read_bytes() if (site / name).is_file() else None

    world = World(tmp_path, monkeypatch, None if kind == "directory" else make)
    files = {path: text for path, text in HOME.items() if path != "b/index.html"}
    a_site(world.output, files, forwards=[Redirect("/b/", target="/a/")])
    assert world.run("publish", "--no-build")[0] == 0
    if kind == "store":
        obstore.delete(store, FORMER[kind])
    else:
        (tmp_path / ("place" if kind == "directory" else "site") / FORMER[kind]).unlink()

    status, result = world.run("publish", "--no-build")

    assert (status, len(result["problems"])) == (20, 1)
    assert kind == "artifact" or "the list of former addresses has 0 of 1" in "".join(capsys.readouterr())
    adopting.append(True)
    assert world.run("publish", "--no-build", "--adopt")[0] == 0
    adopting.clear()
    assert world.run("publish", "--no-build")[0] == 10


def test_an_artifact_without_its_register_is_no_new_one(tmp_path, monkeypatch):
    site = tmp_path / "site"

    def read(name: str) -> bytes | None:
        return (site / name).read_bytes() if (site / name).is_file() else None

    world = World(tmp_path, monkeypatch, lambda _folder: ArtifactTarget(site, SITE, a_hosting(), read))
    (site / "_openknowledge/register.json").unlink()

    status, result = world.run("publish", "--no-build")

    assert (status, [one["message"] for one in result["problems"]]) == (20, ["is not there, though a release is"])


def test_a_store_whose_lock_is_dated_in_the_future_is_published_to(tmp_path, monkeypatch):
    store = MemoryStore()
    world = World(tmp_path, monkeypatch, lambda _folder: a_plain_target(store))
    key = f"{CONTROL_PREFIX}/register.json"
    state = json.loads(contents_of(store)[key])
    obstore.put(store, key, json.dumps({**state, "lock": "them"}).encode())
    monkeypatch.setattr("openknowledge.publish.targets.object_store.lock_age_s", lambda *_: -2_000_000_000.0)

    assert world.run("publish", "--no-build")[0] == 0


def test_what_a_deployed_artifact_says_of_itself_is_not_trusted(tmp_path, monkeypatch, capsys, chance):
    deployed: dict[str, bytes] = {}
    hosting = a_hosting()
    world = World(tmp_path, monkeypatch, lambda folder: ArtifactTarget(folder / "site", SITE, hosting, deployed.get))
    site = tmp_path / "site"
    whole = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    names = [name for name in whole if name.startswith("_openknowledge/")]
    ways = [(name, text) for name in names for text in (None, *TEXTS)]
    ways += [
        ("_openknowledge/register.json", state) for _, state in wrong_states(whole["_openknowledge/register.json"])
    ]
    digest = sha256(SECRET.encode()).hexdigest()
    wrong_files = [
        {"../outside/new": [digest, 9**12]},
        {"/x": [digest, 9**12]},
        {"a": [digest, 10**400]},
        {"a": 1},
        [1],
    ]
    ways = some_of(iter(ways), chance) + [("_openknowledge/kept.json", json.dumps(row).encode()) for row in wrong_files]
    faults = []

    for name, text in ways:
        deployed.clear()
        deployed.update({**whole, "../outside/new": SECRET.encode(), name: text or b""})
        if text is None:
            del deployed[name]
        faults += list(world.find_faults(capsys, f"{name} is {(text or b'nothing')[:30]!r}"))

    assert faults == []

"""Releases on a server that is reached by ssh: files that did not change are linked there and not sent."""

import io
import subprocess
import tarfile
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..built_site import BuiltSite
from ..errors import PublishFailed, make_problem
from . import PREVIEWS_FOLDER, ProgressCallback
from . import release_layout as layout
from .lease import LEASE_S, Lease, dump_lock, lock_held, lock_holder, lock_lost
from .local_folder import copy_files
from .release_layout import (
    CURRENT,
    FILE_LIMIT_B,
    LOCK_FILE,
    LOCKS,
    NO_LINK,
    OWN_FOLDERS,
    RELEASE_META,
    RELEASES,
    RETIRED_URLS,
    SERVER,
    STATE_FILE,
)
from .ssh_connection import RemoteError, SshConnection

__all__ = ["LOST", "MISSING", "SshFilesystem"]

SPACE_HINT = "Make room there, and publish again: what readers get is whole."
KNOWN_ERRORS = (
    ("No space left on device", "the server's disk is full", SPACE_HINT),
    ("Disk quota exceeded", "this user's quota on the server is used up", SPACE_HINT),
    ("Read-only file system", "it is mounted for reading only there", "Mount it for writing, and publish again."),
    ("Permission denied", "this user may not write there", "Give it to the user who publishes, and publish again."),
    ("rsync: command not found", "the server has no rsync", "Install it there: apt install rsync"),
    ("rsync: not found", "the server has no rsync", "Install it there: apt install rsync"),
)
CLOSE_S = 10.0
OTHER_HINT = "What readers get is whole. Mend that, and publish again."

FOREIGN, MISSING, LOST, CORRUPT, INCOMPLETE = 44, 45, 46, 47, 48
"""How a script on the server ends if something has the name of ours and is not, if a program is missing, if the lock is
another publisher's, if a file that arrived is not the one that was sent, and if the folder of a release does not have
the files that it should have."""
GRACE_LIST = f"{SERVER}/carried"
"""Where the names of grace files are sent, each ended by a zero byte."""
DIGESTS = f"{SERVER}/sent"
"""Where the digests of the files that were sent are, as `sha256sum` reads them."""

# Scripts for any `sh` with GNU coreutils, find, flock and rsync. The first argument is the root, below which no link is
# followed but the one to the current release.
_START = f"""
set -eu
LC_ALL=C; export LC_ALL
cd -- "$1"
umask 022
foreign() {{ echo "$1" >&2; exit {FOREIGN}; }}
case $1 in */{PREVIEWS_FOLDER}/*) [ ! -L "$1" ] && [ ! -L "${{1%/*}}" ] || foreign . ;; esac
for name in {" ".join(OWN_FOLDERS)}; do
    [ ! -L $name ] && {{ [ -d $name ] || [ ! -e $name ]; }} || foreign $name
done
for name in {LOCK_FILE} {STATE_FILE} {RETIRED_URLS}; do
    [ ! -L $name ] && {{ [ -f $name ] || [ ! -e $name ]; }} || foreign $name
done"""
_FENCE = f"""{_START}
token=$2
fence() {{ [ "$(head -c 4096 {LOCK_FILE})" = "$token" ] || exit {LOST}; }}
fence"""
READ = f"""
for program in find flock head ln mv readlink rsync sha256sum stat tar timeout xargs; do
    command -v $program >/dev/null || {{ echo $program >&2; exit {MISSING}; }}
done
[ -e "$1" ] || {{ echo "now $(date +%s)"; echo; exit 0; }}
{_START}
current=$(readlink {CURRENT} || :)
case $current in
    {RELEASES}/*[!0-9]* | {RELEASES}/) [ ! -L {CURRENT} ] || echo "link {NO_LINK}"; current= ;;
    {RELEASES}/*) [ ! -L "$current" ] && [ ! -L "$current/{SERVER}" ] || foreign "$current"
        [ ! -d "$current" ] || echo "link $current" ;;
    *) [ ! -e {CURRENT} ] && [ ! -L {CURRENT} ] || echo "link {NO_LINK}"; current= ;;
esac
[ ! -d {RELEASES} ] || find {RELEASES} -mindepth 1 -maxdepth 1 -type d ! -name '*[!0-9a-z.]*' -printf 'folder %f\\n'
[ -e {STATE_FILE} ] || ls -A | sed 's/^/name /'
[ ! -s {LOCK_FILE} ] || printf 'lock %s\\n' "$(head -c 4096 {LOCK_FILE} | tr '\\n' ' ')"
echo "now $(date +%s)"
echo
set --
while IFS= read -r name; do
    case $name in {CURRENT}/*) [ -n "$current" ] || continue ;; esac
    [ ! -e "$name" ] && [ ! -L "$name" ] || set -- "$@" "$name"
done
[ $# -gt 0 ] || exit 0
odd=$(find "$@" -maxdepth 0 '(' ! -type f -o -size +{FILE_LIMIT_B}c ')' | head -n 1)
[ -z "$odd" ] || foreign "$odd"
tar -czf - -- "$@"
"""
"""Prints what a place contains: lines, an empty one, then an archive of those of the named files that exist."""
LOCK = f"""
mkdir -p -- "$1/{LOCKS}"
{_START}
exec 9>>{LOCK_FILE}
if [ "$3" = resume ]; then
    [ "$(head -c 4096 {LOCK_FILE})" = "$2" ] && flock -w {LEASE_S:.0f} 9 \\
        && [ "$(head -c 4096 {LOCK_FILE})" = "$2" ] || exit {LOST}
elif ! flock -n 9; then
    printf 'taken %s %s\\n' "$(($(date +%s) - $(stat -c %Y {LOCK_FILE})))" "$(head -c 4096 {LOCK_FILE})"
    exit 0
fi
printf %s "$2" > {LOCK_FILE}
echo mine
next() {{ timeout {LEASE_S:.0f} sh -c 'read -r line; printf %s "$line"' 9>&-; }}
while beat=$(next) && [ "$beat" = beat ]; do touch {LOCK_FILE}; echo alive; done
[ "$beat" != end ] || : > {LOCK_FILE}
"""
"""Holds the lock with the text `$2` until `end` arrives, the connection ends, or no `beat` arrives for a lease. With
`resume` it takes the lock again after the connection was lost, unless another publisher had it meanwhile."""
WRITE = f"""{_FENCE}
new=.new.$$
rm -rf .new.*; mkdir "$new"
tar -xzmf - -C "$new"
shift 2
for name; do
    folder=$(dirname -- "$name")
    [ ! -L "$folder" ] || foreign "$folder"
    mkdir -p -- "$folder"
    [ "$name" != {STATE_FILE} ] || sync "$new/$name" 2>/dev/null || :
    mv -fT -- "$new/$name" "$name"
done
rm -rf "$new"
"""
"""Puts the files of an archive in their places, in the order of the names behind the lock. Each run unpacks into a
folder of its own, because one whose connection was lost may still run."""
PREPARE = f"""{_START}
part={RELEASES}/$2.part
mkdir -p {RELEASES}
rm -rf "$part" "{RELEASES}/$2"
mkdir "$part"
[ -n "$3" ] || exit 0
[ ! -L "{RELEASES}/$3" ] || foreign "{RELEASES}/$3"
rsync -rptq --link-dest="$PWD/{RELEASES}/$3/" "{RELEASES}/$3/" "$part/"
cd "$part"
[ "$4" = keep ] || rm -rf {SERVER}
xargs -0 rm -f --
find . -mindepth 1 -type d -empty -delete
"""
"""Makes the folder of release `$2` of links to the files of `$3`, without those that are named. `$4` is `keep` where
what is not for readers stays."""
FINISH = f"""{_START}
cd "{RELEASES}/$2.part"
rm -f {RELEASE_META}
tar -xzmf -
wrong=
[ ! -s {DIGESTS} ] || wrong=$(sha256sum -c < {DIGESTS} 2>&1 | grep -v ': OK$' | head -n 5 || :)
[ -z "$wrong" ] || {{ printf '%s\\n' "$wrong" >&2; exit {CORRUPT}; }}
listing=$(find . -path ./{SERVER} -prune -o -type f -exec stat -c '%n %s' '{{}}' + | sort | sha256sum)
[ "${{listing%% *}}" = "$4" ] || exit {INCOMPLETE}
[ -z "$3" ] || [ -n "$(find "../$3" ! -type d ! -type f)" ] ||
    rsync -ptq --from0 --files-from={GRACE_LIST} --ignore-existing --ignore-missing-args \\
        --link-dest="$PWD/../$3/" "../$3/" ./ || [ $? -eq 23 ]
rm {GRACE_LIST} {DIGESTS}
"""
"""Adds the files of an archive to release `$2`, and verifies the files that were sent, and the digest `$4` of all names
and sizes. Then links the grace files from `$3`, unless another file has their name: then rsync ends with 23."""
SWITCH = f"""{_FENCE}
[ ! -d "{RELEASES}/$3.part" ] || mv -T "{RELEASES}/$3.part" "{RELEASES}/$3"
rm -f {CURRENT}.new
ln -s "{RELEASES}/$3" {CURRENT}.new
sync -f . 2>/dev/null || sync
date +%s
fence
mv -T {CURRENT}.new {CURRENT}
"""
"""Has readers get release `$3` once all of it is on the disk; prints the time."""
REMOVE = f"""{_FENCE}
root=$(pwd -P)
xargs -0 sh -c '
    root=$1; shift
    for name; do
        [ "$(cd -- "$(dirname -- "$name")" 2>/dev/null && pwd -P)" = "$root/$(dirname -- "$name")" ] || continue
        rm -rf -- "$name"
    done
' sh "$root"
"""
"""Removes what is named, but nothing behind a link."""


class _LockSession:
    """The session on the server that holds the lock, and its text."""

    def __init__(self, connection: SshConnection, root: str, text: str) -> None:
        self.connection, self.root, self.text = connection, root, text
        self.mutex = threading.Lock()

    def start(self, mode: str = "") -> str:
        """Start the session; return the line with which it begins."""
        self.process, line = self.connection.open(LOCK, self.root, self.text, mode)
        return line

    def resume(self) -> bool:
        """Hold the lock again if the session was lost; return whether it is still this publisher's."""
        with self.mutex:
            try:
                return self._ask("beat") or self.start("resume") == "mine"
            except RemoteError as error:
                if error.status == LOST:
                    return False
                raise

    def close(self) -> None:
        """Release the lock, and close the connection."""
        with self.mutex, suppress(subprocess.TimeoutExpired):
            self._ask("end")
            self.process.wait(CLOSE_S)
        self.connection.close()

    def _ask(self, word: str) -> bool:
        """Send a word to the session; return whether it answers that it holds the lock."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(f"{word}\n".encode())
            self.process.stdin.flush()
        except OSError:
            return False
        return self.process.stdout.readline() == b"alive\n"


@dataclass(frozen=True)
class SshFilesystem:
    """A folder of a server. `after_switch` is a line for its shell that is run whenever readers get another release."""

    connection: SshConnection
    root: str
    after_switch: str = ""

    @property
    def where(self) -> str:
        """Return the folder's name for people."""
        return self.connection.where

    def _run(self, script: str, *arguments: str | int, data: bytes = b"") -> bytes:
        with self._failures():
            return self.connection.run(script, self.root, *map(str, arguments), data=data)

    def _run_fenced(self, lease: Lease, script: str, *arguments: str | int, data: bytes = b"") -> bytes:
        """Run a script that the server refuses if another publisher has taken the lock since."""
        lease.fence()
        return self._run(script, lease.token, *arguments, data=data)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Raise errors of the server as `PublishFailed`."""
        try:
            yield
        except RemoteError as error:
            if error.status == LOST:
                raise lock_lost(self.where) from None
            text = " ".join(error.text.split())[:300] or f"a script ended with {error.status}"
            failures = [(message, hint) for mark, message, hint in KNOWN_ERRORS if mark in error.text]
            if error.status == FOREIGN:
                hint = "Look at what it is, move it away, and publish again."
                raise PublishFailed.at(f"{self.where}/{error.text}", "has the name of ours, and is not", hint) from None
            if error.status == MISSING:
                failures = [(f"the server has no {error.text}", "Install it there.")]
            failures.append((f"something went wrong on the server: {text}", OTHER_HINT))
            raise PublishFailed.at(self.where, *failures[0]) from None

    def read_snapshot(self) -> layout.PlaceSnapshot:
        """Return what the place contains."""
        return self._read_place(layout.SNAPSHOT_FILES)

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return the bytes of the files that exist, by name."""
        return self._read_place(names).files

    def _read_place(self, names: Sequence[str]) -> layout.PlaceSnapshot:
        head, _, archive = self._run(READ, data="".join(f"{name}\n" for name in names).encode()).partition(b"\n\n")
        lines = defaultdict[str, list[str]](list)
        for line in head.decode(errors="replace").split("\n"):
            name, _, value = line.partition(" ")
            lines[name].append(value)
        return layout.PlaceSnapshot(
            files=_unpack(archive),
            link="".join(lines["link"]),
            folders=tuple(lines["folder"]),
            names=tuple(lines["name"]),
            lock_text="".join(lines["lock"]).encode(),
            now_s=float(lines["now"][0]),
        )

    def lock(self, by: str) -> tuple[Lease, layout.PlaceSnapshot]:
        """Take the lock, which is held by a session on the server and ends with it; return it with the state behind."""
        session = _LockSession(self.connection, self.root, dump_lock(by).decode())
        with self._failures():
            line = session.start()
        if line != "mine":
            age_s, _, text = line.removeprefix("taken ").partition(" ")
            raise lock_held(lock_holder(text.encode()), int(age_s or 0), self.where)
        lease = Lease(self.where, self._failures()(session.resume), session.close, session.text)
        lease.start()
        return lease, self.read_snapshot()

    def write(self, lease: Lease, files: Mapping[str, bytes]) -> None:
        """Replace small files, each atomically, in this order."""
        self._run_fenced(lease, WRITE, *files, data=_pack(files))

    def build(self, plan: layout.ReleasePlan, site: BuiltSite | None, progress: ProgressCallback) -> bool:
        """Make the folder of a release; return whether all its files are there, by name and size."""
        keeps_server = "keep" if plan.server_files is None else ""
        self._run(PREPARE, plan.number, plan.source or "", keeps_server, data=_end_with_zeros(plan.dropped))
        if site is not None and plan.sent:
            self._send(plan, site, progress)
        digests = "".join(f"{file.digest}  {file.path}\n" for file in plan.sent)
        grace_list = _end_with_zeros(plan.meta.grace_paths)
        files = {**plan.hidden_files, DIGESTS: digests.encode(), GRACE_LIST: grace_list}
        arguments = (str(plan.number), str(plan.grace_source or ""), plan.meta.listing)
        with self._failures():
            try:
                self.connection.run(FINISH, self.root, *arguments, data=_pack(files))
                return True
            except RemoteError as error:
                if error.status == INCOMPLETE:
                    return False
                if error.status != CORRUPT or site is None:
                    raise
                names = [line.rpartition(": ")[0] for line in error.text.splitlines()]
        message = "changed while it was published, or on its way"
        hint = "Build it again: invoke build --publish, and publish again."
        raise PublishFailed(make_problem(f"{site.output.name}/{name}", message, hint) for name in names if name)

    def _send(self, plan: layout.ReleasePlan, site: BuiltSite, progress: ProgressCallback) -> None:
        files = sent_b = 0

        def count(size_b: int) -> None:
            nonlocal files, sent_b
            files, sent_b = files + 1, sent_b + size_b
            progress("Publishing: files", min(files, len(plan.sent)), len(plan.sent), sent_b)

        with tempfile.TemporaryDirectory(prefix="publish-") as folder, self._failures():
            list(copy_files(site, plan.sent, Path(folder)))
            paths = [file.path for file in plan.sent]
            self.connection.send(Path(folder), paths, f"{self.root}/{layout.partial_folder(plan.number)}", count)

    def switch(self, lease: Lease, number: int) -> float:
        """Have readers get a release once it is on the disk; return the time of that."""
        return float(self._run_fenced(lease, SWITCH, number))

    def run_after_switch(self) -> None:
        """Run the command that follows a switch."""
        if not self.after_switch:
            return
        try:
            self.connection.command(self.after_switch)
        except RemoteError as error:
            message = f'"{self.after_switch}" failed there: {" ".join(error.text.split())[:300] or error.status}'
            hint = "Readers have the new release. Mend the command, and publish again: it is run once more."
            raise PublishFailed.at(self.where, message, hint) from None

    def remove(self, lease: Lease, names: Sequence[str]) -> None:
        """Remove files and folders; those that do not exist are ignored."""
        self._run_fenced(lease, REMOVE, data=_end_with_zeros(names))


def _end_with_zeros(names: Iterable[str]) -> bytes:
    return b"".join(name.encode() + b"\0" for name in names)


def _pack(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", format=tarfile.GNU_FORMAT, compresslevel=6) as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


def _unpack(data: bytes) -> dict[str, bytes]:
    if not data:
        return {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = ((entry.name, tar.extractfile(entry)) for entry in tar)
        return {name: file.read() for name, file in files if file is not None}

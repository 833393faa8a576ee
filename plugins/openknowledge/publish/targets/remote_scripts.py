"""The scripts that run on a server by ssh, for any `sh` with GNU coreutils and flock. The first argument is the root.

A script that ends with one of the statuses below says why; with another one, its complaints do.
"""

from __future__ import annotations

from .lease import LEASE_S
from .release_layout import CURRENT, LOCKS, RELEASE_META, RELEASES, SERVER, SNAPSHOT_FILES, STATE_FILE

__all__ = [
    "CORRUPT",
    "DIGESTS",
    "FINISH",
    "GRACE_LIST",
    "INCOMPLETE",
    "LOCK",
    "LOST",
    "MISSING",
    "PREPARE",
    "READ",
    "REMOVE",
    "SNAPSHOT",
    "SWITCH",
    "WRITE",
]

MISSING = 45
"""A program is missing."""
LOST = 46
"""The lock is another publisher's."""
CORRUPT = 47
"""A file that arrived is not the one that was sent."""
INCOMPLETE = 48
"""The folder of a release does not have the files that it should have."""
GRACE_LIST = f"{SERVER}/carried"
"""Where the names of grace files are sent, each ended by a zero byte."""
DIGESTS = f"{SERVER}/sent"
"""Where the digests of the files that were sent are, as `sha256sum` reads them."""
FLOCK = f"{LOCKS}/ssh"
"""The file that a publication locks. It contains the text of the last lock, and nothing once that is released."""

_START = """
set -eu
LC_ALL=C; export LC_ALL
umask 022
cd -- "$1"
"""
_FENCE = f"""
fence() {{ [ "$(cat {FLOCK})" = "$1" ] || exit {LOST}; }}
"""

SNAPSHOT = f"""
for program in cp find flock ln mv readlink rsync sha256sum stat tar timeout xargs; do
    command -v $program >/dev/null || {{ echo $program >&2; exit {MISSING}; }}
done
[ -e "$1" ] || {{ echo "now $(date +%s)"; echo; exit 0; }}
{_START}
[ ! -d {CURRENT} ] || echo "current $(readlink {CURRENT} || echo folder)"
ls {RELEASES} 2>/dev/null | sed 's/^/folder /' || :
[ -e {STATE_FILE} ] || ls -A | sed 's/^/name /'
[ ! -s {FLOCK} ] || printf 'lock %s\\n' "$(cat {FLOCK})"
echo "now $(date +%s)"
echo
set --
for file in {" ".join(SNAPSHOT_FILES)}; do [ ! -f "$file" ] || set -- "$@" "$file"; done
[ $# = 0 ] || tar -czhf - -- "$@"
"""
"""Prints what a place contains: lines, an empty one, then small files as an archive."""

READ = f"""
{_START}
set --
while IFS= read -r name; do [ ! -f "$name" ] || set -- "$@" "$name"; done
[ $# = 0 ] || tar -czf - -- "$@"
"""
"""Prints an archive of those of the named files that exist."""

LOCK = f"""
mkdir -p -- "$1/{LOCKS}"
{_START}
exec 9>>{FLOCK}
if [ "$3" = resume ]; then
    [ "$(cat {FLOCK})" = "$2" ] && flock -w {LEASE_S:.0f} 9 && [ "$(cat {FLOCK})" = "$2" ] || exit {LOST}
elif ! flock -n 9; then
    printf 'taken %s %s\\n' "$(($(date +%s) - $(stat -c %Y {FLOCK})))" "$(cat {FLOCK})"
    exit 0
fi
printf %s "$2" > {FLOCK}
echo mine
next() {{ timeout {LEASE_S:.0f} sh -c 'read -r line; printf %s "$line"' 9>&-; }}
while beat=$(next) && [ "$beat" = beat ]; do touch {FLOCK}; echo alive; done
[ "$beat" != end ] || : > {FLOCK}
"""
"""Holds the lock with the text `$2` until `end` arrives, the connection ends, or no `beat` arrives for a lease.


With `resume` it takes the lock again after the connection was lost, unless another publisher had it meanwhile.
"""

WRITE = f"""
{_START}
{_FENCE}
fence "$2"
new=.new.$$
rm -rf .new.*; mkdir "$new"
tar -xzmf - -C "$new"
shift 2
for name; do
    mkdir -p -- "$(dirname -- "$name")"
    [ "$name" != {STATE_FILE} ] || sync "$new/$name" 2>/dev/null || :
    mv -f -- "$new/$name" "$name"
done
rm -rf "$new"
"""
"""Puts the files of an archive in their places, in the order of the names behind the lock.

Each run unpacks into a folder of its own, because one whose connection was lost may still run.
"""

PREPARE = f"""
{_START}
part={RELEASES}/$2.part
mkdir -p {RELEASES}
rm -rf "$part" "{RELEASES}/$2"
if [ -n "$3" ]; then
    cp -al "{RELEASES}/$3" "$part" 2>/dev/null || {{ rm -rf "$part"; cp -a "{RELEASES}/$3" "$part"; }}
else
    mkdir "$part"
fi
cd "$part"
[ "$4" = keep ] || rm -rf {SERVER}
xargs -0 rm -f --
find . -mindepth 1 -type d -empty -delete
"""
"""Makes the folder of release `$2` of links to the files of `$3`, without those that are named.

`$4` is `keep` where what is not for readers stays.
"""

FINISH = f"""
{_START}
cd "{RELEASES}/$2.part"
rm -f {RELEASE_META}
tar -xzmf -
wrong=
[ ! -s {DIGESTS} ] || wrong=$(sha256sum -c < {DIGESTS} 2>&1 | grep -v ': OK$' | head -n 5 || :)
[ -z "$wrong" ] || {{ printf '%s\\n' "$wrong" >&2; exit {CORRUPT}; }}
listing=$(find . -path ./{SERVER} -prune -o -type f -exec stat -c '%n %s' '{{}}' + | sort | sha256sum)
[ "${{listing%% *}}" = "$4" ] || exit {INCOMPLETE}
[ -z "$3" ] || xargs -0 sh -c '
    from=$1; shift
    for file; do
        [ -f "../$from/$file" ] && [ ! -e "$file" ] || continue
        mkdir -p -- "$(dirname -- "$file")" || continue
        ln -- "../$from/$file" "$file" 2>/dev/null || cp -p -- "../$from/$file" "$file" || exit 255
    done
' sh "$3" < {GRACE_LIST}
rm {GRACE_LIST} {DIGESTS}
"""
"""Adds the files of an archive to release `$2`, and verifies the files that were sent, and the digest `$4` of all names
and sizes. Then links the grace files from `$3`, unless another file has their name.
"""

SWITCH = f"""
{_START}
{_FENCE}
[ ! -d "{RELEASES}/$3.part" ] || mv -T "{RELEASES}/$3.part" "{RELEASES}/$3"
rm -f {CURRENT}.new
ln -s "{RELEASES}/$3" {CURRENT}.new
sync -f . 2>/dev/null || sync
date +%s
fence "$2"
mv -T {CURRENT}.new {CURRENT}
"""
"""Has readers get release `$3` once all of it is on the disk; prints the time."""

REMOVE = f"""
{_START}
{_FENCE}
fence "$2"
xargs -0 rm -rf --
"""

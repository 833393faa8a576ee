"""What runs on a server by ssh: scripts for any `sh` with coreutils. The first argument is the root, the second a lock.

A script that ends with one of these statuses says why; with another one, what went wrong is in its complaints.
"""

from __future__ import annotations

from .filesystem import LOOKED_AT
from .release_layout import CURRENT, LET_GO_S, LOCKS, NOTE, REGISTER, RELEASES, SERVER

__all__ = [
    "BUILT",
    "DROPPED",
    "FINISHED",
    "LEFT",
    "LIST",
    "LOOKED",
    "LOST",
    "MISSING",
    "OTHER",
    "PREPARED",
    "READ",
    "REMOVED",
    "RENEWED",
    "SWITCHED",
    "TAKEN",
    "WRITTEN",
]

MISSING = 45
"""A program is not there, or is not as it is needed."""
LOST = 46
"""The lock is somebody else's."""
OTHER = 47
"""A file that arrived is not the one that was to be sent."""
LIST = f"{SERVER}/carried"
"""Names, each ended by a zero byte, in the archive that finishes a release."""

_START = """
set -eu
LC_ALL=C; export LC_ALL
umask 022
cd -- "$1"
"""
_FENCE = f"""
latest() {{ ls {LOCKS} | grep -x '[0-9][0-9]*' | sort -n | tail -n 1 || :; }}
fence() {{ [ "$(latest)" = "$1" ] || exit {LOST}; }}
"""
_SEEN = f"""
{_FENCE}
seen() {{
    [ ! -d {CURRENT} ] || echo "current $(readlink {CURRENT} || echo folder)"
    ls {RELEASES} 2>/dev/null | sed 's/^/folder /' || :
    [ -e {REGISTER} ] || ls -A | sed 's/^/name /'
    last=$(latest 2>/dev/null || :)
    if [ -n "$last" ] && [ "$(stat -c %Y "{LOCKS}/$last")" -gt {LET_GO_S:.0f} ]; then
        echo "lock $(tr -d '\\n' < "{LOCKS}/$last")"
    fi
    echo "now $1"
    echo
    set --
    for file in {" ".join(LOOKED_AT)}; do [ ! -f "$file" ] || set -- "$@" "$file"; done
    [ $# = 0 ] || tar -czhf - -- "$@"
}}
"""

LOOKED = f"""
for program in cp find ln mv readlink rsync sha256sum stat tar xargs; do
    command -v $program >/dev/null || {{ echo $program >&2; exit {MISSING}; }}
done
[ -e "$1" ] || {{ echo "now $(date +%s)"; echo; exit 0; }}
{_START}
{_SEEN}
seen "$(date +%s)"
"""
"""Tells what is there: lines, an empty one, then small files as an archive."""

READ = f"""
{_START}
set --
while IFS= read -r name; do [ ! -f "$name" ] || set -- "$@" "$name"; done
[ $# = 0 ] || tar -czf - -- "$@"
"""
"""An archive of the files that are named, of those that are there."""

TAKEN = f"""
mkdir -p -- "$1/{LOCKS}"
{_START}
{_SEEN}
touch {LOCKS}/clock
now=$(stat -c %Y {LOCKS}/clock)
last=$(latest)
if [ -n "$last" ] && [ "$(cat "{LOCKS}/$last")" = "$2" ]; then
    mine=$last
else
    if [ -n "$last" ]; then
        since=$(stat -c %Y "{LOCKS}/$last")
        if [ "$since" -gt {LET_GO_S:.0f} ] && [ $((now - since)) -lt "$3" ]; then
            echo "taken $((now - since)) $(tr -d '\\n' < "{LOCKS}/$last")"
            exit 0
        fi
    fi
    mine=$((${{last:-0}} + 1))
    if ! (set -C; : > "{LOCKS}/$mine") 2>/dev/null; then
        [ -e "{LOCKS}/$mine" ] || : > "{LOCKS}/$mine"
        echo "taken 0"
        exit 0
    fi
    printf %s "$2" > "{LOCKS}/$mine" || {{ rm -f "{LOCKS}/$mine"; exit 1; }}
fi
[ "$(latest)" = "$mine" ] || {{ echo "taken 0"; exit 0; }}
for old in $(ls {LOCKS} | grep -x '[0-9][0-9]*' | sort -n); do
    [ "$old" = "$mine" ] || rm -f "{LOCKS}/$old"
done
echo "mine $mine"
seen "$now"
"""
"""Takes the lock with the text `$2`, if the last one was not renewed for `$3` seconds; tells what is there then."""

RENEWED = f"""
{_START}
{_FENCE}
fence "$2"
touch -c "{LOCKS}/$2"
"""

LEFT = f"""
{_START}
{_FENCE}
fence "$2"
touch -c -d @0 "{LOCKS}/$2"
"""

WRITTEN = f"""
{_START}
{_FENCE}
fence "$2"
new=.new.$$
rm -rf .new.*; mkdir "$new"
tar -xzmf - -C "$new"
shift 2
for name; do
    mkdir -p -- "$(dirname -- "$name")"
    [ "$name" != {REGISTER} ] || sync "$new/$name" 2>/dev/null || :
    mv -f -- "$new/$name" "$name"
done
rm -rf "$new"
"""
"""Puts the files of an archive in place, in the order of the names behind the lock.

What it unpacks is its own: one whose connection was cut may still run.
"""

PREPARED = f"""
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
"""Makes the folder of release `$2` from that of `$3` by links, without the files that are named.

`$4` is `keep` where what is not for readers stays.
"""

BUILT = f"""
{_START}
cd "{RELEASES}/$2.part"
other=
[ "$3" = 0 ] || other=$(sha256sum -c 2>&1 | grep -v ': OK$' | head -n 5 || :)
[ -z "$other" ] || {{ printf '%s\\n' "$other" >&2; exit {OTHER}; }}
find . -path ./{SERVER} -prune -o -type f -exec stat -c '%n %s' '{{}}' + | sort | sha256sum
"""
"""Compares `$3` files with their digests; tells the digest of all names and sizes."""

FINISHED = f"""
{_START}
cd "{RELEASES}/$2.part"
rm -f {NOTE}
tar -xzmf -
[ -n "$3" ] || {{ rm {LIST}; exit 0; }}
xargs -0 sh -c '
    from=$1; shift
    for file; do
        [ -f "../$from/$file" ] && [ ! -e "$file" ] || continue
        mkdir -p -- "$(dirname -- "$file")" || continue
        ln -- "../$from/$file" "$file" 2>/dev/null || cp -p -- "../$from/$file" "$file" || exit 255
    done
' sh "$3" < {LIST}
rm {LIST}
"""
"""Adds the files of an archive to release `$2`, and those of its list from `$3`, where nothing is in their place."""

DROPPED = f"""
{_START}
rm -rf "{RELEASES}/$2.part"
"""
"""Gives up a release that was not finished."""

SWITCHED = f"""
{_START}
{_FENCE}
[ ! -d "{RELEASES}/$3.part" ] || mv -T "{RELEASES}/$3.part" "{RELEASES}/$3"
rm -f {CURRENT}.new
ln -s "{RELEASES}/$3" {CURRENT}.new
sync -f . 2>/dev/null || sync
touch {LOCKS}/clock
stat -c %Y {LOCKS}/clock
fence "$2"
mv -T {CURRENT}.new {CURRENT}
"""
"""Has readers get release `$3`, once all of it is on the disk; tells the time."""

REMOVED = f"""
{_START}
{_FENCE}
fence "$2"
xargs -0 rm -rf --
"""

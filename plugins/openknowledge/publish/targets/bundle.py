"""A site in one piece, as programs of hosts take it: a folder, a tar or a zip; whole, or not there at all."""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["bundle"]

Put = Callable[[str, bytes], None]
Files = Iterable[tuple[str, bytes]]


def bundle(place: Path, files: Files) -> None:
    """Make `place` hold these files, by path, and nothing else; its name says as what.

    The same files are the same bytes. What stood there before stands until the new one is complete.
    """
    part = place.with_name(f"{place.name}.part")
    place.parent.mkdir(parents=True, exist_ok=True)
    _remove(part)
    try:
        with _FORMS.get(place.suffix, _folder)(part) as put:
            for path, data in files:
                put(path, data)
        _exchange(part, place)
    except BaseException:
        _remove(part)
        raise


def _exchange(part: Path, place: Path) -> None:
    """A file takes the place of another one at once; a folder cannot, so for a moment none is there."""
    if place.is_dir():
        old = place.with_name(f"{place.name}.old")
        _remove(old)
        place.rename(old)
        part.rename(place)
        _remove(old)
    else:
        part.replace(place)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


@contextmanager
def _folder(place: Path) -> Iterator[Put]:
    place.mkdir()
    made = {str(place)}

    def put(path: str, data: bytes) -> None:
        file = place / path
        if str(file.parent) not in made:
            file.parent.mkdir(parents=True, exist_ok=True)
            made.add(str(file.parent))
        file.write_bytes(data)

    yield put


@contextmanager
def _tar(place: Path) -> Iterator[Put]:
    """Without folders of their own, owners and times; no links, as GitHub wants it."""
    with tarfile.open(place, "w", format=tarfile.PAX_FORMAT) as tar:

        def put(path: str, data: bytes) -> None:
            told = tarfile.TarInfo(path)
            told.size, told.mode = len(data), 0o644
            tar.addfile(told, io.BytesIO(data))

        yield put


@contextmanager
def _zip(place: Path) -> Iterator[Put]:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as packed:

        def put(path: str, data: bytes) -> None:
            told = zipfile.ZipInfo(path)
            told.compress_type, told.create_system, told.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            packed.writestr(told, data)

        yield put


_FORMS = {".tar": _tar, ".zip": _zip}

"""Compiled templates on the disk, so that a new process does not compile them."""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import tempfile
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

DIGEST_BYTES = hashlib.sha256().digest_size


class TemplateBytecodeCache(BytecodeCache):
    """One file a template, overwritten when the template changes.

    A file begins with two digests: of what its code was compiled from (the template's source, the environment's
    `options`, the versions of Jinja and Python), and of the code itself. A file that does not fit, because it is old,
    foreign, truncated or corrupt, is compiled again. Where nothing can be written, nothing is cached.
    """

    def __init__(self, folder: Path, options: str) -> None:
        self._folder = folder
        self._versions = b"\0".join((jinja2.__version__.encode(), importlib.util.MAGIC_NUMBER, options.encode()))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the code of a template, if the cache has it."""
        try:
            data = self._path(bucket).read_bytes()
        except OSError:
            return
        origin, code = data[:DIGEST_BYTES], data[2 * DIGEST_BYTES :]
        if origin == self._origin(bucket) and data[DIGEST_BYTES : 2 * DIGEST_BYTES] == hashlib.sha256(code).digest():
            bucket.code = marshal.loads(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the code of a template, if the folder can be written."""
        code = marshal.dumps(bucket.code)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _replace(self._path(bucket), self._origin(bucket) + hashlib.sha256(code).digest() + code)
        except OSError:
            return

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.template"

    def _origin(self, bucket: Bucket) -> bytes:
        return hashlib.sha256(self._versions + b"\0" + bucket.checksum.encode()).digest()


def _replace(path: Path, data: bytes) -> None:
    """Write the file as a whole, also beside other processes that do the same."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".draft")
    draft = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise

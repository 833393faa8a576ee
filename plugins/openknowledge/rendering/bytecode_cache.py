"""Compiled templates on the disk, so that a new process need not compile them."""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from openknowledge.engine.atomic_files import atomic_write

__all__ = ["TemplateBytecodeCache"]

DIGEST_BYTES = hashlib.sha256().digest_size


class TemplateBytecodeCache(BytecodeCache):
    """One file a template, overwritten when the template changes.

    A file begins with two digests: of what its code was compiled from (the template's source, the environment's
    `options`, the versions of Jinja and Python), and of the code itself. A file that fits neither is compiled again,
    whether it is outdated, foreign, truncated or corrupt. Where nothing can be written, nothing is cached. Jinja's own
    cache of files knows neither the options nor whether the code is corrupt.
    """

    def __init__(self, folder: Path, options: str) -> None:
        self._folder = folder
        self._compiler = b"\0".join((jinja2.__version__.encode(), importlib.util.MAGIC_NUMBER, options.encode()))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put the code of a template into its bucket, if the file fits."""
        try:
            data = self._path(bucket).read_bytes()
        except OSError:
            return
        origin, code = data[:DIGEST_BYTES], data[2 * DIGEST_BYTES :]
        if origin == self._origin(bucket) and data[DIGEST_BYTES : 2 * DIGEST_BYTES] == hashlib.sha256(code).digest():
            bucket.code = marshal.loads(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the code of a template."""
        code = marshal.dumps(bucket.code)
        with suppress(OSError):
            atomic_write(self._path(bucket), (self._origin(bucket), hashlib.sha256(code).digest(), code))

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.template"

    def _origin(self, bucket: Bucket) -> bytes:
        return hashlib.sha256(self._compiler + b"\0" + bucket.checksum.encode()).digest()

"""What a site says of its own last release, where its host has no place for that but the site itself."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from openknowledge.manifest import Manifest, ManifestProblem

from ..errors import PublishFailed, PublishRefused, make_problem
from ..manifest_pieces import ManifestRoot
from ..manifest_shards import ShardedManifest, split_manifest
from ..release import DeployState
from .git_cli import GitRetryPolicy

__all__ = ["FOLDER", "PublicState", "Read", "make_reader", "state_files"]

FOLDER = "_openknowledge"
"""Not hidden, for what begins with a dot is left out by some programs that upload."""
REGISTER, ROOT, MANIFEST, FORMER, KEPT = (
    f"{FOLDER}/{name}" for name in ("register.json", "root.bin", "manifest.bin", "former.bin", "kept.json")
)
Read = Callable[[str], bytes | None]
"""Gets a file of the published site by its path; None where it is not there."""
HINT = "Is a deployment under way? Wait until it has ended, and publish again."


@dataclass(frozen=True)
class PublicState:
    """What a site says of itself. `kept` are files of older releases that are there for open pages: digest, since."""

    register: DeployState
    manifest: ShardedManifest | None = None
    former: frozenset[str] = frozenset()
    kept: Mapping[str, tuple[str, int]] | None = None

    @classmethod
    def read(cls, read: Read, site_url: str) -> PublicState:
        """Raises `Refused` where it is of another site or of a newer version, or not whole."""
        data = read(REGISTER)
        if data is None:
            return cls(DeployState(site_url))
        register = DeployState.load(data, f"{site_url}/{REGISTER}").check_site(site_url, site_url)
        if register.release is None:
            return cls(register)
        try:
            manifest = _manifest(read(ROOT) or b"", read(MANIFEST) or b"", register.release.manifest)
            former = gzip.decompress(read(FORMER) or b"").decode().splitlines()
            kept = {path: (str(digest), int(since)) for path, (digest, since) in json.loads(read(KEPT) or b"").items()}
        except (ManifestProblem, OSError, EOFError, ValueError, AttributeError, TypeError):
            message = "what the site says of its last release is not whole"
            raise PublishRefused([make_problem(f"{site_url}/{FOLDER}", message, HINT)]) from None
        return cls(register, manifest, frozenset(former), kept)


def _manifest(root: bytes, manifest: bytes, digest: str) -> ShardedManifest:
    """A manifest in shards as it was published; all of it is at hand."""
    like = ShardedManifest(ManifestRoot.unpack(root, digest), lambda _: ())
    found = split_manifest(Manifest.load(gzip.decompress(manifest)), like=like)
    if found.root.digest != digest:
        raise ManifestProblem("is that of another release.")
    return found


def state_files(
    register: DeployState, manifest: ShardedManifest, former: Iterable[str], kept: Mapping[str, tuple[str, int]]
) -> dict[str, bytes]:
    """What a site says of itself, by path. Everybody can read it, so it does not say who published."""
    shown = replace(register, releases=tuple(replace(release, by="") for release in register.releases))
    whole = Manifest.from_entries(manifest.root.site_url, manifest.entries())
    return {
        REGISTER: shown.dump(),
        ROOT: manifest.root.pack(),
        MANIFEST: gzip.compress(whole.dump(), 6, mtime=0),
        FORMER: gzip.compress("".join(f"{address}\n" for address in sorted(former)).encode(), 6, mtime=0),
        KEPT: (json.dumps(dict(sorted(kept.items())), indent=1) + "\n").encode(),
    }


def make_reader(public_url: str, patience: GitRetryPolicy | None = None) -> Read:
    """Reads a site through its public address, as fresh as its host has it."""
    patient = patience or GitRetryPolicy()
    again = Retrying(
        stop=stop_after_attempt(patient.attempts),
        wait=wait_random_exponential(multiplier=0.5, max=patient.longest_pause_s),
        retry=retry_if_exception_type((httpx.TransportError, httpx.HTTPStatusError)),
        reraise=True,
    )

    def asked(address: str) -> httpx.Response:
        headers = {"Cache-Control": "no-cache"}
        answer = httpx.get(address, headers=headers, follow_redirects=True, timeout=patient.stalled_s)
        if answer.status_code not in (404, 410):
            answer.raise_for_status()
        return answer

    def read(path: str) -> bytes | None:
        address = f"{public_url.rstrip('/')}/{quote(path)}"
        try:
            answer = again(asked, address)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            hint = 'Is the site up? Before there is one: PUBLISH_READ_BACK_URL = "".'
            raise PublishFailed([make_problem(address, f"cannot be read: {error}", hint)]) from None
        return answer.content if answer.status_code == 200 else None

    return read

"""What was published is read back as readers get it: through the public address, caches and all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import httpx

from openknowledge.manifest import ManifestEntry
from openknowledge.problems import Problem
from openknowledge.redirects.table import Redirect

from .cdn.addresses import url_of
from .errors import PublishFailed, make_problem
from .manifest_shards import ShardedManifest
from .plan import Plan
from .probes import ExpectedResponse, Probe, describe_mismatch
from .sampling import changed_entries, sample_by_role, unchanged_entries
from .targets import ProgressCallback

__all__ = ["Verifier"]

MAX_PROBLEMS = 20
PACKED, PLAIN = "br, gzip", "identity"
HINT = (
    "Look at it: curl -sI with this address. Does something between the store and its readers change, keep or refuse "
    "files? invoke publish reads them back again; invoke publish --purge-everything has caches forget all."
)
MAX_REDIRECTS = 20
"""So many redirects and so many addresses that are gone are tried."""


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """The reader of a publication.

    `public_url` is where readers get the site. `headers` are those that an answer with a file must have. `has_folders`:
    an address that ends in `/` gives its index.html; `packs`: what has twins is sent compressed; `unpacks`: and as it
    is to those who ask for that. `forwards` are tried where the host sends redirects and 410 itself; the pages at
    their addresses are then never seen.

    Up to `most` changed files are read, and beyond that a choice of every role; and `unchanged` others. What is wrong
    is asked for again after each of `pauses_s`: caches take a moment.
    """

    public_url: str
    headers: Callable[[ManifestEntry], Mapping[str, str]]
    serves_index: bool = True
    serves_compressed: bool = True
    serves_identity: bool = True
    redirects: tuple[Redirect, ...] = ()
    max_changed: int = 500
    max_unchanged: int = 20
    retry_delays_s: tuple[float, ...] = (1, 2, 4, 8, 15)
    parallel: int = 16
    timeout_s: float = 30.0
    transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)

    def __call__(
        self, plan: Plan, manifest: ShardedManifest, progress: ProgressCallback
    ) -> tuple[int, tuple[Problem, ...]]:
        """How many files were read, and what is wrong with them. Raises `Failed` where nobody answers at all."""
        entries = self._chosen(plan, manifest)
        questions = [*(one for entry in entries for one in self._of_file(entry)), *self._of_forwards(plan)]
        wrong = asyncio.run(self._asked(questions, progress))
        if questions and len(wrong) == len(questions) and all(one.is_silent for one in wrong.values()):
            reason = next(iter(wrong.values())).what
            message = f"the site is published, but could not be read back: {reason}"
            raise PublishFailed(
                [make_problem(self.public_url, message, "Is the network there, and PUBLISH_READ_BACK_URL right?")]
            )
        return len(entries), self._told_of(wrong)

    def _chosen(self, plan: Plan, manifest: ShardedManifest) -> tuple[ManifestEntry, ...]:
        hidden = {forward.source for forward in self.redirects if not forward.query}
        changed = sample_by_role(
            (entry for entry in changed_entries(plan, manifest) if entry.url_path not in hidden), self.max_changed
        )
        others = (entry for entry in unchanged_entries(plan, manifest) if entry.url_path not in hidden)
        return (*changed, *sample_by_role(others, self.max_unchanged))

    def _of_file(self, entry: ManifestEntry) -> Sequence[Probe]:
        """A file as browsers ask for it; one that can be compressed also as simple programs do."""
        where = entry.url_path if self.serves_index else f"/{entry.path}"
        expected = ExpectedResponse(
            status=200,
            headers={"Content-Type": entry.media_type, **self.headers(entry)},
            digest=entry.digest,
            is_compressed=True if entry.twins and self.serves_compressed else None,
        )
        packed = Probe(where, PACKED, expected)
        if not (entry.twins and self.serves_compressed):
            return (packed,)
        plain = ExpectedResponse(
            200, expected.headers, entry.digest, is_compressed=False if self.serves_identity else None
        )
        return (packed, Probe(where, PLAIN, plain))

    def _of_forwards(self, plan: Plan) -> Sequence[Probe]:
        """Some redirects, and some of what is gone: those of this publication first."""
        new = {entry.url_path for entry in plan.sent}
        ordered = sorted(self.redirects, key=lambda one: (one.source not in new, sha256(one.source.encode()).digest()))
        moved = [one for one in ordered if one.target is not None][:MAX_REDIRECTS]
        gone = [one for one in ordered if one.target is None][:MAX_REDIRECTS]
        return [self._of_forward(one) for one in (*moved, *gone)]

    def _of_forward(self, forward: Redirect) -> Probe:
        query = f"?{forward.query}" if forward.query else ""
        target = forward.target or ""
        leads_to = url_of(self.public_url, "") + target if target.startswith("/") else target
        return Probe(forward.source, PACKED, ExpectedResponse(forward.status, location=leads_to), query)

    async def _asked(self, questions: Sequence[Probe], progress: ProgressCallback) -> dict[Probe, _Wrong]:
        """Ask, and once more after each pause what was not as it should be."""
        limits = httpx.Limits(max_connections=self.parallel, max_keepalive_connections=self.parallel)
        async with httpx.AsyncClient(timeout=self.timeout_s, limits=limits, transport=self.transport) as client:
            wrong = await self._round(client, questions, progress)
            for pause_s in self.retry_delays_s:
                if not wrong:
                    break
                await asyncio.sleep(pause_s)
                wrong = await self._round(client, list(wrong), progress)
        return wrong

    async def _round(
        self, client: httpx.AsyncClient, questions: Sequence[Probe], progress: ProgressCallback
    ) -> dict[Probe, _Wrong]:
        left = iter(questions)
        found: dict[Probe, _Wrong] = {}
        done = 0
        size_b = 0

        async def work() -> None:
            nonlocal done, size_b
            for question in left:
                wrong, read_b = await self._ask(client, question)
                if wrong is not None:
                    found[question] = wrong
                done, size_b = done + 1, size_b + read_b
                progress("Reading back", done, len(questions), size_b)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(self.parallel, len(questions))):
                tasks.create_task(work())
        return {question: found[question] for question in questions if question in found}

    async def _ask(self, client: httpx.AsyncClient, question: Probe) -> tuple[_Wrong | None, int]:
        url = url_of(self.public_url, question.address) + question.query
        try:
            answer = await client.get(url, headers={"Accept-Encoding": question.accept_encoding})
        except httpx.DecodingError:
            return _Wrong("the answer is not compressed as its Content-Encoding says"), 0
        except httpx.HTTPError as error:
            return _Wrong(f"no answer ({type(error).__name__}: {error})", is_silent=True), 0
        what = describe_mismatch(answer, question.expected)
        return (_Wrong(what) if what else None), len(answer.content)

    def _told_of(self, wrong: Mapping[Probe, _Wrong]) -> tuple[Problem, ...]:
        """One problem for each address, and no more than somebody would read."""
        by_address: dict[str, list[str]] = {}
        for question, one in wrong.items():
            said = by_address.setdefault(url_of(self.public_url, question.address) + question.query, [])
            asked = "" if question.accept_encoding == PACKED else "asked for it uncompressed: "
            if one.what not in said:
                said.append(f"{asked}{one.what}")
        rows = enumerate(sorted(by_address.items()))
        problems = [make_problem(url, "; ".join(said), "" if number else HINT) for number, (url, said) in rows]
        more = len(problems) - MAX_PROBLEMS
        if more <= 0:
            return tuple(problems)
        return (
            *problems[:MAX_PROBLEMS],
            make_problem(self.public_url, f"and {more} more addresses are not as they should be", ""),
        )


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What is wrong with an answer; `is_silent` where there was none."""

    what: str
    is_silent: bool = False

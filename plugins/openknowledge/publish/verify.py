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
from .errors import Failed, problem
from .manifest_shards import ShardedManifest
from .plan import Plan
from .probes import Expected, Question, wrong_with
from .sampling import changed_of, spread, unchanged_of
from .targets import ProgressCallback

__all__ = ["ReadingBack"]

SHOWN = 20
PACKED, PLAIN = "br, gzip", "identity"
HINT = (
    "Look at it: curl -sI with this address. Does something between the store and its readers change, keep or refuse "
    "files? invoke publish reads them back again; invoke publish --purge-everything has caches forget all."
)
FORWARDED = 20
"""So many redirects and so many addresses that are gone are tried."""


@dataclass(frozen=True, kw_only=True)
class ReadingBack:
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
    has_folders: bool = True
    packs: bool = True
    unpacks: bool = True
    forwards: tuple[Redirect, ...] = ()
    most: int = 500
    unchanged: int = 20
    pauses_s: tuple[float, ...] = (1, 2, 4, 8, 15)
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
            raise Failed([problem(self.public_url, message, "Is the network there, and PUBLISH_READ_BACK_URL right?")])
        return len(entries), self._told_of(wrong)

    def _chosen(self, plan: Plan, manifest: ShardedManifest) -> tuple[ManifestEntry, ...]:
        hidden = {forward.source for forward in self.forwards if not forward.query}
        changed = spread((entry for entry in changed_of(plan, manifest) if entry.url_path not in hidden), self.most)
        others = (entry for entry in unchanged_of(plan, manifest) if entry.url_path not in hidden)
        return (*changed, *spread(others, self.unchanged))

    def _of_file(self, entry: ManifestEntry) -> Sequence[Question]:
        """A file as browsers ask for it; one that can be compressed also as simple programs do."""
        where = entry.url_path if self.has_folders else f"/{entry.path}"
        expected = Expected(
            status=200,
            headers={"Content-Type": entry.media_type, **self.headers(entry)},
            digest=entry.digest,
            is_packed=True if entry.twins and self.packs else None,
        )
        packed = Question(where, PACKED, expected)
        if not (entry.twins and self.packs):
            return (packed,)
        plain = Expected(200, expected.headers, entry.digest, is_packed=False if self.unpacks else None)
        return (packed, Question(where, PLAIN, plain))

    def _of_forwards(self, plan: Plan) -> Sequence[Question]:
        """Some redirects, and some of what is gone: those of this publication first."""
        new = {entry.url_path for entry in plan.sent}
        ordered = sorted(self.forwards, key=lambda one: (one.source not in new, sha256(one.source.encode()).digest()))
        moved = [one for one in ordered if one.target is not None][:FORWARDED]
        gone = [one for one in ordered if one.target is None][:FORWARDED]
        return [self._of_forward(one) for one in (*moved, *gone)]

    def _of_forward(self, forward: Redirect) -> Question:
        query = f"?{forward.query}" if forward.query else ""
        target = forward.target or ""
        leads_to = url_of(self.public_url, "") + target if target.startswith("/") else target
        return Question(forward.source, PACKED, Expected(forward.status, location=leads_to), query)

    async def _asked(self, questions: Sequence[Question], progress: ProgressCallback) -> dict[Question, _Wrong]:
        """Ask, and once more after each pause what was not as it should be."""
        limits = httpx.Limits(max_connections=self.parallel, max_keepalive_connections=self.parallel)
        async with httpx.AsyncClient(timeout=self.timeout_s, limits=limits, transport=self.transport) as client:
            wrong = await self._round(client, questions, progress)
            for pause_s in self.pauses_s:
                if not wrong:
                    break
                await asyncio.sleep(pause_s)
                wrong = await self._round(client, list(wrong), progress)
        return wrong

    async def _round(
        self, client: httpx.AsyncClient, questions: Sequence[Question], progress: ProgressCallback
    ) -> dict[Question, _Wrong]:
        left = iter(questions)
        found: dict[Question, _Wrong] = {}
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

    async def _ask(self, client: httpx.AsyncClient, question: Question) -> tuple[_Wrong | None, int]:
        url = url_of(self.public_url, question.address) + question.query
        try:
            answer = await client.get(url, headers={"Accept-Encoding": question.accepts})
        except httpx.DecodingError:
            return _Wrong("the answer is not compressed as its Content-Encoding says"), 0
        except httpx.HTTPError as error:
            return _Wrong(f"no answer ({type(error).__name__}: {error})", is_silent=True), 0
        what = wrong_with(answer, question.expected)
        return (_Wrong(what) if what else None), len(answer.content)

    def _told_of(self, wrong: Mapping[Question, _Wrong]) -> tuple[Problem, ...]:
        """One problem for each address, and no more than somebody would read."""
        by_address: dict[str, list[str]] = {}
        for question, one in wrong.items():
            said = by_address.setdefault(url_of(self.public_url, question.address) + question.query, [])
            asked = "" if question.accepts == PACKED else "asked for it uncompressed: "
            if one.what not in said:
                said.append(f"{asked}{one.what}")
        rows = enumerate(sorted(by_address.items()))
        problems = [problem(url, "; ".join(said), "" if number else HINT) for number, (url, said) in rows]
        more = len(problems) - SHOWN
        if more <= 0:
            return tuple(problems)
        return (*problems[:SHOWN], problem(self.public_url, f"and {more} more addresses are not as they should be", ""))


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What is wrong with an answer; `is_silent` where there was none."""

    what: str
    is_silent: bool = False

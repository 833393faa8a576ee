"""A whole run: looked at the target, built, planned, published; what tasks call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .building import build, write_addresses
from .choosing import purger_of, reader_of, target_of
from .commits import commit_of
from .outcome import Outcome
from .progress import progress
from .publishing import LostAddresses, Orders, Publication, publish, restore
from .settings import PublishSettings
from .site import opened
from .targets import State, Target, Told

__all__ = ["Run"]

ADDRESSES = "published-addresses.txt"


@dataclass(frozen=True)
class Run:
    """What a task needs: the settings, the project's folder, and who publishes."""

    settings: PublishSettings
    project: Path
    owner: str

    def target(self, *, adopts: bool = False) -> Target:
        return target_of(self.settings, adopts=adopts)

    def publish(
        self, *, is_plan: bool, is_forced: bool, adopts: bool, is_built: bool, purges_everything: bool
    ) -> Outcome:
        """Publish the site; where addresses would be lost, the build is asked once more, now that it knows of them."""
        orders = Orders(self.owner, self.project, is_plan=is_plan, is_forced=is_forced)
        target = self.target(adopts=adopts)
        state = target.look()
        if is_built:
            self._build(state.former)
        with progress() as told:
            run = self._publication(target, orders, told, purges_everything)
            try:
                return self._published(run, state)
            except LostAddresses as lost:
                if not is_built:
                    raise
                self._build(state.former | set(lost.addresses))
                return self._published(run, state)

    def restore(self, number: int | None, *, is_plan: bool) -> Outcome:
        target = self.target()
        with progress() as told:
            run = self._publication(target, Orders(self.owner, self.project, is_plan=is_plan), told, False)
            return restore(run, target.look(), number)

    def _build(self, addresses: frozenset[str]) -> None:
        place = (self.project / self.settings.cache / ADDRESSES).resolve()
        write_addresses(place, addresses)
        build(self.project, self.settings.output, place, {})

    def _published(self, run: Publication, state: State) -> Outcome:
        return publish(run, opened(self.settings.output, commit_of(self.project)), state)

    def _publication(self, target: Target, orders: Orders, told: Told, purges_everything: bool) -> Publication:
        purger = purger_of(self.settings, everything=purges_everything)
        return Publication(target, purger, reader_of(self.settings), orders, told)

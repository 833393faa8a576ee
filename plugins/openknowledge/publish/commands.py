"""A whole run: looked at the target, built, planned, published; what tasks call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openknowledge.redirects.table import Redirect

from .built_site import opened
from .factory import purger_of, reader_of, refuse_misfits, target_of
from .git_info import read_commit
from .pipeline import LostAddresses, Orders, Publication, publish, restore
from .prebuild import build, check_links, write_addresses
from .progress import progress
from .result import Outcome
from .settings import PublishSettings
from .targets import ProgressCallback, PublishedState, Target

__all__ = ["Run", "Wish"]

ADDRESSES = "published-addresses.txt"


@dataclass(frozen=True)
class Wish:
    """What an operator asks for: see the options of `invoke publish`."""

    is_plan: bool = False
    is_forced: bool = False
    adopts: bool = False
    is_built: bool = True
    purges_everything: bool = False


@dataclass(frozen=True)
class Run:
    """What a task needs: the settings, the project's folder, and who publishes."""

    settings: PublishSettings
    project: Path
    owner: str

    def target(self, *, adopts: bool = False) -> Target:
        return target_of(self.settings, adopts=adopts)

    def publish(self, wish: Wish) -> Outcome:
        """Publish the site; where addresses would be lost, the build is asked once more, now that it knows of them."""
        target = self.target(adopts=wish.adopts)
        state = target.read_state()
        if wish.is_built:
            self._build(state.retired_urls)
        try:
            return self._published(target, state, wish)
        except LostAddresses as lost:
            if not wish.is_built:
                raise
            self._build(state.retired_urls | set(lost.addresses))
            return self._published(target, state, wish)

    def restore(self, number: int | None, *, is_plan: bool) -> Outcome:
        target = self.target()
        with progress() as told:
            return restore(self._publication(target, Wish(is_plan=is_plan), (), told), target.read_state(), number)

    def _build(self, addresses: frozenset[str]) -> None:
        """Build the site, and follow every link in it."""
        place = (self.project / self.settings.cache / ADDRESSES).resolve()
        write_addresses(place, addresses)
        build(self.project, self.settings.output, place, {})
        check_links(self.project, self.settings.output, self.settings.cache, self.settings.site_url)

    def _published(self, target: Target, state: PublishedState, wish: Wish) -> Outcome:
        site = opened(self.settings.output, read_commit(self.project))
        refuse_misfits(self.settings, site)
        with progress() as told:
            return publish(self._publication(target, wish, site.forwards, told), site, state)

    def _publication(
        self, target: Target, wish: Wish, forwards: Sequence[Redirect], progress: ProgressCallback
    ) -> Publication:
        orders = Orders(
            self.owner,
            self.project,
            is_plan=wish.is_plan,
            is_forced=wish.is_forced,
            purges_everything=wish.purges_everything,
        )
        purger = purger_of(self.settings, everything=wish.purges_everything)
        return Publication(
            target, purger, reader_of(self.settings, forwards), orders, progress, self.settings.has_cache
        )

"""A whole run: looked at the target, built, planned, published; what tasks call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openknowledge.redirects.table import Redirect

from .built_site import open_site
from .factory import check_cache_patterns, make_purger, make_target, make_verifier
from .git_info import read_commit
from .pipeline import LostUrls, Publication, PublishContext, publish, roll_back
from .prebuild import build_site, check_site_links, write_retired_urls
from .progress import show_progress
from .result import PublishResult
from .settings import PublishSettings
from .targets import ProgressCallback, PublishedState, Target

__all__ = ["PublishOptions", "Publisher"]

RETIRED_URLS_FILE = "published-addresses.txt"


@dataclass(frozen=True)
class PublishOptions:
    """What an operator asks for: see the options of `invoke publish`."""

    is_plan: bool = False
    is_forced: bool = False
    adopts: bool = False
    is_built: bool = True
    purges_everything: bool = False


@dataclass(frozen=True)
class Publisher:
    """What a task needs: the settings, the project's folder, and who publishes."""

    settings: PublishSettings
    project: Path
    owner: str

    def make_target(self, *, adopts: bool = False) -> Target:
        return make_target(self.settings, adopts=adopts)

    def publish(self, wish: PublishOptions) -> PublishResult:
        """Publish the site; where addresses would be lost, the build is asked once more, now that it knows of them."""
        target = self.make_target(adopts=wish.adopts)
        state = target.read_state()
        if wish.is_built:
            self._build(state.retired_urls)
        try:
            return self._publish_built(target, state, wish)
        except LostUrls as lost:
            if not wish.is_built:
                raise
            self._build(state.retired_urls | set(lost.addresses))
            return self._publish_built(target, state, wish)

    def roll_back(self, number: int | None, *, is_plan: bool) -> PublishResult:
        target = self.make_target()
        with show_progress() as told:
            return roll_back(
                self._publication(target, PublishOptions(is_plan=is_plan), (), told), target.read_state(), number
            )

    def _build(self, addresses: frozenset[str]) -> None:
        """Build the site, and follow every link in it."""
        place = (self.project / self.settings.cache / RETIRED_URLS_FILE).resolve()
        write_retired_urls(place, addresses)
        build_site(self.project, self.settings.output, place, {})
        check_site_links(self.project, self.settings.output, self.settings.cache, self.settings.site_url)

    def _publish_built(self, target: Target, state: PublishedState, wish: PublishOptions) -> PublishResult:
        site = open_site(self.settings.output, read_commit(self.project))
        check_cache_patterns(self.settings, site)
        with show_progress() as told:
            return publish(self._publication(target, wish, site.redirects, told), site, state)

    def _publication(
        self, target: Target, wish: PublishOptions, forwards: Sequence[Redirect], progress: ProgressCallback
    ) -> Publication:
        orders = PublishContext(
            self.owner,
            self.project,
            is_plan=wish.is_plan,
            is_forced=wish.is_forced,
            purges_everything=wish.purges_everything,
        )
        purger = make_purger(self.settings, purges_everything=wish.purges_everything)
        return Publication(
            target, purger, make_verifier(self.settings, forwards), orders, progress, self.settings.has_cache
        )

"""The commands `publish` and `rollback` from the target's state to its verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openknowledge.redirects.table import Redirect

from .built_site import open_site
from .factory import check_cache_patterns, make_purger, make_target, make_verifier
from .git_info import read_commit
from .pipeline import LostUrls, Publication, PublishContext, publish, roll_back
from .prebuild import RETIRED_URLS_FILE, build_site, check_site_links, write_retired_urls
from .progress import show_progress
from .result import PublishResult
from .settings import PublishSettings
from .targets import ProgressCallback, PublishedState, Target

__all__ = ["PublishOptions", "Publisher"]


@dataclass(frozen=True)
class PublishOptions:
    """The options of `invoke publish`."""

    is_plan: bool = False
    is_forced: bool = False
    adopts: bool = False
    is_built: bool = True
    purges_everything: bool = False


@dataclass(frozen=True)
class Publisher:
    """Publishes a project with its settings; `owner` is how the lock names who publishes."""

    settings: PublishSettings
    project: Path
    owner: str

    def make_target(self, *, adopts: bool = False) -> Target:
        """Make the target of the settings."""
        return make_target(self.settings, adopts=adopts)

    def publish(self, options: PublishOptions) -> PublishResult:
        """Publish the site; if addresses would be lost, build it again with their list first."""
        target = self.make_target(adopts=options.adopts)
        state = target.read_state()
        if options.is_built:
            self._build(state.retired_urls)
        try:
            return self._publish_built(target, state, options)
        except LostUrls as lost:
            if not options.is_built:
                raise
            self._build(state.retired_urls | set(lost.addresses))
            return self._publish_built(target, state, options)

    def roll_back(self, number: int | None, *, is_plan: bool) -> PublishResult:
        """Restore a release, the one before the last without a number."""
        target = self.make_target()
        with show_progress() as progress:
            publication = self._make_publication(target, PublishOptions(is_plan=is_plan), (), progress)
            return roll_back(publication, target.read_state(), number)

    def _build(self, retired_urls: frozenset[str]) -> None:
        """Build the site, and follow every link in it."""
        file = (self.project / self.settings.cache / RETIRED_URLS_FILE).resolve()
        write_retired_urls(file, retired_urls)
        build_site(self.project, self.settings.output, file, {})
        check_site_links(self.project, self.settings.output, self.settings.cache, self.settings.site_url)

    def _publish_built(self, target: Target, state: PublishedState, options: PublishOptions) -> PublishResult:
        site = open_site(self.settings.output, read_commit(self.project))
        check_cache_patterns(self.settings, site)
        with show_progress() as progress:
            return publish(self._make_publication(target, options, site.redirects, progress), site, state)

    def _make_publication(
        self, target: Target, options: PublishOptions, redirects: Sequence[Redirect], progress: ProgressCallback
    ) -> Publication:
        context = PublishContext(
            self.owner,
            self.project,
            is_plan=options.is_plan,
            is_forced=options.is_forced,
            purges_everything=options.purges_everything,
        )
        purger = make_purger(self.settings, purges_everything=options.purges_everything)
        verify = make_verifier(self.settings, redirects)
        return Publication(target, purger, verify, context, progress, self.settings.has_cache)

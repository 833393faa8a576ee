"""The generator that writes the theme's files into the output."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican.generators import Generator

from openknowledge.engine.atomic_files import write_output
from openknowledge.engine.rules import Action, Description, Rule, run_rule, static_action
from openknowledge.engine.session import BuildSession
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.problems import ContentProblems

from .speculation import speculation_rules

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

    from .collect import Asset

__all__ = ["AssetsGenerator", "assets_rule"]

SPECULATION = "pages.speculationrules"
"""The name of the speculation rules among the files."""


class AssetsGenerator(Generator):  # type: ignore[misc]
    """Offers the addresses of the theme's files in `settings["ASSETS"]` to later plugins, and writes those very bytes.

    The files are read once a run, so an edit in between cannot separate a page from the file that it names.
    """

    def generate_context(self) -> None:
        """Read the files, unless the theme has the digest that the last build stored."""
        session = BuildSession.of(self.settings)
        revision, extras = session.theme_digest, session.state.extras
        known = extras.get("assets", ("", {}))
        if not revision or known[0] != revision:
            known = (revision, {asset.name: asset.path for asset in self.assets.values()})
            extras["assets"] = known
        self.rules = speculation_rules(str(self.settings.get("SITEURL", "")))
        self.paths: dict[str, str] = {**known[1], SPECULATION: self.rules[0]}
        self.settings["ASSETS"] = {name: f"/{path}" for name, path in self.paths.items()}

    @cached_property
    def assets(self) -> dict[str, Asset]:
        """The files by name. Raises `ContentProblems` with everything that is wrong with them."""
        from .collect import collect

        assets, problems = collect(Path(self.settings["THEME"]))
        if problems:
            raise ContentProblems(problems)
        return {asset.name: asset for asset in assets}

    def file(self, name: str) -> tuple[str, bytes]:
        """Return the path and the bytes of a file."""
        return self.rules if name == SPECULATION else (self.assets[name].path, self.assets[name].data)

    def generate_output(self, writer: Any) -> None:
        """Build the theme's files."""
        site = self.context.get("catalogue")
        if site is not None:
            run_rule(writer, assets_rule(self.paths, self.file), site, Path(self.output_path))
            return
        for path, data in map(self.file, self.paths):
            write_output(Path(self.output_path, path), data)


def assets_rule(names: Iterable[str], file: Callable[[str], tuple[str, bytes]]) -> Rule:
    """Return the rule for the theme's files; each is written again when its fingerprint changes."""

    def plan(site: Site, name: str) -> Action:
        site.asset(name)
        return static_action(file(name))

    return Rule(
        name="theme",
        label="Copying the theme",
        keys=lambda _site: [(name,) for name in names],
        plan=plan,
        role=FileRole.ASSET,
        cache=CacheClass.IMMUTABLE,
        descriptions={"theme": Description("a file of the theme: {name}", ("name",))},
    )

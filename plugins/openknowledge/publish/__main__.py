"""`python -m openknowledge.publish publish|releases|rollback`: what the tasks of those names do."""

from __future__ import annotations

import argparse
import getpass
import os
import platform
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .commands import Publisher, PublishOptions
from .errors import PublishFailed, PublishRefused
from .result import PublishResult, Status
from .settings import PublishSettings

__all__ = ["main"]

OWNERS = (
    ("GITHUB_SERVER_URL", "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"),
    ("CI_JOB_URL", "{CI_JOB_URL}"),
    ("BUILD_URL", "{BUILD_URL}"),
)
"""How the address of a CI's run is known, so that who finds the place taken can look at what takes it."""
OF_SITE = ("force", "adopt", "no_build", "purge_everything")
OF_PREVIEW = ("report", "remove")


def main(words: Sequence[str], project: Path, environment: Mapping[str, str]) -> int:
    """Do what the words of a command line say; the exit status."""
    parser = _parser()
    given = parser.parse_args(words)
    _check_together(parser, given)
    try:
        run = Publisher(_settings(project), project, owner(environment))
        outcome: PublishResult = given.do(run, given)
    except PublishRefused as error:
        outcome = PublishResult(Status.REFUSED, problems=error.problems)
    except PublishFailed as error:
        outcome = PublishResult(Status.FAILED_AND_SAFE, problems=error.problems)
    except KeyboardInterrupt:
        outcome = PublishResult(Status.FAILED_AND_SAFE)
    is_well = outcome.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    print(outcome.format_text(), file=sys.stdout if is_well else sys.stderr, flush=True)
    if given.json:
        Path(given.json).write_text(outcome.to_json(), encoding="utf-8")
    return int(outcome.status)


def owner(environment: Mapping[str, str]) -> str:
    """Who publishes: the address of a CI's run, or a person at a machine."""
    for name, pattern in OWNERS:
        if environment.get(name):
            return pattern.format_map(defaultdict(str, environment))
    try:
        person = getpass.getuser()
    except (KeyError, OSError):
        person = "somebody"
    return f"{person} on {platform.node() or 'a machine'} (process {os.getpid()})"


def _settings(project: Path) -> PublishSettings:
    from .reading_settings import load_settings

    return load_settings(project, os.environ)


def _publish(run: Publisher, given: argparse.Namespace) -> PublishResult:
    if given.preview:
        from .previews.command import run_preview

        return run_preview(run, given.preview, is_plan=given.plan, is_removed=given.remove, report=given.report)
    return run.publish(
        PublishOptions(
            is_plan=given.plan,
            is_forced=given.force,
            adopts=given.adopt,
            is_built=not given.no_build,
            purges_everything=given.purge_everything,
        )
    )


def _releases(run: Publisher, _given: argparse.Namespace) -> PublishResult:
    target = run.make_target()
    releases = target.read_state().deploy_state.releases
    return PublishResult(Status.PUBLISHED if releases else Status.NOTHING_TO_DO, target.name, releases=releases)


def _rollback(run: Publisher, given: argparse.Namespace) -> PublishResult:
    return run.roll_back(given.number, is_plan=given.plan)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="openknowledge.publish", description=__doc__)
    tasks = parser.add_subparsers(required=True)

    def task(
        name: str, do: Callable[[Publisher, argparse.Namespace], PublishResult], told: str
    ) -> argparse.ArgumentParser:
        one = tasks.add_parser(name, help=told, description=told)
        one.set_defaults(do=do)
        one.add_argument("--json", metavar="FILE", default="", help="write what became of it as JSON")
        return one

    publish = task("publish", _publish, "Build the site, check it, and publish what changed.")
    publish.add_argument("--plan", action="store_true", help="say what would change, and do nothing")
    publish.add_argument("--force", action="store_true", help="publish an older commit over a newer one")
    publish.add_argument("--adopt", action="store_true", help="take over a place that holds files of others")
    publish.add_argument("--no-build", action="store_true", help="publish what output/ has already")
    publish.add_argument("--purge-everything", action="store_true", help="have caches forget the whole site")
    publish.add_argument("--preview", metavar="NAME", default="", help="publish a branch at an address of its own")
    publish.add_argument("--report", metavar="FILE", default="", help="write what a preview changes as Markdown")
    publish.add_argument("--remove", action="store_true", help="take a preview away")
    task("releases", _releases, "List the releases that can be restored, the newest first.")
    rollback = task("rollback", _rollback, "Restore an earlier release, without a build.")
    rollback.add_argument("number", type=int, nargs="?", help="which one; the one before the last if not said")
    rollback.add_argument("--plan", action="store_true", help="say what would change, and do nothing")
    return parser


def _check_together(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Options that mean nothing beside each other are a mistake: the command ends."""
    told = vars(given)
    of_site = [f"--{name.replace('_', '-')}" for name in OF_SITE if told.get(name)]
    of_preview = [f"--{name}" for name in OF_PREVIEW if told.get(name)]
    if told.get("preview") and of_site:
        parser.error(f"{', '.join(of_site)} is not for previews")
    if of_preview and not told.get("preview"):
        parser.error(f"{', '.join(of_preview)} is for previews: say --preview NAME")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd(), os.environ))

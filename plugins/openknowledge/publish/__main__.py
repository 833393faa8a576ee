"""`python -m openknowledge.publish publish|releases|rollback`: the commands behind the tasks of those names."""

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
from .settings import load_settings

__all__ = ["main"]

DESCRIPTION = "`python -m openknowledge.publish publish|releases|rollback`: what the tasks of those names do."
CI_RUN_URLS = {
    "GITHUB_SERVER_URL": "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    "CI_JOB_URL": "{CI_JOB_URL}",
    "BUILD_URL": "{BUILD_URL}",
}
"""The address of a CI's run, by a variable that the CI sets; an operator who finds the target locked can open it."""
SITE_OPTIONS = ("force", "adopt", "no_build", "purge_everything")
PREVIEW_OPTIONS = ("report", "remove")


def main(argv: Sequence[str], project: Path, environment: Mapping[str, str]) -> int:
    """Run the command of a command line, print its result, and return its exit status."""
    parser = _make_parser()
    arguments = parser.parse_args(argv)
    _check_combination(parser, arguments)
    try:
        publisher = Publisher(load_settings(project, os.environ), project, describe_owner(environment))
        result: PublishResult = arguments.run(publisher, arguments)
    except PublishRefused as error:
        result = PublishResult(Status.REFUSED, problems=error.problems)
    except PublishFailed as error:
        result = PublishResult(Status.FAILED_AND_SAFE, problems=error.problems)
    except KeyboardInterrupt:
        result = PublishResult(Status.FAILED_AND_SAFE)
    ended_well = result.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    print(result.format_text(), file=sys.stdout if ended_well else sys.stderr, flush=True)
    if arguments.json:
        Path(arguments.json).write_text(result.to_json(), encoding="utf-8")
    return int(result.status)


def describe_owner(environment: Mapping[str, str]) -> str:
    """Return the name of this process in a lock: the address of a CI's run, or a person at a machine."""
    for name, pattern in CI_RUN_URLS.items():
        if environment.get(name):
            return pattern.format_map(defaultdict(str, environment))
    try:
        person = getpass.getuser()
    except (KeyError, OSError):
        person = "somebody"
    return f"{person} on {platform.node() or 'a machine'} (process {os.getpid()})"


def _publish(publisher: Publisher, arguments: argparse.Namespace) -> PublishResult:
    if arguments.preview:
        from .previews.preview import run_preview

        return run_preview(
            publisher,
            arguments.preview,
            is_plan=arguments.plan,
            is_removed=arguments.remove,
            report=arguments.report,
        )
    return publisher.publish(
        PublishOptions(
            is_plan=arguments.plan,
            is_forced=arguments.force,
            adopts=arguments.adopt,
            is_built=not arguments.no_build,
            purges_everything=arguments.purge_everything,
        )
    )


def _list_releases(publisher: Publisher, _arguments: argparse.Namespace) -> PublishResult:
    target = publisher.make_target()
    releases = target.read_state().deploy_state.releases
    return PublishResult(Status.PUBLISHED if releases else Status.NOTHING_TO_DO, target.name, releases=releases)


def _roll_back(publisher: Publisher, arguments: argparse.Namespace) -> PublishResult:
    return publisher.roll_back(arguments.number, is_plan=arguments.plan)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="openknowledge.publish", description=DESCRIPTION)
    commands = parser.add_subparsers(required=True)

    def add(
        name: str, run: Callable[[Publisher, argparse.Namespace], PublishResult], text: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument("--json", metavar="FILE", default="", help="write what became of it as JSON")
        return command

    publish = add("publish", _publish, "Build the site, check it, and publish what changed.")
    publish.add_argument("--plan", action="store_true", help="say what would change, and do nothing")
    publish.add_argument("--force", action="store_true", help="publish an older commit over a newer one")
    publish.add_argument("--adopt", action="store_true", help="take over a place that holds files of others")
    publish.add_argument("--no-build", action="store_true", help="publish what output/ has already")
    publish.add_argument("--purge-everything", action="store_true", help="have caches forget the whole site")
    publish.add_argument("--preview", metavar="NAME", default="", help="publish a branch at an address of its own")
    publish.add_argument("--report", metavar="FILE", default="", help="write what a preview changes as Markdown")
    publish.add_argument("--remove", action="store_true", help="take a preview away")
    add("releases", _list_releases, "List the releases that can be restored, the newest first.")
    rollback = add("rollback", _roll_back, "Restore an earlier release, without a build.")
    rollback.add_argument("number", type=int, nargs="?", help="which one; the one before the last if not said")
    rollback.add_argument("--plan", action="store_true", help="say what would change, and do nothing")
    return parser


def _check_combination(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End the command if options mean nothing beside each other."""
    values = vars(arguments)
    of_site = [f"--{name.replace('_', '-')}" for name in SITE_OPTIONS if values.get(name)]
    of_preview = [f"--{name}" for name in PREVIEW_OPTIONS if values.get(name)]
    if values.get("preview") and of_site:
        parser.error(f"{', '.join(of_site)} is not for previews")
    if of_preview and not values.get("preview"):
        parser.error(f"{', '.join(of_preview)} is for previews: say --preview NAME")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd(), os.environ))

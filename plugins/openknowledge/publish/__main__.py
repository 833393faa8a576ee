"""`python -m openknowledge.publish publish|releases|rollback`: what the tasks of those names do."""

import argparse
import getpass
import os
import platform
import signal
import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .errors import Interrupted, PublishFailed, PublishRefused, make_problem
from .publisher import Publisher
from .result import PublishResult, Status
from .settings import load_settings

__all__ = ["main"]

CI_RUN_URLS = {
    "GITHUB_SERVER_URL": "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    "CI_JOB_URL": "{CI_JOB_URL}",
    "BUILD_URL": "{BUILD_URL}",
}
"""The address of a CI's run, by a variable that the CI sets; an operator who finds the target locked can open it."""
PLAN_OPTION = {"--plan": "say what would change, and do nothing"}
SITE_OPTIONS = {
    "--force": "publish an older commit over a newer one",
    "--adopt": "take over a place that holds files of others",
    "--no-build": "publish what output/ has already",
    "--purge-everything": "have caches forget the whole site",
    "--counters": "publish only the numbers' documents, over the last release",
}
"""Options of `publish` that mean nothing for a preview, but for `--no-build`: that one has been built already."""


def main(argv: Sequence[str], project: Path, environment: Mapping[str, str]) -> int:
    """Run the command of a command line, print its result, and return its exit status."""
    parser = _make_parser()
    arguments = parser.parse_args(argv)
    _check_combination(parser, arguments)
    signal_number = 0
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        publisher = Publisher(load_settings(project, os.environ), describe_owner(environment))
        result: PublishResult = arguments.run(publisher, arguments)
    except PublishRefused as error:
        result = PublishResult(Status.REFUSED, problems=error.problems)
    except PublishFailed as error:
        result = PublishResult(Status.FAILED_AND_SAFE, problems=error.problems)
    except KeyboardInterrupt as interruption:
        signal_number = getattr(interruption, "number", signal.SIGINT)
        result = PublishResult(Status.FAILED_AND_SAFE)
    except Exception as error:
        # A place may have anything in it, and the JSON says so in any case.
        traceback.print_exc()
        message = f"an unexpected error ({type(error).__name__}: {error})"
        problem = make_problem("publishing", message, "Please report the lines above; nothing more was changed.")
        result = PublishResult(Status.FAILED_AND_SAFE, problems=(problem,))
    ended_well = result.status in (Status.PUBLISHED, Status.NOTHING_TO_DO)
    print(result.format_text(), file=sys.stdout if ended_well else sys.stderr, flush=True)
    if arguments.json:
        try:
            Path(arguments.json).write_bytes(result.to_json().encode(errors="backslashreplace"))
        except OSError as error:
            print(f"{arguments.json}: cannot be written: {error.strerror}", file=sys.stderr)
    return 128 + signal_number if signal_number else int(result.status)


def _interrupt(number: int, _frame: object) -> None:
    raise Interrupted(number)


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

        options = {"is_plan": arguments.plan, "is_removed": arguments.remove, "is_built": arguments.no_build}
        return run_preview(publisher, arguments.preview, report=arguments.report, **options)
    options = {"is_plan": arguments.plan, "is_forced": arguments.force}
    if arguments.counters:
        return publisher.publish_counters(is_built=not arguments.no_build, **options)
    return publisher.publish(
        adopts=arguments.adopt,
        is_built=not arguments.no_build,
        purges_everything=arguments.purge_everything,
        **options,
    )


def _list_releases(publisher: Publisher, _arguments: argparse.Namespace) -> PublishResult:
    target = publisher.make_target()
    releases = target.read_state().deploy_state.releases
    return PublishResult(Status.PUBLISHED if releases else Status.NOTHING_TO_DO, target.name, releases=releases)


def _roll_back(publisher: Publisher, arguments: argparse.Namespace) -> PublishResult:
    return publisher.roll_back(arguments.number, is_plan=arguments.plan)


COMMANDS: Mapping[str, tuple[Callable[[Publisher, argparse.Namespace], PublishResult], str, Mapping[str, str]]] = {
    "publish": (_publish, "Build the site, check it, and publish what changed.", {**PLAN_OPTION, **SITE_OPTIONS}),
    "releases": (_list_releases, "List the releases that can be restored, the newest first.", {}),
    "rollback": (_roll_back, "Restore an earlier release, without a build.", PLAN_OPTION),
}


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="openknowledge.publish", description=__doc__)
    commands = parser.add_subparsers(required=True)
    parsers = {name: commands.add_parser(name, help=text, description=text) for name, (_, text, _) in COMMANDS.items()}
    for name, (run, _, flags) in COMMANDS.items():
        parsers[name].set_defaults(run=run)
        parsers[name].add_argument("--json", metavar="FILE", default="", help="write what became of it as JSON")
        for flag, text in flags.items():
            parsers[name].add_argument(flag, action="store_true", help=text)
    publish = parsers["publish"]
    publish.add_argument("--preview", metavar="NAME", default="", help="publish a branch at an address of its own")
    publish.add_argument("--report", metavar="FILE", default="", help="write what a preview changes as Markdown")
    publish.add_argument("--remove", action="store_true", help="take a preview away")
    text = "which one; the one before the last if not said"
    parsers["rollback"].add_argument("number", type=int, nargs="?", help=text)
    return parser


def _check_combination(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End the command if options mean nothing beside each other."""
    chosen = {f"--{name.replace('_', '-')}" for name, value in vars(arguments).items() if value}
    of_site = [option for option in SITE_OPTIONS if option in chosen and option != "--no-build"]
    of_preview = [option for option in ("--report", "--remove") if option in chosen]
    if "--counters" in chosen and chosen & {"--adopt", "--purge-everything"}:
        parser.error("--counters goes over a release that is there: --adopt and --purge-everything are not for it")
    if "--preview" in chosen and of_site:
        parser.error(f"{', '.join(of_site)} is not for previews")
    if "--no-build" in chosen and (of_preview or ("--preview" in chosen and "--plan" in chosen)):
        parser.error("--no-build leaves nothing to report, to plan or to take away of a preview")
    if of_preview and "--preview" not in chosen:
        parser.error(f"{', '.join(of_preview)} is for previews: say --preview NAME")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd(), os.environ))

"""What the editors' commands share: questions, and answers in the language of the site."""

import sys
from collections.abc import Callable

from openknowledge.problems import ContentProblems, Gettext, Message

__all__ = ["CannotEdit", "confirm", "run_command"]

YES = ("y", "yes", "s", "sì", "si")


class CannotEdit(Exception):
    """What was asked for cannot be done, and nothing was changed; the message says what to do instead."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


def confirm(question: str) -> bool:
    """Ask on the terminal; anything but a yes is a no, and so is the end of the input."""
    try:
        return input(f"{question} ").strip().lower() in YES
    except EOFError:
        return False


def run_command(command: Callable[[Gettext], Message]) -> int:
    """Print in the language of messages what a command returns, or why it cannot be carried out; return the status."""
    from pelican.settings import read_settings

    from openknowledge.rendering.locale import load_gettext

    gettext = load_gettext(read_settings("pelicanconf.py"))
    try:
        print(command(gettext).localize(gettext))
    except CannotEdit as reason:
        print(reason.message.localize(gettext), file=sys.stderr)
        return 1
    except ContentProblems as error:
        print(error.localize(gettext), file=sys.stderr)
        return error.exitcode
    except KeyboardInterrupt:
        return 130
    return 0

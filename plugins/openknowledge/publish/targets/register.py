"""The register of an object store: one object, each version of it written by who knew the one before."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ..refusal import Failed, Refused
from ..release import Register
from .lease import LEASE_S, awake_s, lost, refusal
from .objects import Moved, Objects

__all__ = ["CLOCK", "CONTROL", "LEASE_S", "PLAIN", "REGISTER", "Keeper", "lock_age_s", "refusal_of"]

CONTROL = "_openknowledge"
"""Where a store keeps what is not the site: it is no part of any address."""
REGISTER = f"{CONTROL}/register.json"
CLOCK = f"{CONTROL}/clock"
PLAIN = {"Content-Type": "application/json", "Cache-Control": "no-store"}


class Keeper:
    """Writes the register as long as nobody else does; beats in the meantime, so that the lock is seen to be alive."""

    def __init__(self, objects: Objects, register: Register, version: str | None) -> None:
        self.objects, self.register, self.version = objects, register, version
        self.is_lost = False
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._beating: threading.Thread | None = None
        self._alive = awake_s()

    def write(self, change: Callable[[Register], Register]) -> Register:
        """Change the register. Raises `Failed` where somebody else has changed it: nothing more may be written."""
        with self._turn:
            wanted = replace(change(self.register), beat=secrets.token_hex(8))
            try:
                self.version = self.objects.replace(REGISTER, wanted.dumped(), self.version, PLAIN)
            except Moved:
                self.is_lost = True
                raise self.lost() from None
            self.register, self._alive = wanted, awake_s()
            return wanted

    def lost(self) -> Failed:
        return lost(self.objects.where)

    def check(self) -> None:
        """Raises `Failed` where the lock is not ours any more, or may not be: this machine has slept for long."""
        if self.is_lost or awake_s() - self._alive > LEASE_S * 0.8:
            raise self.lost()

    def beat(self) -> None:
        """Renew the lock from now on, in the background."""
        self._beating = threading.Thread(target=self._beat, daemon=True)
        self._beating.start()

    def _beat(self) -> None:
        while not self._ended.wait(LEASE_S / 5):
            try:
                self.write(lambda register: register)
            except Failed:
                # A store that is out of reach for a moment is asked again; a lock that is lost stays lost.
                if self.is_lost:
                    return

    def remove(self) -> None:
        """Delete the register itself, last of all that there was. It is not written again."""
        self._ended.set()
        with self._turn:
            self.objects.delete([REGISTER])
            self.register = replace(self.register, lock="")

    def end(self) -> None:
        """Stop beating, and let go of the lock if it is still ours; where the store is out of reach, it expires."""
        self._ended.set()
        if self._beating is not None:
            self._beating.join()
        if not self.is_lost and self.register.lock:
            with suppress(Failed):
                self.write(lambda register: replace(register, lock=""))


def lock_age_s(objects: Objects, written_s: float) -> float:
    """For how long a register has not been written, by the store's own clock: ours may be wrong."""
    objects.put(CLOCK, secrets.token_bytes(8), PLAIN)
    return objects.time_s(CLOCK) - written_s


def refusal_of(register: Register, age_s: float, where: str) -> Refused:
    """What somebody is told who finds the lock taken."""
    return refusal(register.lock, age_s, where)

"""What is left to chance: how often tests throw dice, and how a run is repeated."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, settings

__all__ = ["Chance", "examples", "load_profile"]

SHARE = 10
"""A change is tested with a tenth of the full counts."""

# No verdict depends on the machine's speed, so examples have no deadline and no health check of their duration.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.register_profile("change", UNHURRIED, max_examples=30)
settings.register_profile("thorough", UNHURRIED, max_examples=300)


def load_profile(is_thorough: bool) -> None:
    """Choose how many examples Hypothesis tries in this run."""
    settings.load_profile("thorough" if is_thorough else "change")


def examples(full: int) -> int:
    """Return how many examples a test tries that tries `full` of them in a thorough run."""
    return full if settings.get_current_profile_name() == "thorough" else max(1, full // SHARE)


class Chance(random.Random):
    """Dice of one test: the same in every run with the same seed, whatever other tests run.

    `times` says how often the test throws them.
    """

    def __init__(self, seed: str, is_thorough: bool) -> None:
        super().__init__(seed)
        self.is_thorough = is_thorough

    def numbers(self, last: int) -> range:
        """Return the numbers from 1 to `last`, of which a quick run takes every tenth, beginning anywhere."""
        return range(1, last + 1) if self.is_thorough else range(self.randint(1, SHARE), last + 1, SHARE)

    def times(self, full: int) -> int:
        """Return how often a test does what it does `full` times in a thorough run."""
        return full if self.is_thorough else max(1, full // SHARE)

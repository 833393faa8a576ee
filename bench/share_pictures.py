"""What a preview image costs: `python -m bench.share_pictures` draws some with made-up titles in one process."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from statistics import median, quantiles

from bench.prose import Prose
from openknowledge.model.values import Subject
from openknowledge.share_pictures.cards import ShareCard
from openknowledge.share_pictures.drawing import draw

BUDGET_MS, BUDGET_B = 20, 80_000
SUBJECTS = (*Subject, None)


def main(argv: Sequence[str] | None = None) -> None:
    """Print processor time and size of a picture, and what each must not exceed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=300)
    count = parser.parse_args(argv).pictures
    cards = [a_card(number, SUBJECTS[number % len(SUBJECTS)]) for number in range(count)]
    # A process draws each pattern of a subject once.
    first_ms = sum(measure(card)[0] for card in cards)
    times_ms, sizes_b = zip(*map(measure, cards), strict=True)
    print(f"time: median {median(times_ms):.1f} ms, 19 of 20 below {quantiles(times_ms, n=20)[-1]:.1f} ms", end="")
    print(f" (budget {BUDGET_MS} ms)")
    print(f"patterns: {first_ms - sum(times_ms):,.0f} ms, once a process")
    print(f"size: median {median(sizes_b):,.0f} bytes, largest {max(sizes_b):,} bytes (budget {BUDGET_B:,} bytes)")


def a_card(number: int, subject: Subject | None) -> ShareCard:
    """Return a card with a title of some length."""
    title = Prose(1, f"share/{number}").title(1, 16)
    return ShareCard(title=title, kicker="Corso · Matematica", site_name="Sito", lang="it", subject=subject)


def measure(card: ShareCard) -> tuple[float, int]:
    """Return the milliseconds of processor time and the bytes of a picture."""
    start = time.process_time()
    size_b = len(draw(card))
    return (time.process_time() - start) * 1000, size_b


if __name__ == "__main__":
    main()

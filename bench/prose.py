"""Made-up words, sentences and Markdown: the same for the same seed and key."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

VOCABULARY = 2500
BEGINNINGS = ("b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pr", "gr", "")
MIDDLES = ("a", "e", "i", "o", "u", "ia", "ea", "ou")
ENDS = ("", "", "n", "r", "l", "s", "t", "nd")


class Prose:
    """A source of texts and choices that depends on a seed and a key alone."""

    def __init__(self, seed: int, key: str) -> None:
        self.random = random.Random(f"{seed}:{key}")
        self._vocabulary = vocabulary(seed)

    def happens(self, share: float) -> bool:
        """Return whether something happens that does so in this share of all cases."""
        return self.random.random() < share

    def word(self) -> str:
        return self.random.choice(self._vocabulary)

    def words(self, number: int) -> list[str]:
        return self.random.choices(self._vocabulary, k=number)

    def sentence(self, fewest: int = 8, most: int = 18) -> str:
        return f"{' '.join(self.words(self.random.randint(fewest, most))).capitalize()}."

    def title(self, fewest: int = 4, most: int = 9) -> str:
        return self.sentence(fewest, most).rstrip(".")

    def paragraph(self) -> str:
        """Return three to five sentences, some with emphasis, code or a link to the outside."""
        return " ".join(self._adorned() for _ in range(self.random.randint(3, 5)))

    def paragraphs(self, number: int) -> str:
        return "\n\n".join(self.paragraph() for _ in range(number)) + "\n"

    def text(self, fewest: int, most: int, links: Sequence[str]) -> str:
        """Return so many words of Markdown: an opening, then headed parts, each with one of the links at its end."""
        wanted = self.random.randint(fewest, most)
        parts = [self.paragraph()]
        left = list(links)
        while length(parts) < wanted:
            more = self._headed(left.pop() if left else "")
            if length(parts) + length(more) > most:
                break
            parts += more
        return "\n\n".join(parts) + "\n"

    def plain_text(self, fewest: int, most: int, links: Sequence[str]) -> str:
        """Return so many words in sentences, then a line with the links."""
        wanted = self.random.randint(fewest, most)
        parts = [self._adorned()]
        while length(parts) < wanted:
            parts.append(self._adorned())
        pointers = [f"[{self.word()}]({link})" for link in links]
        return " ".join(parts) + "\n" + (f"\n{self.title(2, 5)}: {', '.join(pointers)}.\n" if pointers else "")

    def _adorned(self) -> str:
        """Return a sentence of which one word may be emphasised, code or a link."""
        parts = self.words(self.random.randint(8, 18))
        index = self.random.randrange(1, len(parts) - 1)
        word = parts[index]
        forms = (f"**{word}**", f"*{word}*", f"`{word}`", f"[{word}](https://example.org/{word}/)")
        form = self.random.randrange(2 * len(forms))
        if form < len(forms):
            parts[index] = forms[form]
        return f"{parts[0].capitalize()} {' '.join(parts[1:])}."

    def _headed(self, link: str) -> list[str]:
        """Return a heading with what stands below it: some 150 words, so that a short text has room for it."""
        parts = [f"## {self.title(2, 5)}", self.paragraph(), self._block()]
        if link:
            parts.append(f"{self.sentence(5, 9)[:-1]}: [{self.word()}]({link}).")
        return parts

    def _block(self) -> str:
        blocks = (self._list, self._numbered, self._quote, self._table, self._code, self.paragraph)
        return self.random.choices(blocks, (4, 2, 1, 1, 1, 4))[0]()

    def _list(self) -> str:
        return "\n".join(f"- {self._adorned()}" for _ in range(self.random.randint(3, 5)))

    def _numbered(self) -> str:
        return "\n".join(f"{number}. {self.sentence(5, 10)}" for number in range(1, self.random.randint(4, 6)))

    def _quote(self) -> str:
        return f"> {self._adorned()}"

    def _table(self) -> str:
        rows = [self.words(3) for _ in range(self.random.randint(3, 5))]
        head, *rest = (f"| {' | '.join(row)} |" for row in rows)
        return "\n".join((head, "|---|---|---|", *rest))

    def _code(self) -> str:
        terms = range(self.random.randint(3, 6))
        lines = (f"{' = '.join(self.words(2))} + {self.random.randrange(100)}" for _ in terms)
        return "\n".join(("```text", *lines, "```"))


def length(parts: Sequence[str]) -> int:
    """Return how many words the parts have together."""
    return sum(len(part.split()) for part in parts)


@cache
def vocabulary(seed: int) -> tuple[str, ...]:
    """Return words that can be read aloud, none twice."""
    chance = random.Random(f"{seed}:words")
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = chance.choices((1, 2, 3), (2, 4, 2))[0]
        parts = (chance.choice(BEGINNINGS) + chance.choice(MIDDLES) + chance.choice(ENDS) for _ in range(syllables))
        words["".join(parts)] = None
    return tuple(words)

"""Applying the editors' rules to the rows of the channel's videos: each file of a snapshot once for its bytes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import code_fingerprint, digest_bytes
from openknowledge.problems import Problem

from .cpu_limit import read_within_limit
from .parse_cache import ParseCache
from .video_rules import PEOPLE_FILE, TOPICS_FILE, Derived, VideoRules, list_slugs, read_rules

__all__ = ["Derivation"]

SIZE_SHARE = 4
"""Rules take no more time for a text than reading a quarter of it."""
Rows = Callable[[], Iterable[Any]]
"""Gives the rows of a file, which is parsed for it."""


class Derivation:
    """What the rules of the editors find; `problems` is what is wrong with the rules, `people` the slugs of people.

    Rows are only read again in a file that has changed, or whose videos are in other playlists.
    """

    def __init__(self, tree: FileTree, cache: ParseCache) -> None:
        self._tree, self._cache = tree, cache
        self._paths = [path for path in (PEOPLE_FILE, TOPICS_FILE) if path in tree]
        self._rules: VideoRules | None = None
        self.problems: list[Problem] = []
        self.people = list_slugs(tree, "people/")
        self._topics = list_slugs(tree, "topics/")
        self._digest = self._digest_of("rules", *map(tree.digest, self._paths))
        if self._paths:
            key = self._digest_of(
                "sound rules", self._digest, repr((sorted(self.people), sorted(self._topics))).encode()
            )
            if cache.find(key) is None and not self._read_rules():
                cache.add(key, True, ())

    @property
    def has_rules(self) -> bool:
        """Return whether there are any rules."""
        return bool(self._paths)

    def find_members(self, path: str, rows: Rows) -> dict[str, tuple[str, ...]]:
        """Return the titles of the playlists in a file by the slugs of their videos."""
        key = self._digest_of("members", self._tree.digest(path))
        cached: dict[str, tuple[str, ...]] | None = self._cache.find(key)
        if cached is None:
            cached = {}
            for row in rows():
                title = next(iter(row.data["words"].values()))["title"]
                for slug in row.data.get("videos") or ():
                    cached[slug] = (*cached.get(slug, ()), title)
            self._cache.add(key, cached, ())
        return cached

    def derive(
        self, path: str, slugs: Sequence[str], playlists: Mapping[str, tuple[str, ...]], rows: Rows
    ) -> dict[str, Derived]:
        """Return what the rules find of the videos in a file, by slug; `playlists` are the titles of theirs."""
        members = repr([playlists.get(slug, ()) for slug in slugs])
        key = self._digest_of("derived", self._digest, self._tree.digest(path), members.encode())
        cached: dict[str, tuple[Any, ...]] | None = self._cache.find(key)
        if cached is None:
            if self._rules is None:
                self._read_rules()
            assert self._rules is not None
            found = self._apply_rules(self._rules, rows(), playlists)
            cached = {} if isinstance(found, Problem) else found
            if isinstance(found, Problem):
                self.problems = [*self.problems, found]
            if not self.problems:
                self._cache.add(key, cached, ())
        return {slug: Derived._make(found) for slug, found in cached.items() if any(found)}

    def _apply_rules(
        self, rules: VideoRules, rows: Iterable[Any], playlists: Mapping[str, tuple[str, ...]]
    ) -> dict[str, tuple[Any, ...]] | Problem:
        """Return what the rules find; a Problem where they take too long, as patterns may whose stars meet."""
        texts = {
            row.slug: (next(iter(row.data["words"].values()))["title"], row.data.get("description") or "")
            for row in rows
        }

        def apply() -> dict[str, tuple[Any, ...]]:
            return {slug: tuple(rules.derive(*text, playlists.get(slug, ()))) for slug, text in texts.items()}

        size_b = sum(len(title) + len(description) for title, description in texts.values())
        return read_within_limit(apply, f"{self._tree.root.name}/{self._paths[0]}", size_b // SIZE_SHARE)

    def digest(self, found: Derived) -> bytes:
        """Return the digest of what was found of a video, and of who of the people has a page."""
        return repr((found, [slug for _, slug in found.people if slug in self.people])).encode()

    def _read_rules(self) -> list[Problem]:
        self._rules, self.problems = read_rules(self._tree.root, self._paths, self._topics, self.people)
        return self.problems

    def _digest_of(self, name: str, *parts: bytes) -> bytes:
        return digest_bytes(b"\0".join((name.encode(), code_fingerprint(), *parts)))

"""A manifest in shards: what two of them share is not read."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.publish.builders import a_manifest, an_entry

from openknowledge.manifest import ManifestProblem
from openknowledge.publish.sharded import Root, Sharded, differences, split


def pages(count: int, **changed: str) -> dict[str, str]:
    return {f"p{number}/index.html": changed.get(f"p{number}", "words") for number in range(count)}


def remote(local: Sharded, asked: list[str]) -> Sharded:
    """The same manifest as a store has it: every shard that is read is noted."""

    def fetch(names):
        asked.extend(names)
        return [local.packed(name) for name in names]

    return Sharded(local.root, fetch)


def test_a_manifest_in_shards_has_all_entries_in_the_order_of_their_paths():
    manifest = a_manifest(pages(500))

    assert split(manifest).entries() == manifest.entries


def test_only_shards_that_differ_are_read():
    published = split(a_manifest(pages(4000)))
    asked: list[str] = []

    found = list(differences(remote(published, asked), split(a_manifest(pages(4000, p7="new")), like=published)))

    assert [path for path, _, _ in found] == ["p7/index.html"]
    assert len(asked) == 1


def test_the_same_manifest_is_told_from_its_root_alone():
    published = split(a_manifest(pages(4000)))
    asked: list[str] = []

    assert list(differences(remote(published, asked), split(a_manifest(pages(4000)), like=published))) == []
    assert asked == []


def test_what_an_edit_has_to_read_does_not_grow_with_the_site():
    def read_b(count: int) -> int:
        published = split(a_manifest(pages(count)))
        asked: list[str] = []
        list(differences(remote(published, asked), split(a_manifest(pages(count, p7="new")), like=published)))
        return sum(len(published.packed(name)) for name in asked)

    assert read_b(20_000) < 2 * read_b(2_500)


def test_the_number_of_shards_stays_while_it_fits():
    published = split(a_manifest(pages(1000)))

    assert split(a_manifest(pages(1030)), like=published).root.bits == published.root.bits
    assert split(a_manifest(pages(9000)), like=published).root.bits > published.root.bits


@given(
    st.dictionaries(st.integers(0, 60), st.sampled_from("abc")),
    st.dictionaries(st.integers(0, 60), st.sampled_from("abc")),
    st.integers(0, 4),
)
def test_differences_are_those_of_the_whole_manifests(one, other, bits):
    def built(numbers):
        return a_manifest({f"p{number}/index.html": words for number, words in numbers.items()})

    before, after = built(one), built(other)
    like = split(a_manifest(pages(40 * 2**bits)))

    found = {path: (old, new) for path, old, new in differences(split(before, like=like), split(after))}

    paths = {*before.by_path, *after.by_path}
    assert found == {
        path: (before.by_path.get(path), after.by_path.get(path))
        for path in paths
        if before.by_path.get(path) != after.by_path.get(path)
    }


def test_an_entry_is_found_by_its_path_in_one_shard():
    asked: list[str] = []
    published = remote(split(a_manifest(pages(1000))), asked)

    assert published.get("p3/index.html") == an_entry("p3/index.html")
    assert published.get("nowhere/index.html") is None
    assert len(asked) <= 2


def test_a_root_is_read_back_as_it_was_written():
    root = split(a_manifest(pages(100))).root

    assert Root.unpacked(root.packed(), root.digest) == root


@pytest.mark.parametrize("spoil", [lambda data: data[:-20], lambda data: b"", lambda data: gzip.compress(b"[]")])
def test_a_root_that_is_not_whole_is_told(spoil):
    root = split(a_manifest(pages(100))).root

    with pytest.raises(ManifestProblem):
        Root.unpacked(spoil(root.packed()), root.digest)


def test_a_root_of_a_newer_version_says_so():
    root = split(a_manifest(pages(3))).root
    newer = json.dumps({**json.loads(root.body), "format": 99}).encode()

    from hashlib import sha256

    with pytest.raises(ManifestProblem, match="version 99"):
        Root.unpacked(gzip.compress(newer), sha256(newer).hexdigest())


def test_a_shard_that_is_another_one_is_not_taken():
    published = split(a_manifest(pages(10)))
    other = split(a_manifest(pages(11)))

    with pytest.raises(ManifestProblem):
        Sharded(published.root, lambda names: [other.packed(name) for name in other.root.shards]).entries()

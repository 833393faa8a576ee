"""A manifest in shards: what two of them share is not read."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.publish.builders import a_manifest, an_entry

from openknowledge.manifest import ManifestProblem
from openknowledge.publish import manifest_shards
from openknowledge.publish.errors import PublishRefused
from openknowledge.publish.manifest_shards import (
    ManifestRoot,
    ShardedManifest,
    diff_manifests,
    split_manifest,
)


def pages(count: int, **changed: str) -> dict[str, str]:
    return {f"p{number}/index.html": changed.get(f"p{number}", "words") for number in range(count)}


def remote(local: ShardedManifest, asked: list[str]) -> ShardedManifest:
    """The same manifest as a store has it: every shard that is read is noted."""

    def fetch(names):
        asked.extend(names)
        return [local.pack_piece(name) for name in names]

    return ShardedManifest(local.root, fetch)


def test_a_manifest_in_shards_has_all_entries_in_the_order_of_their_paths():
    manifest = a_manifest(pages(500))

    assert split_manifest(manifest).entries() == manifest.entries


def test_only_pieces_that_differ_are_read():
    published = split_manifest(a_manifest(pages(4000)))
    asked: list[str] = []

    found = list(
        diff_manifests(remote(published, asked), split_manifest(a_manifest(pages(4000, p7="new")), like=published))
    )

    assert [path for path, _, _ in found] == ["p7/index.html"]
    assert len(asked) == 2


def test_the_same_manifest_is_recognized_by_its_root_alone():
    published = split_manifest(a_manifest(pages(4000)))
    asked: list[str] = []

    assert list(diff_manifests(remote(published, asked), split_manifest(a_manifest(pages(4000)), like=published))) == []
    assert asked == []


def test_what_an_edit_reads_and_writes_does_not_grow_with_the_site():
    def travelled(count: int) -> tuple[int, int]:
        """Pieces, and bytes of names: how much a shard weighs is chance."""
        published, asked = split_manifest(a_manifest(pages(count))), list[str]()
        after = split_manifest(a_manifest(pages(count, p7="new")), like=published)
        list(diff_manifests(remote(published, asked), after))
        branches, shards = after.list_pieces(published)
        names = [published.pack_piece(name) for name in asked if isinstance(published.loaded[name][0], str)]
        names += [*map(after.pack_piece, branches), published.root.pack(), after.root.pack()]
        return len(asked) + len(branches) + len(shards), sum(map(len, names))

    few, many = travelled(2_500), travelled(20_000)

    assert few[0] == many[0] == 4
    assert many[1] - few[1] < 1_000


def test_the_number_of_shards_stays_while_it_fits():
    published = split_manifest(a_manifest(pages(1000)))

    assert split_manifest(a_manifest(pages(1030)), like=published).root.bits == published.root.bits
    assert split_manifest(a_manifest(pages(9000)), like=published).root.bits > published.root.bits


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(0, 60), st.sampled_from("abc")),
    st.dictionaries(st.integers(0, 60), st.sampled_from("abc")),
    st.integers(0, 4),
)
def test_differences_are_those_of_the_whole_manifests(one, other, bits):
    def built(numbers):
        return a_manifest({f"p{number}/index.html": words for number, words in numbers.items()})

    before, after = built(one), built(other)
    like = split_manifest(a_manifest(pages(40 * 2**bits)))

    found = {
        path: (old, new) for path, old, new in diff_manifests(split_manifest(before, like=like), split_manifest(after))
    }

    paths = {*before.by_path, *after.by_path}
    assert found == {
        path: (before.by_path.get(path), after.by_path.get(path))
        for path in paths
        if before.by_path.get(path) != after.by_path.get(path)
    }


def test_an_entry_is_looked_up_by_its_path_in_a_single_shard():
    asked: list[str] = []
    published = remote(split_manifest(a_manifest(pages(1000))), asked)

    assert published.get("p3/index.html") == an_entry("p3/index.html")
    assert published.get("nowhere/index.html") is None
    assert len(asked) <= 4


def test_a_root_is_read_back_as_it_was_written():
    root = split_manifest(a_manifest(pages(100))).root

    assert ManifestRoot.unpack(root.pack(), root.digest) == root


@pytest.mark.parametrize("spoil", [lambda data: data[:-20], lambda data: b"", lambda data: gzip.compress(b"[]")])
def test_a_root_that_is_incomplete_is_refused(spoil):
    root = split_manifest(a_manifest(pages(100))).root

    with pytest.raises(ManifestProblem):
        ManifestRoot.unpack(spoil(root.pack()), root.digest)


def test_a_root_of_a_newer_version_says_so():
    root = split_manifest(a_manifest(pages(3))).root
    newer = json.dumps({**json.loads(root.body), "format": 99}).encode()

    from hashlib import sha256

    with pytest.raises(ManifestProblem, match="version 99"):
        ManifestRoot.unpack(gzip.compress(newer), sha256(newer).hexdigest())


def test_a_shard_with_a_different_digest_is_refused():
    published = split_manifest(a_manifest(pages(10)))
    other = split_manifest(a_manifest(pages(11)))

    with pytest.raises(PublishRefused, match="another one"):
        ShardedManifest(published.root, lambda _: [other.pack_piece(name) for name in other.root.branches]).entries()


def test_a_manifest_is_read_from_a_bundle_of_root_and_branches():
    published, asked = split_manifest(a_manifest(pages(1000))), list[str]()

    found = ShardedManifest.from_bundle(published.to_bundle(), published.root.digest, remote(published, asked).fetch)

    assert found.list_pieces() == published.list_pieces()
    assert asked == []
    assert found.entries() == published.entries()
    assert set(asked) == set(published.list_pieces()[1])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda root, twigs: [root, {name: shards[1:] for name, shards in twigs.items()}],
        lambda root, twigs: [root, dict(list(twigs.items())[1:])],
        lambda root, twigs: [root.replace("example", "another"), twigs],
        lambda root, twigs: [root],
        lambda root, twigs: None,
    ],
)
def test_a_bundle_with_other_branches_is_refused(spoil):
    published = split_manifest(a_manifest(pages(1000)))
    output = spoil(*json.loads(gzip.decompress(published.to_bundle())))

    with pytest.raises(ManifestProblem):
        ShardedManifest.from_bundle(gzip.compress(json.dumps(output).encode()), published.root.digest, lambda _: ())


def test_what_has_no_entries_is_not_stored():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_shards, "SMALLEST", 0)
        sparse = split_manifest(a_manifest({"index.html": "words"}), like=split_manifest(a_manifest(pages(4000))))
    empty = split_manifest(a_manifest({}))

    assert sparse.root.bits > 3
    assert [len(names) for names in sparse.list_pieces()] == [1, 1]
    assert sparse.get("nowhere/index.html") is None
    assert empty.list_pieces() == ((), ())
    assert empty.entries() == ()


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(0, 60), st.sampled_from("abc")),
    st.dictionaries(st.integers(0, 60), st.sampled_from("abc")),
    st.sampled_from([0, 3, 4]),
    st.sampled_from([3, 4]),
)
def test_old_pieces_and_new_ones_are_all_that_a_manifest_needs(one, other, bits, others_bits):
    def built(numbers, with_bits):
        manifest = a_manifest({f"p{number}/index.html": words for number, words in numbers.items()})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(manifest_shards, "SMALLEST", 0)
            return split_manifest(manifest, like=split_manifest(a_manifest(pages(64 * 2**with_bits // 2))))

    before, after = built(one, bits), built(other, others_bits)
    stored = {name: before.pack_piece(name) for names in before.list_pieces() for name in names}
    stored.update({name: after.pack_piece(name) for names in after.list_pieces(before) for name in names})

    found = ShardedManifest(after.root, lambda names: [stored[name] for name in names])

    assert found.entries() == after.entries()

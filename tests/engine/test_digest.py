"""Equal values have equal digests, however they were made."""

from __future__ import annotations

import copyreg
import subprocess
import sys
from dataclasses import dataclass
from datetime import date

from openknowledge.engine.digest import canonical_bytes, digest
from openknowledge.fast_pickle import FastPickle
from openknowledge.model.values import Ref, Words


def test_the_same_object_twice_and_two_equal_objects_have_the_same_bytes() -> None:
    title = "".join(["Alge", "bra"])

    assert canonical_bytes((title, title)) == canonical_bytes(("".join(["Alge", "bra"]), "Algebra"))
    ref = Ref("course", title)
    assert digest((ref, ref)) == digest((Ref("course", "Algebra"), Ref("course", "".join(["Alg", "ebra"]))))


def test_the_first_value_of_a_class_has_the_bytes_of_all_that_follow() -> None:
    """Only the first one is asked for its parts; a function that is registered then takes them of the others."""

    @dataclass(frozen=True, slots=True)
    class Pair(FastPickle):
        first: str
        second: tuple[int, ...] = ()

    @dataclass(frozen=True, slots=True)
    class Single(FastPickle):
        only: str

    for value in (Pair("a", (1, 2)), Single("a")):
        first = value.__reduce_ex__(5)
        later = copyreg.dispatch_table[type(value)](value)
        assert tuple(later)[:3] == first[:3]


def test_values_that_differ_have_other_digests() -> None:
    values = [None, 0, False, "", "0", (), ("",), date(2026, 1, 1), Words(title="A"), Words(title="A", slug="a"), 0.0]

    assert len({digest(value) for value in values}) == len(values)


def test_a_digest_is_the_same_in_another_process() -> None:
    code = (
        "from openknowledge.model.values import Words\n"
        "from openknowledge.engine.digest import digest\n"
        "print(digest((Words(title='Algebra'), {'it': 1, 'en': 2})).hex())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert digests == {digest((Words(title="Algebra"), {"it": 1, "en": 2})).hex()}

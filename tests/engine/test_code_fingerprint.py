"""Everything persisted depends on the code."""

from __future__ import annotations

import pytest

from openknowledge.engine import digest as module
from openknowledge.engine.digest import code_fingerprint


def test_the_fingerprint_is_the_same_until_a_package_is_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    first = code_fingerprint()
    assert code_fingerprint() == first

    monkeypatch.setattr(module, "package_versions", lambda packages: tuple(f"{name}==0" for name in packages))
    code_fingerprint.cache_clear()
    other = code_fingerprint()
    code_fingerprint.cache_clear()

    assert other != first

"""One small site that is built once by each process and put back to what it was before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.rebuilding.workshop import Snapshot, Workshop, remove


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workshop, Snapshot]]:
    """Return a workshop whose site is built and whose files were still for a while, and how to get back there."""
    shop = Workshop(tmp_path_factory.mktemp("small-shop"))
    shop.settle()
    assert shop.build().is_good
    yield shop, shop.snapshot()
    shop.forget()


@pytest.fixture
def shop(small_shop: tuple[Workshop, Snapshot]) -> Workshop:
    """Return a workshop whose site is built, and known to this process as after a build."""
    shop, snapshot = small_shop
    snapshot.restore()
    assert shop.build().is_good
    return shop


@pytest.fixture
def empty_shop(small_shop: tuple[Workshop, Snapshot]) -> Workshop:
    """Return a workshop that has never been built."""
    shop, snapshot = small_shop
    snapshot.restore()
    for folder in (shop.output, shop.cache):
        remove(folder)
    return shop

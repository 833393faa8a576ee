"""What worker processes of these tests call, apart from the tests, whose pages and dice they need not load."""

from __future__ import annotations

from typing import Any

from openknowledge.rendering.render import RenderConfig, render


def all_rendered(setup: RenderConfig, jobs: tuple[tuple[str, str, Any], ...]) -> tuple[bytes, ...]:
    """Return the pages of some views."""
    return tuple(render(setup, *job) for job in jobs)

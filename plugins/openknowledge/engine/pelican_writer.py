"""A Pelican writer that never leaves half a file, never touches an equal one, and makes only what has changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican import signals
from pelican.utils import sanitised_join
from pelican.writers import Writer

from openknowledge.problems import ContentProblems, Problem

from .atomic_files import write_output
from .rules import ProgressCallback, Rule
from .session import BuildSession
from .workers.pool import ClusterUnavailable

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

session = BuildSession()
"""The build under way; Pelican makes the writer itself and hands it nothing."""


def start_session() -> None:
    """A new build; one that failed before it lets the folder go."""
    global session
    session.close()
    session = BuildSession()


class IncrementalWriter(Writer):  # type: ignore[misc]
    """Writes views, and makes lines of products; any other page goes the stock writer's way."""

    def run_rule(self, line: Rule, site: Site, progress: ProgressCallback | None) -> int:
        """Make what has changed of a line of products; how many it has. Raises `ContentProblems` where that fails."""
        assert session.scheduler is not None
        session.scheduler.on_written = self._published if signals.content_written.receivers else None
        try:
            return session.run_rule(line, site, progress)
        except ContentProblems:
            session.discard_new_files()
            raise
        except ClusterUnavailable as error:
            problem = Problem("pelicanconf.py", None, error.setting, error.message, error.hint)
            raise ContentProblems((problem,)) from None
        except OSError as error:
            hint = "Make room, or let the build write there, and build again: what is there is whole."
            where = str(error.filename or self.output_path)
            raise ContentProblems((Problem(where, None, None, f"cannot be written: {error.strerror}", hint),)) from None

    def write_file(self, name: str, template: Any, context: Any, *args: Any, **kwargs: Any) -> None:
        view = kwargs.get("view")
        if view is None:
            super().write_file(name, template, context, *args, **kwargs)
            return
        path = sanitised_join(self.output_path, name)
        write_output(Path(path), template.render(view=view).encode())
        self._published(name, view)

    def _published(self, name: str, view: Any) -> None:
        signals.content_written.send(sanitised_join(self.output_path, name), context={"view": view})

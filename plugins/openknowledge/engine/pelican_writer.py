"""A Pelican writer that never leaves half a file, never touches an equal one, and makes only what has changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican import signals
from pelican.utils import sanitised_join
from pelican.writers import Writer

from openknowledge.problems import ContentProblems, Problem

from .atomic_files import write_if_changed
from .rules import Line, Told
from .session import Run
from .workers.pool import NoCluster

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

run = Run()
"""The build under way; Pelican makes the writer itself and hands it nothing."""


def begin() -> None:
    """A new build; one that failed before it lets the folder go."""
    global run
    run.close()
    run = Run()


class WholeFileWriter(Writer):  # type: ignore[misc]
    """Writes views, and makes lines of products; any other page goes the stock writer's way."""

    def make(self, line: Line, site: Site, progress: Told | None) -> int:
        """Make what has changed of a line of products; how many it has. Raises `ContentProblems` where that fails."""
        assert run.making is not None
        run.making.published = self._published if signals.content_written.receivers else None
        try:
            return run.make(line, site, progress)
        except ContentProblems:
            run.give_up()
            raise
        except NoCluster as error:
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
        write_if_changed(Path(path), template.render(view=view).encode())
        self._published(name, view)

    def _published(self, name: str, view: Any) -> None:
        signals.content_written.send(sanitised_join(self.output_path, name), context={"view": view})

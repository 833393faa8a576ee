"""A Pelican writer that never leaves half a file and never touches an equal one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican import signals
from pelican.utils import sanitised_join
from pelican.writers import Writer

from ..output import write_if_changed


class WholeFileWriter(Writer):  # type: ignore[misc]
    """Writes views; any other page goes the stock writer's way."""

    def write_file(self, name: str, template: Any, context: Any, *args: Any, **kwargs: Any) -> None:
        view = kwargs.get("view")
        if view is None:
            super().write_file(name, template, context, *args, **kwargs)
            return
        path = sanitised_join(self.output_path, name)
        write_if_changed(Path(path), template.render(view=view).encode())
        signals.content_written.send(path, context={"view": view})

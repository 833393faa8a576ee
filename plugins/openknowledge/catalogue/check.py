"""`invoke check`: what is wrong with the content, without building the site."""

from __future__ import annotations

import sys

from .problems import ContentProblems


def main(settings_file: str = "pelicanconf.py") -> int:
    """Print all problems; the exit status is 1 where there are any."""
    from pelican.settings import read_settings
    from rich.console import Console

    from .assemble import assemble
    from .kinds import KINDS
    from .progress import progress_bar
    from .settings import CatalogueSettings
    from .words import read_languages

    try:
        options = CatalogueSettings.from_pelican(read_settings(settings_file))
        languages = read_languages(options.locale, options.site.langs, options.timezone, options.locales)
        with progress_bar(Console(stderr=True)) as progress:
            found = assemble(options, KINDS, languages, progress)
        if found.problems:
            raise ContentProblems(found.problems)
    except ContentProblems as error:
        print(*error.problems, error, sep="\n", file=sys.stderr)
        return error.exitcode
    items = len(found.site.records)
    print(f"{items} items, {len(found.site.figures)} figures and {len(found.site.series)} series: no problems.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`invoke explain URL`: why a page was made the last time, on what it depends, and why it was not made again."""

import argparse
import sys
from pathlib import Path

from openknowledge.content.provenance import Explanation, Provenance

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Print the explanation of one URL. Exits with 1 where nothing was made for it."""
    parser = argparse.ArgumentParser(prog="explain", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--why-not", nargs="?", const="", metavar="FILE", help="why it was not made again")
    parser.add_argument("--output", default="output")
    parser.add_argument("--cache", default=".cache")
    options = parser.parse_args(arguments)
    provenance = Provenance(Path(options.output), Path(options.cache, "reading"))
    if not provenance.state.files:
        sys.exit(f"{options.output}: nothing has been built here.\n    Build the site first: invoke build")
    explanation = Explanation(provenance)
    key = explanation.artifact_for(options.url)
    if key is None or key not in provenance.state.artifacts:
        hint = "Write the address as the site has it: /corsi/coding/"
        sys.exit(f"{options.url}: the last build made no such file.\n    {hint}")
    lines = explanation.explain(key) if options.why_not is None else explanation.explain_not(key, options.why_not)
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()

"""Prints the configuration of a web server for the site: `python -m openknowledge.publish.servers nginx --root DIR`."""

import argparse
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openknowledge.redirects.table import load

from ..headers import CachePatterns, HeaderPolicy
from .server_config import TEMPLATES, ServerConfig, VarnishConfig, render_config, render_vcl

__all__ = ["load_settings", "main"]

VARNISH = "varnish"
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "--root": {"default": "", "help": "the folder that holds the releases and the symlink `current`"},
    "--store": {"default": "", "help": "for Varnish, the bucket: http://store.example.edu:8333/bucket"},
    "--purger": {"action": "append", "default": [], "help": "for Varnish, a machine that may purge"},
    "--output": {"default": "output", "help": "for Varnish, the built site, which has the redirects"},
    "--certificate": {"default": "", "help": "the certificate's file; Caddy gets one by itself"},
    "--key": {"default": "", "help": "the certificate's key"},
    "--preview": {"action": "store_true", "help": "tell search engines to stay away"},
    "--settings": {"default": "publishconf.py", "help": "the file with Pelican's settings (publishconf.py)"},
}


def main(argv: Sequence[str], settings: Mapping[str, Any]) -> int:
    """Print the configuration that the arguments ask for; return 1 where there can be none, and print why."""
    parser = _make_parser()
    arguments = parser.parse_args(argv)
    store = urlsplit(arguments.store)
    if arguments.server == VARNISH and (store.scheme != "http" or not store.hostname):
        parser.error("varnish needs --store, an address that begins with http://: it speaks no TLS")
    if arguments.server != VARNISH and not arguments.root:
        parser.error(f"{arguments.server} needs --root")
    try:
        print(_render(arguments, settings), end="")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _render(arguments: argparse.Namespace, settings: Mapping[str, Any]) -> str:
    policy = HeaderPolicy.from_settings(settings, is_preview=arguments.preview)
    if arguments.server != VARNISH:
        patterns = CachePatterns.from_settings(settings)
        root, certificate, key = arguments.root, arguments.certificate, arguments.key
        server = ServerConfig(policy=policy, root=root, patterns=patterns, certificate=certificate, key=key)
        return render_config(arguments.server, server)
    store = urlsplit(arguments.store)
    host, port, root = str(store.hostname), store.port or 80, store.path.rstrip("/")
    purgers = tuple(arguments.purger) or ("localhost",)
    varnish = VarnishConfig(policy=policy, host=host, port=port, root=root, purgers=purgers)
    return render_vcl(varnish, load(Path(arguments.output)))


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openknowledge.publish.servers", description="Print a server's configuration."
    )
    parser.add_argument("server", choices=sorted((*TEMPLATES, VARNISH)))
    for name, options in OPTIONS.items():
        parser.add_argument(name, **options)
    return parser


def load_settings(path: Path) -> dict[str, Any]:
    """Return the settings of a file of Pelican's, which may import others beside it."""
    sys.path.insert(0, str(path.resolve().parent))
    try:
        return {name: value for name, value in runpy.run_path(str(path)).items() if name.isupper()}
    finally:
        sys.path.pop(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], load_settings(Path(_make_parser().parse_args(sys.argv[1:]).settings))))

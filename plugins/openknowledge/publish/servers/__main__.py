"""Prints the configuration of a web server for the site: `python -m openknowledge.publish.servers nginx --root DIR`."""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openknowledge.redirects.table import load

from ..cache_patterns import CachePatterns
from ..headers import HeaderPolicy
from . import caddy, nginx
from .server_config import ServerConfig
from .varnish import VarnishConfig, render_vcl

__all__ = ["SERVERS", "load_settings", "main"]

SERVERS = {"nginx": nginx.render_config, "caddy": caddy.render_config}
VARNISH = "varnish"


def main(argv: Sequence[str], settings: Mapping[str, Any]) -> int:
    """Print the configuration that the arguments ask for; return 1 where there can be none, and print why."""
    parser = _make_parser()
    arguments = parser.parse_args(argv)
    policy = HeaderPolicy.from_settings(settings, is_preview=arguments.preview)
    store = urlsplit(arguments.store)
    if arguments.server == VARNISH and (store.scheme != "http" or not store.hostname):
        parser.error("varnish needs --store, an address that begins with http://: it speaks no TLS")
    if arguments.server != VARNISH and not arguments.root:
        parser.error(f"{arguments.server} needs --root")
    redirects = load(Path(arguments.output)) if arguments.server == VARNISH else ()
    try:
        if arguments.server == VARNISH:
            varnish = VarnishConfig(
                policy=policy,
                host=str(store.hostname),
                port=store.port or 80,
                root=store.path.rstrip("/"),
                purgers=tuple(arguments.purger) or ("localhost",),
            )
            print(render_vcl(varnish, redirects), end="")
        else:
            server = ServerConfig(
                policy=policy,
                root=arguments.root,
                patterns=CachePatterns.from_settings(settings),
                certificate=arguments.certificate,
                key=arguments.key,
            )
            print(SERVERS[arguments.server](server), end="")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openknowledge.publish.servers", description="Print a server's configuration."
    )
    parser.add_argument("server", choices=sorted((*SERVERS, VARNISH)))
    parser.add_argument("--root", default="", help="the folder that holds the releases and the symlink `current`")
    parser.add_argument("--store", default="", help="for Varnish, the bucket: http://store.example.edu:8333/bucket")
    parser.add_argument("--purger", action="append", default=[], help="for Varnish, a machine that may purge")
    parser.add_argument("--output", default="output", help="for Varnish, the built site, which has the redirects")
    parser.add_argument("--certificate", default="", help="the certificate's file; Caddy gets one by itself")
    parser.add_argument("--key", default="", help="the certificate's key")
    parser.add_argument("--preview", action="store_true", help="tell search engines to stay away")
    parser.add_argument(
        "--settings", default="publishconf.py", help="the file with Pelican's settings (publishconf.py)"
    )
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

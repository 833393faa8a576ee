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
from .place import ServerConfig
from .varnish import VarnishConfig, render_vcl

__all__ = ["SERVERS", "load_settings", "main"]

SERVERS = {"nginx": nginx.render_config, "caddy": caddy.render_config}
VARNISH = "varnish"


def main(argv: Sequence[str], settings: Mapping[str, Any]) -> int:
    """Print the configuration that the words ask for; 1 where there can be none, and why."""
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
    parser.add_argument("--settings", help="the file with Pelican's settings (publishconf.py)")
    asked = parser.parse_args(argv)
    policy = HeaderPolicy.from_settings(settings, is_preview=asked.preview)
    if asked.server == VARNISH:
        return _varnish(parser, asked, policy)
    if not asked.root:
        parser.error(f"{asked.server} needs --root")
    try:
        place = ServerConfig(
            policy=policy,
            root=asked.root,
            patterns=CachePatterns.from_settings(settings),
            certificate=asked.certificate,
            key=asked.key,
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(SERVERS[asked.server](place), end="")
    return 0


def _varnish(parser: argparse.ArgumentParser, asked: argparse.Namespace, policy: HeaderPolicy) -> int:
    """Print the configuration of a Varnish in front of a store."""
    store = urlsplit(asked.store)
    if store.scheme != "http" or not store.hostname:
        parser.error("varnish needs --store, an address that begins with http://: it speaks no TLS")
    try:
        front = VarnishConfig(
            policy=policy,
            host=store.hostname,
            port=store.port or 80,
            root=store.path.rstrip("/"),
            purgers=tuple(asked.purger) or ("localhost",),
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(render_vcl(front, load(Path(asked.output))), end="")
    return 0


def load_settings(path: Path) -> dict[str, Any]:
    """The settings in a file of Pelican's, which may import others beside it."""
    sys.path.insert(0, str(path.resolve().parent))
    try:
        return {name: value for name, value in runpy.run_path(str(path)).items() if name.isupper()}
    finally:
        sys.path.pop(0)


def _file_of(argv: Sequence[str]) -> Path:
    """The settings' file that the words name, without looking at the rest of them."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--settings", default="publishconf.py")
    return Path(parser.parse_known_args(argv)[0].settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], load_settings(_file_of(sys.argv[1:]))))

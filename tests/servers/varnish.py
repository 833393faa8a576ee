"""A real cache in front of a store: Varnish, with a configuration of ours or one that just keeps everything."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.servers.programs import debian_program, free_ports, until

from openknowledge.publish.targets import ProgressCallback

__all__ = ["Varnish", "running_varnish", "started"]

HOST = "127.0.0.1"
CONFIGURATION = """vcl 4.1;
backend store { .host = "127.0.0.1"; .port = "%(port)d"; }
sub vcl_recv {
  if (req.method == "PURGE") { return (purge); }
  if (req.method != "GET" && req.method != "HEAD") { return (synth(405)); }
  unset req.http.Cookie;
  return (hash);
}
sub vcl_hash { hash_data(req.url); return (lookup); }
sub vcl_backend_fetch {
  if (bereq.url ~ "/$") { set bereq.url = bereq.url + "index.html"; }
  set bereq.url = "%(below)s" + bereq.url;
}
sub vcl_backend_response {
  set beresp.grace = 0s;
  if (beresp.status == 200) { set beresp.ttl = 1h; } else { set beresp.ttl = 0s; set beresp.uncacheable = true; }
  return (deliver);
}
sub vcl_deliver { set resp.http.X-Hits = obj.hits; }
"""


@dataclass
class Varnish:
    """A cache that runs, which is a purger as well; `purged` are the addresses that were purged."""

    port: int

    def __post_init__(self) -> None:
        self.purged: list[str] = []

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        connection = HTTPConnection(HOST, self.port, timeout=60)
        for address in addresses:
            connection.request("PURGE", address)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (address, answer.status)
        connection.close()
        self.purged += addresses


@contextmanager
def running_varnish(folder: Path, store_port: int, below: str) -> Iterator[Varnish]:
    """Run a cache in front of a path of a store.

    It keeps everything for an hour unless it is told to forget it.
    """
    with started(CONFIGURATION % {"port": store_port, "below": below}, folder) as port:
        yield Varnish(port)


@contextmanager
def started(configuration: str, folder: Path) -> Iterator[int]:
    """Run a Varnish that refuses what is posted to it, and yield its port."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "default.vcl").write_text(configuration, "utf-8")
    (port,) = free_ports(1)
    words = ("-j", "none", "-F", "-n", str(folder / "work"), "-f", str(folder / "default.vcl"))
    places = ("-a", f"{HOST}:{port}", "-s", "default,128m", "-T", "none")
    with (folder / "log").open("ab") as log:
        command = [str(debian_program("varnishd", "varnish")), *words, *places]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: _answers(port), "Varnish", process)
        yield port
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    """Return whether Varnish itself refuses a POST, for which no server behind it is asked."""
    connection = HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request("POST", "/")
        return connection.getresponse().status == 405
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()

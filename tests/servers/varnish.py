"""A real cache in front of a store: Varnish, which keeps everything for an hour unless it is told to forget it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.servers.programs import debian_program, free_ports, until

from openknowledge.publish.targets import Told

__all__ = ["Varnish", "running_varnish"]

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
    """A cache that runs; it is a purger, too. `purged` are the addresses that it was told to forget."""

    port: int

    def __post_init__(self) -> None:
        self.purged: list[str] = []

    def purge(self, addresses: Sequence[str], told: Told) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        for address in addresses:
            connection.request("PURGE", address)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (address, answer.status)
        connection.close()
        self.purged += addresses

    def answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("POST", "/")
            return connection.getresponse().status == 405
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


@contextmanager
def running_varnish(folder: Path, store_port: int, below: str) -> Iterator[Varnish]:
    """A cache in front of what lies below a path of a store, as long as the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "store.vcl").write_text(CONFIGURATION % {"port": store_port, "below": below})
    (port,) = free_ports(1)
    command = [
        *(
            str(debian_program("varnishd", "varnish")),
            "-j",
            "none",
            "-F",
            "-n",
            str(folder / "work"),
            "-f",
            str(folder / "store.vcl"),
        ),
        *("-a", f"127.0.0.1:{port}", "-s", "default,128m", "-T", "none"),
    ]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        varnish = Varnish(port)
        until(varnish.answers, "Varnish", process)
        yield varnish
    finally:
        process.kill()
        process.wait()

"""A real S3 server on this machine: SeaweedFS, with authentication, anonymous reading and conditional writes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from tests.servers.programs import free_ports, packaged_program, until

__all__ = ["Seaweed", "seaweed"]

HOST = "127.0.0.1"
ATTEMPTS = 4
GRPC = 10_000
"""A gRPC port that is not said is the other one and ten thousand more: all of them are said."""
KEYS = {
    "identities": [
        {"name": "anonymous", "actions": ["Read"]},
        {
            "name": "publisher",
            "credentials": [{"accessKey": "publisher", "secretKey": "publishers-secret"}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        },
        {
            "name": "looker",
            "credentials": [{"accessKey": "looker", "secretKey": "lookers-secret"}],
            "actions": ["Read", "List"],
        },
    ]
}


@dataclass
class Seaweed:
    """The server, its data in a folder. It can be killed, and started again on the same data."""

    folder: Path
    ports: list[int]
    options: tuple[str, ...] = ()
    access_key: str = "publisher"
    secret_key: str = "publishers-secret"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def port(self) -> int:
        return self.ports[0]

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def master(self) -> str:
        return f"{HOST}:{self.ports[2]}.{self.ports[3]}"

    def start(self) -> None:
        """Start it, and wait until it takes requests."""
        names = ("s3", "s3", "master", "master", "volume", "volume", "filer", "filer")
        ports = [
            f"-{name}.port{'.grpc' if number % 2 else ''}={port}"
            for number, (name, port) in enumerate(zip(names, self.ports, strict=True))
        ]
        data, keys = self.folder / "data", self.folder / "keys.json"
        data.mkdir(parents=True, exist_ok=True)
        keys.write_text(json.dumps(KEYS), "utf-8")
        command = [str(packaged_program("weed")), "-logtostderr=true", "server", f"-dir={data}", f"-ip={HOST}"]
        sizes = ("-master.volumeSizeLimitMB=64", "-volume.max=300", "-master.telemetry=false")
        others = ("-s3.port.iceberg=0", "-s3.port.lance=0")
        places = (f"-ip.bind={HOST}", "-filer", "-s3", f"-s3.config={keys}")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *places, *ports, *others, *sizes, *self.options], stdout=log, stderr=log, cwd=self.folder
            )
        until(self._is_up, "SeaweedFS", self.process)

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}/", timeout=60).status_code < 500 and "error" not in self._reply(
                "fs.ls /"
            )
        except httpx.HTTPError:
            return False

    def _reply(self, words: str) -> str:
        """Return the answer of the server's shell; an error where it is not up yet."""
        shell = [str(packaged_program("weed")), "shell", f"-master={self.master}"]
        try:
            done = subprocess.run(shell, input=f"{words}\n".encode(), capture_output=True, cwd=self.folder, timeout=120)
        except subprocess.TimeoutExpired:
            return "error: no answer"
        return (done.stdout + done.stderr).decode("utf-8", "replace")

    def bucket(self, name: str) -> str:
        """Make a bucket; its name."""
        self._reply(f"s3.bucket.create -name {name}")
        until(lambda: f" {name}\t" in self._reply("s3.bucket.list"), f"the bucket {name}", self.process)
        return name

    def url(self, bucket: str) -> str:
        """Return the address of a bucket for anonymous readers."""
        return f"{self.endpoint}/{bucket}"

    def kill(self) -> None:
        """End the server at once, as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def seaweed(folder: Path, *options: str) -> Iterator[Seaweed]:
    """Run an empty server."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Seaweed(folder, free_ports(8), options)
    for left in reversed(range(ATTEMPTS)):
        try:
            server.start()
            break
        except pytest.fail.Exception:
            # Somebody else may have taken a port between our look and its start.
            server.kill()
            if not left:
                raise
            server.ports = free_ports(8)
    try:
        yield server
    finally:
        server.kill()

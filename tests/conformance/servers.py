"""Real web servers, started for a release, and requests as bare as they can be made."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.publish.built import Release
from tests.servers.programs import debian_program, free_ports, packaged_program

from openknowledge.serving.headers import HeaderPolicy
from openknowledge.serving.servers import ServerConfig, render_config

MODULES = ("/usr/lib/nginx/modules", "/usr/share/nginx/modules", "/usr/local/nginx/modules")
STARTS_S = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer; header names are in small letters, values of the same name have a line break between."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, and where. `plain_port` answers without TLS."""

    kind: str
    place: ServerConfig
    pid: int
    _open: list[HTTPConnection] = field(default_factory=list)

    @property
    def address(self) -> str:
        is_secure = self.place.policy.is_secure
        port = self.place.port if is_secure else self.place.http_port
        return f"{'https' if is_secure else 'http'}://{self.place.host}:{port}"

    def ask(self, target: str, encoding: str = "identity", method: str = "GET", **headers: str) -> Answer:
        """Return the answer for a target as it is on the wire."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if not self._open:
            self._open.append(self._connection())
        try:
            return self._asked(self._open[0], target, encoding, method, sent)
        except (HTTPException, OSError):
            # A server may close a connection that it has answered enough on.
            self._open.pop().close()
            return self._asked(self._connection(), target, encoding, method, sent)

    def plainly(self, target: str) -> Answer:
        """Return the answer without TLS."""
        connection = HTTPConnection(self.place.host, self.place.http_port, timeout=60)
        try:
            return self._asked(connection, target)
        finally:
            connection.close()

    def protocol(self) -> str | None:
        """Return the protocol that the server chooses of those that a browser offers."""
        trusting = ssl.create_default_context(cafile=self.place.certificate)
        trusting.set_alpn_protocols(["h2", "http/1.1"])
        raw = socket.create_connection((self.place.host, self.place.port), 60)
        with trusting.wrap_socket(raw, server_hostname=self.place.host) as connection:
            return connection.selected_alpn_protocol()

    def _asked(
        self,
        connection: HTTPConnection,
        target: str,
        encoding: str = "identity",
        method: str = "GET",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        connection.request(method, target, headers={"Accept-Encoding": encoding, **headers})
        response = connection.getresponse()
        found: dict[str, str] = {}
        for name, value in response.getheaders():
            found[name.lower()] = f"{found[name.lower()]}\n{value}" if name.lower() in found else value
        return Answer(response.status, found, response.read())

    def _connection(self) -> HTTPConnection:
        if not self.place.policy.is_secure:
            return HTTPConnection(self.place.host, self.place.http_port, timeout=60)
        trusting = ssl.create_default_context(cafile=self.place.certificate)
        return HTTPSConnection(self.place.host, self.place.port, timeout=60, context=trusting)


def certificate(folder: Path, host: str = "127.0.0.1") -> tuple[str, str]:
    """Make a certificate that signs itself, and return its file and that of its key."""
    files = (folder / "certificate.pem", folder / "key.pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={host}",
    ]
    options = ["-addext", f"subjectAltName=IP:{host}", "-keyout", str(files[1]), "-out", str(files[0])]
    subprocess.run([*command, *options], check=True, capture_output=True)
    return str(files[0]), str(files[1])


def nginx_program() -> str:
    return os.environ.get("NGINX") or str(debian_program("nginx", "nginx-light libnginx-mod-http-brotli-static"))


def caddy_program() -> str:
    return str(packaged_program("caddy"))


def brotli_module() -> str:
    """Return nginx's module for twins, which must fit the program."""
    places = (Path(folder) / "ngx_http_brotli_static_module.so" for folder in MODULES)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.fail("nginx has no brotli module here (Debian: libnginx-mod-http-brotli-static).", pytrace=False)
    return str(found)


@contextmanager
def running(kind: str, place: ServerConfig, folder: Path) -> Iterator[Server]:
    """Run a server with the very configuration that an operator gets."""
    folder.mkdir(parents=True, exist_ok=True)
    command = _nginx(place, folder) if kind == "nginx" else _caddy(place, folder)
    output = folder / "said.txt"
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with output.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
    try:
        _wait(process, place, output)
        yield Server(kind, place, process.pid)
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def serving(kind: str, release: Release, folder: Path, host: str) -> Iterator[Server]:
    """Run a server by its name that serves a release as it is published at a host."""
    port, plain_port = free_ports(2)
    file, key = certificate(folder)
    policy = HeaderPolicy(site_url=f"https://{host}")
    ports = {"port": port, "http_port": plain_port}
    place = ServerConfig(policy=policy, root=str(release.root), certificate=file, key=key, **ports)
    with running(kind, place, folder / "server") as found:
        yield found


def _nginx(place: ServerConfig, folder: Path) -> list[str]:
    (folder / "site.conf").write_text(render_config("nginx", place), encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    text = f"""load_module {brotli_module()};
daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1; {user}
events {{ worker_connections 200; }}
http {{ access_log off; {temporary} include {folder}/site.conf; }}
"""
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    return [nginx_program(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]


def _caddy(place: ServerConfig, folder: Path) -> list[str]:
    """Return the command of Caddy without its administration, whose port is the same for all on a machine."""
    text = render_config("caddy", place).replace(
        "{\n\thttp_port", "{\n\tadmin off\n\tskip_install_trust\n\thttp_port", 1
    )
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    return [caddy_program(), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def _wait(process: subprocess.Popen[bytes], place: ServerConfig, output: Path) -> None:
    port = place.port if place.policy.is_secure else place.http_port
    end = time.monotonic() + STARTS_S
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection((place.host, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"The server does not start:\n{output.read_text(errors='replace')}", pytrace=False)

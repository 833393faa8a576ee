"""The programs that look at a built site, and what each of them finds."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import brotli
from bench.programs import npm_packages
from playwright.sync_api import Browser
from tests.browser.pages import DESKTOP, PHONE
from tests.browser.test_accessibility import AXE, violations

from openknowledge.browser.chromium import FLAGS, find_or_install
from openknowledge.manifest import MANIFEST, Manifest
from openknowledge.preview.file_server import FileHandler, resolve_request, run_server
from openknowledge.serving.headers import HeaderPolicy, response_headers

HERE = Path(__file__).parent
COMPRESSIBLE = ("text/", "application/json", "image/svg+xml", "application/speculationrules+json")
NOT_YET_KNOWN = ("Attribute “scriptlevel” not allowed", "Attribute “displaystyle” not allowed")
"""What the checker says of MathML Core, which has these attributes on every element: it knows an older MathML."""
TIMEOUT_S = 1500


class LighthouseScore(NamedTuple):
    """What Lighthouse gives a page of 100, the layout shift that it saw, and the audits that found something."""

    address: str
    scores: dict[str, int]
    shift: float
    failed: list[str]


class PublishedHandler(FileHandler):
    """Answers with the headers of a published site, and compressed."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *connection: object, root: Path, manifest: Manifest, policy: HeaderPolicy) -> None:
        self._manifest, self._policy = manifest, policy
        super().__init__(*connection, root=root)

    def do_GET(self) -> None:
        """Answer a request from the folder, with what the manifest knows of the file."""
        found = resolve_request(self._root, self.path)
        entry = self._manifest.by_path.get(found.path.relative_to(self._root).as_posix()) if found.path else None
        if found.path is None or entry is None or found.status != 200:
            self.send_file(found)
            return
        body = found.path.read_bytes()
        self.send_response(200)
        for name, value in response_headers(entry, self._policy):
            self.send_header(name, value)
        if entry.media_type.startswith(COMPRESSIBLE):
            body = brotli.compress(body, quality=5)
            self.send_header("Content-Encoding", "br")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serve_published(output: Path) -> Iterator[str]:
    """Serve a built site as if it were published; yield the address."""
    manifest = Manifest.load((output / MANIFEST).read_bytes())
    policy = HeaderPolicy(site_url="http://127.0.0.1")
    with run_server(partial(PublishedHandler, root=output, manifest=manifest, policy=policy)) as address:
        yield address


def run_lighthouse(address: str, paths: Sequence[str]) -> list[LighthouseScore]:
    """Return what Lighthouse gives each page below an address."""
    script = npm_packages("audits", HERE).parent / "lighthouse.mjs"
    shutil.copyfile(HERE / script.name, script)
    with a_debugged_browser() as port:
        command = [_program("node", "nodejs"), str(script), port, *(address + path for path in paths)]
        lines = _output(command).splitlines()
    rows = [json.loads(line) for line in lines]
    return [LighthouseScore(row["address"].removeprefix(address), *list(row.values())[1:]) for row in rows]


@contextmanager
def a_debugged_browser() -> Iterator[str]:
    """Start a browser without windows; yield the port of its debugger."""
    flags = [*FLAGS, "--headless", "--remote-debugging-port=0", "about:blank"]
    # Debian's program is a script around the browser, so what ends is the whole group.
    program = [find_or_install(), *flags]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        try:
            line = next(line for line in process.stderr if line.startswith("DevTools listening on"))
            yield line.rpartition(":")[2].partition("/")[0]
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def run_axe(browser: Browser, address: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the violations that axe finds on each page, in both schemes."""
    found: dict[str, list[str]] = {}
    for scheme, viewport in (("light", PHONE), ("dark", DESKTOP)):
        # axe is made of text, which the policy of the pages forbids.
        page = browser.new_page(bypass_csp=True, color_scheme=scheme, viewport=viewport)
        for path in paths:
            page.goto(address + path)
            found.setdefault(path, []).extend(f"{scheme}: {line}" for line in violations(page))
        page.close()
    return found


def axe_version() -> str:
    """Return the version of the axe that looks at the pages."""
    found = re.search(r"axe v([\d.]+)", AXE.axe_script)
    assert found
    return found[1]


def run_nu(output: Path) -> list[str]:
    """Return what the Nu HTML Checker finds in all pages of a built site, each with its file and line."""
    jar = npm_packages("audits", HERE) / "vnu-jar/build/dist/vnu.jar"
    java = _program("java", "default-jre-headless")
    command = [java, "-jar", str(jar), "--format", "json", "--exit-zero-always", "--stdout"]
    messages = json.loads(_output([*command, *map(str, sorted(output.rglob("*.html")))]))["messages"]
    return [
        f"{message['url'].removeprefix(f'file:{output}/')}:{message.get('lastLine', '')}: {message['message']}"
        for message in messages
        if not message["message"].startswith(NOT_YET_KNOWN)
    ]


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    assert found, f"There is no {name}: apt-get install {package}"
    return found


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout

"""A Dask cluster as an executor: its workers may run on other machines, which see no file of this one."""

import platform
import re
import socket
import warnings
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from importlib.metadata import requires
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, WorkerPlugin

from ..digest import digest_bytes, package_version, read_sources
from .remote_call import ClusterUnavailable, Payload, run_call, unpack

__all__ = ["DaskPool"]

CONNECT_TIMEOUT_S = 10.0
"""How long a scheduler may take to answer, and to have a first worker."""
PROBE_TIMEOUT_S = 3.0
"""How long it may take to find out that nothing listens at an address."""
POLL_INTERVAL_S = 1.0
"""How often to check that the scheduler still runs while a result is awaited."""
SETTING = "BUILD_SCHEDULER"
SAME_CHECKOUT_HINT = "Install the same checkout on every machine: python3 requirements/install.py dask."
SCHEDULER_HINT = 'Write BUILD_SCHEDULER = "tcp://host:8786", the address that "dask scheduler" prints when it starts.'


class BroadcastPlugin(WorkerPlugin):
    """Unpacks a payload on every worker, also on those that come later, before they get work."""

    def __init__(self, payload: Payload) -> None:
        self.payload = payload

    def setup(self, worker: Any) -> None:  # noqa: ARG002
        """Unpack the payload; Dask calls this when a worker starts."""
        unpack(self.payload)


class DaskFuture:
    """The result of a call on the cluster. Dask's own future waits for ever when the scheduler is gone."""

    def __init__(self, client: Client, task: Any) -> None:
        self._client, self._task = client, task

    def result(self) -> bytes:
        """Wait for the result. Raises `BrokenExecutor` when the scheduler is gone."""
        while self._client.status == "running":
            with suppress(TimeoutError):
                result: bytes = self._task.result(POLL_INTERVAL_S)
                return result
        raise BrokenExecutor("the scheduler has gone")


class DaskPool:
    """The workers of a scheduler. Raises `ClusterUnavailable` where there is none, or where they run other versions."""

    def __init__(self, scheduler: str) -> None:
        _probe(scheduler)
        self._address = scheduler
        self._client = _connect(scheduler)
        self._broadcasts: list[str] = []
        try:
            check_versions(self._versions_by_worker())
        except BaseException:
            self._client.close()
            raise
        self.size = max(sum(self._client.nthreads().values()), 1)

    def submit(self, call: bytes) -> DaskFuture:
        """Run a pickled call on a worker of the cluster."""
        if self._client.status != "running":
            raise BrokenExecutor("the scheduler has gone")
        return DaskFuture(self._client, self._client.submit(run_call, call, pure=False))

    def broadcast(self, payload: Payload) -> None:
        """Send a value to every worker."""
        self._client.register_plugin(BroadcastPlugin(payload), name=payload.token)
        self._broadcasts.append(payload.token)

    def _versions_by_worker(self) -> Mapping[str, Mapping[str, str]]:
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_TIMEOUT_S)
        except TimeoutError:
            hint = f'Start some: "dask worker {self._address} --nworkers auto --nthreads 1".'
            raise ClusterUnavailable(SETTING, "the scheduler has no workers", hint) from None
        try:
            return {"": self._client.run_on_scheduler(collect_versions), **self._client.run(collect_versions)}
        except Exception as error:
            message = f"the cluster cannot do this site's work ({type(error).__name__}: {error})"
            raise ClusterUnavailable(SETTING, message, SAME_CHECKOUT_HINT) from None

    def shutdown(self) -> None:
        """Leave the cluster; what is not awaited any more is not computed."""
        with suppress(Exception):  # The scheduler may go at any moment, and its plugins with it.
            for token in self._broadcasts if self._client.status == "running" else ():
                self._client.unregister_worker_plugin(name=token)
        self._client.close(timeout=PROBE_TIMEOUT_S)


def collect_versions() -> dict[str, str]:
    """Return what decides the bytes of pages on a machine: the versions of Python, of this package and of others."""
    own = (re.split(r"[^\w.-]", name)[0] for name in requires("openknowledge") or [] if "extra ==" not in name)
    versions = {name: package_version(name) or "none" for name in sorted({*own, "distributed", "lxml"})}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, "openknowledge": digest_bytes(b"\0".join(read_sources(("",)))).hex()[:12], **versions}


def check_versions(versions_by_worker: Mapping[str, Mapping[str, str]]) -> None:
    """Raise `ClusterUnavailable` where a machine of the cluster has other versions than this one."""
    own = collect_versions()
    wrong = {
        f"{name} {versions.get(name, 'none')} (here {own.get(name, 'none')})"
        for versions in versions_by_worker.values()
        for name in {**own, **versions}
        if own.get(name) != versions.get(name)
    }
    if wrong:
        message = f"the cluster has other versions than this machine: {'; '.join(sorted(wrong))}"
        raise ClusterUnavailable(SETTING, message, SAME_CHECKOUT_HINT)


def _probe(scheduler: str) -> None:
    """Check at once that a scheduler listens: Dask would retry for half a minute, or wait for a silent one."""
    try:
        parts = urlsplit(scheduler)
        address = parts.hostname or "", parts.port or 0
    except ValueError:
        address = "", 0
    if not all(address):
        raise ClusterUnavailable(SETTING, f'"{scheduler}" is not the address of a scheduler', SCHEDULER_HINT)
    try:
        connection = socket.create_connection(address, PROBE_TIMEOUT_S)
    except OSError as error:
        message = f"nobody answers at {scheduler} ({error.strerror or error})"
        raise ClusterUnavailable(SETTING, message, f"Is the scheduler running? {SCHEDULER_HINT}") from None
    with connection:
        connection.settimeout(CONNECT_TIMEOUT_S)
        speaks = not scheduler.startswith("tcp:")
        with suppress(OSError):
            speaks = speaks or bool(connection.recv(1))  # A scheduler speaks first.
        if not speaks:
            raise ClusterUnavailable(SETTING, f"what answers at {scheduler} is no scheduler of Dask", SCHEDULER_HINT)


def _connect(scheduler: str) -> Client:
    """Connect without Dask's own warning about versions, because `check_versions` says more."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Client(scheduler, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        message = f"what answers at {scheduler} is no scheduler of Dask ({type(error).__name__})"
        raise ClusterUnavailable(SETTING, message, SCHEDULER_HINT) from None

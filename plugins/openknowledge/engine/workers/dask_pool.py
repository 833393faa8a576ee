"""A Dask cluster as an executor: workers on other machines, which see nothing of our disk."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
import socket
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, WorkerPlugin

from .broadcast import Payload, unpack
from .pool import ClusterUnavailable

__all__ = ["DaskPool"]

CONNECT_TIMEOUT_S = 10.0
"""How long a scheduler may take to answer, and to have a first worker."""
PROBE_TIMEOUT_S = 3.0
"""How long it may take to find out that nobody listens at an address."""
SETTING = "BUILD_SCHEDULER"
POLL_INTERVAL_S = 1.0
"""How often to see whether the scheduler is still there while a result is waited for."""
PACKAGE = Path(__file__).parents[2]
SAME_CHECKOUT_HINT = "Install the same checkout on every machine: python3 requirements/install.py dask."
SCHEDULER_HINT = 'Write BUILD_SCHEDULER = "tcp://host:8786", the address that "dask scheduler" prints when it starts.'


class BroadcastPlugin(WorkerPlugin):
    """Hands a packed value to every worker that is there or comes later, before it is given work."""

    def __init__(self, packed: Payload) -> None:
        self.packed = packed

    def setup(self, worker: Any) -> None:  # noqa: ARG002
        unpack(self.packed)


class DaskFuture(Future[Any]):
    """What a worker of the cluster will bring. Raises `BrokenExecutor` when the scheduler has gone.

    Dask's own executor waits for ever then, and cannot be shut down as the standard library's are.
    """

    def __init__(self, client: Client, task: Any) -> None:
        super().__init__()
        self._client, self._task = client, task

    def result(self, timeout: float | None = None) -> Any:
        while self._client.status == "running":
            try:
                return self._task.result(POLL_INTERVAL_S if timeout is None else timeout)
            except TimeoutError:
                if timeout is not None:
                    raise
        raise BrokenExecutor("the scheduler has gone")


class DaskPool(Executor):
    """The workers of a scheduler. Raises `NoCluster` where there is none, or where they run something else than we."""

    def __init__(self, scheduler: str) -> None:
        _probe(scheduler)
        self._address = scheduler
        self._client = _connect(scheduler)
        self._broadcasts: list[str] = []
        try:
            check_versions(self._versions())
        except BaseException:
            self._client.close()
            raise
        self.size = max(sum(self._client.nthreads().values()), 1)

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        if self._client.status != "running":
            raise BrokenExecutor("the scheduler has gone")
        return DaskFuture(self._client, self._client.submit(function, *arguments, pure=False, **named))

    def broadcast(self, packed: Payload) -> None:
        """Have a value on every worker."""
        self._client.register_plugin(BroadcastPlugin(packed), name=packed.token)
        self._broadcasts.append(packed.token)

    def _versions(self) -> Mapping[str, Mapping[str, str]]:
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_TIMEOUT_S)
        except TimeoutError:
            hint = f'Start some: "dask worker {self._address} --nworkers auto --nthreads 1".'
            raise ClusterUnavailable(SETTING, "the scheduler has no workers", hint) from None
        try:
            found = {"": self._client.run_on_scheduler(versions), **self._client.run(versions)}
        except Exception as error:
            message = f"the cluster cannot do this site's work ({type(error).__name__}: {error})"
            raise ClusterUnavailable(SETTING, message, SAME_CHECKOUT_HINT) from None
        return found

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Leave the cluster; what nobody waits for any more is not done."""
        with suppress(Exception):  # The scheduler may go at any moment; what it kept is gone as well.
            for token in self._broadcasts if self._client.status == "running" else ():
                self._client.unregister_worker_plugin(name=token)
        self._client.close(timeout=PROBE_TIMEOUT_S)


def versions() -> dict[str, str]:
    """What decides what pages look like on a machine: Python, our code, and the packages that it uses."""
    wanted = importlib.metadata.requires("openknowledge") or []
    names = {re.split(r"[^\w.-]", one)[0] for one in wanted if "extra ==" not in one} | {"distributed", "lxml"}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, "openknowledge": _code(), **{name: _version(name) for name in sorted(names)}}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def check_versions(versions_by_worker: Mapping[str, Mapping[str, str]]) -> None:
    """Raise `NoCluster` where a machine of the cluster has other versions than this one."""
    wrong = sorted(
        {difference for there in versions_by_worker.values() for difference in _differences(there, versions())}
    )
    if wrong:
        raise ClusterUnavailable(
            SETTING, f"the cluster has other versions than this machine: {'; '.join(wrong)}", SAME_CHECKOUT_HINT
        )


def _differences(there: Mapping[str, str], here: Mapping[str, str]) -> Iterator[str]:
    for name in {**here, **there}:
        if here.get(name) != there.get(name):
            yield f"{name} {there.get(name, 'none')} (here {here.get(name, 'none')})"


def _probe(scheduler: str) -> None:
    """See at once whether a scheduler listens: Dask would try again for half a minute, and listen itself for ever."""
    place = _parse_address(scheduler)
    try:
        line = socket.create_connection(place, PROBE_TIMEOUT_S)
    except OSError as error:
        message = f"nobody answers at {scheduler} ({error.strerror or error})"
        raise ClusterUnavailable(SETTING, message, f"Is the scheduler running? {SCHEDULER_HINT}") from None
    with line:
        line.settimeout(CONNECT_TIMEOUT_S)
        if scheduler.startswith("tcp:") and not _is_scheduler(line):
            raise ClusterUnavailable(SETTING, f"what answers at {scheduler} is no scheduler of Dask", SCHEDULER_HINT)


def _parse_address(scheduler: str) -> tuple[str, int]:
    try:
        parts = urlsplit(scheduler)
        place = parts.hostname or "", parts.port or 0
    except ValueError:
        place = "", 0
    if not all(place):
        raise ClusterUnavailable(SETTING, f'"{scheduler}" is not the address of a scheduler', SCHEDULER_HINT)
    return place


def _is_scheduler(line: socket.socket) -> bool:
    """Whether the other end begins; a scheduler does."""
    try:
        return bool(line.recv(1))
    except OSError:
        return False


def _connect(scheduler: str) -> Client:
    """The client; its own warning about versions is left out, as ours says more."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Client(scheduler, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        message = f"what answers at {scheduler} is no scheduler of Dask ({type(error).__name__})"
        raise ClusterUnavailable(SETTING, message, SCHEDULER_HINT) from None

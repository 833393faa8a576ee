"""After any edits an incremental build gives byte for byte what a clean build gives."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.chance import examples
from tests.rebuilding.edits import EDITS, MISTAKES
from tests.rebuilding.workshop import BuildReport, CleanBuildRefused, Workshop, difference

from openknowledge.content import loader
from openknowledge.engine import build_state, precompress, scheduler, session

NUMBERS = st.integers(0, 5_000)
ROOM = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


ENDS = (
    (scheduler, "atomic_write_if_changed"),
    (precompress, "_write_twin"),
    (build_state.Manifest, "dump_rows"),
    (build_state.Manifest, "dump_texts"),
    (build_state, "write_sections"),
)
"""What writes something, in the order of a build."""


class Interrupted(BaseException):
    """Ends a build as the end of its process would."""


@contextmanager
def small_batches() -> Iterator[None]:
    """Have workers take part from five items on, and a fork look at the outputs."""
    with ExitStack() as stack:
        for module in (scheduler, loader, precompress):
            stack.enter_context(mock.patch.object(module, "PARALLEL_THRESHOLD", 5))
        stack.enter_context(mock.patch.object(session, "LARGE_STATE_B", 1))
        yield


class EditMachine(RuleBasedStateMachine):
    """A small site in two languages, edited and built over and over."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=ROOM))
        self.shop = Workshop(self.folder)
        self.is_built = True
        self.good: tuple[dict[Path, bytes], dict[str, Any]] = ({}, {})

    @initialize(
        reader=st.sampled_from(["markdown", "fast"]),
        executor=st.sampled_from(["inline", "processes"]),
        has_twins=st.booleans(),
    )
    def begin(self, reader: str, executor: str, has_twins: bool) -> None:
        self.shop.settings |= {"MARKDOWN_READER": reader, "TWINS": has_twins}
        assert self.shop.build(BUILD_EXECUTOR=executor).is_good
        self.remember()

    # Edits

    @rule(edit=st.sampled_from(EDITS), number=NUMBERS)
    def edit(self, edit: Any, number: int) -> None:
        edit(self.shop, number)
        self.is_built = False

    @rule()
    def wait(self) -> None:
        """Give all files a time some seconds ago."""
        self.shop.settle()

    @rule()
    def forget(self) -> None:
        """Have the next build begin as in a new process."""
        self.shop.forget()

    @rule()
    def undo(self) -> None:
        """Put all files and settings back to what they were at the last good build."""
        self.restore()

    # Builds

    @rule(executor=st.sampled_from(["inline", "processes"]), is_compared=st.booleans())
    def build(self, executor: str, is_compared: bool) -> None:
        before = self.shop.read_output()
        output = self.built(executor)
        if not output.is_good:
            self.compare_refusals(output.problems, before)
            self.restore()
        elif is_compared:
            self.compare()
        self.is_built = output.is_good
        if output.is_good:
            self.remember()

    @rule(mistake=st.sampled_from(MISTAKES), number=NUMBERS)
    def mistake(self, mistake: Any, number: int) -> None:
        """Check that a build that fails leaves the output as it was."""
        before = self.shop.read_output()
        mistake(self.shop, number)
        output = self.built("inline")
        assert not output.is_good
        assert difference(self.shop.read_output(), before) == []
        self.restore()
        self.is_built = False

    @rule(writes=st.integers(0, 60), where=st.sampled_from(ENDS))
    def end_early(self, writes: int, where: tuple[Any, str]) -> None:
        """End a build after some files or twins, or while the manifest or the build state is written."""
        left = [writes]

        def limited(function: Any) -> Any:
            def write(*arguments: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    raise Interrupted
                return function(*arguments)

            return write

        place, name = where
        left[0] = writes if name in ("atomic_write_if_changed", "_write_twin") else 0
        with mock.patch.object(place, name, limited(getattr(place, name))):
            try:
                self.built("inline")
            except Interrupted:
                self.shop.forget()
        self.is_built = False

    def built(self, executor: str) -> BuildReport:
        """Build with workers also for a few pages."""
        with small_batches():
            return self.shop.build(BUILD_EXECUTOR=executor)

    def compare(self) -> None:
        assert difference(self.shop.read_output(), self.shop.clean()) == []

    def compare_refusals(self, problems: tuple[str, ...], before: dict[str, str]) -> None:
        """Check that a clean build reports the same problems, and that the output stayed as it was."""
        with pytest.raises(CleanBuildRefused) as found:
            self.shop.clean()
        assert found.value.args[0] == problems
        assert difference(self.shop.read_output(), before) == []

    # What was good

    def remember(self) -> None:
        folders = self.shop.content, self.shop.theme
        files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
        self.good = {path: path.read_bytes() for path in files}, dict(self.shop.settings)

    def restore(self) -> None:
        files, arguments = self.good
        for folder in (self.shop.content, self.shop.theme):
            for path in [path for path in folder.rglob("*") if path.is_file() and path not in files]:
                path.unlink()
        for path, data in files.items():
            if not path.is_file() or path.read_bytes() != data:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        self.shop.settings = dict(arguments)

    def teardown(self) -> None:
        try:
            if self.good[0]:
                self.build("inline", True)
        finally:
            self.shop.forget()
            shutil.rmtree(self.folder, ignore_errors=True)


def held(machine: type[EditMachine], count: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=count,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
        ),
    )


def test_building_again_gives_what_a_clean_build_gives() -> None:
    held(EditMachine, count=2, steps=10)


@pytest.mark.conformance
def test_building_again_gives_what_a_clean_build_gives_after_a_thousand_edits() -> None:
    held(EditMachine, count=examples(40), steps=25)


@pytest.mark.conformance
def test_a_cluster_gives_what_a_clean_build_gives() -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address

        class Clustered(EditMachine):
            """The same edits, built by the workers of a cluster."""

            def built(self, executor: str) -> BuildReport:
                with small_batches():
                    name = "dask" if executor == "processes" else executor
                    return self.shop.build(BUILD_EXECUTOR=name, BUILD_SCHEDULER=address)

        held(Clustered, count=examples(8), steps=15)

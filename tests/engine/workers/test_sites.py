"""A site has the same bytes with every executor."""

from __future__ import annotations

import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.engine.workers.conftest import Cluster
from tests.site.small import ROOT, TODAY, digest, front, share_templates, small_content
from tests.site.warm import run_pelican

MORE = {
    f"topics/argomento-{number}.md": front(title=f"Argomento {number}", abstract="Un argomento.") + "## Testo\n\nUno.\n"
    for number in range(12)
}
PARALLEL_AT_ONCE = """
import sys
sys.path[:0] = ["{root}"]
from pelicanconf import *
from openknowledge.content import loader
from openknowledge.engine import precompress, scheduler
THEME = "{root}/theme"
for module in (loader, precompress, scheduler):
    module.PARALLEL_THRESHOLD, module.BATCH_SIZE = 10, 8
scheduler.FORK_BATCH_SIZE = 8
"""
"""Settings with which a small site is enough that reading, rendering and compressing run in workers."""


def build(folder: Path, executor: str, scheduler: str, theme: Path | None = None) -> CompletedProcess[str]:
    """Run a build with an executor in a folder of its own."""
    content = small_content(folder, MORE)
    share_templates(folder / "cache")
    (folder / "conf.py").write_text(PARALLEL_AT_ONCE.format(root=ROOT), "utf-8")
    settings = [f'BUILD_EXECUTOR="{executor}"', f'BUILD_SCHEDULER="{scheduler}"', "BUILD_WORKERS=2", "TWINS=true"]
    settings += [f'BUILD_DATE="{TODAY}"', f'CACHE_PATH="{folder / "cache"}"', *([f'THEME="{theme}"'] if theme else [])]
    options = ["-s", str(folder / "conf.py"), "-o", str(folder / "output"), "--fatal", "errors", "-e", *settings]
    return run_pelican([str(content), *options])


def built(folder: Path, executor: str, scheduler: str = "", theme: Path | None = None) -> dict[str, str]:
    """Return the digests of the site that an executor builds."""
    done = build(folder, executor, scheduler, theme)
    assert done.returncode == 0, done.stderr
    return digest(folder / "output")


@pytest.fixture(scope="module")
def inline(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the digests of the site that one process builds."""
    return built(tmp_path_factory.mktemp("inline"), "inline")


@pytest.mark.parametrize("name", ["processes", "spawn"])
def test_processes_make_the_same_site_as_one_process(name, inline, tmp_path):
    assert len(inline) > 300
    assert built(tmp_path, name) == inline


def test_a_cluster_that_sees_neither_content_theme_nor_output_makes_the_same_site(inline, cluster: Cluster):
    """The cluster's workers cannot open the folders of this site: `test_dask_pool.py` has them try."""
    theme = cluster.out_of_sight / "theme"
    shutil.copytree(ROOT / "theme", theme)

    assert built(cluster.out_of_sight, "dask", cluster.address, theme) == inline
    compiled = (cluster.out_of_sight.parent / "away" / "compiled").read_text("utf-8").split()
    assert any(path.endswith("/base.html") for path in compiled), "its workers rendered"
    assert not any(path.startswith((f"{ROOT}/", f"{theme}/")) for path in compiled), "from the broadcast"


def test_a_wrong_address_is_a_problem_of_the_settings(tmp_path):
    done = build(tmp_path, "dask", "tcp://127.0.0.1:1")

    assert done.returncode == 1
    assert "conf.py: BUILD_SCHEDULER: nobody answers at tcp://127.0.0.1:1" in done.stderr
    assert "Is the scheduler running?" in done.stderr
    assert "Traceback" not in done.stderr

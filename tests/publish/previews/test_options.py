"""The options that go with `--preview`, and those that do not."""

from __future__ import annotations

import pytest

from openknowledge.publish.__main__ import main


@pytest.mark.parametrize("option", ["--force", "--adopt", "--purge-everything"])
def test_options_of_the_site_are_not_for_previews(option, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["publish", "--preview", "7", option], tmp_path, {})

    assert ended.value.code == 2
    assert f"{option} is not for previews" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--remove"], ["--report", "x.md"]])
def test_options_of_previews_need_a_preview(words, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["publish", *words], tmp_path, {})

    assert f"{words[0]} is for previews" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--remove"], ["--report", "x.md"], ["--plan"]])
def test_what_another_job_has_built_is_published_and_nothing_else(words, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["publish", "--preview", "7", "--no-build", *words], tmp_path, {})

    assert "--no-build leaves nothing to report" in capsys.readouterr().err

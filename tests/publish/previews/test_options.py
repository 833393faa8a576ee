"""The options that go with `--preview`, and those that do not."""

from __future__ import annotations

import pytest

from openknowledge.publish.__main__ import main


@pytest.mark.parametrize("option", ["--force", "--adopt", "--no-build", "--purge-everything"])
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

"""Wrong settings, and what lies where the site is to be written, end in a sentence and no traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.site import small

WRONG_SETTINGS = {
    'TIMEZONE="Mars/Olympus"': 'pelicanconf.py: TIMEZONE: "Mars/Olympus" is no time zone\n',
    'LOCALES={"it":"xx_YY"}': 'pelicanconf.py: LOCALES: "xx_YY" (for "it") is no locale that is known\n',
    'LANGUAGES=["it","zh_hant"]': 'pelicanconf.py: LANGUAGES: "zh_hant" is written "zh-Hant"\n',
    'LANGUAGES=["it","italiano"]': 'pelicanconf.py: LANGUAGES: "italiano" is not the code of a language\n',
    'LANGUAGES=["it","tlh"]': 'pelicanconf.py: LOCALES: nothing is known of how "tlh" writes dates and numbers\n',
    "PAGE_SIZE=0": 'pelicanconf.py: PAGE_SIZE: "0" is not a number of entries\n',
    'FILE_SIZE_LIMITS={"film":3}': "pelicanconf.py: FILE_SIZE_LIMITS: these are no limits\n",
    'FILE_SIZE_LIMITS={"text":0.0001}': "it is too large: 0.0 MB, where 0.0 MB are allowed",
    'COURSE_URL="corsi/{slog}/"': 'pelicanconf.py: COURSE_URL: the pattern "corsi/{slog}/" cannot be filled',
    'PRESS_URL="stampa/{slug"': 'pelicanconf.py: PRESS_URL: the pattern "stampa/{slug" cannot be filled',
    'COURSE_URL="../{slug}/"': "cannot be: it is no plain path below the site",
    'COURSE_URL="theme/{slug}/"': 'cannot be: "theme" belongs to the site itself',
}
OBSTACLES: dict[str, Callable[[Path], object]] = {
    ".ledger": lambda output: (output / ".ledger").mkdir(),
    ".manifest.json": lambda output: (output / ".manifest.json").mkdir(),
    ".lock": lambda output: (output / ".lock").mkdir(),
    "index.html": lambda output: (output / "index.html/x").mkdir(parents=True),
    "corsi": lambda output: (output / "corsi").write_text("x"),
}


@pytest.mark.parametrize("setting", WRONG_SETTINGS)
def test_a_wrong_setting_is_named_with_its_cure(tmp_path: Path, setting: str) -> None:
    done = small.build(small.small_content(tmp_path), tmp_path / "output", setting)

    assert done.returncode == 1
    assert WRONG_SETTINGS[setting] in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "output/index.html").exists()


@pytest.mark.parametrize("name", OBSTACLES)
def test_what_is_in_the_way_of_a_file_is_named_and_left_alone(tmp_path: Path, name: str) -> None:
    output = tmp_path / "output"
    output.mkdir()
    OBSTACLES[name](output)

    done = small.build(small.small_content(tmp_path), output)

    assert done.returncode == 1
    assert f"{output / name}: cannot be written: a f" in done.stderr
    assert "The build stopped; what is there is whole." in done.stderr
    assert "Traceback" not in done.stderr
    assert (output / name).exists()


def test_items_that_are_broken_in_many_ways_leave_a_preview_of_the_others(tmp_path: Path) -> None:
    session = '{starts: "2020-04-02T18:00", ends: "2020-04-02T19:00"}'
    webinar = small.front(title="Senza fuso", initiative="imparare", published="2020-04-01", session=session)
    files = {
        "hub/webinar/senza-fuso.md": webinar,
        "hub/webinar/senza-fuso-2.md": webinar,
        "videos/senza-fuso.md": small.front(title="Senza fuso", published="2025-03-01T10:00:00"),
        "videos/senza-data.md": small.front(title="Senza data"),
        "courses/rotto/index.md": small.front(title="Rotto", weeks="molte", runs="[x]"),
        "press/2020/rotto.md": "---\ntitle: [\n---\n",
    }

    done = small.build(small.small_content(tmp_path, files), tmp_path / "output", "KEEP_GOING=true")

    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "output/corsi/algebra/index.html").exists()

"""The comparison measures what it is asked for, and gives reasons for what it cannot measure."""

from __future__ import annotations

import pytest
from bench import comparison, corpora, systems, table
from bench.corpora import CORPORA, ROWS
from bench.systems import HUGO


def test_the_document_has_a_place_for_each_table() -> None:
    text = comparison.DOCUMENT.read_text("utf-8")

    for module in (table, corpora):
        assert 0 < text.find(module.BEGIN) < text.find(module.END)


def test_a_row_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        comparison.main(["--only", "word,wrod"])

    assert "there is no wrod; choose from fast, default, word" in capsys.readouterr().err


def test_a_reader_that_does_not_exist_gives_a_reason_instead_of_a_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(systems, "has_readers", lambda: False)

    comparison.main(["--items", "1", "--rounds", "1", "--only", "fast", "--systems", "fast"])

    assert "not available: there is no setting MARKDOWN_READER" in capsys.readouterr().out


def test_each_corpus_has_its_own_ratios_to_hugo() -> None:
    seconds = {"press releases": 10.0, "a catalogue": 20.0}
    samples = {(name, HUGO, table.COLD): ([seconds[name]], [2 * seconds[name]]) for name in CORPORA}
    samples |= {(name, *key): ([1.0], [1.0]) for name in CORPORA for key in ROWS.values()}

    lines = corpora.format_table(samples, dict.fromkeys(CORPORA, (100, 5000))).split("\n")

    assert lines[-2] == "| nothing changed, right after an edit | 1.00 s | 0.1 | 0.05 | 1.00 s | 0.05 | 0.025 |"

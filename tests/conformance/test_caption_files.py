"""The WebVTT conformance files, and real captions of other projects, are read as they are meant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from openknowledge.content.captions import Captions, read_captions
from openknowledge.content.transcripts import group_cues

pytestmark = pytest.mark.conformance

COUNT = re.compile(r"assert_equals\(cues\.length, (\d+)")
TEXT = re.compile(r"assert_equals\(cues\[(\d+)\]\.text, (?:'([^']*)'|\"([^\"]*)\")")
TIME = re.compile(r"assert_equals\(cues\[(\d+)\]\.(start|end)Time, ([\d.]+)\)")
NODE = re.compile(r'^\|\s+"(.*?)"$', re.MULTILINE | re.DOTALL)
FILES = 36
"""How many conformance files have cues to read; one more tests stylesheets, and says nothing of its cues."""
BLANKS = re.compile(r"[ \t\n]+")


def as_line(text: str) -> str:
    return BLANKS.sub(" ", text).strip(" ")


def texts_of(captions: Captions) -> list[str]:
    return [" ".join(line.text for line in cue.lines) for cue in captions.cues]


def test_the_files_of_the_webvtt_conformance_suite_have_their_cues(shared_data: Path) -> None:
    different, read = {}, 0
    for path in sorted((shared_data / "data/sources/captions/wpt-file-parsing").glob("*.vtt")):
        expected, captions = path.with_suffix(".js").read_text("utf-8"), read_captions(path.read_bytes())
        texts = texts_of(captions)
        wrong = [count for count in COUNT.findall(expected) if int(count) != len(texts)]
        for number, *forms in TEXT.findall(expected):
            text = "".join(forms).replace("\\uFFFD", "\ufffd").replace("\\n", "\n")
            wrong += [text] * (as_line(text) != texts[int(number)])
        for number, edge, seconds in TIME.findall(expected):
            cue = captions.cues[int(number)]
            wrong += [seconds] * ({"start": cue.start_s, "end": cue.end_s}[edge] != float(seconds))
        read += bool(COUNT.search(expected))
        if wrong:
            different[path.name] = wrong

    assert (different, read) == ({}, FILES)


def test_the_texts_of_the_webvtt_conformance_suite_become_plain_text(shared_data: Path) -> None:
    different = []
    for path in sorted((shared_data / "data/sources/captions/wpt-cue-parsing").glob("*.json")):
        for case in json.loads(path.read_bytes()):
            captions = read_captions(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{case['text']}".encode())
            if "".join(texts_of(captions)) != as_line("".join(NODE.findall(case["expectedTree"]))):
                different.append(case["text"].strip())

    # A blank alone is no caption, and what another voice says is a line of its own.
    assert different == ["&nbsp;", "a<v.d e>b</v>c"]


def test_captions_of_other_projects_are_read_or_refused_with_a_line(shared_data: Path) -> None:
    outcomes = {}
    for folder in ("webvtt-py", "ableplayer", "elephantsdream"):
        for path in sorted((shared_data / "data/sources/captions" / folder).glob("*.*t")):
            captions = read_captions(path.read_bytes())
            assert bool(group_cues(captions.cues)) == bool(captions.cues)
            assert captions.cues or captions.problems
            outcomes[path.name] = [issue.line for issue in captions.problems]

    refused = {name: lines for name, lines in outcomes.items() if lines}
    assert refused == {
        "empty.vtt": [1],
        "invalid_format1.srt": [1],
        "invalid_format2.srt": [1],
        "invalid_format3.srt": [1],
        "invalid_format4.srt": [1],
        "invalid_timeframe.vtt": [6],
        "no_captions.vtt": [1],
    }
    assert len(outcomes) > 30

"""Caption files of any program become clean cues; what is no caption file is refused with a line and a cure."""

import json
from pathlib import Path

import pytest

from openknowledge.content.captions import Captions, read_captions

DATA = Path(__file__).parent / "data" / "captions"
EXPECTED = json.loads((DATA / "expected.json").read_bytes())

VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n{}\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\n{}\n"


def texts_of(captions: Captions) -> list[str]:
    """Return the text of each cue."""
    return [" ".join(line.text for line in cue.lines) for cue in captions.cues]


def read(text: str) -> list[str]:
    captions = read_captions(text.encode())
    assert captions.problems == ()
    return texts_of(captions)


@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if isinstance(expected, list)])
def test_a_file_of_any_encoding_and_program_is_read_as_it_was_meant(name):
    captions = read_captions((DATA / name).read_bytes())

    assert texts_of(captions) == EXPECTED[name]
    assert captions.problems == captions.remarks == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_do_not_matter(encoding, line_end):
    for form in (VTT, SRT):
        data = form.format("Perché è così").replace("\n", line_end).encode(encoding)

        assert texts_of(read_captions(data)) == ["Perché è così"]


def test_bytes_that_windows_does_not_use_are_read_as_latin_1():
    assert texts_of(read_captions(SRT.format("caff\xe8\x81").encode("latin-1"))) == ["caffè"]


@pytest.mark.parametrize(
    ("data", "lang"),
    [
        (SRT.format("صباح الخير").encode("cp1256"), "ar"),
        (SRT.format("Доброе утро").encode("cp1251"), "ru"),
        (SRT.format("おはよう").encode("shift_jis"), "ja"),
        (SRT.format("Dzień dobry").encode("cp1250"), "pl"),
        (SRT.format("Perché è così").encode()[:-3] + b"\xc3\n", "it"),
        (SRT.format("l’età è più").encode().replace(b"\xc3\xa8", b"\xc3"), "it"),
    ],
)
def test_an_encoding_that_cannot_be_told_is_a_problem_and_never_other_words(data, lang):
    captions = read_captions(data, lang)

    assert captions.cues == ()
    assert [(issue.line, str(issue.message)) for issue in captions.problems] == [(3, "the file is not UTF-8 text")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ((DATA / "html.vtt").read_bytes(), "web page"),
        (b"\xef\xbb\xbf\n <html><head>", "web page"),
        (b'<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"/>', "web page or data"),
        (b'{"events": []}', "web page or data"),
        ((DATA / "empty.vtt").read_bytes(), "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (b"\0\0\0\0", "empty"),
        (b"[Script Info]\nDialogue: 0,0:00:01.00,0:00:02.00,x", "neither WEBVTT"),
        (b"WEBVTTX\n\nciao", "neither WEBVTT"),
        (b"\x89PNG\r\n\x1a\n", "neither WEBVTT"),
        (b"WEBVTT\n\nNOTE nothing yet\n", "no caption in this file"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n\n", "no caption in this file"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n<<<<", "no caption in this file"),
    ],
)
def test_what_is_no_caption_file_is_refused(data, reason):
    captions = read_captions(data)

    assert captions.cues == ()
    assert [(issue.line, reason in issue.message) for issue in captions.problems] == [(1, True)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nCiao\n\n00:03,000 --> 00:04,000\nDue\n", 6),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nCiao\n\n3\n00:03.000 -->\nDue\n", 7),
        ("1\n00:00:01,000 --> 00:00:02,000\nCiao\n\n2\n00:00:03,000 --> 00:00:0x,000\nDue\n", 6),
        ("1\n00:00:01,000 --> 00:00:02,000\nCiao\n\n2\n00:00:03 --> 00:00:04\nDue\n", 6),
    ],
)
def test_times_that_cannot_be_read_are_a_problem_with_their_line_and_the_rest_stays(text, line):
    captions = read_captions(text.encode())

    assert texts_of(captions) == ["Ciao"]
    assert [issue.line for issue in captions.problems] == [line]


@pytest.mark.parametrize(
    "times",
    ["00:00:05,000 --> 00:00:02,000", "01:00:00,000 --> 00:59:59,999", "00:00:05.100 --> 00:00:05.09"],
)
def test_a_caption_that_ends_before_it_begins_stays_with_a_remark(times):
    captions = read_captions(f"1\n{times}\nCiao\n".encode())

    assert texts_of(captions) == ["Ciao"]
    assert captions.problems == ()
    assert [issue.line for issue in captions.remarks] == [2]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<b>Ciao</b> <i.x>a</i> <c.yellow>tutti</c>", "Ciao a tutti"),
        ("<ruby>漢<rt>kan</rt></ruby>", "漢kan"),
        ("&lt;p&gt; &amp; &quot;x&quot; &#233;", '<p> & "x" é'),
        ("a <00:00:01.500>b", "a b"),
        ("uno\u2028due\u202e\x07", "uno due"),
        ("  spazi \t  tanti ", "spazi tanti"),
        ("e\u0300", "è"),
    ],
)
def test_tags_entities_and_characters_without_shape_leave_plain_text(raw, text):
    assert read(VTT.format(raw)) == [text]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("{\\an8}{\\pos(1,2)}Ciao", "Ciao"),
        ("<font color=red>a</font> 1 < 2 e x<y, z>w", "a 1 < 2 e x<y, z>w"),
        ("uno<br>due<br/>tre", "uno due tre"),
        ("R&D &amp; AT&T &copy", "R&D & AT&T &copy"),
        ("Milano --> Roma", "Milano → Roma"),
    ],
)
def test_subrip_has_tags_of_its_own_and_other_signs_stay(raw, text):
    assert read(SRT.format(raw)) == [text]


def test_a_voice_is_who_says_it():
    captions = read_captions(VTT.format("<v Prof. Rossi>Ciao</v>\n<v.loud Ada &amp; Bo>Salve").encode())

    assert [(line.speaker, line.text) for line in captions.cues[0].lines] == [
        ("Prof. Rossi", "Ciao"),
        ("Ada & Bo", "Salve"),
    ]


ROLLING = """1
00:00:00,480 --> 00:00:02,950
buongiorno a tutti

2
00:00:02,950 --> 00:00:05,000
buongiorno a tutti
oggi parliamo

3
00:00:05,000 --> 00:00:07,000
oggi parliamo
di matrici

4
00:00:07,000 --> 00:00:09,000
di matrici
"""


def test_lines_that_stay_on_the_screen_are_said_once_also_without_the_times_of_words():
    assert read(ROLLING) == ["buongiorno a tutti", "oggi parliamo", "di matrici"]


def test_what_somebody_says_twice_stays_twice():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nNo.\n\n00:02.000 --> 00:03.000\nNo.\n\n00:03.000 --> 00:04.000\nSì.\n"

    assert read(text) == ["No.", "No.", "Sì."]


@pytest.mark.parametrize(
    "text",
    [
        "00:01,000 --> 00:02,000\nCiao\n\n00:03,500 --> 00:04,000\n2014\n",
        "1\n\n0:0:1,0 --> 0:0:2,0\nCiao\n\n2\n\n0:0:3,5 --> 0:0:4,0\n2014\n",
        "1\n00:00:01.000 --> 00:00:02.000\nCiao\n2\n00:00:03.500 --> 00:00:04.000\n2014\n",
        "\n\n7\n00:00:01 ,000 --> 00:00:02 ,000 X1:1\nCiao\n\n\n\n9\n00:00:03,500 --> 00:00:04,000\n2014",
    ],
)
def test_subrip_is_read_without_numbers_empty_lines_hours_or_final_line_end(text):
    captions = read_captions(text.encode())

    assert [(cue.start_s, *(line.text for line in cue.lines)) for cue in captions.cues] == [
        (1.0, "Ciao"),
        (3.5, "2014"),
    ]
    assert captions.problems == ()


def test_cues_are_in_the_order_of_time():
    assert read(SRT.format("Due") + "\n2\n00:00:00,000 --> 00:00:01,000\nUno\n") == ["Uno", "Due"]

"""Caption files, WebVTT and SubRip, of whatever program: clean cues, and what is wrong with line and cure."""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from openknowledge.problems import Message, TextIssue

from .plain_text import normalize_text
from .text_encodings import decode_legacy, find_broken_byte

__all__ = ["CaptionLine", "Captions", "TimedLines", "find_odd_times", "normalize_captions", "read_captions"]

SIGNATURE = re.compile(r"WEBVTT(?=[ \t\n]|\Z)")
VTT_TIME = r"(?:\d+:)?[0-5]\d:[0-5]\d\.\d{3}"
VTT_TIMES = re.compile(rf"[ \t\f]*{VTT_TIME}[ \t\f]*-->[ \t\f]*{VTT_TIME}(?!\d)", re.ASCII)
SRT_TIME = r"(?:(\d{1,6}) ?: ?)?(\d{1,2}) ?: ?(\d{1,2}) ?[,.] ?(\d{1,3})(?!\d)"
SRT_TIMES = re.compile(rf"\s*{SRT_TIME}\s*-->\s*{SRT_TIME}", re.ASCII)
MAYBE_TIMES = re.compile(r"\d\s*[:.,]\s*\d|^\s*-->|-->\s*$")
"""What a line with an arrow has that is meant as times, and not as words of a caption."""
ARROW = "-->"
VTT_TAG = re.compile(r"<[^>]*>?")
VOICE = re.compile(r"<v(?:\.[^\s>]*)?(?:[ \t\n\f]+([^>]*))?>?|</v>")
SRT_TAG = re.compile(r"\{\\[^{}]*\}|</?(?:b|i|u|s|em|strong|font|span|c|v|ruby|rt|lang)\b[^<>]*>|<br\s*/?>", re.I)
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
MARKUP = re.compile(r"\s*(?:<[!?a-zA-Z]|\{\s*\")")
"""How pages, XML and JSON begin."""
BLANKS = re.compile(r"[ \t\n]+")
NO_TIMES = ["no", "times"]
"""What the library takes for the beginning of a caption, and leaves out."""
STAMPS_IN_TEXT = re.compile(r"<\d+:\d")
"""A time inside a cue: captions that a program writes while it listens."""
SAME_MOMENT_S = 0.05
MOST_ISSUES = 50
"""How many mistakes of one file are named: a file of another sort has one on each line."""

TIMES_HINT = Message("Write it as 00:01:02.000 --> 00:01:05.000, hours first, or delete the caption.")
NO_CAPTIONS_HINT = Message("Download the captions again, as WebVTT (.vtt) or SubRip (.srt).")


class CaptionLine(NamedTuple):
    """A line of a caption: plain text, and who says it where the captions name somebody."""

    text: str
    speaker: str = ""


class TimedLines(NamedTuple):
    """What is shown from one moment to another."""

    start_s: float
    end_s: float
    lines: tuple[CaptionLine, ...]


class Captions(NamedTuple):
    """The cues of a caption file in order of time, what is wrong with it, and what is odd and may stay."""

    cues: tuple[TimedLines, ...] = ()
    problems: tuple[TextIssue, ...] = ()
    remarks: tuple[TextIssue, ...] = ()


def read_captions(data: bytes, lang: str = "en") -> Captions:
    """Read a caption file in a language; its suffix does not matter. What can be read is there beside the problems."""
    broken = find_broken_byte(data, lang)
    if broken is not None:
        line = data.count(b"\n", 0, broken) + 1
        hint = Message("Save the file with the encoding UTF-8 (in most editors: Save with encoding).")
        return Captions(problems=(TextIssue(line, Message("the file is not UTF-8 text"), hint),))
    text = _decode(data)
    if not text.strip("\ufffd \t\n"):
        return _refuse(Message("the file is empty"))
    if MARKUP.match(text):
        return _refuse(Message("this is a web page or data, and no captions"))
    lines = text.split("\n")
    if SIGNATURE.match(text):
        cues, problems = _read_vtt(lines)
    elif any(SRT_TIMES.match(line) for line in lines):
        cues, problems = _read_srt(lines)
    else:
        return _refuse(Message("these are no captions: there is neither WEBVTT at the beginning nor a time"))
    in_order = sorted((cue for cue in cues if cue.lines), key=lambda cue: cue.start_s)
    if not in_order and not problems:
        return _refuse(Message("there is no caption in this file"))
    return Captions(tuple(in_order), tuple(problems[:MOST_ISSUES]), find_odd_times(data))


def normalize_captions(data: bytes) -> tuple[str, str]:
    """Return a caption file as text with Unix line ends, and the suffix that fits it: `vtt` or `srt`."""
    text = _decode(data).strip("\n") + "\n"
    return text, "vtt" if SIGNATURE.match(text) else "srt"


def _decode(data: bytes) -> str:
    return decode_legacy(data).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _refuse(message: Message) -> Captions:
    return Captions(problems=(TextIssue(1, message, NO_CAPTIONS_HINT),))


def _wrong_times(number: int, line: str) -> TextIssue:
    shown = line.strip()[:60]
    return TextIssue(number, Message('"%(shown)s" are no times of a caption', shown=shown), TIMES_HINT)


def find_odd_times(data: bytes) -> tuple[TextIssue, ...]:
    """Return a remark on each caption of a file that ends before it begins."""
    return tuple(islice(_find_reversed(_decode(data).split("\n")), MOST_ISSUES))


def _find_reversed(lines: Iterable[str]) -> Iterator[TextIssue]:
    for number, line in enumerate(lines, start=1):
        times = SRT_TIMES.match(line) if ARROW in line else None
        if times and _seconds(times.groups()[4:]) < _seconds(times.groups()[:4]):
            hint = Message("Correct the two times; the transcript has the caption where it begins.")
            yield TextIssue(number, Message("the caption ends before it begins"), hint)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


# WebVTT


def _read_vtt(lines: list[str]) -> tuple[list[TimedLines], list[TextIssue]]:
    """Return the cues of a WebVTT file. The library also takes times that the standard refuses."""
    from webvtt import WebVTT

    sound = ["WEBVTT"]
    problems: list[TextIssue] = []
    for number, line in enumerate(lines[1:], start=2):
        if ARROW not in line or VTT_TIMES.match(line):
            sound.append(line)
            continue
        if not line.startswith("NOTE"):
            problems.append(_wrong_times(number, line))
        sound += ("", "NOTE")  # What follows up to an empty line is no caption.
    captions = WebVTT.from_string("\n".join(sound)).captions
    is_written_live = any(STAMPS_IN_TEXT.search(caption.raw_text) for caption in captions)
    cues = [
        TimedLines(_parse_time(one.start), _parse_time(one.end), tuple(_split_voices(one.raw_text))) for one in captions
    ]
    return (_unroll(cues) if is_written_live else cues), problems


def _parse_time(text: str) -> float:
    hours, minutes, seconds = text.split(":")
    return round(int(hours) * 3600 + int(minutes) * 60 + float(seconds), 3)


def _split_voices(raw: str) -> Iterator[CaptionLine]:
    """Yield the lines of a cue as plain text, each with its speaker."""
    speaker, start = "", 0
    for voice in (*VOICE.finditer(raw), None):
        part = raw[start : voice.start() if voice else None]
        text = html.unescape(VTT_TAG.sub("", part))
        yield from (CaptionLine(line, speaker) for line in map(_clean, text.split("\n")) if line)
        if voice:
            speaker, start = _clean(html.unescape(voice[1] or "")), voice.end()


def _clean(text: str) -> str:
    return BLANKS.sub(" ", normalize_text(text))


# SubRip


def _read_srt(lines: list[str]) -> tuple[list[TimedLines], list[TextIssue]]:
    """Return the cues of a SubRip file, which may have no numbers and times in any writing."""
    from webvtt import WebVTT

    sound: list[str] = []
    problems: list[TextIssue] = []
    is_numbered = _is_numbered(lines)
    for number, line in enumerate(lines, start=1):
        times = SRT_TIMES.match(line)
        if times is None and ARROW in line and MAYBE_TIMES.search(line):
            problems.append(_wrong_times(number, line))
        elif times is None:
            sound.append(line.replace(ARROW, "→"))
            continue
        _drop_number(sound, is_numbered=is_numbered)
        written = [_srt_time(parts) for parts in (times.groups()[:4], times.groups()[4:])] if times else NO_TIMES
        sound += ("", str(number), ARROW.join(written))
    first = next(index for index, line in enumerate(sound) if ARROW in line)
    captions = WebVTT.from_buffer([*sound[first - 1 :], ""], format="srt").captions
    cues = [TimedLines(_parse_time(one.start), _parse_time(one.end), _srt_lines(one.raw_text)) for one in captions]
    return (_unroll(cues) if _is_rolling(cues) else cues), problems


def _is_numbered(lines: list[str]) -> bool:
    """Return whether a number stands before the first times."""
    before: list[str] = []
    for line in lines:
        if SRT_TIMES.match(line):
            break
        before.append(line.strip())
    return any(line.isdecimal() for line in before if line)


def _drop_number(sound: list[str], *, is_numbered: bool) -> None:
    """Take the number of the next caption away from the end of the lines."""
    if not is_numbered:
        return
    at = len(sound) - 1
    while at >= 0 and not sound[at].strip():
        at -= 1
    if at >= 0 and sound[at].strip().isdecimal() and at >= len(sound) - 2:
        del sound[at:]


def _srt_time(parts: tuple[str | None, ...]) -> str:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return f"{int(hours):02}:{int(minutes):02}:{int(seconds):02},{fraction.ljust(3, '0')}"


def _srt_lines(raw: str) -> tuple[CaptionLine, ...]:
    def replace(tag: re.Match[str]) -> str:
        return "\n" if tag[0].lower().startswith("<br") else ""

    text = ENTITY.sub(lambda entity: html.unescape(entity[0]), SRT_TAG.sub(replace, raw))
    return tuple(CaptionLine(line) for line in map(_clean, text.split("\n")) if line)


# Captions that roll


def _is_rolling(cues: list[TimedLines]) -> bool:
    """Return whether most cues begin with the lines that the one before ends with, as only rolling captions do."""
    pairs = list(pairwise(cues))
    shared = sum(_count_shared(before, after) > 0 for before, after in pairs)
    return shared >= 2 and shared * 2 > len(pairs)


def _count_shared(before: TimedLines, after: TimedLines) -> int:
    """Return how many lines at the end of a cue are shown again at the beginning of the next."""
    if after.start_s > before.end_s + SAME_MOMENT_S:
        return 0
    sizes = range(min(len(before.lines), len(after.lines)), 0, -1)
    return next((size for size in sizes if before.lines[-size:] == after.lines[:size]), 0)


def _unroll(cues: list[TimedLines]) -> list[TimedLines]:
    """Return cues without the lines that only stay on the screen from the cue before."""
    unrolled = []
    for before, cue in zip((None, *cues), cues, strict=False):
        lines = cue.lines[_count_shared(before, cue) :] if before is not None else cue.lines
        unrolled.append(cue._replace(lines=lines))
    return unrolled

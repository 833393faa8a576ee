"""Transcripts of videos, made of their captions."""

from dataclasses import dataclass

from openknowledge.fast_pickle import FastPickle

from .values import Lang


@dataclass(frozen=True, slots=True)
class Cue(FastPickle):
    """A sentence that is said from a moment of a video on: plain text on one line."""

    start_s: float
    text: str


@dataclass(frozen=True, slots=True)
class TranscriptParagraph(FastPickle):
    """Sentences that belong together; `speaker` is who says them, where the captions name somebody."""

    cues: tuple[Cue, ...]
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Transcript(FastPickle):
    """What is said in a video, in one language; `path` is the caption file, from the content folder."""

    lang: Lang
    path: str
    size_b: int
    paragraphs: tuple[TranscriptParagraph, ...]

"""Transcripts as pages show them, sentence by sentence, and as files to download."""

from collections.abc import Iterator
from html import escape

from openknowledge.content.captions import TimedLines, read_captions
from openknowledge.content.snapshot_files import CAPTIONS_FOLDER
from openknowledge.content.transcripts import join_lines
from openknowledge.model.transcript import Transcript, TranscriptParagraph
from openknowledge.model.values import Lang
from openknowledge.model.video import Video
from openknowledge.rendering.locale import Language

from ..routes import media_path
from ..site import Site
from .base import NavLink
from .body import file_note
from .pages import Sentence, TranscriptLine, TranscriptText

__all__ = [
    "iso_duration",
    "list_transcript_files",
    "make_transcript_file",
    "show_transcripts",
    "transcript_text",
    "write_cue",
]


def iso_duration(seconds: int | None) -> str | None:
    """Return a length as machines read it: `PT27M1S`.

    >>> iso_duration(1621), iso_duration(3600), iso_duration(None)
    ('PT27M1S', 'PT1H', None)
    """
    if not seconds:
        return None
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


def show_transcripts(video: Video, site: Site, lang: Lang) -> tuple[TranscriptText, ...]:
    """Return the transcripts, those in the language of the page first, then those in the one that is spoken."""

    def order(transcript: Transcript) -> tuple[bool, bool, str]:
        primary = transcript.lang.partition("-")[0]
        return primary != lang.partition("-")[0], transcript.lang != video.lang, transcript.lang

    return tuple(_show(one, site, lang) for one in sorted(site.transcripts_of(video.youtube_id), key=order))


def _show(transcript: Transcript, site: Site, lang: Lang) -> TranscriptText:
    language = site.language(lang)
    return TranscriptText(
        lang=transcript.lang if transcript.lang != lang else None,
        code=transcript.lang,
        language=language.language_name(transcript.lang),
        lines=tuple(_show_lines(transcript.paragraphs, language)),
        files=tuple(_list_files(transcript, site, language)),
    )


def _show_lines(paragraphs: tuple[TranscriptParagraph, ...], language: Language) -> Iterator[TranscriptLine]:
    last_s = -1
    for paragraph in paragraphs:
        sentences: list[Sentence] = []
        for cue in paragraph.cues:
            start_s = int(cue.start_s)
            if sentences and start_s <= last_s:
                text = join_lines((sentences[-1].text, cue.text))
                sentences[-1] = Sentence(start_s=sentences[-1].start_s, text=text)
                continue
            # A paragraph that another speaker begins in the same second has the next one.
            last_s = max(start_s, last_s + 1)
            sentences.append(Sentence(start_s=last_s, text=cue.text))
        start_s = sentences[0].start_s
        yield TranscriptLine(
            time=language.duration(start_s),
            time_iso=iso_duration(start_s) or "PT0S",
            speaker=paragraph.speaker,
            sentences=tuple(sentences),
        )


# Files to download


def _list_files(transcript: Transcript, site: Site, language: Language) -> Iterator[tuple[NavLink, str]]:
    stem, _, suffix = transcript.path.rpartition(".")
    captions = NavLink(text=language.gettext("Captions"), url=site.url_for_path(media_path(f"{stem}.vtt")))
    note = file_note(transcript.path, transcript.size_b, language) if suffix == "vtt" else "VTT"
    yield captions, note
    text = NavLink(text=language.gettext("Text"), url=site.url_for_path(media_path(f"{stem}.txt")))
    yield text, file_note(f"{stem}.txt", len(transcript_text(transcript).encode()), language)


def list_transcript_files(site: Site) -> Iterator[str]:
    """Yield the files that are made of caption files, by path from the content folder: `.txt`, and `.vtt` of SubRip."""
    for path in site.query("caption-files"):
        stem, _, suffix = path.rpartition(".")
        yield f"{stem}.txt"
        if suffix != "vtt":
            yield f"{stem}.vtt"


def make_transcript_file(site: Site, path: str) -> bytes:
    """Return one of these files."""
    youtube_id, lang, suffix = path.removeprefix(CAPTIONS_FOLDER).split(".")
    transcript = next(one for one in site.transcripts_of(youtube_id) if one.lang == lang)
    if suffix == "txt":
        return transcript_text(transcript).encode()
    captions = read_captions(site.read_input("content-file", transcript.path), lang)
    return ("\n\n".join(("WEBVTT", *map(write_cue, captions.cues))) + "\n").encode()


def transcript_text(transcript: Transcript) -> str:
    """Return a transcript as plain text, a paragraph a line, with who speaks."""
    paragraphs = (
        f"{f'{one.speaker}: ' if one.speaker else ''}{join_lines(cue.text for cue in one.cues)}\n"
        for one in transcript.paragraphs
    )
    return "\n".join(paragraphs)


def write_cue(cue: TimedLines) -> str:
    """Return a caption as WebVTT has it."""
    lines = (
        f"{f'<v {escape(line.speaker, quote=False)}>' if line.speaker else ''}{escape(line.text, quote=False)}"
        for line in cue.lines
    )
    return "\n".join((f"{_write_time(cue.start_s)} --> {_write_time(cue.end_s)}", *lines))


def _write_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"

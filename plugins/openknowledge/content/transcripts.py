"""Transcripts of videos: the caption files below videos/captions/, each parsed once for its bytes."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Self

from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import canonical_bytes, digest, digest_bytes
from openknowledge.engine.workers.pool import WorkerPool, split_batches
from openknowledge.language_tags import spell_tag
from openknowledge.model.transcript import Cue, Transcript, TranscriptParagraph
from openknowledge.model.values import Lang
from openknowledge.problems import Message, Problem, find_near
from openknowledge.project_files import FileRefused, read_project_file

from .captions import Captions, TimedLines, find_odd_times, read_captions
from .cpu_limit import read_within_limit
from .parse_cache import ParseCache
from .passed_over import is_left_alone
from .records import CORRUPT_ERRORS, unpickle_record
from .snapshot_files import CAPTIONS_FOLDER
from .text_encodings import is_western

__all__ = [
    *("CaptionFile", "TranscriptTable", "find_caption_files", "find_odd_captions", "find_strays"),
    *("group_cues", "join_lines"),
]

NAME = re.compile(r"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]+)\.(vtt|srt)")
NAME_HINT = Message("Name it after the video's id and the language: dQw4w9WgXcQ.it.vtt, dQw4w9WgXcQ.en.srt.")
BATCH_SIZE = 8
PARALLEL_THRESHOLD = 50
"""From how many files on reading is worth other processes."""
PAUSE_S = 3.0
"""A silence after which something new begins."""
PARAGRAPH_LENGTH = 350
"""From how many characters on a paragraph ends with its sentence."""
LONGEST_PARAGRAPH = 800
"""From how many characters on a paragraph ends with any caption, as in captions without full stops."""
LONGEST_SENTENCE = 200
"""From how many characters on a sentence ends where the speaker paused, else behind a comma, else with its caption."""
SHORTEST_PART = 60
"""How many characters such a part of a sentence has at least."""
BREATH_S = 0.3
"""From which length on a pause between two captions is one of the speaker."""
CLAUSE_END = re.compile(r"[,;:،؛、，；：–—][\"'”’»)\]]*\Z")
SENTENCE_BREAK = re.compile(
    r"(?:(?<=[.!?…؟।])|(?<=[.!?…][\"'”’»)\]]))(?<!\b[A-Za-z]\.)\s+(?=[^\sa-zà-öø-ÿ])|(?<=[。！？])(?=[^\s。！？」』）])"
)
"""Where a sentence ends inside a caption: not behind the initial of a name, and not before a small letter."""
SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*\Z")


class TimedPart(NamedTuple):
    """What is said in one caption up to the end of a sentence, and the pause before it."""

    cue: Cue
    pause_s: float


class CaptionFile(NamedTuple):
    """A caption file by its path from the content folder, and its key in the parse cache."""

    path: str
    key: bytes
    size_b: int


class TranscriptTable(Mapping[str, tuple[Transcript, ...]]):
    """The transcripts of each video by its YouTube id, in order of their languages; they are read when needed."""

    def __init__(self, root: Path, cache: ParseCache, files: Mapping[str, Mapping[Lang, CaptionFile]]) -> None:
        self._root, self._cache, self._files = root, cache, files

    @classmethod
    def empty(cls) -> Self:
        """Return the table of a site without caption files."""
        return cls(Path(), ParseCache(None), {})

    @classmethod
    def load(
        cls, tree: FileTree, cache: ParseCache, fingerprint: bytes, pool: WorkerPool
    ) -> tuple[Self, list[Problem]]:
        """Return the transcripts of a folder of content, and what is wrong with its caption files.

        `fingerprint` is the digest of the code that reads them.
        """
        paths, problems = find_caption_files(tree.below(CAPTIONS_FOLDER), tree.root.name)
        keys = {
            # What a file says depends on its language only where that has an encoding of its own.
            path: digest_bytes(
                b"captions\0" + fingerprint + tree.digest(path) + ("" if is_western(lang) else lang).encode()
            )
            for path, (_, lang) in paths.items()
        }
        whole = digest(sorted(keys.items()))
        if cache.find(whole) is None or not cache.mark_used(keys.values()):
            unread = [path for path in paths if cache.find(keys[path]) is None]
            wrong = _read_all(tree.root, unread, keys, cache, pool)
            if not wrong:
                cache.add(whole, True, ())
            problems += wrong
        files: dict[str, dict[Lang, CaptionFile]] = {}
        for path, (youtube_id, lang) in paths.items():
            files.setdefault(youtube_id, {})[lang] = CaptionFile(path, keys[path], tree.stamps[path][0])
        return cls(tree.root, cache, files), problems

    def __getitem__(self, youtube_id: str) -> tuple[Transcript, ...]:
        files = sorted(self._files[youtube_id].items())
        return tuple(Transcript(lang, file.path, file.size_b, self._paragraphs(file)) for lang, file in files)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._files))

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, youtube_id: object) -> bool:
        return youtube_id in self._files

    def digest_of(self, youtube_id: str) -> bytes:
        """Return the digest of a video's transcripts, also where it has none."""
        return digest(sorted(self._files.get(youtube_id, {}).items()))

    @property
    def names_digest(self) -> bytes:
        """Return the digest of which caption files there are."""
        return digest([self.files_of(youtube_id) for youtube_id in self])

    def files_of(self, youtube_id: str) -> tuple[str, ...]:
        """Return the caption files of a video, by path from the content folder."""
        return tuple(file.path for _, file in sorted(self._files.get(youtube_id, {}).items()))

    def _paragraphs(self, file: CaptionFile) -> tuple[TranscriptParagraph, ...]:
        with suppress(*CORRUPT_ERRORS):
            paragraphs: tuple[TranscriptParagraph, ...] = unpickle_record(self._cache.read_blob(file.key, 0) or b"")
            return paragraphs
        captions = _read_file(self._root, file.path)
        return group_cues(captions.cues) if isinstance(captions, Captions) else ()


def find_caption_files(paths: Iterable[str], root: str) -> tuple[dict[str, tuple[str, Lang]], list[Problem]]:
    """Return the video and the language of each caption file, by its path, and Problems for files of other names."""
    found: dict[str, tuple[str, Lang]] = {}
    owners: dict[tuple[str, Lang], str] = {}
    problems = []
    for path in paths:
        name = path.removeprefix(CAPTIONS_FOLDER)
        match = NAME.fullmatch(name)
        if is_left_alone(name) or name.endswith(".md"):
            continue
        problem = _explain_name(name) if match is None else _explain_language(*match.groups())
        if problem is None and match is not None:
            owner = owners.setdefault((match[1], match[2]), path)
            if owner == path:
                found[path] = match[1], match[2]
                continue
            other = Message('"%(name)s" has the captions of this video in this language, too', name=owner)
            problem = other, Message("Keep one of the two files.")
        assert problem is not None
        problems.append(Problem(f"{root}/{path}", None, None, *problem))
    return found, problems


def _explain_name(name: str) -> tuple[Message, Message]:
    lower = f"{name.rpartition('.')[0]}.{name.rpartition('.')[2].lower()}"
    if NAME.fullmatch(lower):
        return Message("the name does not end in small letters"), Message('Name it "%(name)s".', name=lower)
    if "/" in name:
        hint = Message("Put it into content/videos/captions/ itself.")
        return Message("caption files lie beside each other, in no folder of their own"), hint
    return Message("this is no name of a caption file"), NAME_HINT


def _explain_language(youtube_id: str, code: str, suffix: str) -> tuple[Message, Message] | None:
    tag = spell_tag(code)
    if tag == code:
        return None
    if tag is None:
        return Message('"%(code)s" is not the code of a language', code=code), NAME_HINT
    hint = Message('Name the file "%(name)s".', name=f"{youtube_id}.{tag}.{suffix}")
    return Message('"%(code)s" is written "%(lang)s"', code=code, lang=tag), hint


def find_strays(transcripts: TranscriptTable, youtube_ids: Collection[str], root: str) -> Iterator[Problem]:
    """Yield a Problem for each caption file of a video that is not among those with these ids."""
    for youtube_id in transcripts:
        if youtube_id in youtube_ids:
            continue
        message = Message('no video has the YouTube id "%(id)s"', id=youtube_id)
        near = find_near(youtube_id, youtube_ids)
        hint = Message("Correct the name of the file, or delete it.")
        if near is not None:
            hint = Message('Did you mean "%(near)s"? Capital and small letters count.', near=near)
        for path in transcripts.files_of(youtube_id):
            yield Problem(f"{root}/{path}", None, None, message, hint)


def find_odd_captions(root: Path, transcripts: TranscriptTable) -> Iterator[Problem]:
    """Yield a remark on each caption that may be wrong and does no harm."""
    for youtube_id in transcripts:
        for path in transcripts.files_of(youtube_id):
            for line, message, hint in find_odd_times(read_project_file(root / path, root)):
                yield Problem(f"{root.name}/{path}", line, None, message, hint)


# Reading


def _read_all(
    root: Path, paths: Sequence[str], keys: Mapping[str, bytes], cache: ParseCache, pool: WorkerPool
) -> list[Problem]:
    """Read caption files into the cache, with workers where there are many; return what is wrong with them."""
    batches = split_batches(paths, BATCH_SIZE)
    read = partial(read_batch, root)
    is_parallel = pool.local_pool.is_parallel and len(paths) >= PARALLEL_THRESHOLD
    results = pool.local_pool.map(read, batches) if is_parallel else map(read, batches)
    problems: list[Problem] = []
    for path, (blob, wrong) in zip(paths, (result for batch in results for result in batch), strict=True):
        if wrong:
            problems += wrong
        else:
            cache.add(keys[path], True, (blob,))
    return problems


def read_batch(root: Path, paths: Sequence[str]) -> tuple[tuple[bytes, tuple[Problem, ...]], ...]:
    """Return the paragraphs of some caption files as bytes, and their Problems; this is what workers call."""
    return tuple(_read_one(root, path) for path in paths)


def _read_one(root: Path, path: str) -> tuple[bytes, tuple[Problem, ...]]:
    captions = _read_file(root, path)
    if isinstance(captions, Problem):
        return b"", (captions,)
    shown = f"{root.name}/{path}"
    problems = tuple(Problem(shown, line, None, message, hint) for line, message, hint in captions.problems)
    return canonical_bytes(group_cues(captions.cues)), problems


def _read_file(root: Path, path: str) -> Captions | Problem:
    shown = f"{root.name}/{path}"
    try:
        data = read_project_file(root / path, root)
    except FileNotFoundError:
        message = Message("the file has gone while it was being read")
        return Problem(shown, None, None, message, Message("Build again."))
    except FileRefused as refusal:
        return Problem(shown, None, None, refusal.message, refusal.hint)
    lang = path.rpartition("/")[2].split(".")[1]
    return read_within_limit(partial(read_captions, data, lang), shown, len(data))


# Paragraphs


def group_cues(cues: Iterable[TimedLines]) -> tuple[TranscriptParagraph, ...]:
    """Return captions as paragraphs: a new one begins with another speaker, after a silence, and where one is long.

    Many captions name a speaker only once: where none is named in the middle of a sentence, the same one goes on.
    The cues of a paragraph are its sentences.
    """
    paragraphs: list[TranscriptParagraph] = []
    current: list[TimedPart] = []
    speaker, length, end_s = "", 0, 0.0
    for timed, cue, named in _split_captions(cues):
        is_sentence = not current or SENTENCE_END.search(current[-1].cue.text) is not None
        pause_s = timed.start_s - end_s
        is_silent = pause_s >= PAUSE_S
        who = speaker if not named and not is_sentence and not is_silent else named
        is_long = length >= LONGEST_PARAGRAPH or (is_sentence and length >= PARAGRAPH_LENGTH)
        if current and (who != speaker or is_long or is_silent):
            paragraphs.append(TranscriptParagraph(_join_sentences(current), speaker))
            current, length = [], 0
        current.append(TimedPart(cue, pause_s))
        speaker, length, end_s = who, length + len(cue.text), max(end_s, timed.end_s)
    return (*paragraphs, *([TranscriptParagraph(_join_sentences(current), speaker)] if current else ()))


def _split_captions(cues: Iterable[TimedLines]) -> Iterator[tuple[TimedLines, Cue, str]]:
    """Yield what each speaker says in each caption, once: some programs write one twice to place or colour it.

    Where a sentence ends in it, the next one begins in proportion to the letters before.
    """
    last = None
    for timed in cues:
        if last is not None and (timed.start_s, timed.lines) == (last.start_s, last.lines):
            continue
        last = timed
        start = 0
        for at, line in enumerate(timed.lines, start=1):
            if at == len(timed.lines) or timed.lines[at].speaker != line.speaker:
                text = join_lines(one.text for one in timed.lines[start:at])
                length_s, letters = max(0.0, timed.end_s - timed.start_s) / max(1, len(text)), 0
                for part in SENTENCE_BREAK.split(text):
                    yield timed, Cue(round(timed.start_s + length_s * letters, 3), part), line.speaker
                    letters += len(part) + 1
                start = at


def _join_sentences(parts: Iterable[TimedPart]) -> tuple[Cue, ...]:
    """Return the sentences of a paragraph; a long one without a full stop is divided (`LONGEST_SENTENCE`)."""
    sentences: list[Cue] = []
    pending: list[TimedPart] = []
    for part in parts:
        pending.append(part)
        end = 0
        if SENTENCE_END.search(part.cue.text):
            end = len(pending)
        elif sum(len(one.cue.text) + 1 for one in pending) > LONGEST_SENTENCE:
            end = _find_break(pending)
        if end:
            sentences.append(_join_parts(pending[:end]))
            del pending[:end]
    return (*sentences, *([_join_parts(pending)] if pending else ()))


def _find_break(parts: Sequence[TimedPart]) -> int:
    """Return how many parts of a long sentence stand before its longest pause, else before its last clause."""
    lengths = accumulate(len(part.cue.text) + 1 for part in parts)
    places = [at for at, length in enumerate(lengths, start=1) if length > SHORTEST_PART and at < len(parts)]
    longest_pause = max(places, key=lambda at: parts[at].pause_s, default=len(parts))
    if longest_pause < len(parts) and parts[longest_pause].pause_s >= BREATH_S:
        return longest_pause
    return max((at for at in places if CLAUSE_END.search(parts[at - 1].cue.text)), default=len(parts))


def _join_parts(parts: Sequence[TimedPart]) -> Cue:
    return Cue(parts[0].cue.start_s, join_lines(part.cue.text for part in parts))


def join_lines(lines: Iterable[str]) -> str:
    """Return lines as one, with blanks between them except where a script has none."""
    parts: list[str] = []
    for line in lines:
        if parts and not (_is_wide(parts[-1][-1]) and _is_wide(line[0])):
            parts.append(" ")
        parts.append(line)
    return "".join(parts)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F") and not "\uac00" <= character <= "\ud7a3"

"""Captions become the transcript of a video's page; each file is parsed once, and what is wrong in one is named."""

from __future__ import annotations

from datetime import date

import pytest
from tests.builders import LANGS, a_language, assembled, problems, settings_for, write

from openknowledge.catalogue.assemble import AssembledSite, assemble
from openknowledge.catalogue.check_command import find_remarks
from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.kinds.video import video_page
from openknowledge.catalogue.views.pages import Sentence, VideoPage
from openknowledge.catalogue.views.transcripts import list_transcript_files, make_transcript_file, write_cue
from openknowledge.content import transcripts
from openknowledge.content.captions import CaptionLine, TimedLines, read_captions
from openknowledge.content.parse_cache import ParseCache
from openknowledge.content.transcripts import group_cues
from openknowledge.model.values import Ref
from openknowledge.model.video import Video

VIDEO = "---\ntitle: Vettori\npublished: 2020-01-01T10:00+01:00\nyoutube_id: dQw4w9WgXcQ\nlang: en\n---\n"
CAPTIONS = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>Buongiorno\n\n01:02:03.500 --> 01:02:05.000\na tutti.\n"
HERE = "videos/captions/dQw4w9WgXcQ"
FILES: dict[str, str | bytes] = {
    "videos/vettori.md": VIDEO,
    f"{HERE}.it.vtt": CAPTIONS,
    f"{HERE}.en.srt": "1\n00:00:01,000 --> 00:00:02,000\nGood morning\n",
    f"{HERE}.ar.vtt": CAPTIONS,
}


def page(found: AssembledSite, lang: str = "it") -> VideoPage:
    assert found.problems == ()
    site = found.site.fork()
    video = site.record(Ref("video", "vettori"))
    assert isinstance(video, Video)
    return video_page(video, site, lang)


@pytest.fixture(scope="module")
def site_with_captions(tmp_path_factory: pytest.TempPathFactory) -> AssembledSite:
    return assembled(tmp_path_factory.mktemp("transcripts"), FILES)


@pytest.mark.parametrize(("lang", "order"), [("it", [None, "en", "ar"]), ("en", [None, "ar", "it"])])
def test_a_page_has_the_transcript_in_its_own_language_first_and_marks_others(site_with_captions, lang, order):
    assert [one.lang for one in page(site_with_captions, lang).transcripts] == order


def test_a_transcript_says_when_and_who_and_offers_its_file(site_with_captions):
    own, spoken, _ = page(site_with_captions).transcripts

    assert [(line.time, line.time_iso, line.speaker, line.sentences[0].text) for line in own.lines] == [
        ("0:01", "PT1S", "Ada", "Buongiorno"),
        ("1:02:03", "PT1H2M3S", "", "a tutti."),
    ]
    assert (own.language, [(link.url, note.partition(",")[0]) for link, note in own.files]) == (
        "italiano",
        [(f"/media/{HERE}.it.vtt", "VTT"), (f"/media/{HERE}.it.txt", "TXT")],
    )
    assert spoken.lines[0].sentences == (Sentence(start_s=1, text="Good morning"),)
    assert [link.url.rpartition(".")[2] for link, _ in spoken.files] == ["vtt", "txt"]


def test_a_transcript_is_published_as_text_and_captions_of_subrip_as_webvtt(site_with_captions):
    site = site_with_captions.site.fork()
    site.register_input("content-file", lambda path: b"", lambda path: str(FILES[path]).encode())
    written = {
        path.removeprefix(HERE): make_transcript_file(site, path).decode() for path in list_transcript_files(site)
    }

    assert sorted(written) == [".ar.txt", ".en.txt", ".en.vtt", ".it.txt"]
    assert written[".it.txt"] == "Ada: Buongiorno\n\na tutti.\n"
    assert written[".en.vtt"] == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nGood morning\n"


HARD = (
    TimedLines(1.5, 3661.25, (CaptionLine("a < b & c", "Ada <x>"), CaptionLine("-- > d"))),
    TimedLines(7200.9996, 7201.0, (CaptionLine("fin"),)),
)


def test_captions_that_are_written_are_read_as_they_were(tmp_path):
    text = "\n\n".join(("WEBVTT", *map(write_cue, HARD), ""))
    cues = read_captions(text.encode()).cues

    assert [[line.text for line in cue.lines] for cue in cues] == [["a < b & c", "-- > d"], ["fin"]]
    assert (cues[0].start_s, cues[0].end_s, cues[1].start_s) == (1.5, 3661.25, 7201.0)


def test_no_two_sentences_of_a_page_have_one_second(tmp_path):
    cues = ("00:01.000 --> 00:01.400\nUno. Due.", "00:01.500 --> 00:02.000\n<v Bo>Tre.", "00:02.100 --> 00:03.000\nSì.")
    captions = "\n\n".join(("WEBVTT", *cues))
    (shown,) = page(assembled(tmp_path, {"videos/vettori.md": VIDEO, f"{HERE}.it.vtt": captions})).transcripts

    assert [[(one.start_s, one.text) for one in line.sentences] for line in shown.lines] == [
        [(1, "Uno. Due.")],
        [(2, "Tre.")],
        [(3, "Sì.")],
    ]


def test_the_languages_of_captions_here_are_among_those_of_the_subtitles(site_with_captions):
    rows = {row.label: row.values for row in page(site_with_captions).details}

    assert rows["Subtitles"] == ("Arabo, inglese e italiano",)


def test_captions_of_videos_that_are_shown_are_published_and_those_of_later_ones_may_wait(site_with_captions, tmp_path):
    assert {*site_with_captions.site.fork().published_files()} == {name for name in FILES if "captions" in name}

    later = assembled(tmp_path, {**FILES, "videos/vettori.md": VIDEO.replace("2020-01-01", "2036-01-01")})

    assert later.problems == ()
    assert later.site.fork().published_files() == []


def test_nothing_else_of_a_site_depends_on_what_captions_say(site_with_captions):
    site = site_with_captions.site.fork()
    site.record(Ref("video", "vettori"))
    site.query("card", "video", "vettori", "it")

    assert not any(key.startswith(("transcripts", "captions")) for key in (site.graph.keys[dep] for dep in site.deps))


WRONG = {
    "videos/captions/dQw4w9WgXcQ.vtt": ("is no name of a caption file", "dQw4w9WgXcQ.it.vtt"),
    "videos/captions/Lezione 1 [dQw4w9WgXcQ].it.vtt": ("is no name of a caption file", "dQw4w9WgXcQ.it.vtt"),
    "videos/captions/dQw4w9WgXcQ.it.txt": ("is no name of a caption file", "dQw4w9WgXcQ.it.vtt"),
    "videos/captions/dQw4w9WgXcQ.it.VTT": ("small letters", 'Name it "dQw4w9WgXcQ.it.vtt"'),
    "videos/captions/it/dQw4w9WgXcQ.it.vtt": ("in no folder of their own", "content/videos/captions/"),
    "videos/captions/dQw4w9WgXcQ.pt-br.vtt": ('is written "pt-BR"', "dQw4w9WgXcQ.pt-BR.vtt"),
    "videos/captions/dQw4w9WgXcQ.en_GB.vtt": ('is written "en-GB"', "dQw4w9WgXcQ.en-GB.vtt"),
    "videos/captions/dQw4w9WgXcQ.xx.vtt": ('"xx" is not the code of a language', "dQw4w9WgXcQ.it.vtt"),
    "videos/captions/dQw4w9WgXcQ.italiano.vtt": ("is not the code of a language", "dQw4w9WgXcQ.it.vtt"),
    "videos/captions/dQw4w9WgXcq.it.vtt": ('no video has the YouTube id "dQw4w9WgXcq"', 'Did you mean "dQw4w9WgXcQ"'),
    "videos/captions/AAAAAAAAAAA.it.vtt": ("no video has the YouTube id", "or delete it"),
    "videos/captions/dQw4w9WgXcQ.it.srt": (f'"{HERE}.it.srt" has', "Keep one of the two"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_belongs_to_no_video_or_language_is_named_with_its_cure(tmp_path, name):
    message, hint = WRONG[name]

    found = problems(tmp_path, {"videos/vettori.md": VIDEO, f"{HERE}.it.vtt": CAPTIONS, name: CAPTIONS})

    assert len(found) == 1
    assert message in found[0]
    assert hint in found[0]


def test_all_mistakes_of_captions_come_at_once_and_none_that_follows_from_another(tmp_path):
    files = {f"{HERE}.it.vtt": b"", f"{HERE}.xx.vtt": CAPTIONS, "videos/captions/AAAAAAAAAAA.it.vtt": CAPTIONS}

    assert len(problems(tmp_path / "a", {"videos/vettori.md": VIDEO, **files})) == 3
    (found,) = problems(
        tmp_path / "b", {"videos/vettori.md": VIDEO.replace("title", "titel"), f"{HERE}.it.vtt": CAPTIONS}
    )
    assert "titel" in found


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", f"content/{HERE}.it.vtt:1: this is a web page"),
        (b"", f"content/{HERE}.it.vtt:1: the file is empty"),
        (CAPTIONS.replace("Buon", "è più").encode()[:-8] + b"\xc3", f"content/{HERE}.it.vtt:7: the file is not UTF-8"),
        (CAPTIONS.replace("00:02.000", "00:02,000").encode(), f"content/{HERE}.it.vtt:3: "),
        (b"WEBVTT\n" + b" " * 3_000_000, f"content/{HERE}.it.vtt: it is too large: 2.9 MB, where 2.0 MB are allowed"),
    ],
)
def test_a_broken_file_is_a_problem_with_its_line(tmp_path, data, expected):
    (found,) = problems(tmp_path, {"videos/vettori.md": VIDEO, f"{HERE}.it.vtt": data})

    assert found.startswith(expected)


def test_a_file_that_leads_out_of_the_project_is_not_read(tmp_path):
    (tmp_path / "secret.vtt").write_text(CAPTIONS)
    content = write(tmp_path / "project", {"videos/vettori.md": VIDEO})
    (content / "videos/captions").mkdir()
    (content / f"{HERE}.it.vtt").symlink_to(tmp_path / "secret.vtt")

    (found,) = problems(tmp_path / "project", {})

    assert "leads out of the project" in found


def test_a_caption_that_ends_before_it_begins_is_a_remark_only(tmp_path):
    captions = "WEBVTT\n\n00:05.000 --> 00:02.000\nCiao\n"
    found = assembled(tmp_path, {"videos/vettori.md": VIDEO, f"{HERE}.it.vtt": captions})

    assert page(found).transcripts[0].lines[0].sentences[0].text == "Ciao"
    assert [str(remark).partition("\n")[0] for remark in find_remarks(found)] == [
        f"content/{HERE}.it.vtt:3: the caption ends before it begins"
    ]


def test_a_file_is_parsed_once_for_its_bytes(tmp_path, monkeypatch):
    content, cache, read = write(tmp_path, FILES), ParseCache(None), []
    settings, languages = settings_for(content, date(2026, 11, 22)), {lang: a_language(lang) for lang in LANGS}
    monkeypatch.setattr(
        transcripts, "read_captions", lambda *arguments: read.append(arguments) or read_captions(*arguments)
    )

    def build() -> int:
        read.clear()
        assert assemble(settings, KINDS, languages, cache=cache).problems == ()
        return len(read)

    assert (build(), build()) == (3, 0)
    (content / f"{HERE}.it.vtt").rename(content / f"{HERE}.de.vtt")
    assert build() == 0
    write(tmp_path, {f"{HERE}.fr.vtt": CAPTIONS.replace("tutti", "tous")})
    assert build() == 1


# Paragraphs


def timed(*cues: tuple[float, str] | tuple[float, str, str]) -> list[TimedLines]:
    """Return cues that last until the next one, or for two seconds."""
    ends = [cue[0] for cue in cues[1:]] + [cues[-1][0] + 2]
    pairs = zip(cues, ends, strict=True)
    return [TimedLines(start, min(end, start + 2), (CaptionLine(*words),)) for (start, *words), end in pairs]


def paragraphs(cues: list[TimedLines]) -> list[str]:
    return [" ".join(cue.text for cue in one.cues) for one in group_cues(cues)]


def test_a_silence_and_another_speaker_begin_a_paragraph():
    cues = timed((0, "Uno"), (2, "due."), (9, "Tre"), (11, "quattro", "Ada"), (13, "cinque", "Ada"), (15, "sei", "Bo"))

    assert paragraphs(cues) == ["Uno due.", "Tre", "quattro cinque", "sei"]


def test_a_speaker_who_is_named_once_goes_on_to_the_end_of_the_sentence():
    cues = timed((0, "Sono Ada,", "Ada"), (2, "e insegno."), (4, "Io no."), (6, "Ecco", "Bo"), (12, "(musica)"))

    assert [one.speaker for one in group_cues(cues)] == ["Ada", "", "Bo", ""]
    assert paragraphs(cues) == ["Sono Ada, e insegno.", "Io no.", "Ecco", "(musica)"]


def test_a_long_paragraph_ends_with_its_sentence_or_where_nobody_wrote_full_stops():
    long = "x" * 200
    sentences = timed(*((2 * number, f"{long}.") for number in range(4)))
    words = timed(*((2 * number, long) for number in range(8)))

    assert [len(one) for one in paragraphs(sentences)] == [403, 403]
    assert [len(one) for one in paragraphs(words)] == [803, 803]


def test_lines_of_a_script_without_blanks_are_joined_without_them():
    lines = (CaptionLine("右の"), CaptionLine("風車が"), CaptionLine("turns"))

    assert paragraphs([TimedLines(0, 1, lines)]) == ["右の風車が turns"]


def test_a_caption_that_is_written_twice_to_place_it_is_said_once():
    assert paragraphs(timed((0, "Uno")) * 2 + timed((2, "Uno"))) == ["Uno Uno"]


SENTENCES = {
    "one to a caption": (((0, "Uno."), (2, "Due.")), [(0, "Uno."), (2, "Due.")]),
    "over three captions": (
        ((0, "Uno"), (2, "e due"), (4, "e tre."), (6, "Poi.")),
        [(0, "Uno e due e tre."), (6, "Poi.")],
    ),
    "two in a caption": (((0, "Uno e due. Tre?"), (2, "Sì.")), [(0, "Uno e due."), (1.467, "Tre?"), (2, "Sì.")]),
    "initials and small letters": (((0, "G. Magli, ecc. e altri."),), [(0, "G. Magli, ecc. e altri.")]),
    "quotes and brackets": (((0, "(Uno.) «Due.» Tre."),), [(0, "(Uno.)"), (0.778, "«Due.»"), (1.556, "Tre.")]),
    "without blanks": (((0, "そうです。はい。"),), [(0, "そうです。"), (1.5, "はい。")]),
}


@pytest.mark.parametrize(("cues", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_a_paragraph_is_made_of_sentences_each_with_its_moment(cues, expected):
    assert [(cue.start_s, cue.text) for one in group_cues(timed(*cues)) for cue in one.cues] == expected


def test_captions_without_full_stops_are_cut_into_sentences_that_can_be_shared():
    (one,) = group_cues(timed(*((2 * number, "w" * 90) for number in range(6))))

    assert [(cue.start_s, len(cue.text)) for cue in one.cues] == [(0, 272), (6, 272)]


@pytest.mark.parametrize(
    ("cues", "starts"),
    [
        # The longest pause, not the nearest one.
        (((0, "a" * 70), (2, "b" * 40), (5, "c" * 40), (7.4, "d" * 60), (9, "e")), [0, 5]),
        # Nobody pauses: behind the last comma.
        (((0, "a" * 70), (2, "b" * 40 + ","), (4, "c" * 40 + ","), (6, "d" * 60), (8, "e")), [0, 6]),
        # A pause so early would leave a word alone.
        (((0, "a"), (4, "b" * 70), (6, "c" * 90), (8, "d" * 60)), [0]),
        # A full stop counts more than all.
        (((0, "a" * 70), (2, "b" * 40 + "."), (5, "c" * 120), (7, "d")), [0, 5]),
        (((0, "右" * 80 + "、"), (2, "左" * 80), (4, "上" * 50), (6, "下")), [0, 2]),
    ],
)
def test_a_long_sentence_is_divided_where_the_speaker_pauses_or_at_a_comma(cues, starts):
    assert [cue.start_s for one in group_cues(timed(*cues)) for cue in one.cues] == starts

"""What texts embed: videos of the catalogue and what other sites have, asked for by the reader alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.builders import COURSE, a_course, a_site, problems
from tests.catalogue.videos import a_video

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import Embed
from openknowledge.catalogue.views.body import absolute_html, render_body
from openknowledge.content.markdown.render import READERS, render_markdown
from openknowledge.content.players import PLAYERS, read_players
from openknowledge.model.values import Html

TUBE = "https://youtu.be/_a_-b"


@pytest.fixture
def site() -> Site:
    return a_site(a_course(), a_video("mappe"), players=read_players(PLAYERS)).fork()


def embeds(site: Site, text: str, lang: str = "it") -> list[Embed]:
    body = render_body(site, render_markdown(text).html, lang, "content/x.md")
    return [segment.embed for segment in body if segment.embed is not None]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text", [TUBE, f"<{TUBE}>", f"Prima.\n\n{TUBE}\n\nDopo.", f"> {TUBE}", f"- uno\n\n    {TUBE}\n"]
)
def test_an_address_of_a_player_alone_in_a_paragraph_is_an_embed(site: Site, text: str, reader: str) -> None:
    body = render_body(site, render_markdown(text.format(TUBE), reader).html, "it", "content/x.md")

    (embed,) = [segment.embed for segment in body if segment.embed is not None]
    assert (embed.title, embed.provider, embed.watch_url) == ("Video on YouTube", "YouTube", TUBE)
    assert embed.embed_url == "https://www.youtube-nocookie.com/embed/_a_-b?autoplay=1"
    assert "youtu" not in "".join(segment.html for segment in body)


def test_the_words_of_a_link_alone_in_a_paragraph_are_the_title(site: Site) -> None:
    (embed,) = embeds(site, "[Esercizio *sulle* derivate](https://h5p.org/h5p/embed/617)", "en")

    assert (embed.title, embed.action) == ("Esercizio sulle derivate", "Open the exercise")
    assert embed.note == "It is on H5P: nothing is loaded from there until you ask for it."


@pytest.mark.parametrize(
    "text",
    [
        *(f"Si veda {TUBE}.", f"Si veda [qui]({TUBE}).", f"`{TUBE}`", "https://example.org/corsi", f"- {TUBE}"),
        "[altro](https://example.org/)",
    ],
)
def test_an_address_among_words_and_one_of_no_player_stay_what_they_are(site: Site, text: str) -> None:
    markup = render_markdown(text).html

    assert [segment.html for segment in render_body(site, markup, "it", "content/x.md")] == [markup]


def test_a_site_without_a_player_leaves_its_addresses_alone() -> None:
    assert not embeds(a_site(players=read_players(["vimeo"])).fork(), f"<{TUBE}>")


@pytest.mark.parametrize("reader", READERS)
def test_a_video_of_the_catalogue_has_its_title_its_poster_and_its_page(site: Site, reader: str) -> None:
    body = render_body(site, render_markdown("Uno.\n\n{video:mappe}\n", reader).html, "it", "content/x.md")

    (embed,) = [segment.embed for segment in body if segment.embed is not None]
    assert embed.page_url.endswith("/mappe/")
    assert embed.picture is not None
    assert embed.embed_url.startswith("https://www.youtube-nocookie.com/embed/")
    assert "<p></p>" not in "".join(segment.html for segment in body)


def test_a_video_that_may_not_be_embedded_or_has_no_film_is_a_link_to_its_page() -> None:
    site = a_site(a_video("solo", embeddable=False), a_video("vuoto", youtube_id=None)).fork()

    for embed in embeds(site, "{video:solo}\n\n{video:vuoto}"):
        assert (embed.embed_url, embed.note) == ("", "")
        assert embed.watch_url == embed.page_url != ""


def test_a_feed_has_a_link_in_place_of_an_embed(site: Site) -> None:
    text = "Uno.\n\n[Un esercizio & altro](https://h5p.org/h5p/embed/617)\n\n{video:mappe}"
    body = render_body(site, render_markdown(text).html, "it", "content/x.md")

    shown = absolute_html(site, body, "it", "/corsi/x/")

    assert '<p><a href="https://h5p.org/h5p/embed/617">Un esercizio &amp; altro</a> (H5P)</p>' in shown
    assert '<p><a href="https://www.youtube.com/watch?v=' in shown


def test_markup_cannot_pretend_to_be_an_embed(site: Site) -> None:
    forged = render_body(site, Html('<p><data value="embed:0"></data></p>'), "it", "content/x.md")

    assert not any(segment.embed for segment in forged)


def test_a_video_that_is_not_there_and_one_among_words_are_named_with_their_lines(tmp_path: Path) -> None:
    text = COURSE + "\n{video:manca}\n\nQui {video:mappe} in mezzo.\n"
    video = "---\ntitle: Mappe\npublished: 2025-03-01T10:00:00+01:00\n---\n"

    first, second = problems(tmp_path, {"courses/a/index.md": text, "videos/mappe.md": video})

    line = COURSE.count("\n") + 2
    assert first.startswith(f'content/courses/a/index.md:{line}: there is no video "manca"')
    assert second.startswith(f"content/courses/a/index.md:{line + 2}: {{video:mappe}} stands between other words")


@pytest.mark.parametrize("element", ["iframe", "video", "object", "embed"])
def test_a_frame_in_the_text_is_named_with_what_to_write(tmp_path: Path, element: str) -> None:
    text = f'{COURSE}Prova.\n\n<{element} src="https://h5p.example.org/embed/617"></{element}>\n'

    (message,) = problems(tmp_path, {"courses/a/index.md": text})

    assert f"content/courses/a/index.md:{COURSE.count(chr(10)) + 3}: " in message
    assert "alone in a paragraph" in message


def test_a_video_that_is_gone_is_a_link_to_its_page() -> None:
    gone = a_video("mappe", gone_since=date(2026, 12, 1))
    (embed,) = embeds(a_site(gone, players=read_players(PLAYERS)).fork(), "{video:mappe}")

    assert (embed.embed_url, embed.watch_url) == ("", "/videos/mappe/")

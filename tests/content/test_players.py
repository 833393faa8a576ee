"""Players of other sites: their addresses, and the frames that a policy must allow."""

from __future__ import annotations

import pytest

from openknowledge.content.players import PLAYERS, PlayerError, find_embed, frame_sources, read_players

ALL = read_players(PLAYERS)
TUBE = "https://www.youtube-nocookie.com/embed"
OWN = {
    "name": "H5P di Ateneo",
    "addresses": "https://esercizi.example.org/h5p/embed/{id}",
    "embed": "https://esercizi.example.org/h5p/embed/{id}",
    "medium": "exercise",
}


@pytest.mark.parametrize(
    ("address", "frame"),
    [
        ("https://www.youtube.com/watch?v=_a-b_", f"{TUBE}/_a-b_?autoplay=1"),
        ("https://youtu.be/abc?si=x&t=1m30s", f"{TUBE}/abc?start=90&autoplay=1"),
        ("http://m.youtube.com/watch?feature=share&v=abc&list=PL1", f"{TUBE}/abc?list=PL1&autoplay=1"),
        ("https://youtube.com/shorts/abc/", f"{TUBE}/abc?autoplay=1"),
        ("https://www.youtube.com/live/abc", f"{TUBE}/abc?autoplay=1"),
        ("https://www.youtube.com/embed/abc?start=7", f"{TUBE}/abc?start=7&autoplay=1"),
        ("https://www.youtube-nocookie.com/embed/abc", f"{TUBE}/abc?autoplay=1"),
        ("https://www.youtube.com/playlist?list=PL1", f"{TUBE}/videoseries?list=PL1&autoplay=1"),
        ("https://vimeo.com/123", "https://player.vimeo.com/video/123?dnt=1&autoplay=1"),
        ("https://vimeo.com/123/abc", "https://player.vimeo.com/video/123?h=abc&dnt=1&autoplay=1"),
        ("https://player.vimeo.com/video/123?h=abc", "https://player.vimeo.com/video/123?dnt=1&h=abc&autoplay=1"),
        ("https://polimi.h5p.com/content/129", "https://polimi.h5p.com/content/129/embed"),
        ("https://h5p.org/h5p/embed/617", "https://h5p.org/h5p/embed/617"),
        ("https://www.geogebra.org/m/abcd", "https://www.geogebra.org/material/iframe/id/abcd"),
        ("https://open.spotify.com/episode/3x?si=1", "https://open.spotify.com/embed/episode/3x"),
        ("https://open.spotify.com/intl-it/show/3x", "https://open.spotify.com/embed/show/3x"),
        ("https://www.spreaker.com/episode/un-titolo--12", "https://widget.spreaker.com/player?episode_id=12"),
        (
            "https://polimi.cloud.panopto.eu/Panopto/Pages/Viewer.aspx?id=a-b",
            "https://polimi.cloud.panopto.eu/Panopto/Pages/Embed.aspx?id=a-b",
        ),
    ],
)
def test_whatever_address_people_copy_leads_to_the_players_frame(address: str, frame: str) -> None:
    embed = find_embed(address, ALL)

    assert embed is not None
    assert embed.url == frame


@pytest.mark.parametrize(
    "address",
    [
        *("https://www.youtube.com/@polimi", "https://vimeo.com/polimi", "https://h5p.com.evil.example/content/1"),
        *("https://youtube.com/watch?v=a%22b", "https://example.org/watch?v=abc", "ftp://youtu.be/abc", "https://["),
        *("https://youtu.be/", "https://youtube.com.example.org/watch?v=abc", "https://youtu.be/a/b"),
    ],
)
def test_any_other_address_is_of_no_player(address: str) -> None:
    assert find_embed(address, ALL) is None


def test_a_site_has_the_players_that_it_names_and_its_own() -> None:
    players = read_players(["vimeo", OWN])

    assert find_embed("https://youtu.be/abc", players) is None
    embed = find_embed("https://esercizi.example.org/h5p/embed/617", players)
    assert embed is not None and embed.player.name == "H5P di Ateneo"
    assert frame_sources(players) == ("https://player.vimeo.com", "https://esercizi.example.org")


def test_a_policy_allows_all_sites_of_a_player_by_a_star() -> None:
    assert frame_sources(read_players(["h5p", "h5p"])) == ("https://*.h5p.com", "https://h5p.org")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("youtoube", 'there is no player "youtoube"; known are youtube'),
        ({"name": "x"}, "a player has name, addresses and embed"),
        ({**OWN, "color": "red"}, "a player has name, addresses and embed"),
        ({**OWN, "medium": "film"}, "medium is one of"),
        ({**OWN, "embed": "http://x.example.org/{id}"}, "not an address that begins with https://"),
        ({**OWN, "embed": "https://x.example.org; script-src *"}, "not an address that begins with https://"),
        ({**OWN, "embed": "https://x.example.org/{key}"}, "no address has {key}"),
    ],
)
def test_a_player_that_is_none_is_refused_with_what_it_has(entry: object, says: str) -> None:
    with pytest.raises(PlayerError, match=says):
        read_players([entry])  # type: ignore[list-item]

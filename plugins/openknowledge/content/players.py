"""Players of other sites: which addresses they have, where each is embedded from, and what a policy must allow."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from openknowledge.fast_pickle import FastPickle

__all__ = ["PLAYERS", "EmbedAddress", "Player", "PlayerError", "find_embed", "frame_sources", "read_players"]

MEDIUMS = ("video", "audio", "exercise")
SHAPES = ("wide", "tall", "audio")
VALUE = r"([A-Za-z0-9_-]+)"
NUMBER = r"([0-9]+)"
LABEL = r"([a-z0-9-]+)"
PLACE = re.compile(r"\{[a-z]+\}")
SECONDS = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
PREFIXES = re.compile(r"^(?:www|m)\.")
"""What many sites have before their name, with the same pages."""


class PlayerError(ValueError):
    """The setting `PLAYERS` has something that is no player."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Player(FastPickle):
    """A player of another site.

    `addresses` are what people copy, with `{id}` and the like for what differs: letters, digits, `-` and `_`; digits
    alone for `{number}`. `embed` is the address of the frame, with the same names. `medium` is `video`, `audio` or
    `exercise`, `shape` that of the frame. `keeps` are the parameters of an address that the frame has, by their name
    there. `starts` is the parameter with which it plays at once, because the reader has just asked for it.
    """

    name: str
    addresses: tuple[str, ...]
    embed: str
    medium: str = "video"
    shape: str = "wide"
    keeps: Mapping[str, str] | None = None
    starts: str = ""

    @property
    def frame_source(self) -> str:
        """Return what a Content-Security-Policy must allow."""
        parts = urlsplit(self.embed)
        return f"{parts.scheme}://{PLACE.sub('*', parts.netloc)}"


class EmbedAddress(NamedTuple):
    """A player, and the address that its frame has for something that it shows."""

    player: Player
    url: str


def _panopto(host: str) -> Player:
    folder = f"https://{{site}}.{host}/Panopto/Pages"
    addresses = f"{folder}/Viewer.aspx?id={{id}}", f"{folder}/Embed.aspx?id={{id}}"
    return Player(name="Panopto", addresses=addresses, embed=addresses[1])


def _spotify(part: str) -> Player:
    return Player(
        name="Spotify",
        addresses=tuple(
            f"https://open.spotify.com/{way}{part}/{{id}}" for way in ("", "embed/", "intl-it/", "intl-en/")
        ),
        embed=f"https://open.spotify.com/embed/{part}/{{id}}",
        medium="audio",
        shape="audio",
    )


PLAYERS: Mapping[str, tuple[Player, ...]] = {
    "youtube": (
        Player(
            name="YouTube",
            addresses=("https://youtube.com/playlist?list={id}", "https://youtube.com/embed/videoseries?list={id}"),
            embed="https://www.youtube-nocookie.com/embed/videoseries?list={id}",
            starts="autoplay",
        ),
        Player(
            name="YouTube",
            addresses=(
                *(
                    "https://youtube.com/watch?v={id}",
                    "https://music.youtube.com/watch?v={id}",
                    "https://youtu.be/{id}",
                ),
                *("https://youtube.com/embed/{id}", "https://youtube.com/v/{id}", "https://youtube.com/shorts/{id}"),
                *("https://youtube.com/live/{id}", "https://youtube-nocookie.com/embed/{id}"),
            ),
            embed="https://www.youtube-nocookie.com/embed/{id}",
            keeps={"t": "start", "start": "start", "list": "list"},
            starts="autoplay",
        ),
    ),
    "vimeo": (
        Player(
            name="Vimeo",
            addresses=(
                *("https://vimeo.com/{number}", "https://player.vimeo.com/video/{number}"),
                *("https://vimeo.com/channels/{a}/{number}", "https://vimeo.com/showcase/{a}/video/{number}"),
                "https://vimeo.com/groups/{a}/videos/{number}",
            ),
            embed="https://player.vimeo.com/video/{number}?dnt=1",
            keeps={"h": "h"},
            starts="autoplay",
        ),
        Player(
            name="Vimeo",
            addresses=("https://vimeo.com/{number}/{key}",),
            embed="https://player.vimeo.com/video/{number}?h={key}&dnt=1",
            starts="autoplay",
        ),
    ),
    "panopto": (_panopto("cloud.panopto.eu"), _panopto("hosted.panopto.com")),
    "h5p": (
        Player(
            name="H5P",
            addresses=("https://{site}.h5p.com/content/{id}", "https://{site}.h5p.com/content/{id}/embed"),
            embed="https://{site}.h5p.com/content/{id}/embed",
            medium="exercise",
            shape="tall",
        ),
        Player(
            name="H5P",
            addresses=("https://h5p.org/h5p/embed/{number}",),
            embed="https://h5p.org/h5p/embed/{number}",
            medium="exercise",
            shape="tall",
        ),
    ),
    "geogebra": (
        Player(
            name="GeoGebra",
            addresses=tuple(
                f"https://geogebra.org/{way}/{{id}}"
                for way in ("m", "material/show/id", "material/iframe/id", "classic", "graphing", "geometry", "3d")
            ),
            embed="https://www.geogebra.org/material/iframe/id/{id}",
            medium="exercise",
            shape="tall",
        ),
    ),
    "spotify": (_spotify("episode"), _spotify("show")),
    "spreaker": (
        Player(
            name="Spreaker",
            addresses=(
                *("https://spreaker.com/episode/{number}", "https://spreaker.com/episode/{slug}--{number}"),
                "https://widget.spreaker.com/player?episode_id={number}",
            ),
            embed="https://widget.spreaker.com/player?episode_id={number}",
            medium="audio",
            shape="audio",
        ),
    ),
}
"""The players that are known, by the names that the setting `PLAYERS` has for them."""


def read_players(setting: Iterable[str | Mapping[str, Any]]) -> tuple[Player, ...]:
    """Return the players of the setting `PLAYERS`: names of known ones, and mappings with the fields of others.

    Raises `PlayerError` with a sentence for an operator.
    """
    players: list[Player] = []
    for entry in setting:
        if not isinstance(entry, str):
            players.append(_read_player(entry))
        elif entry in PLAYERS:
            players += PLAYERS[entry]
        else:
            raise PlayerError(f'there is no player "{entry}"; known are {", ".join(PLAYERS)}')
    return tuple(players)


def _read_player(entry: Mapping[str, Any]) -> Player:
    """Return the player of a mapping. Raises `PlayerError`."""
    known = {field.name for field in fields(Player)}
    if not isinstance(entry, Mapping) or not {"name", "addresses", "embed"} <= entry.keys() <= known:
        raise PlayerError(f"a player has name, addresses and embed, and may have {', '.join(sorted(known))}")
    values = dict(entry)
    addresses = values["addresses"]
    values["addresses"] = (addresses,) if isinstance(addresses, str) else tuple(addresses)
    player = Player(**values)
    if player.medium not in MEDIUMS or player.shape not in SHAPES:
        raise PlayerError(f"{player.name}: medium is one of {MEDIUMS}, shape is one of {SHAPES}")
    for address in (*player.addresses, player.embed):
        parts = urlsplit(address)
        if parts.scheme != "https" or not re.fullmatch(r"[a-z0-9{}.:-]+\.[a-z0-9-]+(?::\d+)?", parts.netloc):
            raise PlayerError(f'{player.name}: "{address}" is not an address that begins with https://')
    missing = set(PLACE.findall(player.embed)).difference(*(PLACE.findall(address) for address in player.addresses[:1]))
    if missing:
        raise PlayerError(f"{player.name}: no address has {', '.join(sorted(missing))}")
    return player


def frame_sources(players: Iterable[Player]) -> tuple[str, ...]:
    """Return what a Content-Security-Policy must allow for some players, each once."""
    return tuple(dict.fromkeys(player.frame_source for player in players))


def find_embed(address: str, players: Iterable[Player]) -> EmbedAddress | None:
    """Return the player of an address, and the address of its frame; None where it is of none."""
    try:
        parts = urlsplit(address)
        host = PREFIXES.sub("", parts.netloc.lower())
        query = parse_qs(parts.query)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    for player in players:
        for template in player.addresses:
            values = _match(template, host, parts.path, query)
            if values is not None:
                return EmbedAddress(player, _frame_address(player, values, query))
    return None


class _Template(NamedTuple):
    names: tuple[str, ...]
    host: re.Pattern[str]
    path: re.Pattern[str]
    query: tuple[tuple[str, str], ...]


@cache
def _parse_template(template: str) -> _Template:
    parts = urlsplit(template)
    host = PREFIXES.sub("", parts.netloc)
    names = tuple(PLACE.findall(host + parts.path))
    query = tuple((name, values[0]) for name, values in parse_qs(parts.query).items())
    return _Template(names, re.compile(_pattern(host, LABEL)), re.compile(f"{_pattern(parts.path, VALUE)}/?"), query)


def _pattern(text: str, value: str) -> str:
    """Return the pattern of a part of a template; what a `{number}` stands for is one."""
    words, places = PLACE.split(text), [NUMBER if place == "{number}" else value for place in PLACE.findall(text)]
    return "".join(re.escape(word) + place for word, place in zip(words, [*places, ""], strict=True))


def _match(template: str, host: str, path: str, query: Mapping[str, list[str]]) -> dict[str, str] | None:
    """Return what the places of a template stand for in an address; None where it is another address."""
    known = _parse_template(template)
    in_host, in_path = known.host.fullmatch(host), known.path.fullmatch(path)
    if in_host is None or in_path is None:
        return None
    values = dict(zip(known.names, (*in_host.groups(), *in_path.groups()), strict=True))
    for name, place in known.query:
        value = query.get(name, [""])[0]
        if not re.fullmatch(_pattern(place, VALUE), value):
            return None
        values[place] = value
    return values


def _frame_address(player: Player, values: Mapping[str, str], query: Mapping[str, list[str]]) -> str:
    url = PLACE.sub(lambda place: values[place[0]], player.embed)
    own = dict(_own_parameters(player, query))
    if player.starts:
        own[player.starts] = "1"
    return f"{url}{'&' if '?' in url else '?'}{urlencode(own)}" if own else url


def _own_parameters(player: Player, query: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield the parameters of an address that the frame has, too; moments are in seconds there."""
    for name, own_name in (player.keeps or {}).items():
        value = query.get(name, [""])[0]
        if own_name == "start":
            match = SECONDS.fullmatch(value)
            hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
            total = hours * 3600 + minutes * 60 + seconds
            if total:
                yield own_name, str(total)
        elif re.fullmatch(VALUE, value):
            yield own_name, value

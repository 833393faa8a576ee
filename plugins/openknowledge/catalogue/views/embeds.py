"""What a text shows of other sites: a video, an exercise or an episode, played once a reader asks for it."""

import html
import re
from typing import Any

from openknowledge.content.players import PLAYERS, EmbedAddress, find_embed
from openknowledge.content.text_embeds import EMBED
from openknowledge.model.values import Html, Lang
from openknowledge.model.video import Video
from openknowledge.rendering.locale import N_

from ..site import Site
from .base import Embed

__all__ = ["take_embeds", "video_embed"]

TITLES = {
    "video": N_("Video on %(player)s"),
    "audio": N_("Audio on %(player)s"),
    "exercise": N_("Exercise on %(player)s"),
}
ACTIONS = {"video": N_("Play the video"), "audio": N_("Listen"), "exercise": N_("Open the exercise")}
TAG = re.compile(r"<[^>]*>")


def take_embeds(site: Site, markup: Html, lang: Lang) -> tuple[Html, list[Embed]]:
    """Return the markup with a placeholder `embed:0`, `embed:1`, … for each paragraph that is an embed, and these."""
    embeds: list[Embed] = []

    def take(paragraph: re.Match[str]) -> str:
        embed = _embed(site, paragraph, lang)
        if embed is None:
            return paragraph[0]
        embeds.append(embed)
        return f'<data value="embed:{len(embeds) - 1}"></data>'

    return Html(EMBED.sub(take, markup)), embeds


def _embed(site: Site, paragraph: re.Match[str], lang: Lang) -> Embed | None:
    """Return what a paragraph embeds; None where it is of no player, or a video that may not be shown."""
    if paragraph["video"]:
        video = site.stub("video", html.unescape(paragraph["video"]))
        return video_embed(site, video, lang) if isinstance(video, Video) else None
    url = html.unescape(paragraph["linked"] or paragraph["bare"])
    address = find_embed(url, site.settings.players)
    if address is None:
        return None
    words = html.unescape(TAG.sub("", paragraph["words"] or "")).strip()
    title = words if words and words != url else None
    return _player_embed(site, address, url, lang, title=title)


def _player_embed(site: Site, address: EmbedAddress, url: str, lang: Lang, **more: Any) -> Embed:
    gettext, player = site.language(lang).gettext, address.player
    fields = {name: value for name, value in more.items() if value is not None}
    return Embed(
        **{"title": gettext(TITLES[player.medium], player=player.name), **fields},
        provider=player.name,
        action=gettext(ACTIONS[player.medium]),
        note=gettext("It is on %(player)s: nothing is loaded from there until you ask for it.", player=player.name),
        watch_url=url,
        embed_url=address.url,
        shape=player.shape,
        lang=lang,
    )


def video_embed(site: Site, video: Video, lang: Lang) -> Embed:
    """Return a video of the catalogue; one that may not be embedded, or that is gone, is a link to its page."""
    translation = site.translation(video, lang)
    page_url = site.url(video, lang)
    shown: dict[str, Any] = {
        "title": translation.words.title,
        "title_lang": translation.lang_attr,
        "picture": site.picture(video, lang),
        "duration": site.language(lang).duration(video.duration_s) if video.duration_s else "",
        "page_url": page_url,
    }
    url = f"https://www.youtube.com/watch?v={video.youtube_id}"
    is_shown = video.youtube_id and video.embeddable and video.gone_since is None
    address = find_embed(url, PLAYERS["youtube"]) if is_shown else None
    if address is not None:
        return _player_embed(site, address, url, lang, **shown)
    action = site.language(lang).gettext("Go to the video")
    return Embed(
        **shown, provider="", action=action, note="", watch_url=page_url, embed_url="", shape="wide", lang=lang
    )

"""Topics: subject headings that items of any kind share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from openknowledge.model.course import Topic
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..views.pages import GroupPage
from .group import group_card, group_list, group_page, group_summary
from .kind import Kind

if TYPE_CHECKING:
    from ..site import Site


def topic_page(topic: Topic, site: Site, lang: Lang) -> GroupPage:
    """What a topic's page shows: everything under the heading, by kind."""
    return group_page(topic, site, lang, label=N_("Topic"), above=(N_("Topics"), "topics"))


TOPIC = Kind(
    name="topic",
    plural="topics",
    label=N_("Topic"),
    label_plural=N_("Topics"),
    model=Topic,
    source="topics/*.md",
    page=topic_page,
    card=partial(group_card, label=N_("Topic")),
    summary=group_summary,
    lists=group_list("topic", "topics", N_("Topics"), N_("An index of what the catalogue is about.")),
    in_site_feed=False,
)

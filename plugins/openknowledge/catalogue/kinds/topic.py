"""Topics: subject headings that items of any kind share."""

from openknowledge.model.course import Topic
from openknowledge.rendering.locale import N_

from ..kind import Kind
from ..views.summaries import summarize
from .group import group_card, group_list, group_page

__all__ = ["TOPIC"]

TOPIC = Kind(
    name="topic",
    plural="topics",
    label=N_("Topic"),
    label_plural=N_("Topics"),
    model=Topic,
    source="topics/*.md",
    page=group_page,
    card=group_card,
    summary=summarize,
    lists=group_list("topic", N_("An index of what the catalogue is about.")),
    member_rank=None,
    footer_rank=20,
    item_feed_rank=30,
    in_site_feed=False,
)

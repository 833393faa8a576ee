"""What each article's page shows of others: its author, those that it names, and those before and after it."""

from collections import Counter
from itertools import pairwise
from typing import Any

from pelican import signals


def relate(generator: Any) -> None:
    articles = generator.articles
    by_slug = {article.slug: article for article in articles}
    items = Counter(author.slug for article in articles for author in article.authors)
    for article in articles:
        article.people = [(author, items[author.slug]) for author in article.authors]
        article.related_articles = [by_slug[slug] for slug in article.metadata.get("related", "").split()]
        article.newer = article.older = None
    for newer, older in pairwise(articles):
        newer.older, older.newer = older, newer


def register() -> None:
    signals.article_generator_finalized.connect(relate)

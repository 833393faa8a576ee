"""The digest of a page's markup besides its view, for each template and language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment

from openknowledge.catalogue.inputs import Inputs
from openknowledge.engine.digest import digest_bytes
from openknowledge.model.values import Lang

from .template_deps import message_ids, sources_digest, template_deps

__all__ = ["TemplateDigests"]


class TemplateDigests:
    """Computes the digest of a template with everything that it includes, and of the translations that those use.

    Under a non-empty `revision` of the theme, digests are computed once and stored from build to build.
    """

    def __init__(self, facts: Inputs, environments: Mapping[Lang, Environment], revision: str) -> None:
        self.facts = facts
        self.environments = environments
        self.revision = revision
        self._own: dict[str, bytes] = {}

    def digest(self, template: str, lang: Lang) -> bytes | None:
        """Return the digest for one template in one language; None where there is no such template or language."""
        kept = self._kept()
        name = f"{template} {lang}"
        if name not in kept and lang in self.environments:
            kept[name] = self._digest(self.environments[lang], template, lang)
        return kept.get(name)

    def _kept(self) -> dict[str, bytes]:
        if not self.revision:
            return self._own
        known = self.facts.memo.get("templates")
        if known is None or known[0] != self.revision:
            known = self.facts.memo["templates"] = (self.revision, {})
        kept: dict[str, bytes] = known[1]
        return kept

    def _digest(self, environment: Environment, template: str, lang: Lang) -> bytes:
        names = template_deps(environment, template)
        translations = self.facts.languages[lang].translations
        said = [(one, _said(translations, one)) for one in message_ids(environment, names)]
        return digest_bytes(repr((sources_digest(environment, names), said)).encode())


def _said(translations: Any, message: tuple[str, ...]) -> Any:
    """Return the translations of a message, in all its numbers."""
    function, *texts = message
    if function.startswith("n"):
        return [getattr(translations, function)(*texts, number) for number in range(200)]
    return getattr(translations, function)(*texts)

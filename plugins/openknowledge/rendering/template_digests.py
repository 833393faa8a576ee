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

    def __init__(self, inputs: Inputs, environments: Mapping[Lang, Environment], revision: str) -> None:
        self.inputs = inputs
        self.environments = environments
        self.revision = revision
        self._unsaved: dict[str, bytes] = {}

    def digest(self, template: str, lang: Lang) -> bytes | None:
        """Return the digest for one template in one language; None where there is no such template or language."""
        digests = self._digests()
        name = f"{template} {lang}"
        if name not in digests and lang in self.environments:
            digests[name] = self._digest(self.environments[lang], template, lang)
        return digests.get(name)

    def _digests(self) -> dict[str, bytes]:
        if not self.revision:
            return self._unsaved
        known = self.inputs.memo.get("templates")
        if known is None or known[0] != self.revision:
            known = self.inputs.memo["templates"] = (self.revision, {})
        digests: dict[str, bytes] = known[1]
        return digests

    def _digest(self, environment: Environment, template: str, lang: Lang) -> bytes:
        names = template_deps(environment, template)
        translations = self.inputs.languages[lang].translations
        texts = [(message, _translations(translations, message)) for message in message_ids(environment, names)]
        return digest_bytes(repr((sources_digest(environment, names), texts)).encode())


def _translations(translations: Any, message: tuple[str, ...]) -> Any:
    """Return the translations of a message, in all its numbers."""
    function, *texts = message
    if function.startswith("n"):
        return [getattr(translations, function)(*texts, number) for number in range(200)]
    return getattr(translations, function)(*texts)

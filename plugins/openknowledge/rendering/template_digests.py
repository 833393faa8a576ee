"""What a page's markup is made of besides its view, as one digest for each template and language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment

from openknowledge.engine.digest import digest_bytes
from openknowledge.model.values import Lang

from .locale import Language
from .template_deps import message_ids, sources_digest, template_deps

__all__ = ["TemplateDigests"]

EXTRAS_KEY = "templates"


class TemplateDigests:
    """The digests of templates with all that they include, and of the translations that those ask for.

    Under a `revision` of the theme that is not empty they are computed once, and kept from build to build in the
    mapping that `extras` returns.
    """

    def __init__(
        self,
        languages: Mapping[Lang, Language],
        environments: Mapping[Lang, Environment],
        revision: str,
        extras: Callable[[], dict[str, Any]],
    ) -> None:
        self._languages, self._environments = languages, environments
        self._revision, self._extras = revision, extras
        self._own: dict[str, bytes] = {}

    def digest(self, template: str, lang: Lang) -> bytes | None:
        """Return the digest of one template in one language; None where there is no such template or language."""
        digests = self._digests()
        name = f"{template} {lang}"
        if name not in digests and lang in self._environments:
            digests[name] = self._compute(self._environments[lang], template, lang)
        return digests.get(name)

    def _digests(self) -> dict[str, bytes]:
        """Return the digests that are known under this revision, to be added to."""
        if not self._revision:
            return self._own
        extras = self._extras()
        if extras.get(EXTRAS_KEY, ("",))[0] != self._revision:
            extras[EXTRAS_KEY] = (self._revision, {})
        digests: dict[str, bytes] = extras[EXTRAS_KEY][1]
        return digests

    def _compute(self, environment: Environment, template: str, lang: Lang) -> bytes:
        names = template_deps(environment, template)
        translations = self._languages[lang].translations
        translated = [(message, _translate(translations, message)) for message in message_ids(environment, names)]
        return digest_bytes(repr((sources_digest(environment, names), translated)).encode())


def _translate(translations: Any, message: tuple[str, ...]) -> Any:
    """Return what the language makes of a message, in all its plurals."""
    function, *texts = message
    if function.startswith("n"):
        return [getattr(translations, function)(*texts, number) for number in range(200)]
    return getattr(translations, function)(*texts)

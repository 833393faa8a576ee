"""The interface's languages: their catalogues of messages, and one Jinja environment for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import BaseLoader, StrictUndefined

from openknowledge.model.values import Lang

from .bytecode_cache import TemplateBytecodeCache
from .environment import PageEnvironment
from .locale import Language
from .macro_cache import CACHE_SIZE

I18N = "jinja2.ext.i18n"


def load_languages(
    locale_folder: Path, langs: Sequence[Lang], timezone: str, locales: Mapping[Lang, str]
) -> dict[Lang, Language]:
    """Return the languages of the interface; one without a catalogue uses the English message ids."""
    zone = ZoneInfo(timezone)
    return {lang: Language(lang, load_translations(locale_folder, lang), zone, locales.get(lang)) for lang in langs}


def load_translations(locale_folder: Path, lang: Lang) -> NullTranslations:
    """Return a language's translations, read from its .po file without a compilation."""
    path = locale_folder / lang / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=lang)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def create_environments(
    loader: BaseLoader,
    languages: Mapping[Lang, Language],
    options: Mapping[str, object],
    bytecode: Path | None = None,
    cache_size: int = CACHE_SIZE,
) -> dict[Lang, PageEnvironment]:
    """Return one environment a language. `bytecode` is the folder of compiled templates.

    Each environment has a macro cache of `cache_size` entries.
    """
    extensions = [*list(options.get("extensions", ())), I18N]  # type: ignore[call-overload]
    others = {name: value for name, value in options.items() if name != "extensions"}
    environments = {}
    for lang, language in languages.items():
        environment = PageEnvironment(
            loader=loader,
            undefined=StrictUndefined,
            extensions=extensions,
            auto_reload=False,
            bytecode_cache=None if bytecode is None else TemplateBytecodeCache(bytecode, repr(sorted(others.items()))),
            **others,
        )
        environment.set_translations(language.translations, cache_size)
        environments[lang] = environment
    return environments

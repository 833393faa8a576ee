"""A number in the words of a language: in full, and short for lists."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal

from openknowledge.model.numbers import Measure, Qualifier

from .locale import Language

MILLION = 1_000_000


def exact_text(language: Language, value: int | None, qualifier: Qualifier, measure: Measure) -> str:
    """Return `over 170,000`, `about 2.1 million euros`, `over 60%`; a message where the value is unknown."""
    if value is None:
        return language.gettext("not known")
    if measure is Measure.PERCENT:
        return _percent(language, value, qualifier)
    return _qualified(language, _amount(language, value, measure), qualifier)


def short_text(language: Language, value: int | None, qualifier: Qualifier, measure: Measure) -> str:
    """Return `12,400+`: rounded down, so that it never promises too much; without a plus where nothing is cut."""
    if value is None:
        return language.gettext("not known")
    if qualifier is Qualifier.ABOUT:
        return language.gettext("c. %(number)s", number=_with_unit(language, value, measure))
    shown = value if measure in (Measure.EUROS, Measure.PERCENT) else round_down(value)
    amount = _with_unit(language, shown, measure)
    if shown == value and qualifier is Qualifier.EXACT:
        return amount
    return language.gettext("%(number)s+", number=amount)


def round_down(value: int) -> int:
    """Return the value cut to its first three digits; values below 1,000 stay as they are."""
    if value < 1000:
        return value
    step: int = 10 ** (len(str(value)) - 3)
    return value - value % step


def _with_unit(language: Language, value: int, measure: Measure) -> str:
    if measure is Measure.PERCENT:
        return _percent(language, value, Qualifier.EXACT)
    return _amount(language, value, measure)


def _amount(language: Language, value: int, measure: Measure) -> str:
    """Return the digits with their unit; round millions of money in words."""
    if measure is not Measure.EUROS:
        return language.number(value)
    if value >= MILLION and value % (MILLION // 10) == 0:
        millions = format_decimal(Decimal(value) / MILLION, locale=language.locale)
        plural = 1 if value == MILLION else 2
        return language.plural("%(number)s million euro", "%(number)s million euros", plural, number=millions)
    return language.plural("%(number)s euro", "%(number)s euros", value)


def _qualified(language: Language, amount: str, qualifier: Qualifier) -> str:
    if qualifier is Qualifier.OVER:
        return language.gettext("over %(number)s", number=amount)
    if qualifier is Qualifier.ABOUT:
        return language.gettext("about %(number)s", number=amount)
    return amount


def _percent(language: Language, value: int, qualifier: Qualifier) -> str:
    """Return a percentage in a message of its own, because some languages need an article before it."""
    number = language.number(value)
    if qualifier is Qualifier.OVER:
        return language.gettext("over %(number)s%%", number=number)
    if qualifier is Qualifier.ABOUT:
        return language.gettext("about %(number)s%%", number=number)
    return language.gettext("%(number)s%%", number=number)

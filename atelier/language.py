"""French and English: texts in two languages, numbers and dates as each language writes them."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args

from babel.dates import format_date as babel_date
from babel.lists import format_list as babel_list
from babel.numbers import format_decimal, format_percent
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from atelier.errors import UnknownNameError

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
_HIGH_SIGNS = re.compile(r"[ \u00a0\u202f]+(?=[;!?%])")
_COLON_AND_QUOTES = re.compile(r"(?<=«)[ \u00a0\u202f]*|[ \u00a0\u202f]+(?=[:»])")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}


class Text(BaseModel):
    """One text in French and in English, typeset as each language is: ``text["fr"]``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    fr: str
    en: str

    @field_validator("fr", "en")
    @classmethod
    def _typeset(cls, text: str, info: ValidationInfo) -> str:
        return typeset(text, str(info.field_name))

    def __getitem__(self, language: str) -> str:
        """Return the text in ``language``."""
        return self.fr if require_language(language) == "fr" else self.en

    def __bool__(self) -> bool:
        """Return whether the text is written in both languages."""
        return bool(self.fr and self.en)

    def format(self, values: Mapping[str, Any]) -> "Text":
        """Return the text with ``{name}`` replaced; a value that is a Text is read in each language."""
        return Text(
            **{
                language: self[language].format(
                    **{name: value[language] if isinstance(value, Text) else value for name, value in values.items()}
                )
                for language in LANGUAGES
            }
        )


def typeset(text: str, language: str) -> str:
    """Return a text with typographic apostrophes and, in French, its no-break spaces."""
    text = _APOSTROPHE.sub("’", text)
    if language != "fr":
        return text
    return _COLON_AND_QUOTES.sub(NO_BREAK_SPACE, _HIGH_SIGNS.sub(NARROW_SPACE, text))


def same(text: str) -> Text:
    """Return a text that is the same in both languages, as a proper noun is."""
    return Text(fr=text, en=text)


def require_language(language: str) -> Language:
    """Return ``language`` if it is one of ours.

    Raises:
        UnknownNameError: Neither ``fr`` nor ``en``.
    """
    for known in LANGUAGES:
        if language == known:
            return known
    raise UnknownNameError("language", language, LANGUAGES)


def format_number(value: float, language: str, decimals: int = 0) -> str:
    """Return a number with ``decimals`` digits after the decimal sign: ``50 832`` or ``50,832``."""
    return str(format_decimal(_settled(value, decimals), format=_pattern(decimals), locale=_LOCALES[language]))


def format_share(value: float, language: str, decimals: int = 1) -> str:
    """Return a ratio as a percentage: 0.588 gives ``58,8 %`` or ``58.8%``."""
    settled = _settled(value, decimals + 2)
    pattern = _pattern(decimals) + (f"{NARROW_SPACE}%" if language == "fr" else "%")
    return str(format_percent(settled, format=pattern, locale=_LOCALES[language]))


def format_rank(rank: int, language: str) -> str:
    """Return ``3e`` (rang) or ``3rd``. CLDR has the rules of ordinals, not their suffixes."""
    if language == "fr":
        return "1er" if rank == 1 else f"{rank}e"
    is_teen = rank // 10 % 10 == 1
    return f"{rank}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(rank % 10, 'th')}"


def format_day(day: date, language: str) -> str:
    """Return a day in full: ``24 novembre 2026`` or ``24 November 2026``."""
    return babel_date(day, format="long", locale=_LOCALES[language])


def format_list(items: list[str], language: str) -> str:
    """Return items as a sentence lists them: ``a, b et c``."""
    return str(babel_list(items, locale=_LOCALES[language]))


def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _settled(value: float, decimals: int) -> float:
    # Rounding first keeps a tiny negative number from being written "-0".
    return round(float(value), decimals) + 0.0

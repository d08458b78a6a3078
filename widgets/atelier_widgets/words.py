"""The words of dashboards, in French and English."""

import tomllib
from functools import cache
from html import escape
from importlib.resources import files

from atelier.language import Text


@cache
def _read() -> dict[str, Text]:
    declared = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
    return {key: Text(**texts) for key, texts in declared.items()}


def read_word(key: str) -> Text:
    """Return the words called ``key``, in both languages."""
    return _read()[key]


def word(key: str, language: str, **values: object) -> str:
    """Return the words called ``key``, with ``{name}`` replaced by ``values``."""
    return _read()[key][language].format(**values)


def has_word(key: str) -> bool:
    """Return whether there are words called ``key``."""
    return key in _read()


def html(text: object) -> str:
    """Return text made safe for a page."""
    return escape(str(text), quote=True)

"""How each kind of chart is read: words for those who need them, kept in ``reading.toml``."""

import tomllib
from functools import cache
from importlib.resources import files

from atelier.language import typeset


def how_to_read(kind: str, language: str) -> str:
    """Return how a kind of figure is read; empty for a kind that the file does not know.

    Args:
        kind: A ``FigureKind``.
        language: ``fr`` or ``en``.
    """
    texts = _read().get(kind)
    return typeset(texts[language], language) if texts else ""


@cache
def _read() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("reading.toml").read_text("utf-8"))

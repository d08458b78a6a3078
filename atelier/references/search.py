"""Search in a code list: accents, capitals and punctuation do not matter; what is nearest comes first."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from atelier.declarations import Reference

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_NOT_A_WORD = re.compile(r"[^0-9a-z]+")
_LIST = re.compile(r"\s*;\s*")
LABEL = 1
"""Place of the label among the columns searched, after the code."""


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """Return a text in small letters without accents, its words separated by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NOT_A_WORD.sub(" ", letters).strip()


def search_rows(
    rows: Iterable[Mapping[str, object]], declared: Reference, text: str, *, lives: Callable[[str], bool]
) -> list[tuple[str, str]]:
    """Return the code, and the column it was found in, of each row that a text names, the nearest first.

    An identifier or a name that is the text comes first, then names that begin with it, then those whose words begin
    with each of its words, wherever they stand, then rows that have its words in several columns. At equal rank, codes
    that live come before those replaced, a match in a label before one in another column, short labels before long
    ones, then the alphabet decides.

    Args:
        rows: Rows of the reference.
        declared: Its declaration.
        text: What is looked for.
        lives: Whether a code still carries its own figures.
    """
    asked = fold(text)
    if not asked:
        return []
    labels = [declared.label, *([declared.label_en] if declared.label_en else [])]
    columns = [declared.code, *labels, *declared.searched]
    best: dict[str, tuple[tuple[int, bool, int, int, str], str]] = {}
    for row in rows:
        nearest = _nearest(asked, [row[column] for column in columns])
        if nearest:
            (distance, place), code, label = nearest, str(row[declared.code]), fold(str(row[declared.label]))
            key = (distance, not lives(code), place, len(label.split()), label)
            best[code] = min(best.get(code, (key, columns[place])), (key, columns[place]))
    return [(code, column) for code, (_, column) in sorted(best.items(), key=lambda item: (item[1][0], item[0]))]


def _nearest(asked: str, values: Sequence[object]) -> tuple[int, int] | None:
    """Return how far the nearest value is from what is asked, and its place; None when the row does not hold it."""
    texts = [[fold(part) for part in _LIST.split(str(value))] if value is not None else [] for value in values]
    near = [(_distance(asked, parts), place) for place, parts in enumerate(texts)]
    known = [(distance, place) for distance, place in near if distance is not None]
    if known:
        return min(known)
    return (3, LABEL) if _holds(asked, [part for parts in texts for part in parts]) else None


def _distance(asked: str, parts: Sequence[str]) -> int | None:
    """Return 0 when a part is what is asked, 1 when it begins with it, 2 when they hold its words, None otherwise."""
    if asked in parts:
        return 0
    if any(part.startswith(asked) for part in parts):
        return 1
    return 2 if _holds(asked, parts) else None


def _holds(asked: str, parts: Sequence[str]) -> bool:
    """Whether each word asked begins a word of the parts."""
    words = [word for part in parts for word in part.split()]
    return all(any(word.startswith(one) for word in words) for one in asked.split())

"""Search in a code list: accents, capitals and punctuation do not matter; what is nearest comes first."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from atelier.declarations import Reference

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_NOT_A_WORD = re.compile(r"[^0-9a-z]+")
_LIST = re.compile(r"\s*;\s*")


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
    with each of its words, wherever they stand. At equal rank, codes that live come before those replaced, a match in
    a label before one in another column, short labels before long ones, then the alphabet decides.

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
    best: dict[str, tuple[tuple[int, bool, int, int, str, str], str]] = {}
    for row in rows:
        code, label = str(row[declared.code]), fold(str(row[declared.label]))
        for place, column in enumerate(columns):
            distance = _distance(asked, row[column])
            if distance is not None:
                key = (distance, not lives(code), place, len(label.split()), label, code)
                if code not in best or key < best[code][0]:
                    best[code] = key, column
    return [(code, column) for code, (_, column) in sorted(best.items(), key=lambda item: item[1][0])]


def _distance(asked: str, value: object) -> int | None:
    """Return how far a value is from what is asked: 0 the same, 1 begins with it, 2 holds its words, None otherwise."""
    if value is None:
        return None
    parts = [fold(part) for part in _LIST.split(str(value))]
    if asked in parts:
        return 0
    if any(part.startswith(asked) for part in parts):
        return 1
    words = [word for part in parts for word in part.split()]
    return 2 if all(any(word.startswith(one) for word in words) for one in asked.split()) else None

"""Numbers, lists and texts as each language writes them."""

import pytest

from atelier.errors import UnknownNameError
from atelier.language import Text, format_list, format_number, format_rank, format_share, require_language, typeset


@pytest.mark.parametrize(
    ("value", "language", "decimals", "expected"),
    [
        (50832, "fr", 0, "50\N{NARROW NO-BREAK SPACE}832"),
        (50832, "en", 0, "50,832"),
        (112.62, "fr", 1, "112,6"),
        (-0.04, "fr", 1, "0,0"),
        (0, "en", 0, "0"),
    ],
)
def test_numbers(value: float, language: str, decimals: int, expected: str) -> None:
    """French groups with a narrow no-break space and writes a decimal comma; no number is minus zero."""
    assert format_number(value, language, decimals) == expected


def test_shares() -> None:
    """A ratio is shown in per cent; French puts a no-break space before the sign."""
    assert format_share(0.58475, "fr") == "58,5\N{NARROW NO-BREAK SPACE}%"
    assert format_share(0.58475, "en") == "58.5%"


def test_ranks() -> None:
    """A rank has the ending of its language."""
    assert [format_rank(rank, "fr") for rank in (1, 2, 21)] == ["1er", "2e", "21e"]
    assert [format_rank(rank, "en") for rank in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip


def test_lists() -> None:
    """Items are joined as a sentence joins them."""
    assert format_list(["a", "b", "c"], "fr") == "a, b et c"


def test_texts_are_filled_in_each_language() -> None:
    """A Text inside a Text is read in its language."""
    whole = Text(fr="en {place}", en="in {place}").format({"place": Text(fr="Corse", en="Corsica")})
    assert (whole["fr"], whole["en"]) == ("en Corse", "in Corsica")


def test_french_gets_its_no_break_spaces_and_english_does_not() -> None:
    """Thin before ; ! ?, full before : and inside quotation marks."""
    assert typeset("Ah ! « oui » : l'an", "fr") == "Ah\u202f! «\u00a0oui\u00a0»\u00a0: l’an"
    assert Text(fr="Qui : l'an ?", en="who?").fr == "Qui\u00a0: l’an\u202f?"
    assert typeset("Ah : l'an", "en") == "Ah : l’an"


def test_another_language_is_refused() -> None:
    """The message names the two there are."""
    with pytest.raises(UnknownNameError, match="fr, en"):
        require_language("de")

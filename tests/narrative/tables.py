"""Stat tables made by hand, without engine or theme, and a reader of the numbers that sentences write."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from atelier.declarations import Member, Unit
from atelier.indicators import Card, Dimension, Note, Provenance, StatTable
from atelier.language import NARROW_SPACE, Text, same

COUNT = Unit(label=Text(fr="arbres", en="trees"), singular=Text(fr="arbre", en="tree"), kind="count")
WALKS = Unit(label=Text(fr="balades", en="walks"), singular=Text(fr="balade", en="walk"), kind="count", gender="f")
SHARE = Unit(label=same("%"), kind="share", decimals=1)
EUROS = Unit(label=same("euros"), kind="number", decimals=0)
AMOUNTS = Unit(
    label=Text(fr="millions d’euros", en="million euros"),
    singular=Text(fr="million d’euros", en="million euros"),
    kind="number",
    decimals=1,
    scale=1e6,
    exact=same("euros"),
)
MEASURES: Mapping[str, tuple[Unit, Text]] = {
    "count": (COUNT, COUNT.label),
    "walks": (WALKS, WALKS.label),
    "share": (SHARE, Text(fr="Part des chênes", en="Share of oaks")),
    "number": (EUROS, Text(fr="Coût moyen", en="Mean cost")),
    "amounts": (AMOUNTS, Text(fr="Total des produits", en="Total income")),
}
Cell = tuple[float | None, str]

_NUMBER = re.compile(
    rf"(\d{{1,3}}(?:[{NARROW_SPACE},]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(\s?%|\sde plus|\sde moins|\s\w+)?"
)


def build_table(
    cells: Mapping[int | str, Cell],
    measure: str = "count",
    *,
    language: str = "fr",
    breaks: Sequence[int | None] = (),
    bases: Mapping[int | str, float] | None = None,
    filters: Mapping[str, tuple[str, ...]] | None = None,
) -> StatTable:
    """Return a table of trees by year, or by park where codes are words.

    Args:
        cells: Value and status by code.
        measure: Which of ``MEASURES``.
        language: Language of the table.
        breaks: Years of its breaks in series.
        bases: Denominators by code.
        filters: Codes kept, by dimension: ``year`` or ``park``.
    """
    is_time = all(isinstance(code, int) for code in cells)
    dimensions = {"year": _dimension("year", cells if is_time else ())}
    dimensions["park"] = _dimension("park", ("Aubry", "Belleau", "Cormes", "Dorval") if is_time else cells)
    asked = dimensions["year" if is_time else "park"]
    rows = [
        {asked.column: code, "value": value, "status": status, "denominator": (bases or {}).get(code)}
        for code, (value, status) in cells.items()
    ]
    unit, label = MEASURES[measure]
    card = Card("trees", label, label, label, label, label, label, unit, label, "neutral", bases is not None)
    known = {"fr": "Rupture.", "en": "Break."}
    frame = pd.DataFrame(rows).assign(numerator=None).astype({"value": "float64", "denominator": "float64"})
    return StatTable(
        card=card,
        dimensions=(asked,),
        filters=filters or {},
        filter_dimensions=tuple(dimensions[name] for name in filters or {}),
        cells=frame,
        notes=tuple(Note("break", Text(**known), year) for year in breaks),
        provenance=Provenance(
            "parks", "trees", {}, "trees", "t", same("t"), same("t"), "-", "2024", "-", {}, "-", "select"
        ),
        whole=Text(fr="Ville", en="City"),
        language=language,  # type: ignore[arg-type]
    )


def read_numbers(text: str, language: str, *, is_share: bool, scale: float = 1) -> list[tuple[float, float]]:
    """Return each number a sentence writes with the step of its rounding; years, which have no separator, left out.

    Args:
        text: The sentence.
        language: Its language.
        is_share: Whether points are hundredths.
        scale: Scale of the unit it is written in: a number told in millions is read back whole.
    """
    found = []
    for written, after in _NUMBER.findall(text):
        if re.fullmatch(r"[12]\d{3}", written):
            continue
        decimal = "," if language == "fr" else "."
        plain = written.replace(NARROW_SPACE, "") if language == "fr" else written.replace(",", "")
        times = 0.01 if "%" in after or (is_share and "point" in after) else scale
        decimals = len(plain.split(decimal)[1]) if decimal in plain else 0
        found.append((float(plain.replace(decimal, ".")) * times, 10**-decimals * times))
    return found


def read_years(text: str) -> list[int]:
    """Return the years a sentence names."""
    return [int(year) for year in re.findall(rf"(?<![\d{NARROW_SPACE},])[12]\d{{3}}(?!\d|,\d)", text)]


def _dimension(name: str, codes: Sequence[int | str] | Mapping[int | str, Cell]) -> Dimension:
    members = {str(code): Member(code=str(code), label=same(str(code))) for code in codes}
    return Dimension(name, same(name), members, kind="time" if name == "year" else "nominal")

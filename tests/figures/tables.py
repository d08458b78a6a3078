"""Stat tables made by hand about trees in parks, without engine or theme."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from atelier.declarations import Member, Unit
from atelier.figures import Territories
from atelier.figures.territories import Shape
from atelier.indicators import Card, Dimension, Note, Provenance, StatTable
from atelier.language import Text, same

COUNT = Unit(label=Text(fr="arbres", en="trees"), singular=Text(fr="arbre", en="tree"), kind="count")
SHARE = Unit(label=same("%"), kind="share", decimals=1)
INDEX = Unit(label=Text(fr="indice (base 100)", en="index (base 100)"), kind="number", decimals=1)
LABELS = {
    "count": Text(fr="Arbres plantés", en="Trees planted"),
    "share": Text(fr="Part des chênes parmi les arbres", en="Share of oaks among trees"),
    "number": Text(fr="Évolution du nombre d’arbres (base 100)", en="Change in tree numbers (base 100)"),
}
PARKS = ("aubry", "belleau", "cormes", "dorval", "ermont", "fleurac", "gordes", "herblay")
YEARS = tuple(str(year) for year in range(2015, 2025))
DIMENSIONS = {
    "year": ("time", Text(fr="Année", en="Year"), YEARS),
    "park": ("nominal", Text(fr="Parc", en="Park"), PARKS),
    "district": ("geo", Text(fr="Quartier", en="District"), ("north", "south", "island")),
    "age": ("ordinal", Text(fr="Âge", en="Age"), ("young", "grown", "old")),
    "species": ("nominal", Text(fr="Essence", en="Species"), ("oak", "beech", "ash")),
}
SQUARE = "M0 0l40 0 0 40 -40 0z"
DISTRICTS = {
    "district": Territories(
        "district",
        80,
        40,
        {"north": Shape(SQUARE, (20, 20), 20), "south": Shape("M40 0l40 0 0 40 -40 0z", (60, 20), 20)},
        Text(fr="plan de la ville", en="city map"),
    )
}


def dimension(name: str, codes: Iterable[str] | None = None) -> Dimension:
    """Return one of the dimensions above."""
    kind, title, known = DIMENSIONS[name]
    members = {code: Member(code=code, label=same(code.title())) for code in (codes or known)}
    return Dimension(name, title, members, kind)  # type: ignore[arg-type]


def build_table(
    by: Sequence[str],
    rows: Iterable[Sequence[object]],
    unit: Unit = COUNT,
    *,
    language: str = "fr",
    breaks: Sequence[int] = (),
    where: dict[str, tuple[str, ...]] | None = None,
) -> StatTable:
    """Return a table; a row holds a code for each dimension, then numerator, denominator (None) and status.

    Args:
        by: Dimensions.
        rows: Rows; a numerator of None is a cell without a value.
        unit: ``COUNT``, ``SHARE`` or ``INDEX``.
        language: Language of the table.
        breaks: Years of its breaks in series.
        where: Filters.
    """
    cells = pd.DataFrame([list(row) for row in rows], columns=[*by, "numerator", "denominator", "status"])
    cells["numerator"] = cells["numerator"].astype("float64")
    cells["denominator"] = cells["denominator"].astype("float64")
    ratio = cells["numerator"] / cells["denominator"] * (100 if unit.kind == "number" else 1)
    cells["value"] = cells["numerator"] if unit.kind == "count" else ratio
    if "year" in by:
        cells["year"] = cells["year"].astype("int64")
    label = LABELS[unit.kind]
    short = Text(fr="Part des chênes", en="Share of oaks") if unit.kind == "share" else label
    scope = Text(fr="Ville, arbres d’alignement", en="City, street trees")
    card = Card("trees", label, short, label, label, label, label, unit, scope, "neutral", unit.kind != "count")
    return StatTable(
        card=card,
        dimensions=tuple(dimension(name) for name in by),
        filters=where or {},
        filter_dimensions=tuple(dimension(name) for name in where or {}),
        cells=cells[[*by, "value", "status", "numerator", "denominator"]],
        notes=tuple(Note("break", Text(fr="Comptage nouveau.", en="New count."), year) for year in breaks),
        provenance=Provenance(
            "parks",
            "trees",
            {},
            "trees",
            "t-1",
            Text(fr="Arbres", en="Trees"),
            Text(fr="Ville", en="City"),
            "Licence Ouverte 2.0",
            "2015-2024",
            "https://example.org",
            {},
            "0.1.0",
            "select 1",
        ),
        whole=Text(fr="Ville", en="City"),
        language=language,  # type: ignore[arg-type]
    )


def line(*, hole: int | None = None, **options: object) -> StatTable:
    """Return shares of oaks by year, one of them hidden where ``hole`` names it."""
    rows = [
        [
            year,
            None if int(year) == hole else 500 + 10 * rank,
            None if int(year) == hole else 1000,
            "Q" if int(year) == hole else "A",
        ]
        for rank, year in enumerate(YEARS)
    ]
    return build_table(["year"], rows, SHARE, **options)  # type: ignore[arg-type]


def lines(parks: int = 3, **options: object) -> StatTable:
    """Return counts by year and park."""
    rows = [
        [year, park, 100 * (rank + 1) + int(year) - 2015, None, "A"]
        for year in YEARS
        for rank, park in enumerate(PARKS[:parks])
    ]
    return build_table(["year", "park"], rows, **options)  # type: ignore[arg-type]


def bars(**options: object) -> StatTable:
    """Return counts by park, the second hidden, the third on a small number."""
    rows = [
        ["aubry", 120, None, "A"],
        ["belleau", None, None, "Q"],
        ["cormes", 7, None, "U"],
        ["dorval", 300, None, "A"],
        ["ermont", 0, None, "A"],
        ["fleurac", None, None, "O"],
    ]
    return build_table(["park"], rows, where={"year": ("2024",)}, **options)  # type: ignore[arg-type]


def stack(**options: object) -> StatTable:
    """Return the share of each species by year."""
    rows = [
        [year, species, count, 100, "A"]
        for year in YEARS
        for species, count in (("oak", 50), ("beech", 30), ("ash", 20))
    ]
    return build_table(["year", "species"], rows, SHARE, **options)  # type: ignore[arg-type]


def districts(**options: object) -> StatTable:
    """Return counts by district, the island's hidden."""
    rows = [["north", 10, None, "U"], ["south", 400, None, "A"], ["island", None, None, "Q"]]
    return build_table(["district"], rows, where={"year": ("2024",)}, **options)  # type: ignore[arg-type]


def index(**options: object) -> StatTable:
    """Return an index by year, 100 in the first."""
    rows = [[year, 200 + 5 * rank, 200, "A"] for rank, year in enumerate(YEARS)]
    return build_table(["year"], rows, INDEX, **options)  # type: ignore[arg-type]


def in_english(table: StatTable) -> StatTable:
    """Return the same table in English."""
    return replace(table, language="en")

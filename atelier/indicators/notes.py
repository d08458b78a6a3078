"""What a reader of a table must know: breaks, hidden and small cells, missing values, mergers."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from atelier.declarations import Dataset
from atelier.indicators.breakdown import Breakdown
from atelier.indicators.table import Dimension, Note, NoteKind
from atelier.language import Text, format_list
from atelier.references import UNMATCHED

_CELL_NOTES: dict[NoteKind, tuple[str, Text]] = {
    "hidden": (
        "Q",
        Text(
            fr="[Q] : {count} valeur{s} masquée{s}, parce que l’effectif est trop faible ou parce que la valeur "
            "permettrait d’en calculer un qui l’est.",
            en="[Q]: {count} value{s} hidden, because the number is too small or because the value would give away one "
            "that is.",
        ),
    ),
    "small": (
        "U",
        Text(
            fr="[U] : {count} valeur{s} fragile{s}, sur un effectif faible ou selon la source, à lire avec prudence.",
            en="[U]: {count} value{s} on a small number, or of low reliability according to the source, to be read "
            "with care.",
        ),
    ),
    "missing": (
        "O",
        Text(
            fr="[O] : {count} valeur{s} manquante{s} dans la source.",
            en="[O]: {count} value{s} missing in the source.",
        ),
    ),
    "provisional": (
        "P",
        Text(fr="[P] : {count} valeur{s} provisoire{s}.", en="[P]: {count} provisional value{s}."),
    ),
}
_MERGED = Text(
    fr="{label} porte aussi les chiffres de : {names}.",
    en="{label} also carries the figures of: {names}.",
)
_UNMATCHED = Text(
    fr="{count} cellule{s} sans code connu.",
    en="{count} cell{s} without a known code.",
)
_UNMATCHED_WEIGHT = Text(
    fr="{count} cellule{s} sans code connu, pour un total de {weight}.",
    en="{count} cell{s} without a known code, for a total of {weight}.",
)
_NEVER_MERGED = Text(
    fr="{count} valeur{s} manquante{s} : des établissements fusionnés depuis avaient chacun la leur, et une valeur "
    "publiée ne se moyenne pas. Demandez les établissements tels qu’ils étaient.",
    en="{count} value{s} missing: institutions merged since then each had their own, and a published value is "
    "never averaged. Ask for institutions as they were.",
)

_COVERAGE = Text(
    fr="{title} – chiffre absent, laissé hors du calcul : {years}.",
    en="{title} – figure absent, left out: {years}.",
)
_ABSENT = Text(fr="{absent} sur {respondents} en {year}", en="{absent} of {respondents} in {year}")
_RANGE = Text(fr="selon l’année, de {low} à {high}", en="from {low} to {high}, depending on the year")
LISTED_YEARS = 3
"""Years up to which a figure lists who is absent; beyond, it tells the fewest and the most."""


def describe_coverage(cells: pd.DataFrame, breakdown: Breakdown, respondent: Dimension | None) -> tuple[Note, ...]:
    """Return a note that counts, year by year, the respondents left out of cells that speak of several.

    Args:
        cells: Columns of the breakdown, then ``respondents`` and ``absent`` where the dataset has respondents.
        breakdown: The question.
        respondent: Dimension of the respondents.
    """
    if respondent is None or "absent" not in cells:
        return ()
    partial = cells["absent"].gt(0) & cells["absent"].lt(cells["respondents"])
    only = next(iter(breakdown.filters.get("year", ())), None)
    years = cells["year"] if "year" in breakdown.by else pd.Series(only, index=cells.index)
    counts = cells[["absent", "respondents"]].groupby(years).sum()[lambda sums: sums.index.isin(years[partial])]
    if counts.empty:
        return ()
    told = [
        _ABSENT.format({"absent": f"{absent:.0f}", "respondents": f"{asked:.0f}", "year": year})
        for year, absent, asked in counts.itertuples()
    ]
    listed = Text(fr=", ".join(one.fr for one in told), en=", ".join(one.en for one in told))
    text = _COVERAGE.format({"title": respondent.title, "years": listed})
    if len(told) <= LISTED_YEARS:
        return (Note("coverage", text),)
    part = (counts["absent"] / counts["respondents"]).to_numpy()
    ends = {"low": told[int(part.argmin())], "high": told[int(part.argmax())]}
    short = _COVERAGE.format({"title": respondent.title, "years": _RANGE.format(ends)})
    return (Note("coverage", text, short=short),)


def collect_notes(
    indicator: str,
    dataset: Dataset,
    breakdown: Breakdown,
    cells: pd.DataFrame,
    *,
    years: Iterable[str],
    predecessors: Mapping[str, list[str]],
    summed: bool = True,
    merged: int = 0,
) -> tuple[Note, ...]:
    """Return the notes of a table.

    Args:
        indicator: Identifier of the indicator.
        dataset: Declaration of its dataset.
        breakdown: The question.
        cells: The protected cells.
        years: Years the question ranges over.
        predecessors: Labels of the institutions merged into each one kept by a filter.
        summed: Whether values may be added up; a value published as it is may not.
        merged: Published values that a merger left without any.
    """
    notes: list[Note] = []
    span = sorted(int(year) for year in years)
    for broken in dataset.breaks:
        concerned = not broken.indicators or indicator in broken.indicators
        if concerned and span and span[0] < broken.year <= span[-1]:
            notes.append(Note("break", broken.note, broken.year))
    counts = Counter(cells["status"].tolist())
    for kind, (status, text) in _CELL_NOTES.items():
        if counts.get(status, 0):
            notes.append(Note(kind, _counted(text, counts[status])))
    for label, names in predecessors.items():
        listed = Text(fr=format_list(names, "fr"), en=format_list(names, "en"))
        notes.append(Note("perimeter", _MERGED.format({"label": label, "names": listed})))
    unmatched = _find_unmatched(cells, breakdown)
    if unmatched.any():
        weight = f"{cells.loc[unmatched, 'numerator'].sum():.0f}"
        text = _UNMATCHED_WEIGHT if summed else _UNMATCHED
        notes.append(Note("unmatched", _counted(text, int(unmatched.sum()), weight=weight)))
    if merged:
        notes.append(Note("missing", _counted(_NEVER_MERGED, merged)))
    return tuple(notes)


def _counted(text: Text, count: int, **told: str) -> Text:
    """Return a sentence about a count; ``{s}`` marks its plurals."""
    return text.format({"count": count, "s": "" if count == 1 else "s", **told})


def _find_unmatched(cells: pd.DataFrame, breakdown: Breakdown) -> NDArray[np.bool_]:
    found = np.zeros(len(cells), bool)
    for column in (name.replace("-", "_") for name in breakdown.by):
        if not is_numeric_dtype(cells[column]):  # a year is never unmatched
            found |= cells[column].eq(UNMATCHED).to_numpy(bool)
    return found

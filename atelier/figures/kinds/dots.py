"""Dots against the band of their peers: where a few stand among many, one row for each category."""

from dataclasses import replace

import pandas as pd

from atelier.errors import QuestionError
from atelier.figures.captions import build_subtitle, build_title, value_words, when_words, where_words
from atelier.figures.kinds.asked import Asked
from atelier.figures.layout import Layout
from atelier.figures.marks import Reading, reaches_zero
from atelier.figures.palette import CATEGORICAL, categorical
from atelier.figures.phrases import closed, say, subject
from atelier.figures.specification import Band, Figure, Grid, Mark, Series
from atelier.indicators.table import Dimension
from atelier.language import format_list

QUARTERS = 4
"""A smaller group has no quartiles."""


def build_dots(asked: Asked) -> Figure:
    """Return the dots of highlighted codes, each row with the band of all the codes it is compared with.

    The band is made of every visible value of the row, the highlighted ones included: lowest, quartiles (linear
    interpolation), median, highest. Forecasts and observed values are never in one band.

    Raises:
        QuestionError: No code highlighted, or the table holds no peers to compare it with.
        UnknownNameError: A dimension or a highlighted code that does not exist.
    """
    asked.refuse(
        against=asked.against is not None,
        references=bool(asked.references),
        quadrants=bool(asked.quadrants),
        relative=asked.relative,
    )
    table, language = asked.table, asked.table.language
    rows, peers = _dimensions(asked)
    layout = asked.layout(rows, (peers,))
    every = Reading(table, layout, asked.wanted).series()
    chosen = [one for one in every if one.highlighted]
    if not chosen:
        raise QuestionError(f"the codes highlighted have no cell in this table: widen the filters of {peers.id}.")
    if len(chosen) > len(CATEGORICAL):
        raise QuestionError(
            f"{len(chosen)} dots in one row cannot be told apart: highlight {len(CATEGORICAL)} or fewer."
        )
    colors = categorical(len(chosen))
    keys, others = _keys(asked, every, chosen, rows)
    shown = tuple(replace(one, color=color, marks=_marks(one, keys)) for one, color in zip(chosen, colors, strict=True))
    bands = tuple(band for key in keys if (band := _band(asked, every, key)) is not None)
    if not bands:
        raise QuestionError("every value compared is withheld: draw bars, which show the letters.")
    from_zero = reaches_zero(every, ())
    notes = _notes(asked, every, keys)
    notes += [] if from_zero else [say("note.not_zero", language)]
    who = format_list([one.label for one in shown], language)
    title = build_title(table, replace(layout, series=()), shown)
    count = max(band.count for band in bands)
    return asked.figure(
        layout,
        shown,
        [*notes, *asked.others(others)],
        title=say("title.dots", language, who=who, title=title, count=count),
        subtitle=say("subtitle.dots", language, measure=build_subtitle(table)),
        lecture=_lecture(asked, layout, shown, bands),
        alt=_alt(asked, layout, shown, bands),
        from_zero=from_zero,
        bands=bands,
        grid=_grid(asked, layout, shown, bands),
    )


def _dimensions(asked: Asked) -> tuple[Dimension | None, Dimension]:
    if not asked.wanted:
        raise QuestionError("dots set some codes against their peers: highlight one, or draw bars to rank them all.")
    varying = asked.varying()
    holding = [one for one in varying if asked.wanted[0] in one.members and one.id != asked.x]
    peers = asked.dimension(asked.series) if asked.series else next(iter(holding), None)
    if peers is None:
        known = [code for one in varying for code in one.members]
        asked.layout(None, tuple(varying))
        raise QuestionError(f"{asked.wanted[0]!r} has no peers in this table ({len(known)} codes): widen the filters.")
    rest = [one for one in varying if one is not peers]
    if len(rest) > 1:
        named = ", ".join(one.id for one in rest)
        raise QuestionError(f"dots have one row for each code of one dimension: keep a single code of some of {named}.")
    return (rest[0] if rest else None), peers


def _keys(
    asked: Asked, every: tuple[Series, ...], chosen: list[Series], rows: Dimension | None
) -> tuple[list[str], int]:
    """Return the rows in their order: that of the dimension, else the highest first dot at the top."""
    found = {mark.key: mark for one in reversed([*chosen, *every]) for mark in one.marks}
    if rows is None:
        return list(found)[:1], 0
    present = [code for code in rows.members if code in found]
    if rows.kind in ("ordinal", "time"):
        order = present
    else:
        first = {mark.key: mark.value for mark in chosen[0].marks if mark.value is not None}
        order = sorted(present, key=lambda key: (-first[key] if key in first else float("inf"), present.index(key)))
    marks = [found[key] for key in order]
    kept, others = asked.keep(marks, marks)
    return [mark.key for mark in kept], others


def _marks(series: Series, keys: list[str]) -> tuple[Mark, ...]:
    marks = {mark.key: mark for mark in series.marks} if len(keys) > 1 else {keys[0]: series.marks[0]}
    return tuple(marks[key] for key in keys if key in marks)


def _row(every: tuple[Series, ...], key: str) -> list[Mark]:
    """Return the marks of a row; in a table of a single row, every mark."""
    return [mark for one in every for mark in one.marks if mark.key == key]


def _band(asked: Asked, every: tuple[Series, ...], key: str) -> Band | None:
    seen = [mark for mark in _row(every, key) if mark.value is not None]
    observed = [mark for mark in seen if not mark.is_forecast] or seen
    if not observed:
        return None
    values = pd.Series([mark.value for mark in observed], dtype="float64")
    low, lower, middle, upper, high = (float(values.quantile(part)) for part in (0, 0.25, 0.5, 0.75, 1))
    write = asked.table.format
    texts = (write(low), write(lower), write(middle), write(upper), write(high))
    if len(observed) >= QUARTERS:
        return Band(key, len(observed), low, lower, middle, upper, high, texts)
    texts = (texts[0], "", texts[2], "", texts[4])
    return Band(key, len(observed), low, None, middle, None, high, texts)


def _notes(asked: Asked, every: tuple[Series, ...], keys: list[str]) -> list[str]:
    language, notes = asked.table.language, []
    rows = [_row(every, key) for key in keys]
    apart = 0
    for marks in rows:
        forecasts = sum(mark.is_forecast for mark in marks if mark.value is not None)
        seen = sum(mark.value is not None for mark in marks)
        apart += forecasts if forecasts < seen else 0
    if apart:
        notes.append(say("note.band_apart", language, count=apart))
    hidden = sum(mark.value is None for marks in rows for mark in marks)
    if hidden:
        notes.append(say("note.band_hidden", language, count=hidden))
    return [*notes, say("note.band_file", language)]


def _lecture(asked: Asked, layout: Layout, shown: tuple[Series, ...], bands: tuple[Band, ...]) -> str:
    table, language = asked.table, asked.table.language
    found = {band.key: band for band in bands}
    seen = [(one, mark) for one in shown for mark in one.marks if mark.value is not None]
    if not seen:
        return say("lecture.none", language)
    series, mark = max(
        seen, key=lambda pair: (pair[0] is shown[0], pair[1].status in ("A", "P"), -pair[0].marks.index(pair[1]))
    )
    band = found[mark.key]
    half = "" if band.lower is None else say("lecture.half", language, lower=band.texts[1], upper=band.texts[3])
    labels = where_words(table, layout, series, mark)
    return say(
        "lecture.dots",
        language,
        when=when_words(table, layout, series, mark),
        subject=closed(subject(table)),
        value=value_words(table, mark),
        where=say("lecture.where", language, labels=", ".join(labels)),
        count=band.count,
        middle=band.texts[2],
        half=half,
    )


def _alt(asked: Asked, layout: Layout, shown: tuple[Series, ...], bands: tuple[Band, ...]) -> str:
    language, told = asked.table.language, 8
    said = [asked.alt_head(layout, build_subtitle(asked.table))]
    for band in bands[:told]:
        marks = [(one, mark) for one in shown for mark in one.marks if mark.key == band.key]
        listed = ", ".join(f"{one.label} {mark.text}" for one, mark in marks)
        label = asked.code_label(layout, band.key) if layout.x else asked.table.card.short[language]
        low, _, middle, _, high = band.texts
        told_row = {"label": label, "listed": listed or "–", "middle": middle, "low": low, "high": high}
        said.append(say("alt.dots", language, count=band.count, **told_row))
    return " ".join(said)


def _grid(asked: Asked, layout: Layout, shown: tuple[Series, ...], bands: tuple[Band, ...]) -> Grid:
    language = asked.table.language
    names = [say(f"band.{name}", language) for name in ("low", "lower", "middle", "upper", "high", "count")]
    title = layout.x.title[language] if layout.x else asked.table.card.unit.label[language]
    rows = []
    for band in bands:
        marks = [next((mark for mark in one.marks if mark.key == band.key), None) for one in shown]
        header = asked.code_label(layout, band.key) if layout.x else asked.table.card.short[language]
        values = [mark.text if mark else "[O]" for mark in marks]
        rows.append((header, *values, *(text or "–" for text in band.texts), str(band.count)))
    return Grid((title, *(one.label for one in shown), *names), tuple(rows))

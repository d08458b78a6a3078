"""A scatter: two measures of the same categories, with their medians as quadrant lines."""

from dataclasses import replace
from statistics import median

from atelier.errors import QuestionError
from atelier.figures.captions import build_source, build_subtitle, table_notes, value_words, when_words, where_words
from atelier.figures.kinds.asked import Asked
from atelier.figures.layout import Layout, count_series
from atelier.figures.marks import Reading
from atelier.figures.palette import ACCENT, CATEGORICAL, CONTEXT, categorical
from atelier.figures.phrases import closed, lower_first, say, subject, year_of
from atelier.figures.specification import Figure, Grid, Mark, Series
from atelier.indicators.table import Dimension, StatTable
from atelier.language import format_list

LEAST = 3
"""Fewer points have no shape."""
CORNERS = 4
Two = tuple[Mark | None, Mark | None]
"""A code's mark in each table, None where the table lacks it."""
_NAMED = 6


def build_scatter(asked: Asked) -> Figure:
    """Return a point for each code with both measures: the table's upwards, that of ``against`` across.

    Raises:
        QuestionError: No second table, one broken down otherwise, or too few points.
        UnknownNameError: A dimension or a highlighted code that does not exist.
    """
    asked.refuse(references=bool(asked.references), relative=asked.relative, top=asked.top is not None)
    table, other, language = asked.table, _against(asked), asked.table.language
    rows = _dimension(asked, other)
    layout = asked.layout(rows, ())
    across = {mark.key: mark for one in Reading(other, layout, ()).series() for mark in one.marks}
    (upwards,) = Reading(table, layout, asked.wanted).series()
    pairs: list[Two] = [(mark, across.get(mark.key)) for mark in upwards.marks]
    pairs += [(None, mark) for key, mark in across.items() if key not in {one.key for one in upwards.marks}]
    points = tuple(
        _point(asked, other, one, two) for one, two in pairs if one is not None and two is not None and _joins(one, two)
    )
    if len(points) < LEAST:
        raise QuestionError(
            f"{len(points)} points with both measures make no scatter: widen the filters, or draw bars."
        )
    shown = _series(upwards, points)
    middle = (median(mark.value or 0.0 for mark in points), median(mark.across or 0.0 for mark in points))
    one, two = table.card.short[language], other.card.short[language]
    word = say("band.middle", language)
    return asked.figure(
        layout,
        shown,
        _notes(asked, other, pairs, len(points)),
        title=_title(asked, layout, other),
        subtitle=say("subtitle.scatter", language, one=build_subtitle(table), other=build_subtitle(other)),
        source=_source(table, other),
        scope=asked.scope(other),
        x_title=build_subtitle(other),
        y_title=build_subtitle(table),
        lecture=_lecture(asked, layout, other, shown, across),
        alt=_alt(asked, layout, shown, middle, other),
        from_zero=False,
        against=other,
        references=((f"{word} {table.format(middle[0])}", middle[0]),),
        guides=((f"{word} {other.format(middle[1])}", middle[1]),),
        quadrants=asked.quadrants,
        named=_named(points, middle),
        grid=Grid(
            (rows.title[language], one, two),
            (
                *(
                    (rows.label(key, language), *_texts(key, upwards, across))
                    for key in _ordered(rows, upwards, across)
                ),
                (word, table.format(middle[0]), other.format(middle[1])),
            ),
        ),
    )


def _source(table: StatTable, other: StatTable) -> str:
    """Return the source of both tables, told once where it is the same."""
    one, two, told = build_source(table, None), build_source(other, None), other.provenance
    if one == two:
        return one
    dataset = f"{told.producer[table.language]}, {told.dataset_title[table.language]}"
    return say("source.also", table.language, source=one, dataset=dataset, vintage=told.vintage)


def _against(asked: Asked) -> StatTable:
    if asked.against is None:
        raise QuestionError("a scatter sets two measures against each other: give against= the other table.")
    if asked.quadrants and len(asked.quadrants) != CORNERS:
        raise QuestionError(f"quadrants= holds the words of {CORNERS} corners, clockwise from the top right.")
    return asked.against.in_language(asked.table.language)


def _dimension(asked: Asked, other: StatTable) -> Dimension:
    varying = asked.varying()
    if len(varying) != 1 or varying[0].kind == "time":
        named = ", ".join(one.id for one in varying) or "none"
        raise QuestionError(f"a scatter has a point for each code of one dimension other than time, here {named}.")
    (rows,) = varying
    theirs = [one.id for one in other.dimensions if count_series(other, (one,)) > 1]
    if theirs != [rows.id]:
        raise QuestionError(
            f"both measures of a scatter are asked over {rows.id!r}, the other is over "
            f"{', '.join(theirs) or 'nothing'}: ask it by {rows.id!r}, one year of it."
        )
    return rows


def _joins(one: Mark, two: Mark) -> bool:
    return one.value is not None and two.value is not None and one.is_forecast == two.is_forecast


def _point(asked: Asked, other: StatTable, one: Mark, two: Mark) -> Mark:
    language = asked.table.language
    names = (asked.table.card.short[language], other.card.short[language])
    told = [
        say("mark.told", language, place=place, value=mark.text) for place, mark in zip(names, (one, two), strict=True)
    ]
    status = next((code for code in ("F", "U", "P", "B") if code in (one.status, two.status)), "A")
    return replace(one, across=two.value, status=status, detail=say("scope.and", language).join(told))


def _series(upwards: Series, points: tuple[Mark, ...]) -> tuple[Series, ...]:
    """Return the points of context as one series, then one for each highlighted point, in its own colour."""
    chosen = [mark for mark in points if mark.highlighted]
    if len(chosen) > len(CATEGORICAL):
        raise QuestionError(f"{len(chosen)} colours cannot be told apart: highlight {len(CATEGORICAL)} or fewer.")
    rest = tuple(mark for mark in points if not mark.highlighted)
    color = CONTEXT if chosen else ACCENT
    base = [replace(upwards, color=color, marks=rest)] if rest else []
    return (
        *base,
        *(
            Series(mark.key, mark.label, own, (mark,), highlighted=True)
            for mark, own in zip(chosen, categorical(len(chosen)), strict=True)
        ),
    )


def _named(points: tuple[Mark, ...], middle: tuple[float, float]) -> tuple[str, ...]:
    """Return the points to write: highlighted, the ends of each measure, then the farthest from the medians."""
    high, low = [max(points, key=by) for by in (_up, _along)], [min(points, key=by) for by in (_up, _along)]
    spread_up = (_up(high[0]) - _up(low[0])) or 1.0
    spread_along = (_along(high[1]) - _along(low[1])) or 1.0

    def away(mark: Mark) -> float:
        return abs(_up(mark) - middle[0]) / spread_up + abs(_along(mark) - middle[1]) / spread_along

    chosen = [mark.key for mark in points if mark.highlighted]
    extreme = [mark.key for mark in (*high, *low)]
    far = [mark.key for mark in sorted(points, key=lambda mark: (-away(mark), mark.key))]
    return tuple(dict.fromkeys([*chosen, *extreme, *far]))[: len(chosen) + _NAMED]


def _up(mark: Mark) -> float:
    return mark.value or 0.0


def _along(mark: Mark) -> float:
    return mark.across or 0.0


def _notes(asked: Asked, other: StatTable, pairs: list[Two], count: int) -> list[str]:
    table, language = asked.table, asked.table.language
    notes = table_notes(other)
    known = [(one, two) for one, two in pairs if one and two and one.value is not None and two.value is not None]
    hidden, apart = len(pairs) - len(known), sum(one.is_forecast != two.is_forecast for one, two in known)
    if hidden:
        notes.append(say("note.apart_hidden", language, count=hidden))
    if apart:
        notes.append(say("note.apart_kinds", language, count=apart))
    years = year_of(table), year_of(other)
    if years[0] != years[1] and None not in years:
        names = {"one": table.card.short[language], "other": other.card.short[language]}
        notes.append(say("note.other_years", language, one_year=years[0], other_year=years[1], **names))
    return [*notes, say("note.medians", language, count=count), say("note.no_cause", language)]


def _title(asked: Asked, layout: Layout, other: StatTable) -> str:
    table, language = asked.table, asked.table.language
    both = say("title.scatter", language, one=table.card.label[language], other=lower_first(other.card.label[language]))
    rows = format_list([lower_first(layout.x.title[language])] if layout.x else [], language)
    title = say("title.by", language, label=both, dimensions=rows)
    where = where_words(table, layout, None, None)
    if where:
        title = say("title.prefixed", language, context=", ".join(where), title=lower_first(title))
    year = year_of(table)
    return title if year is None else say("title.single_year", language, title=title, year=year)


def _lecture(asked: Asked, layout: Layout, other: StatTable, shown: tuple[Series, ...], across: dict[str, Mark]) -> str:
    table, language = asked.table, asked.table.language
    marks = [mark for one in shown for mark in one.marks]
    found = max(marks, key=lambda mark: (mark.highlighted, mark.status in ("A", "P"), mark.value or 0))
    labels = where_words(table, layout, None, found)
    flag = "" if found.status in ("A", "P") else f" [{found.status}]"
    return say(
        "lecture.scatter",
        language,
        when=when_words(table, layout, shown[0], found),
        subject=closed(subject(table)),
        value=value_words(table, replace(found, status="A")) + flag,
        other=closed(subject(other)),
        across=value_words(other, across[found.key]),
        where=say("lecture.where", language, labels=", ".join(labels)),
    )


def _alt(asked: Asked, layout: Layout, shown: tuple[Series, ...], middle: tuple[float, float], other: StatTable) -> str:
    table, language = asked.table, asked.table.language
    marks = [mark for one in shown for mark in one.marks]
    both = sum(_up(mark) > middle[0] and _along(mark) > middle[1] for mark in marks)
    neither = sum(_up(mark) < middle[0] and _along(mark) < middle[1] for mark in marks)
    measure = say(
        "title.scatter", language, one=table.card.label[language], other=lower_first(other.card.label[language])
    )
    said = [asked.alt_head(layout, measure)]
    medians = {"one": table.format(middle[0]), "other": other.format(middle[1])}
    said.append(say("alt.cloud", language, count=len(marks), **medians))
    said.append(say("alt.corners", language, both=both, neither=neither, mixed=len(marks) - both - neither))
    said += [f"{mark.label} : {mark.detail}." for mark in marks if mark.highlighted]
    return " ".join(said)


def _ordered(rows: Dimension, upwards: Series, across: dict[str, Mark]) -> list[str]:
    present = {mark.key for mark in upwards.marks} | set(across)
    return [code for code in rows.members if code in present]


def _texts(key: str, upwards: Series, across: dict[str, Mark]) -> tuple[str, str]:
    one = next((mark.text for mark in upwards.marks if mark.key == key), "[O]")
    return one, across[key].text if key in across else "[O]"

"""Diverging bars: how far each category is above or below something."""

from dataclasses import dataclass, replace
from typing import Literal

from atelier.errors import QuestionError
from atelier.figures.captions import build_subtitle, build_title, value_words, when_words, where_words
from atelier.figures.kinds.asked import Asked, cell_label, read_single
from atelier.figures.kinds.gaps import (
    Pair,
    differ,
    gap_notes,
    gap_words,
    joint_status,
    require_base,
    require_comparable,
    write_gap,
)
from atelier.figures.layout import Layout
from atelier.figures.marks import Reading
from atelier.figures.palette import ACCENT
from atelier.figures.phrases import closed, say, subject, upper_first
from atelier.figures.specification import Figure, Grid, Mark, Series
from atelier.indicators.table import Dimension


def build_diverging(asked: Asked) -> Figure:
    """Return bars on both sides of zero: a change between two years, gaps to one value, or signed values.

    Raises:
        QuestionError: Nothing to compare with, or values that do not compare.
        UnknownNameError: A dimension or a highlighted code that does not exist.
    """
    asked.refuse(quadrants=bool(asked.quadrants))
    varying = asked.varying()
    time = next((one for one in varying if one.kind == "time" and one.id != asked.x), None)
    rows = [one for one in varying if one is not time]
    if len(rows) != 1:
        named = ", ".join(one.id for one in rows) or "none"
        raise QuestionError(
            f"diverging bars rank the codes of one dimension, here {named}: break down by one, and keep a single code "
            "of the others."
        )
    layout = asked.layout(rows[0], ())
    if time is not None:
        return _figure(asked, layout, _changes(asked, rows[0], time))
    if asked.against is not None or asked.references:
        return _figure(asked, layout, _gaps(asked, layout))
    return _figure(asked, layout, _signed(asked, layout))


@dataclass(frozen=True)
class _Compared:
    """What bars are made of.

    Attributes:
        sort: ``change`` between two years, ``gap`` to one value, or ``signed`` values.
        pairs: For each category, what it is compared with and its own value.
        title: Title of the figure.
        subtitle: Measure and unit of the bars.
        head: Words of the columns of the two values, one of them for signed values.
    """

    sort: Literal["change", "gap", "signed"]
    pairs: tuple[Pair, ...]
    title: str
    subtitle: str
    head: tuple[str, ...]


def _changes(asked: Asked, rows: Dimension, time: Dimension) -> _Compared:
    table, language = asked.table, asked.table.language
    asked.refuse(against=asked.against is not None, references=bool(asked.references))
    years = sorted({int(year) for year in table.cells[time.column]})
    if len(years) != len(("start", "end")):
        raise QuestionError(f"a change goes from one year to another: keep two of the {len(years)} years asked.")
    require_comparable(table, years[0], years[1])
    require_base(asked)
    by_year = Reading(table, Layout("diverging", rows, (time,), ()), asked.wanted).series()
    start, end = ({mark.key: mark for one in by_year if one.key == str(year) for mark in one.marks} for year in years)
    pairs = tuple(Pair(asked.found(start, key, end), asked.found(end, key, start)) for key in {**start, **end})
    told = {"start": years[0], "end": years[1]}
    layout = Layout("diverging", rows, (), tuple(one for one in table.dimensions if one not in (rows, time)))
    base = build_title(table, layout, ())
    measure = table.card.label[language]
    return _Compared(
        "change",
        pairs,
        say("title.change_between", language, title=base, **told),
        say("subtitle.change", language, label=measure, unit=gap_words(table, relative=asked.relative), **told),
        (str(years[0]), str(years[1])),
    )


def _gaps(asked: Asked, layout: Layout) -> _Compared:
    table, language = asked.table, asked.table.language
    if asked.against is not None:
        label, whole = cell_label(asked.against), read_single(asked.against, table)
    elif len(asked.references) == 1:
        ((label, value),) = asked.references
        whole = Mark("", label, value, "A", table.format(value))
    else:
        raise QuestionError("diverging bars start from one value: give a single reference.")
    if whole.value is None:
        raise QuestionError(f"the value to compare with ({label}) is withheld {whole.text}: compare with another.")
    require_base(asked)
    (series,) = Reading(table, layout, asked.wanted).series()
    told = {"label": label, "value": whole.text}
    return _Compared(
        "gap",
        tuple(Pair(whole, mark) for mark in series.marks),
        say("title.gap", language, title=build_title(table, layout, (series,)), **told),
        say(
            "subtitle.gap",
            language,
            measure=table.card.label[language],
            unit=gap_words(table, relative=asked.relative),
            **told,
        ),
        (label, table.card.short[language]),
    )


def _signed(asked: Asked, layout: Layout) -> _Compared:
    table = asked.table
    asked.refuse(relative=asked.relative)
    (series,) = Reading(table, layout, asked.wanted).series()
    below = any(mark.value is not None and mark.value < 0 for mark in series.marks)
    if not below and not table.card.unit.signed:
        raise QuestionError(
            "diverging bars need two sides: give against= the table of the whole, break down by two years, "
            "or draw bars."
        )
    pairs = tuple(Pair(replace(mark, value=0.0), mark) for mark in series.marks)
    words = (build_title(table, layout, (series,)), build_subtitle(table))
    return _Compared("signed", pairs, *words, (table.card.short[table.language],))


def _figure(asked: Asked, layout: Layout, compared: _Compared) -> Figure:
    table, language = asked.table, asked.table.language
    shown, others = _bars(asked, layout, compared)
    return asked.figure(
        layout,
        (shown,),
        [*gap_notes(asked, compared.pairs), *asked.others(others)],
        title=compared.title,
        subtitle=compared.subtitle,
        y_title=upper_first(say("gap.head", language))
        if compared.sort != "signed"
        else table.card.unit.label[language],
        lecture=_lecture(asked, layout, compared, shown),
        alt=_alt(asked, layout, compared, shown),
        from_zero=True,
        grid=_grid(asked, layout, compared),
        against=asked.against,
    )


def _mark(asked: Asked, compared: _Compared, pair: Pair) -> Mark:
    table, (first, last) = asked.table, pair
    if compared.sort == "signed":
        return last
    gap, status = differ(pair, relative=asked.relative), joint_status(pair)
    text = write_gap(table, gap, status, relative=asked.relative)
    told = {"value": last.text, "reference": first.text, "gap": text}
    detail = say(f"gap.detail_{compared.sort}", table.language, **told)
    return replace(last, value=gap, status=status, text=text, detail=detail)


def _bars(asked: Asked, layout: Layout, compared: _Compared) -> tuple[Series, int]:
    """Return the bars in their order, and how many are left out: those nearest to zero go first."""
    marks = [_mark(asked, compared, pair) for pair in compared.pairs]
    rows = layout.x
    if rows is not None and rows.kind in ("ordinal", "time"):
        members = list(rows.members)
        order = sorted(marks, key=lambda mark: members.index(mark.key))
    else:
        order = sorted(marks, key=lambda mark: (-mark.value if mark.value is not None else float("inf"), mark.key))
    farthest = sorted(order, key=lambda mark: -abs(mark.value) if mark.value is not None else 1.0)
    kept, others = asked.keep(farthest, order)
    return Series("", compared.head[-1], ACCENT, kept), others


def _lecture(asked: Asked, layout: Layout, compared: _Compared, shown: Series) -> str:
    table, language = asked.table, asked.table.language
    seen = [mark for mark in shown.marks if mark.value is not None]
    if not seen:
        return say("lecture.none", language)
    found = max(seen, key=lambda mark: (mark.highlighted, mark.status in ("A", "P"), abs(mark.value or 0)))
    first, last = next(pair for pair in compared.pairs if pair.last.key == found.key)
    labels = where_words(table, layout, shown, found)
    told = {
        "when": when_words(table, layout, shown, found),
        "subject": closed(subject(table)),
        "where": say("lecture.where", language, labels=", ".join(labels)),
        "value": value_words(table, last),
        "first": value_words(table, first),
        "label": compared.head[0],
        "start": compared.head[0],
        "end": compared.head[-1],
        "gap": found.text,
    }
    key = {"change": "lecture.change", "gap": "lecture.gap", "signed": "lecture.mark"}[compared.sort]
    return say(key, language, **told)


def _alt(asked: Asked, layout: Layout, compared: _Compared, shown: Series) -> str:
    language = asked.table.language
    said = [asked.alt_head(layout, compared.subtitle)]
    seen = [mark for mark in shown.marks if mark.value is not None]
    if not seen:
        return " ".join([*said, say("alt.none", language, count=len(shown.marks))])
    above, below = (sum(mark.value is not None and mark.value * side > 0 for mark in seen) for side in (1, -1))
    said.append(say("alt.sides", language, above=above, below=below))
    high, low = max(seen, key=lambda mark: mark.value or 0), min(seen, key=lambda mark: mark.value or 0)
    ends = {"high": high.text, "high_label": high.label, "low": low.text, "low_label": low.label}
    said.append(say("alt.extremes", language, **ends))
    return " ".join([*said, *asked.alt_hidden(len(shown.marks) - len(seen))])


def _grid(asked: Asked, layout: Layout, compared: _Compared) -> Grid:
    language = asked.table.language
    every = {mark.key: mark for mark in (_mark(asked, compared, pair) for pair in compared.pairs)}
    gap = compared.sort != "signed"
    head = (asked.row_title(layout), *compared.head, *([_gap_head(compared, language)] if gap else []))
    rows = []
    for first, last in sorted(compared.pairs, key=lambda pair: asked.rank(layout, pair.last.key)):
        values = (first.text, last.text, every[last.key].text) if gap else (last.text,)
        rows.append((asked.row_label(layout, last), *values))
    return Grid(head, tuple(rows))


def _gap_head(compared: _Compared, language: str) -> str:
    return say("gap.change" if compared.sort == "change" else "gap.head", language)

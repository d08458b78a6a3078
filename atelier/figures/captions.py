"""The words around a figure, computed from what it shows: title, Lecture, Champ, Source, alternative text, notes.

Every number here is the text of a mark, or a plain difference of two; a hidden value has no mark with a value, so no
caption can tell it.
"""

from collections.abc import Sequence
from itertools import pairwise

from atelier.figures.layout import Layout, parts_of_whole
from atelier.figures.phrases import (
    closed,
    context,
    filter_words,
    filters,
    is_index,
    lower_first,
    of_plural,
    plural,
    say,
    span,
    subject,
    upper_first,
    year_of,
)
from atelier.figures.specification import Mark, Series
from atelier.figures.territories import Territories
from atelier.indicators.table import Dimension, StatTable, format_value
from atelier.language import NO_BREAK_SPACE, format_list, format_number

LISTED_PARTS = 8
BASE = 100.0
_YEAR = "{year}"
SURE = ("A", "P")


def build_title(table: StatTable, layout: Layout, shown: Sequence[Series]) -> str:
    """Return the title: what a single line shows, else the measure, its breakdown, filters and years."""
    language = table.language
    if layout.kind in ("line", "key") and len(shown) == 1 and _over_time(layout):
        ends = _comparable_ends(table, shown[0])
        if ends is not None:
            title = _change(table, *ends)
            where = where_words(table, layout, None, None)
            if where:
                return say("title.prefixed", language, context=", ".join(where), title=title)
            return upper_first(title)
    asked = [*layout.series, layout.x] if layout.kind == "stack" else [layout.x, *layout.series]
    drawn = [one for one in asked if one is not None and one.kind != "time"]
    title = table.card.label[language]
    if layout.kind == "distribution":
        noun = plural(lower_first(drawn[0].title[language]), language)
        title = say("title.spread", language, noun=noun, measure=subject(table))
    elif drawn:
        # A share of each field is not told "by field" again.
        names = [lower_first(one.title[language]) for one in drawn]
        names = [name for name in names if name not in title.lower()]
        title = say("title.by", language, label=title, dimensions=format_list(names, language)) if names else title
    where = where_words(table, layout, None, None)
    if where:
        title = say("title.prefixed", language, context=", ".join(where), title=lower_first(title))
    years = sorted({int(mark.key) for one in shown for mark in one.marks}) if _over_time(layout) else []
    if years[1:]:
        return say("title.span", language, title=title, start=years[0], end=years[-1])
    if any(one.kind == "time" for one in layout.series):
        time = next(one for one in layout.series if one.kind == "time")
        return say("title.years", language, title=title, years=span(table, list(table.cells[time.column])))
    year = year_of(table)
    return title if year is None else say("title.single_year", language, title=title, year=year)


def build_subtitle(table: StatTable) -> str:
    """Return the measure and its unit."""
    language, unit = table.language, table.card.unit
    label, noun = table.card.label[language], unit.label[language]
    if unit.kind == "share":
        return say("subtitle.share", language, label=label)
    if unit.kind == "count":
        return say("subtitle.count", language, label=label, unit=noun, of_unit=of_plural(noun))
    for start in [place for place, sign in enumerate(noun) if sign == "("]:
        label = label.replace(noun[start:], "").strip()
    return say("subtitle.number", language, label=label, unit=noun)


def build_lecture(table: StatTable, layout: Layout, shown: Sequence[Series]) -> str:
    """Return the reading sentence: it takes one mark, the surest and most telling, and states its number."""
    language = table.language
    found = _telling(layout, shown)
    if found is None:
        return say("lecture.none", language)
    series, mark = found
    when, labels = when_words(table, layout, series, mark), where_words(table, layout, series, mark)
    part = _part(table, layout, series, mark)
    if part:
        labels.remove(part)
    where = say("lecture.where", language, labels=", ".join(labels)) if labels else ""
    value = value_words(table, mark)
    if part:
        return say("lecture.part", language, when=when, part=part, value=value, where=where)
    text = say("lecture.mark", language, when=when, subject=closed(subject(table)), value=value, where=where)
    if is_index(table) and mark.value is not None:
        text += _from_base(table, series, mark)
    return text


def build_scope(table: StatTable) -> str:
    """Return the "Champ": what the indicator covers, then each filter."""
    parts = [table.card.scope[table.language].rstrip(".")]
    parts += [filter_words(table, dimension, codes) for dimension, codes in filters(table)]
    return say("scope.text", table.language, scope=say("scope.and", table.language).join(parts))


def build_source(table: StatTable, territories: Territories | None) -> str:
    """Return the source: producer, dataset, vintage, and whose shapes a map uses."""
    language, told = table.language, table.provenance
    source = say(
        "source.text",
        language,
        producer=told.producer[language],
        dataset=told.dataset_title[language],
        vintage=told.vintage,
    )
    if told.denominator_title is not None:
        title = told.denominator_title[language]
        source = say("source.also", language, source=source, dataset=title, vintage=told.denominator_vintage)
    if territories is None:
        return source
    return say("source.credit", language, source=source, credit=territories.credit[language])


def build_alt(table: StatTable, layout: Layout, shown: Sequence[Series]) -> str:
    """Return the alternative text: kind, subject, then what stands out, with numbers."""
    language = table.language
    where = where_words(table, layout, None, None)
    head = say(
        "alt.head",
        language,
        kind=say(f"alt.kind.{layout.kind}", language),
        measure=lower_first(build_subtitle(table)),
        context="".join(f", {label}" for label in where),
    )
    marks = [(one, mark) for one in shown for mark in one.marks]
    seen = [(one, mark) for one, mark in marks if mark.value is not None]
    sentences = [head]
    if not seen:
        sentences.append(say("alt.none", language, count=len(marks)))
    elif len(seen) == 1:
        sentences.append(say("alt.single", language, value=seen[0][1].text, label=_named(layout, *seen[0])))
    else:
        sentences += _standing_out(table, layout, shown)
    hidden = len(marks) - len(seen)
    if seen and hidden:
        sentences.append(say("alt.hidden_one" if hidden == 1 else "alt.hidden_many", language, count=hidden))
    return " ".join(sentences)


def build_notes(
    table: StatTable, layout: Layout, shown: Sequence[Series], *, others: int, from_zero: bool, by_quantile: bool
) -> tuple[str, ...]:
    """Return what must be known: the table's notes, letters they do not tell, what the drawing leaves out."""
    language = table.language
    notes = table_notes(table)
    if (
        layout.kind in ("line", "multiples")
        and not from_zero
        and any(mark.value is not None for mark in shown[0].marks)
    ):
        notes.append(say("note.not_zero", language))
    if layout.kind == "line" and any(one.highlighted for one in shown) and not all(one.highlighted for one in shown):
        names = [lower_first(one.title[language]) for one in layout.series]
        notes.append(say("note.context", language, dimensions=format_list(names, language)))
    if by_quantile:
        notes.append(say("note.classes_cells" if layout.kind == "heat" else "note.classes", language))
    if others:
        notes.append(say("note.others_one" if others == 1 else "note.others_many", language, count=others))
    return tuple(notes)


def table_notes(table: StatTable) -> list[str]:
    """Return the table's own notes, then the meaning of each letter they do not tell."""
    language = table.language
    notes = break_notes(table)
    notes += [(note.short or note.text)[language] for note in table.notes if note.kind != "break"]
    for code, meaning in table.statuses.items():
        if not any(note.startswith(f"[{code}]") for note in notes):
            notes.append(say("note.status", language, code=code, meaning=meaning[language]))
    return notes


def break_notes(table: StatTable) -> list[str]:
    """Return the breaks in series of a table; those told in the same words but for their year are told once."""
    same: dict[str, list[str]] = {}
    for note in table.notes:
        if note.kind == "break":
            year, text = str(note.year), note.text[table.language]
            words = text.replace(year, _YEAR) if text.count(year) == 1 else text
            same.setdefault(words, []).append(year)
    return [words.replace(_YEAR, format_list(years, table.language)) for words, years in same.items()]


def build_class_labels(table: StatTable, bounds: Sequence[float]) -> tuple[str, ...]:
    """Return the words of each class of a map, open at both ends so that no bound is told twice."""
    language, unit = table.language, table.card.unit
    texts = [format_value(bound, unit, language) for bound in bounds]
    if not bounds[2:]:
        return (texts[0] if texts[0] == texts[-1] else say("mark.class", language, low=texts[0], high=texts[-1]),)
    inner = texts[1:-1]
    middle = [say("mark.class", language, low=a, high=b) for a, b in pairwise(inner)]
    first = say("mark.class_first", language, high=inner[0])
    return (first, *middle, say("mark.class_last", language, low=inner[-1]))


def _standing_out(table: StatTable, layout: Layout, shown: Sequence[Series]) -> list[str]:
    if layout.kind == "stack":
        return _parts(table, layout, shown)
    sentences = []
    seen = [(one, mark) for one in shown for mark in one.marks if mark.value is not None]
    seen = [pair for pair in seen if not pair[1].is_forecast] or seen
    if _over_time(layout) and len(shown) == 1:
        first, last = seen[0][1], seen[-1][1]
        key = "alt.apart" if is_broken(table, first, last) else "alt.change"
        ends = {"first": first.text, "start": first.label, "last": last.text, "end": last.label}
        sentences.append(say(key, table.language, **ends))
    elif _over_time(layout):
        sentences.append(_at_the_end(table, shown))
    else:
        sentences.append(say("alt.count", table.language, count=len(seen)))
    years = [mark for _, mark in sorted(seen, key=lambda pair: pair[1].key)]
    if _over_time(layout) and is_broken(table, years[0], years[-1]):
        return sentences
    high = max(seen, key=lambda pair: float(pair[1].value or 0))
    low = min(seen, key=lambda pair: float(pair[1].value or 0))
    if high[1].value != low[1].value:
        told = {"high": high[1].text, "high_label": _named(layout, *high)}
        told |= {"low": low[1].text, "low_label": _named(layout, *low)}
        sentences.append(say("alt.extremes", table.language, **told))
    return sentences


def _at_the_end(table: StatTable, shown: Sequence[Series]) -> str:
    year = max((mark.key for one in shown for mark in one.marks if mark.value is not None), key=int)
    leading = [one for one in shown if one.highlighted] or list(shown)
    listed = []
    for one in sorted(leading, key=lambda series: -_value_at(series, year))[:LISTED_PARTS]:
        text = next((mark.text for mark in one.marks if mark.key == year), None)
        if text is not None:
            listed.append(f"{one.label} {text}")
    return say("alt.series", table.language, count=len(shown), year=year, listed=", ".join(listed))


def _parts(table: StatTable, layout: Layout, shown: Sequence[Series]) -> list[str]:
    keys = list(dict.fromkeys(mark.key for one in shown for mark in one.marks))
    told = [keys[0], keys[-1]] if _over_time(layout) and len(keys) > 1 else keys[:1]
    sentences = []
    for key in told:
        found = [(one, mark) for one in shown for mark in one.marks if mark.key == key]
        listed = ", ".join(f"{lower_first(one.label)} {mark.text}" for one, mark in found)
        sentences.append(say("alt.parts", table.language, label=found[0][1].label, listed=listed))
    return sentences


def _change(table: StatTable, first: Mark, last: Mark) -> str:
    language = table.language
    told = {"subject": closed(subject(table)), "first": value_words(table, first), "last": value_words(table, last)}
    told |= {"start": first.label, "end": last.label}
    if first.text == last.text:
        return say("title.same", language, **told)
    verb = say("title.rose" if (last.value or 0) > (first.value or 0) else "title.fell", language)
    return say("title.change", language, verb=verb, **told)


def _comparable_ends(table: StatTable, series: Series) -> tuple[Mark, Mark] | None:
    """Return the first and last marks of a line, forecasts apart, that no break separates and that are sure."""
    seen = [mark for mark in series.marks if mark.value is not None and not mark.is_forecast]
    if not seen[1:] or seen[0].status not in SURE or seen[-1].status not in SURE:
        return None
    return None if is_broken(table, seen[0], seen[-1]) else (seen[0], seen[-1])


def is_broken(table: StatTable, first: Mark, last: Mark) -> bool:
    """Return whether a break in series lies between two years."""
    years = [note.year for note in table.notes if note.kind == "break"]
    return any(year is not None and int(first.key) < year <= int(last.key) for year in years)


def _telling(layout: Layout, shown: Sequence[Series]) -> tuple[Series, Mark] | None:
    """Return the mark the reading sentence takes: highlighted first, then sure, then the latest, then the largest."""
    seen = [(one, mark) for one in shown for mark in one.marks if mark.value is not None]
    if not seen:
        return None

    def telling(pair: tuple[Series, Mark]) -> tuple[bool, bool, float, float]:
        series, mark = pair
        years = [code for dimension, code in _codes(layout, series) if dimension.kind == "time"]
        recent = float(mark.key if _over_time(layout) else max(years, default="0"))
        size = 0.0 if layout.kind in ("line", "multiples") else float(mark.value or 0.0)
        return (series.highlighted or mark.highlighted, mark.status in SURE, recent, size)

    return max(seen, key=telling)


def where_words(table: StatTable, layout: Layout, series: Series | None, mark: Mark | None) -> list[str]:
    """Return the labels that tell what a mark, or the whole figure when None, is about."""
    language = table.language
    labels = []
    if mark is not None and layout.x is not None and layout.x.kind != "time":
        labels.append(layout.x.label(mark.key, language))
    if series is not None and layout.series:
        labels += [one.label(code, language) for one, code in _codes(layout, series) if one.kind != "time"]
    labels += [one.label(table.cells[one.column].iloc[0], language) for one in layout.fixed if one.kind != "time"]
    return labels + [label for label in context(table) if label not in labels]


def when_words(table: StatTable, layout: Layout, series: Series, mark: Mark) -> str:
    """Return the year a mark speaks of, as the start of a sentence."""
    year: object = mark.key if _over_time(layout) else year_of(table)
    for dimension, code in _codes(layout, series):
        year = code if dimension.kind == "time" else year
    return "" if year is None else say("lecture.when", table.language, year=year)


def _part(table: StatTable, layout: Layout, series: Series, mark: Mark) -> str:
    """Return the label of the part that a mark is, empty when marks are not parts of a whole."""
    parts = parts_of_whole(table)
    if parts is None:
        return ""
    codes = {dimension.id: code for dimension, code in _codes(layout, series)}
    return parts.label(mark.key if parts == layout.x else codes.get(parts.id, mark.key), table.language)


def _codes(layout: Layout, series: Series) -> list[tuple[Dimension, str]]:
    return list(zip(layout.series, series.key.split("|"), strict=True)) if layout.series else []


def _named(layout: Layout, series: Series, mark: Mark) -> str:
    return f"{series.label}, {mark.label}" if layout.series else mark.label


def value_words(table: StatTable, mark: Mark) -> str:
    """Return a value with its unit, where the noun is not said already, and its letter where it is not sure."""
    text, unit = table.format(mark.value), table.card.unit
    if unit.kind == "number" and not is_index(table):
        text += NO_BREAK_SPACE + unit.label[table.language]
    return text if mark.status in SURE else f"{text} [{mark.status}]"


def _from_base(table: StatTable, series: Series, mark: Mark) -> str:
    language = table.language
    start = next((one for one in series.marks if one.value == BASE), None)
    if start is None or start.key == mark.key or mark.value is None:
        return ""
    gap = round(mark.value, table.card.unit.decimals) - BASE
    direction = say("lecture.more" if gap >= 0 else "lecture.less", language)
    number = format_number(abs(gap), language, table.card.unit.decimals)
    return say("lecture.index", language, start=start.label, gap=number, direction=direction) + "."


def _value_at(series: Series, year: str) -> float:
    return next((mark.value for mark in series.marks if mark.key == year and mark.value is not None), float("-inf"))


def _over_time(layout: Layout) -> bool:
    return layout.x is not None and layout.x.kind == "time"

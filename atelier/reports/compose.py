"""Builds blocks from tables and profiles: what a report's notebook calls."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from atelier.figures import Figure, FigureKind, build_figure, render_svg
from atelier.figures.captions import break_notes
from atelier.figures.phrases import lower_first
from atelier.indicators import COMPARED, StatTable
from atelier.indicators.table import STATUSES
from atelier.language import NO_BREAK_SPACE, format_list, format_number, format_rank, format_share
from atelier.narrative import build_narrative
from atelier.reports.blocks import (
    Block,
    Column,
    Cover,
    Definitions,
    FigureBlock,
    Items,
    KeyFigure,
    KeyFigures,
    Narrative,
    Notice,
    Table,
    answers_of,
)
from atelier.reports.profile import Profile, nearest, rank
from atelier.reports.words import say
from atelier.workbench import Workbench

MINUS = "\N{MINUS SIGN}"
BREAK, NOT_APPLICABLE, MISSING = "[B]", "[M]", "O"
FEW = 20
"""Under it, the people behind a share are not counted aloud: the share says enough."""
PERIODS = (("one-year", 1), ("five-years", 5))
MANY_ROWS = 40
TYPEFACE = "'Source Sans 3', system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif"
WIDE, NARROW, LINE_HEIGHT = 640, 340, 250


def cover(profile: Profile, title: str) -> Cover:
    """Return what opens a profile: who it is about, which year, what must be known before reading.

    Args:
        profile: The profile.
        title: What kind of document it is.
    """
    language, attributes = profile.language, profile.codes.attributes[profile.code]
    dataset = profile.engine.theme.require_indicator(profile.indicator).dataset
    dimensions = profile.engine.dimensions(dataset)
    facts = [
        (one.title[language], dimensions[one.dimension].label(attributes[one.column], language))
        for one in profile.reference.dimensions
        if one.dimension in dimensions
    ]
    merged = profile.engine.predecessors(dataset, profile.dimension, profile.code)
    names = [profile.codes.members[code].label[language] for code in merged]
    others = [name for name in dict.fromkeys(names) if name != profile.label]
    if others:
        facts.append((say("predecessors", language), format_list(others, language)))
    facts.append((say("code", language), profile.code))
    warnings = [say("automatic-report", language)]
    if profile.year != profile.asked:
        warnings.insert(0, say("earlier-year", language, asked=profile.asked, year=profile.year))
    return Cover(
        language=language,
        title=profile.label,
        kicker=f"{title}, {say('autumn', language, year=profile.year).lower()}",
        facts=tuple(facts),
        warnings=tuple(warnings),
    )


def key_figures(profile: Profile, *indicators: str) -> KeyFigures:
    """Return a few indicators with their change over one and five years, beside those of the group."""
    language = profile.language
    tables = [(profile.about(one, "year"), profile.about_group(one, "year")) for one in indicators]
    figures = tuple(_key_figure(profile, own, group) for own, group in tables)
    texts = [
        text
        for one in figures
        for text in (one.value, one.group_value, *(change for _, change in (*one.changes, *one.group_changes)))
    ]
    return KeyFigures(
        language=language,
        title=f"{say('key-figures', language)}, {say('autumn', language, year=profile.year).lower()}",
        figures=figures,
        source=source(tables[0][0]),
        notes=legend(texts, language),
        answers=answers_of(*(table for pair in tables for table in pair)),
    )


def figure(table: StatTable, kind: FigureKind | None = None, **options: Any) -> Block:
    """Return a figure of a table, or a notice when there is nothing to draw.

    Args:
        table: What to draw.
        kind: Kind of figure; chosen from the table by default.
        **options: See ``atelier.figures.build_figure``.
    """
    if not table.cells["value"].notna().any():
        return Notice(language=table.language, text=say("no-figures", table.language))
    if kind == "line" and len(set(table.cells["year"])) == 1:
        return Notice(language=table.language, text=say("one-autumn", table.language))
    if table.dimensions[0].id == COMPARED:
        options = {"title": _compared_title(table), **options}
    drawn = build_figure(table, kind, **options)
    columns, rows = _drawn_table(drawn)
    return FigureBlock(
        language=drawn.language,
        title=drawn.title,
        subtitle=drawn.subtitle,
        svg=render_svg(drawn, WIDE, LINE_HEIGHT if drawn.kind == "line" else None, font=TYPEFACE),
        svg_narrow=render_svg(drawn, NARROW, font=TYPEFACE),
        alt=drawn.alt,
        lecture=drawn.lecture,
        scope=drawn.scope,
        source=drawn.source,
        notes=drawn.notes,
        columns=columns,
        rows=rows,
        answers=answers_of(table),
    )


def history(profile: Profile, *indicators: str, title: str) -> Table:
    """Return a table of indicators year by year, the latest last.

    Args:
        profile: Whom it is about.
        *indicators: One column each.
        title: Its caption.
    """
    tables = [profile.about(one, "year") for one in indicators]
    columns = [texts(table, "year") for table in tables]
    rows = [(str(year), *(column[year] for column in columns)) for year in profile.years]
    years = tables[0].dimension("year")
    return table_of(tables, title, years.title[profile.language], rows, highlighted=len(rows) - 1)


def comparison(profile: Profile, *indicators: str, title: str) -> Table:
    """Return a table of indicators, one row each: the member and its change over five years, its group, the whole.

    Args:
        profile: Whom it is about.
        *indicators: One row each.
        title: Its caption.
    """
    language, year, rows, tables = profile.language, profile.year, [], []
    for one in indicators:
        own, group, whole = (ask(one, "year") for ask in (profile.about, profile.about_group, profile.about_whole))
        change = dict(changes(own, year))[say("five-years", language)]
        others = (group, whole) if profile.group else (whole,)
        beside = (_cell(other, "year", year) for other in others)
        rows.append((own.measure(own.card.label), _cell(own, "year", year), change, *beside))
        tables += [own, *others]
    whole_label = tables[-1].whole[language]
    change = say("change", language, period=say("five-years", language))
    group_label = [profile.group_label] if profile.group else []
    headings = [profile.series_label[language], change, *group_label, whole_label]
    columns = (Column(say("indicator", language), is_number=False), *map(Column, headings))
    return replace(table_of(tables, title, "", rows, highlighted=None), columns=columns)


def peers_table(profile: Profile, *indicators: str, title: str) -> Block:
    """Return a table of the members of the group closest by the first indicator, or a notice when there are none.

    Args:
        profile: Whom it is about; its row is highlighted.
        *indicators: One column each.
        title: Its caption.
    """
    tables = [profile.peers(one) for one in indicators]
    if len(tables[0].cells) == 1:
        return Notice(language=profile.language, text=say("no-peers", profile.language))
    dimension = tables[0].dimensions[0]
    codes = list(nearest(tables[0], profile.code).cells[dimension.column])
    columns = [texts(table, dimension.column) for table in tables]
    rows = [(dimension.short_label(code, profile.language), *(column[code] for column in columns)) for code in codes]
    heading = dimension.title[profile.language]
    return table_of(tables, title, heading, rows, highlighted=codes.index(profile.code))


def members_table(profile: Profile, dimension: str, *indicators: str, title: str, top: int = MANY_ROWS) -> Table:
    """Return a table of the codes of a dimension inside the member, by decreasing value of the first indicator.

    Args:
        profile: What holds them: a region.
        dimension: What they are: ``institution``.
        *indicators: One column each.
        title: Its caption.
        top: Rows kept; a note counts the others.
    """
    language, tables = profile.language, [profile.members(one, dimension) for one in indicators]
    asked, known = tables[0].dimensions[0], tables[0].cells.dropna(subset=["value"])
    known = known[known["value"] > 0].sort_values("value", ascending=False, kind="stable")
    codes, columns = list(known[asked.column])[:top], [texts(table, asked.column) for table in tables]
    rows = [(asked.label(code, language), *(column[code] for column in columns)) for code in codes]
    table = table_of(tables, title, asked.title[language], rows, highlighted=None)
    others = len(known) - len(codes)
    return replace(table, notes=(*table.notes, say("others", language, count=others))) if others else table


def rank_sentence(profile: Profile, indicator: str) -> Narrative:
    """Return the sentence that places a member among its group."""
    language, table = profile.language, profile.peers(indicator)
    position, count = rank(table, profile.code)
    number, unit = _cell(table, table.dimensions[0].column, profile.code), table.card.unit
    sentence = say(
        "rank" if profile.group else "rank-of-all",
        language,
        subject=profile.label,
        rank=format_rank(position, language),
        count=count,
        group=lower_first(profile.group_label),
        value=number if unit.kind == "share" else f"{number} {unit.label[language]}",
    )
    return _narrative([sentence], (table,), language)


def text(*tables: StatTable, **options: Any) -> Block:
    """Return the sentences computed from tables, marked as written automatically; a notice when there are none.

    Args:
        *tables: Tables told one after the other.
        **options: See ``atelier.narrative.build_narrative``.
    """
    sentences = [sentence.text for table in tables for sentence in build_narrative(table, **options)]
    if not sentences:
        return Notice(language=tables[0].language, text=say("no-figures", tables[0].language))
    return _narrative(sentences, tables, tables[0].language)


def definitions(workbench: Workbench, *indicators: str) -> Definitions:
    """Return the definition and the calculation of indicators, from their cards."""
    language = workbench.language
    cards = [workbench.engine.card(one) for one in indicators]
    entries = tuple((card.label[language], card.definition[language], card.calculation[language]) for card in cards)
    return Definitions(language=language, entries=entries, calculation=say("calculation", language))


def limits(workbench: Workbench, *indicators: str) -> Items:
    """Return what the figures do not say: limits of the datasets, breaks in series, limits of the indicators."""
    theme, language = workbench.theme, workbench.language
    declared = [theme.require_indicator(one) for one in indicators]
    found = [limit for name in {one.dataset: None for one in declared} for limit in theme.datasets[name].limits]
    found += [one.limits for one in declared]
    return Items(language=language, items=tuple(dict.fromkeys(limit[language] for limit in found)))


def nearest_peers(profile: Profile, indicator: str) -> StatTable:
    """Return an indicator for the members of the group closest by it, to be drawn as ranked bars."""
    return nearest(profile.peers(indicator), profile.code)


def _key_figure(profile: Profile, own: StatTable, group: StatTable) -> KeyFigure:
    return KeyFigure(
        label=own.measure(own.card.short),
        value=_cell(own, "year", profile.year),
        parts=parts(own, profile.year),
        changes=changes(own, profile.year),
        group_label=profile.group_label,
        group_value=_cell(group, "year", profile.year),
        group_changes=changes(group, profile.year),
    )


def parts(table: StatTable, year: int) -> str:
    """Return the numerator and the denominator of a share; nothing for a count, a hidden cell or a few people."""
    found = table.cells.loc[table.cells["year"] == year, ["numerator", "denominator"]].dropna()
    if table.card.unit.kind != "share" or found.empty or found["numerator"].iloc[0] < FEW:
        return ""
    numerator, denominator = (format_number(value, table.language) for value in found.to_numpy()[0])
    return say("parts", table.language, numerator=numerator, denominator=denominator)


def changes(table: StatTable, year: int) -> tuple[tuple[str, str], ...]:
    """Return the change of a value over one and five years, each with the words for its period; none across a break."""
    values = table.cells.set_index("year")["value"]
    broken = [note.year for note in table.notes if note.kind == "break" and note.year is not None]
    told = []
    for period, years in PERIODS:
        is_across = any(year - years < one <= year for one in broken)
        change = BREAK if is_across else _change(table, values.get(year - years), values.get(year))
        told.append((say(period, table.language), change))
    return tuple(told)


def _change(table: StatTable, before: float | None, now: float | None) -> str:
    language, is_share = table.language, table.card.unit.kind == "share"
    if before is None or now is None or pd.isna(before) or pd.isna(now):
        return NOT_APPLICABLE
    if not is_share and (before <= 0 or now < 0):  # of a balance, no percentage tells which way it went
        return NOT_APPLICABLE
    if is_share:
        points = _signed(100 * (now - before), lambda value: format_number(value, language, 1))
        return f"{points}{NO_BREAK_SPACE}{say('points', language)}"
    return _signed(now / before - 1, lambda value: format_share(value, language))


def _signed(value: float, write: Callable[[float], str]) -> str:
    written = write(abs(value))
    if written == write(0.0):
        return written
    return ("+" if value > 0 else MINUS) + written


def texts(table: StatTable, column: str) -> Mapping[object, str]:
    """Return values as a reader sees them, by code of a column; a code that has none is told to be missing."""
    cells = table.cells
    known = zip(cells[column].tolist(), cells["value"].tolist(), cells["status"].tolist(), strict=True)
    texts = {code: table.format(value, status) for code, value, status in known}
    return defaultdict(lambda: table.format(None, MISSING), texts)


def _cell(table: StatTable, column: str, code: object) -> str:
    """Return the value of one code as a reader sees it."""
    return texts(table, column)[code]


def legend(texts: Iterable[str], language: str) -> tuple[str, ...]:
    """Return the meaning of each status code that a text carries."""
    carried = " ".join(texts)
    return tuple(f"[{code}] {text[language]}" for code, text in STATUSES.items() if f"[{code}]" in carried)


def table_of(
    tables: Sequence[StatTable], title: str, heading: str, rows: Sequence[tuple[str, ...]], *, highlighted: int | None
) -> Table:
    """Return a table with the scope, source, legend and breaks of the tables it is made from."""
    first, language = tables[0], tables[0].language
    breaks = dict.fromkeys(note for table in tables for note in break_notes(table))
    return Table(
        language=language,
        title=title,
        columns=(
            Column(heading, is_number=False),
            *(Column(table.measure(table.card.short)) for table in tables),
        ),
        rows=tuple(rows),
        highlighted=highlighted,
        scope=say("scope", language, scope=first.card.scope[language]),
        source=source(first),
        notes=(*legend((cell for row in rows for cell in row), language), *breaks),
        answers=answers_of(*tables),
    )


def _drawn_table(drawn: Figure) -> tuple[tuple[Column, ...], tuple[tuple[str, ...], ...]]:
    """Return the numbers of a figure: one row per mark, one column per series."""
    keys = dict.fromkeys((mark.key, mark.label) for series in drawn.series for mark in series.marks)
    texts = [{mark.key: mark.text for mark in series.marks} for series in drawn.series]
    headings = [series.label or drawn.y_title for series in drawn.series]
    columns = (Column(drawn.x_title, is_number=False), *map(Column, headings))
    return columns, tuple((label, *(text.get(key, NOT_APPLICABLE) for text in texts)) for key, label in keys)


def _compared_title(table: StatTable) -> str:
    language = table.language
    names = [member.label[language] for member in table.dimensions[0].members.values()]
    values = {"label": table.card.label[language], "names": format_list(names, language)}
    year = ", ".join(table.filters.get("year", ()))
    if not year or table.dimensions[-1].kind == "time":
        return say("compared-title", language, **values)
    return say("compared-title-year", language, year=year, **values)


def _narrative(sentences: Sequence[str], tables: Sequence[StatTable], language: str) -> Narrative:
    notice = say("automatic-text", language)
    return Narrative(language=language, sentences=tuple(sentences), notice=notice, answers=answers_of(*tables))


def source(table: StatTable) -> str:
    """Return the sentence that names where a table comes from."""
    known, language = table.provenance, table.language
    cited = f"{known.producer[language]}, {lower_first(known.dataset_title[language])}, {known.vintage}"
    return say("source", language, source=cited)

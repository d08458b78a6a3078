"""Builds the blocks of the reports on an indicator, on a whole theme and on a dataset: what their notebooks call."""

from collections.abc import Iterable
from typing import Any

from atelier.declarations import FieldDeclaration
from atelier.errors import QuestionError
from atelier.figures import FigureKind
from atelier.figures.phrases import lower_first
from atelier.language import format_list, format_number, typeset
from atelier.references import UNMATCHED
from atelier.reports.blocks import (
    Block,
    CardBlock,
    Column,
    Cover,
    Items,
    KeyFigure,
    KeyFigures,
    Notice,
    Table,
    answers_of,
)
from atelier.reports.compose import changes, figure, legend, parts, source, table_of, text, texts
from atelier.reports.subject import Subject, declared, subjects_of
from atelier.reports.words import say
from atelier.workbench import Workbench

NOTHING = "–"
MANY_CODES, SHOWN_CODES = 7, 4


def show(*blocks: Block) -> None:
    """Show several blocks from one cell, in order."""
    from IPython.display import display  # noqa: PLC0415 - only a notebook has where to show them

    for block in blocks:
        display(block)


def indicator_cover(subject: Subject, title: str) -> Cover:
    """Return what opens a report on an indicator."""
    language, card = subject.language, subject.card
    dataset = declared(subject.workbench, subject.dataset)
    time = dataset.field("year").title[language]
    facts = [
        (say("unit", language), card.unit.label[language]),
        (say("dataset", language), dataset.title[language]),
        (say("covers", language), card.scope[language]),
    ]
    if subject.years:
        facts.append((time, f"{subject.years[0]}–{subject.years[-1]}"))
    warnings = [say("automatic-report", language)]
    if subject.years and subject.year != subject.asked:
        warnings.insert(0, say("earlier-year", language, asked=subject.asked, year=subject.year))
    kicker = f"{title}, {lower_first(time)} {subject.year}"
    return Cover(
        language=language, title=card.label[language], kicker=kicker, facts=tuple(facts), warnings=tuple(warnings)
    )


def card(subject: Subject) -> CardBlock:
    """Return the card of an indicator: definition, calculation, how to read it."""
    language, known = subject.language, subject.card
    entries = (
        (say("definition", language), known.definition[language]),
        (say("calculation", language), known.calculation[language]),
        (say("interpretation", language), known.interpretation[language]),
    )
    return CardBlock(language=language, entries=entries)


def trend(subject: Subject) -> Block:
    """Return the figure of an indicator over time, or a notice."""
    table = subject.over_time()
    if table is None:
        return Notice(language=subject.language, text=say("not-asked-whole", subject.language))
    return figure(table, "line" if len(table.dimensions) == 1 else None)


def story(subject: Subject) -> Block:
    """Return the sentences that tell an indicator over time, or a notice."""
    table = subject.over_time()
    if table is None or len(table.dimensions) > 1:
        return Notice(language=subject.language, text=say("no-story", subject.language))
    return text(table)


def across(subject: Subject, dimension: str, kind: FigureKind | None = None, **options: Any) -> Block:
    """Return the figure of an indicator for each code of a dimension at the year told, or a notice."""
    table = subject.across(dimension)
    if table is None:
        return Notice(language=subject.language, text=say("not-asked", subject.language))
    if kind == "map":
        options = {"territories": subject.workbench.territories, **options}
    try:
        return figure(table, kind if len(table.dimensions) == 1 else None, **options)
    except QuestionError:
        return Notice(language=subject.language, text=say("not-drawn", subject.language))


def latest(subject: Subject, title: str) -> Block:
    """Return the value for the whole at each year as a table, the latest last, or a notice."""
    table = subject.over_time()
    if table is None or len(table.dimensions) > 1:
        return Notice(language=subject.language, text=say("no-story", subject.language))
    column, years = texts(table, "year"), table.dimension("year").title[subject.language]
    rows = [(str(year), column[year]) for year in subject.years]
    return table_of([table], title, years, rows, highlighted=len(rows) - 1)


def numbers(workbench: Workbench, dataset: str, year: int) -> list[Block]:
    """Return what a dataset says of the whole: one number per indicator, then the trend of the first.

    Nothing when no indicator of the dataset has a value for the whole.
    """
    language, subjects = workbench.language, subjects_of(workbench, dataset, year)
    if not subjects:
        return []
    figures, tables = [], []
    for subject in subjects:
        table = subject.over_time()
        if table is None:
            continue
        tables.append(table)
        moment = "" if subject.year == max(one.year for one in subjects) else f" ({subject.year})"
        figures.append(
            KeyFigure(
                label=table.measure(subject.card.short) + moment,
                value=texts(table, "year")[subject.year],
                parts=parts(table, subject.year),
                changes=changes(table, subject.year),
                group_label="",
                group_value="",
                group_changes=(),
            )
        )
    told = declared(workbench, dataset)
    last = max(one.year for one in subjects)
    shown = (text for one in figures for text in (one.value, *(change for _, change in one.changes)))
    block = KeyFigures(
        language=language,
        title=f"{told.title[language]}, {lower_first(told.field('year').title[language])} {last}",
        figures=tuple(figures),
        source=source(tables[0]),
        notes=legend(shown, language),
        answers=answers_of(*tables),
    )
    return [block, trend(subjects[0])]


def overview_cover(workbench: Workbench, title: str, blocks: Iterable[Block]) -> Cover:
    """Return what opens the report on a whole theme.

    Args:
        workbench: The theme, opened.
        title: Kind of document; ``{count}`` is replaced by the count of numbers in it.
        blocks: What the report shows.
    """
    language, theme = workbench.language, workbench.theme.card
    count = sum(len(block.figures) for block in blocks if isinstance(block, KeyFigures))
    return Cover(
        language=language,
        title=theme.title[language],
        kicker=title.format(count=count),
        facts=((say("covers", language), theme.whole[language]),),
        warnings=(say("automatic-report", language),),
    )


def dataset_cover(workbench: Workbench, dataset: str, title: str) -> Cover:
    """Return what opens the methodological report of a dataset."""
    language, told = workbench.language, declared(workbench, dataset)
    facts = (
        (say("producer", language), told.producer[language]),
        (say("identifier", language), told.source.dataset_id),
        (say("vintage", language), told.vintage),
        (say("licence", language), told.licence.name),
    )
    return Cover(language=language, title=told.title[language], kicker=title, facts=facts)


def contents(workbench: Workbench, dataset: str) -> CardBlock:
    """Return what a dataset holds, in words: description, scope, rows, years, indicators made from it."""
    language, told = workbench.language, declared(workbench, dataset)
    dimensions = workbench.engine.dimensions(dataset)
    years = sorted(int(year) for year in dimensions["year"].members)
    rows = workbench.engine.figures.provenance()[f"datasets/{dataset}"].rows
    known = workbench.theme.indicators
    names = [known[name].label[language] for name in known if known[name].dataset == dataset]
    entries = (
        (say("description", language), told.description[language]),
        (say("covers", language), told.scope[language]),
        (say("rows", language), format_number(rows, language)),
        (told.field("year").title[language], f"{years[0]}–{years[-1]}"),
        (say("indicators", language), format_list(names, language) if names else NOTHING),
    )
    return CardBlock(language=language, entries=entries)


def fields_table(workbench: Workbench, dataset: str, title: str) -> Table:
    """Return the columns of a dataset: name, words, role, codes or unit."""
    language, told = workbench.language, declared(workbench, dataset)
    headings = ("column", "label", "role", "holds")
    return Table(
        language=language,
        title=title,
        columns=tuple(Column(say(one, language), is_number=False) for one in headings),
        rows=tuple(
            (one.name, one.title[language], say(f"role-{one.role}", language), _holds(workbench, one))
            for one in told.fields
        ),
    )


def checks_table(workbench: Workbench, dataset: str, title: str) -> Block:
    """Return the checks a dataset must pass, or a notice when it declares none of its own."""
    language, told = workbench.language, declared(workbench, dataset)
    if not told.checks:
        return Notice(language=language, text=say("no-checks", language))
    rows = tuple((one.name, one.message[language], say(f"severity-{one.severity}", language)) for one in told.checks)
    columns = tuple(Column(say(one, language), is_number=False) for one in ("check", "fault", "severity"))
    return Table(language=language, title=title, columns=columns, rows=rows, notes=(say("checks-note", language),))


def breaks(workbench: Workbench, dataset: str) -> Items:
    """Return the breaks in series of a dataset and its provisional years, or the sentence that there are none."""
    language, told = workbench.language, declared(workbench, dataset)
    colon = " :" if language == "fr" else ":"
    items = [typeset(f"{one.year}{colon} {one.note[language]}", language) for one in told.breaks]
    if told.provisional:
        years = format_list([str(year) for year in told.provisional], language)
        items.append(say("provisional-years", language, years=years))
    return Items(language=language, items=tuple(items) or (say("no-breaks", language),))


def dataset_limits(workbench: Workbench, dataset: str) -> Items:
    """Return what a dataset does not say."""
    language, told = workbench.language, declared(workbench, dataset)
    items = tuple(one[language] for one in told.limits)
    return Items(language=language, items=items or (say("no-limits", language),))


def unmatched(workbench: Workbench, dataset: str) -> Items:
    """Return the code lists that a dataset is read with, and whether some of its codes are in none of them."""
    language, told = workbench.language, declared(workbench, dataset)
    dimensions = workbench.engine.dimensions(dataset)
    items = []
    for field in told.fields:
        if field.reference:
            reference = workbench.theme.references[field.reference]
            found = UNMATCHED in dimensions[field.dimension].members
            word = "codes-unmatched" if found else "codes-matched"
            count = len(dimensions[field.dimension].members) - found
            values = {"column": field.title[language], "reference": reference.title[language], "count": count}
            items.append(say(word, language, **values))
    return Items(language=language, items=tuple(items) or (say("no-codes", language),))


def sample(workbench: Workbench, dataset: str, year: int) -> Block:
    """Return the trend of the first indicator of a dataset that has one, or a notice."""
    subjects = subjects_of(workbench, dataset, year)
    if not subjects:
        return Notice(language=workbench.language, text=say("not-asked-whole", workbench.language))
    return trend(subjects[0])


def _holds(workbench: Workbench, field: FieldDeclaration) -> str:
    language = workbench.language
    if field.reference:
        return workbench.theme.references[field.reference].title[language]
    if field.members:
        names = [one.label[language] for one in field.members]
        if len(names) <= MANY_CODES:
            return format_list(names, language)
        return say("codes-among", language, first=", ".join(names[:SHOWN_CODES]), count=len(names))
    return workbench.theme.card.units[field.unit].own.label[language] if field.unit else NOTHING

"""The stat table: the answer to a question, disclosure-safe, with its notes and its provenance."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, Self

import pandas as pd

from atelier.declarations import Member, Threshold, Unit
from atelier.language import Language, Text, format_number, format_share, require_language
from atelier.telling import NarrativeFile

DimensionKind = Literal["time", "nominal", "ordinal", "geo"]
NoteKind = Literal["break", "provisional", "hidden", "small", "missing", "coverage", "perimeter", "unmatched", "limit"]
VALUE_COLUMNS = ("value", "status", "numerator", "denominator")

STATUSES: Mapping[str, Text] = {
    "A": Text(fr="valeur normale", en="normal value"),
    "B": Text(fr="rupture de série", en="break in series"),
    "P": Text(fr="valeur provisoire", en="provisional value"),
    "F": Text(fr="prévision (budget)", en="forecast (budget)"),
    "U": Text(fr="valeur fragile, à lire avec prudence", en="low reliability, read with care"),
    "Q": Text(fr="valeur masquée : secret statistique", en="hidden: statistical confidentiality"),
    "O": Text(fr="valeur manquante dans la source", en="missing in the source"),
    "M": Text(fr="sans objet", en="not applicable"),
}
"""Codes of SDMX's observation status list (CL_OBS_STATUS) in use, and what each tells a reader."""


@dataclass(frozen=True)
class Dimension:
    """What figures are broken down or filtered by.

    Attributes:
        id: Identifier used in questions and addresses, ``institution-type``.
        title: The words shown.
        members: Its codes in the order they are shown.
        kind: ``time``, ``geo``, ``ordinal`` (members have an order) or ``nominal``.
        partition: Whether its members add up to the total.
    """

    id: str
    title: Text
    members: Mapping[str, Member]
    kind: DimensionKind = "nominal"
    partition: bool = True

    @property
    def column(self) -> str:
        """Return the column of a stat table that holds its codes: ``institution_type``."""
        return self.id.replace("-", "_")

    @cached_property
    def order(self) -> pd.Index:
        """Its codes as a column holds them, ``int`` for time, in the order they are shown."""
        return pd.Index([int(code) for code in self.members] if self.kind == "time" else list(self.members))

    def label(self, code: object, language: str) -> str:
        """Return the words for a code, the code itself when there are none."""
        member = self.members.get(str(code))
        return member.label[language] if member else str(code)

    def short_label(self, code: object, language: str) -> str:
        """Return the shorter words for a code where the theme gives some."""
        member = self.members.get(str(code))
        return (member.short or member.label)[language] if member else str(code)


@dataclass(frozen=True)
class Note:
    """Something a reader of the table must know.

    Attributes:
        kind: What it is about.
        text: The sentence.
        year: The year a break begins, None for other notes.
        short: What a figure says in its place, where the sentence goes into details year by year.
    """

    kind: NoteKind
    text: Text
    year: int | None = None
    short: Text | None = None


Perimeter = Literal["as-it-is", "as-it-was"]

PERIMETERS: Mapping[Perimeter, Text] = {
    "as-it-is": Text(
        fr="Périmètre actuel : les codes remplacés sont comptés sous celui qui les porte aujourd’hui.",
        en="As it is now: codes that were replaced are counted under the one that carries them today.",
    ),
    "as-it-was": Text(
        fr="Périmètre d’époque : chaque année est comptée sous les codes qu’elle avait.",
        en="As it was: each year is counted under the codes it had.",
    ),
}
"""The two ways to count codes that were replaced, and the words for each."""


@dataclass(frozen=True)
class Unmatched:
    """What a dataset holds that a reference does not know.

    Attributes:
        dataset: Identifier of the dataset.
        dimension: Its dimension, whose codes the reference holds.
        reference: Identifier of the reference.
        codes: The codes unknown, over all of the dataset.
        rows: Rows of the dataset that have them.
        weight: Their part of the answer: the sum of its numerators, without those that are hidden; None when all are,
            or when values are never added.
        hidden: Whether some of it is too small to be published.
    """

    dataset: str
    dimension: str
    reference: str
    codes: tuple[str, ...]
    rows: int
    weight: float | None
    hidden: bool = False


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from, enough to find and compute them again.

    Attributes:
        theme: Theme asked.
        indicator: Indicator asked.
        question: The breakdown and filters, as text values.
        dataset: Identifier of the dataset.
        dataset_id: Identifier of the raw table at its producer's.
        dataset_title: Its title.
        producer: Who produced it.
        licence: Licence of the figures.
        vintage: Vintage of the data.
        page: Address of the page that describes the raw table.
        snapshots: sha256 of each raw table read, by table of the theme.
        engine: Version of dataESR.
        sql: The one query run.
        denominator_title: Title of the dataset of the denominator, where it is another one, and
        denominator_vintage: its vintage.
        references: Version of each code list joined.
        unmatched: What the joins did not match, none when all is known.
    """

    theme: str
    indicator: str
    question: Mapping[str, object]
    dataset: str
    dataset_id: str
    dataset_title: Text
    producer: Text
    licence: str
    vintage: str
    page: str
    snapshots: Mapping[str, str]
    engine: str
    sql: str = field(repr=False)
    denominator_title: Text | None = None
    denominator_vintage: str = ""
    references: Mapping[str, str] = field(default_factory=dict)
    unmatched: tuple[Unmatched, ...] = ()


@dataclass(frozen=True)
class Card:
    """What the table says of its indicator, in words.

    Attributes:
        id: Indicator.
        label: Full name.
        short: Short name.
        definition: What it is.
        calculation: How it is computed.
        interpretation: How to read it.
        limits: What it does not say.
        unit: Its unit.
        scope: What it covers, the "Champ".
        direction: Whether higher is ``better``, ``worse`` or ``neutral``.
        is_ratio: Whether a denominator stands behind each value.
        thresholds: Values it is set against, for figures to draw.
        respondent: Dimension whose codes each answer for themselves, empty where there is none: a threshold is then set
            against one of them, never against their sum.
    """

    id: str
    label: Text
    short: Text
    definition: Text
    calculation: Text
    interpretation: Text
    limits: Text
    unit: Unit
    scope: Text
    direction: Literal["better", "worse", "neutral"]
    is_ratio: bool
    thresholds: tuple[Threshold, ...] = ()
    respondent: str = ""


@dataclass(frozen=True)
class StatTable:
    """One row per cell; what stands to the right of it never sees a hidden value.

    Attributes:
        card: The indicator in words.
        dimensions: What the table is broken down by, in the order asked.
        filters: Codes kept, by dimension, for the dimensions that were filtered.
        filter_dimensions: The dimensions of ``filters``.
        cells: Columns: one per dimension (its code: ``int`` for time, ``str`` otherwise), then ``value`` (float; a
            share lies in 0..1), ``status`` (a code of ``STATUSES``), ``numerator`` and ``denominator`` (float).
            A hidden or missing cell has no value, numerator nor denominator.
        notes: What a reader must know.
        provenance: Where it comes from.
        whole: Name of the whole territory.
        language: Language of ``frame``.
        perimeter: Whether codes that were replaced are counted under today's or their own, one of ``PERIMETERS``; None
            where no code of the dataset was ever replaced.
        telling: What the theme says of its own about sentences.
    """

    card: Card
    dimensions: tuple[Dimension, ...]
    filters: Mapping[str, tuple[str, ...]]
    filter_dimensions: tuple[Dimension, ...]
    cells: pd.DataFrame = field(compare=False)
    notes: tuple[Note, ...]
    provenance: Provenance
    whole: Text
    language: Language = "fr"
    perimeter: Perimeter | None = None
    telling: NarrativeFile = field(default_factory=NarrativeFile, compare=False)

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of ``cells`` with a ``<dimension>_label`` column after each coded dimension."""
        frame = self.cells.copy()
        for dimension in self.dimensions:
            if dimension.kind != "time":
                labels = [dimension.label(code, self.language) for code in frame[dimension.column]]
                place = list(frame.columns).index(dimension.column) + 1
                frame.insert(place, f"{dimension.column}_label", labels)
        return frame

    @property
    def exact(self) -> Self:
        """The same table in the figures' own unit: euros where they are told in millions."""
        unit = self.card.unit
        return self if unit.own == unit else replace(self, card=replace(self.card, unit=unit.own))

    def measure(self, words: Text) -> str:
        """Return the name of what is measured, with its unit where values are told in another than the figures' own."""
        unit, name = self.card.unit, words[self.language]
        return name if unit.exact is None else f"{name} ({unit.label[self.language]})"

    @property
    def statuses(self) -> dict[str, Text]:
        """The legend: the status codes present other than normal, with their meaning."""
        present = set(self.cells["status"])
        return {code: text for code, text in STATUSES.items() if code in present and code != "A"}

    def in_language(self, language: str) -> Self:
        """Return the same table in another language."""
        return replace(self, language=require_language(language))

    def dimension(self, name: str) -> Dimension:
        """Return one of the table's dimensions; KeyError if it is not broken down by it."""
        for dimension in self.dimensions:
            if dimension.id == name:
                return dimension
        raise KeyError(name)

    def format(self, value: float | None, status: str = "A", *, with_unit: bool = True) -> str:
        """Return a value as a reader sees it: ``50 832``, ``58,8 %``, or its status in brackets.

        Args:
            value: The value, None when there is none.
            status: Its status; anything but normal is appended in brackets, ``12 [U]``.
            with_unit: Whether a share carries its per-cent sign.
        """
        flag = "" if status == "A" else f"[{status}]"
        if value is None or pd.isna(value):
            return flag or "[O]"
        text = format_value(value, self.card.unit, self.language, with_unit=with_unit)
        return f"{text} {flag}" if flag else text


def format_value(value: float, unit: Unit, language: str, *, with_unit: bool = True) -> str:
    """Return a number in its unit's form: 0.588 as ``58,8 %``, 50832 as ``50 832``, or in millions as ``0,1``."""
    if unit.kind == "share" and with_unit:
        return format_share(value, language, unit.decimals)
    return format_number(unit.shown(value), language, unit.decimals)

"""What a reader has chosen: checked when it comes from an address or a browser, narrowed so that it always has figures.

Parameters that are dimensions depend on one another in the order they are declared: the year first, then the region,
then the type, then the institution. Each one's codes are those that have figures given the ones before it. A list of
codes, to be compared, narrows nothing and is narrowed by the year only.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import product

from atelier.errors import AtelierError, QuestionError, UnknownNameError
from atelier.indicators import Dimension, StatTable
from atelier.language import LANGUAGES, Language, format_list, require_language, same
from atelier.parameters import TYPES, Parameter, Parameters, Value
from atelier_widgets.words import has_word, word

_SHOWN = 40
_LISTED = 8
_TYPE_NAMES = {kind: name for name, kind in TYPES.items()}


@dataclass(frozen=True)
class Choices:
    """What may be chosen: the parameters of a notebook, and the combinations that have figures.

    Attributes:
        parameters: As the notebook's cell declares them.
        dimensions: The dimension of each parameter that is one, or that is a list of its codes, in the order declared.
        combinations: The codes of each combination that has figures, in the order of ``dimensions``.
        closed: Names of ``dimensions`` that are never left open: one code is always chosen.
        shared: Those of ``closed`` whose codes are never added: a comparison with the whole keeps them.
        options: Those of ``closed`` that no question is asked of: they say how to show an answer.
    """

    parameters: Parameters
    dimensions: Mapping[str, Dimension]
    combinations: frozenset[tuple[str, ...]] = field(repr=False, compare=False)
    closed: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()

    def codes(self, name: str, values: Mapping[str, Value]) -> list[str]:
        """Return the codes ``name`` may take, given the parameters before it; "all" comes first, or the latest year."""
        names = list(self.dimensions)
        earlier = names[: names.index(name)]
        if self.is_list(name):
            earlier = [other for other in names if self.dimensions[other].kind == "time" and not self.is_list(other)]
        present = self._compatible(name, {other: values.get(other, "") for other in earlier})
        dimension = self.dimensions[name]
        codes = [code for code in dimension.members if code in present]
        if self.is_list(name):
            return codes
        return codes[::-1] if dimension.kind == "time" else ["", *codes] if self.is_optional(name) else codes

    def every(self, name: str) -> list[str]:
        """Return every code of ``name``, whatever else is chosen."""
        return [*([""] if self.is_optional(name) else []), *self.dimensions[name].members]

    def is_optional(self, name: str) -> bool:
        """Return whether a dimension may be left open: all regions, never all years at once."""
        is_text = isinstance(self.parameters.defaults[name], str)
        return is_text and self.dimensions[name].kind != "time" and name not in self.closed

    def is_list(self, name: str) -> bool:
        """Return whether several codes may be chosen."""
        return isinstance(self.parameters.defaults[name], tuple)

    def is_filter(self, name: str) -> bool:
        """Return whether a parameter limits the figures: it is named after its dimension."""
        return name == self.dimensions[name].column

    def title(self, name: str, language: str) -> str:
        """Return the words beside a control."""
        return self.dimensions[name].title[language] if self.is_filter(name) else word("compare-with", language)

    def label(self, name: str, value: Value, language: str) -> str:
        """Return the words for a value, "all of them" for an empty one."""
        if isinstance(value, tuple):
            return format_list([self.dimensions[name].label(code, language) for code in value], language)
        if value == "":
            all_of_them = f"all-{self.dimensions[name].id}"
            return word(all_of_them if has_word(all_of_them) else "all", language)
        return self.dimensions[name].label(value, language)

    def implied(self, name: str, values: Mapping[str, Value]) -> str:
        """Return the only code of ``name`` compatible with ``values``; empty when there are several."""
        codes = self._compatible(name, values)
        return next(iter(codes)) if len(codes) == 1 else ""

    def _compatible(self, name: str, values: Mapping[str, Value]) -> frozenset[str]:
        places = list(self.dimensions)
        kept = tuple((places.index(other), str(value)) for other, value in values.items() if _narrows(value))
        return _codes_of(self.combinations, places.index(name), kept)


@dataclass(frozen=True)
class Selection(Mapping[str, Value]):
    """One choice, always valid. Read as a mapping it gives the filters of a question: ``where(**selection)``.

    A choice that a more precise one implies, the region of an institution, is left out of the filters.

    Attributes:
        choices: What may be chosen.
        chosen: The value of every parameter.
    """

    choices: Choices
    chosen: Mapping[str, Value]

    def __getitem__(self, name: str) -> Value:
        """Return the code kept for a dimension, empty for all."""
        return self._filters[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the parameters that limit the figures."""
        return iter(self._filters)

    def __len__(self) -> int:
        """Return how many parameters limit the figures."""
        return len(self._filters)

    @property
    def language(self) -> Language:
        """Return the language chosen."""
        return require_language(str(self.chosen.get("lang", "fr")))

    def only(self, *names: str) -> dict[str, Value]:
        """Return the filters of these dimensions only, as the reader chose them."""
        return {name: self.chosen[name] for name in names}

    def without(self, *names: str) -> dict[str, Value]:
        """Return the filters, those of these dimensions left out."""
        return {name: value for name, value in self.items() if name not in names}

    def many(self, name: str) -> tuple[str, ...]:
        """Return the codes chosen for a parameter, one or several; none when it is left open."""
        value = self.chosen[name]
        return value if isinstance(value, tuple) else (str(value),) if value != "" else ()

    def implied(self, name: str) -> str:
        """Return the code chosen for ``name``, or the one that another choice implies; empty when there are several."""
        if self.choices.is_list(name):
            return ""
        narrow = {key: value for key, value in self.chosen.items() if self._is_entity(key)}
        return str(self.chosen[name]) or (self.choices.implied(name, narrow) if narrow else "")

    def label(self, name: str) -> str:
        """Return the words for what is chosen."""
        return self.choices.label(name, self.chosen[name], self.language)

    def describe(self) -> str:
        """Return what is chosen in words: ``Université de Strasbourg, 2022``."""
        chosen = [self.label(name) for name, value in self.items() if value]
        return ", ".join([*reversed(chosen), *(self.told(name) for name in self.compared)])

    @property
    def compared(self) -> tuple[str, ...]:
        """The lists that limit nothing and hold codes."""
        return tuple(name for name in self.choices.dimensions if not self.choices.is_filter(name) and self.chosen[name])

    def told(self, name: str) -> str:
        """Return a list in words: ``comparé à : Lille``."""
        return word("compared-with", self.language, places=self.label(name))

    @property
    def times(self) -> tuple[str, ...]:
        """Return the parameters that are points of time: the year."""
        return tuple(name for name in self if self._is_time(name))

    @property
    def places(self) -> dict[str, Value]:
        """Return the filters that make a part of the whole: a region, an institution, a kind."""
        return {name: code for name, code in self.items() if code and not self._holds_for_whole(name)}

    @property
    def context(self) -> dict[str, Value]:
        """Return the filters that hold for the whole as for the choice: the year, and what is never added."""
        return {name: code for name, code in self.items() if self._holds_for_whole(name)}

    @property
    def query(self) -> str:
        """Return the canonical query of the address of this view."""
        return self.choices.parameters.query(self.chosen)

    def choose(self, name: str, value: object) -> tuple["Selection", tuple[str, ...]]:
        """Return the selection with another value, and what had to change with it, in words.

        Raises:
            QuestionError: A value of the wrong type.
            UnknownNameError: A name or a code that does not exist, or has no figures.
        """
        read = self.choices.parameters.read({**self.chosen, name: value}, self._codes(name))
        return self.settled(read, name)

    def _codes(self, name: str) -> dict[str, list[str]]:
        return {name: self.choices.codes(name, self.chosen)} if name in self.choices.dimensions else {}

    def settled(self, values: dict[str, Value], changed: str = "") -> tuple["Selection", tuple[str, ...]]:
        """Return a selection in which every code has figures given those before it."""
        settled, messages = dict(values), []
        language = require_language(str(settled.get("lang", "fr")))
        for name, dimension in self.choices.dimensions.items():
            codes = self.choices.codes(name, settled)
            value = settled[name]
            if isinstance(value, tuple):
                settled[name] = tuple(code for code in value if code in codes)
                if lost := tuple(code for code in value if code not in codes):
                    words = {"labels": self.choices.label(name, lost, language), "title": dimension.title[language]}
                    messages.append(word("dropped-from-list", language, **words))
                continue
            default = self.choices.parameters.defaults[name]
            kept: Value = default if str(default) in codes else type(default)(codes[0])
            if str(settled[name]) not in codes and name != changed:
                words = {"label": self.choices.label(name, settled[name], language), "title": dimension.title[language]}
                settled[name] = kept
                messages.append(word("dropped", language, **words, kept=self.choices.label(name, kept, language)))
        return Selection(self.choices, settled), tuple(messages)

    @cached_property
    def _filters(self) -> dict[str, Value]:
        kept: dict[str, Value] = {}
        names = [
            name
            for name in self.choices.dimensions
            if self.choices.is_filter(name) and name not in self.choices.options
        ]
        for place, name in enumerate(names):
            later = {other: self.chosen[other] for other in names[place + 1 :] if self._is_entity(other)}
            implied = bool(later) and self.choices.implied(name, later) == str(self.chosen[name])
            kept[name] = "" if implied and self.choices.is_optional(name) else self.chosen[name]
        return kept

    def _is_time(self, name: str) -> bool:
        return self.choices.dimensions[name].kind == "time"

    def _is_entity(self, name: str) -> bool:
        is_asked = name in self.choices.dimensions and name not in self.choices.options
        is_one = is_asked and not self.choices.is_list(name)
        return is_one and bool(self.chosen[name]) and not self._holds_for_whole(name)

    def _holds_for_whole(self, name: str) -> bool:
        return self._is_time(name) or name in self.choices.shared


def build_choices(
    values: Mapping[str, Value],
    dimensions: Mapping[str, Dimension],
    tables: Sequence[StatTable],
    *,
    required: Collection[str] = (),
    shared: Collection[str] = (),
    options: Mapping[str, Dimension] | None = None,
) -> Choices:
    """Return what may be chosen.

    Args:
        values: Value of each parameter in the notebook's cell, in its order; a list as a tuple.
        dimensions: Dimensions of the indicators, by identifier or by the name of a list of its codes.
        tables: Tables by all the parameters that are dimensions: the combinations that have figures.
        required: Parameters of which one code is always chosen.
        shared: Parameters whose codes are never added.
        options: Parameters that say how to show an answer, and what they may be.

    Raises:
        UnknownNameError: A parameter that is neither a dimension, nor a list of one's codes, an option nor ``lang``.
        QuestionError: A value of no type that a parameter has.
    """
    known = {name.replace("-", "_"): dimension for name, dimension in dimensions.items()} | dict(options or {})
    for name, value in values.items():
        if name not in known and name != "lang":
            raise UnknownNameError("parameter", name, [*known, "lang"])
        if type(value) not in TYPES.values():
            raise QuestionError(f"parameter {name!r} is {value!r}: write a value of type {', '.join(TYPES)}.")
    declared = tuple(
        Parameter(name, _TYPE_NAMES[type(value)], value, known[name].title if name in known else same(name))
        for name, value in values.items()
    )
    kept = {name: known[name] for name in values if name in known}
    shown = frozenset(name for name in kept if name in (options or {}))
    asked = [name for name in kept if name not in shown]
    columns = [kept[name].column for name in asked]
    rows = {row for one in tables for row in one.cells[columns].astype(str).itertuples(index=False, name=None)}
    combinations = {
        tuple({**dict(zip(asked, row, strict=True)), **dict(zip(sorted(shown), codes, strict=True))}[n] for n in kept)
        for row in rows
        for codes in product(*(kept[name].members for name in sorted(shown)))
    }
    never = frozenset(shared) & set(kept)
    closed = never | shown | (frozenset(required) & set(kept))
    return Choices(Parameters(declared, 0), kept, frozenset(combinations), closed, never, shown)


def read_selection(choices: Choices, query: Mapping[str, object]) -> tuple[Selection, tuple[str, ...]]:
    """Return the selection an address asks for, and what was wrong with it, in words for the reader.

    What is unknown is set aside and the notebook's own value is kept: an address never breaks a page.
    """
    defaults = choices.parameters.defaults
    lang = str(query.get("lang", defaults.get("lang", "fr")))
    language = lang if lang in LANGUAGES else "fr"
    values: dict[str, object] = dict(defaults)
    messages: list[str] = []
    for name, asked in query.items():
        try:
            every = choices.every(name) if name in choices.dimensions else []
            if isinstance(asked, list):
                messages += [_explain_code(choices, name, code, language) for code in asked if code not in every]
                asked = [code for code in asked if code in every]  # noqa: PLW2901 - what is left of it
            values[name] = choices.parameters.read({name: asked}, {name: every} if every else None)[name]
        except AtelierError as error:
            messages.append(_explain(choices, name, asked, error, language))
    start = Selection(choices, defaults)
    selection, dropped = start.settled(choices.parameters.read(values))
    return selection, (*messages, *dropped)


@lru_cache(maxsize=512)
def _codes_of(
    combinations: frozenset[tuple[str, ...]], wanted: int, kept: tuple[tuple[int, str], ...]
) -> frozenset[str]:
    return frozenset(row[wanted] for row in combinations if all(row[place] == code for place, code in kept))


def _narrows(value: Value) -> bool:
    return value != "" and not isinstance(value, tuple)


def _explain(choices: Choices, name: str, asked: object, error: AtelierError, language: str) -> str:
    shown = _short(asked)
    if name not in choices.parameters.defaults:
        return word("unknown-parameter", language, name=_short(name), allowed=", ".join(choices.parameters.defaults))
    default = choices.parameters.defaults[name]
    is_dimension = name in choices.dimensions
    title = choices.title(name, language) if is_dimension else name
    kept = (choices.label(name, default, language) or word("none", language)) if is_dimension else default
    if isinstance(error, UnknownNameError):
        allowed = _listed(error.allowed, language)
        return word("unknown-code", language, title=title, code=shown, kept=kept, allowed=allowed)
    return word("wrong-value", language, title=title, code=shown, kept=kept)


def _explain_code(choices: Choices, name: str, code: str, language: str) -> str:
    return word("unknown-in-list", language, title=choices.title(name, language), code=_short(code))


def _short(asked: object) -> str:
    text = str(asked)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _listed(allowed: Sequence[str], language: str) -> str:
    more = len(allowed) - _LISTED
    listed = ", ".join(allowed[:_LISTED])
    return f"{listed}, {word('more', language, count=more)}" if more > 0 else listed

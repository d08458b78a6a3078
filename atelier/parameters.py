"""One parameter schema: the cell tagged ``parameters`` of a notebook is the only declaration of what may be chosen.

Each line of the cell is ``name: type = default  # Libellé | Label``. A name that is a dimension (``institution_type``
for ``institution-type``) takes that dimension's codes, and empty means all. A ``list`` takes several codes, its key
repeated in the address. From this come the controls, the address (``?region=53&year=2022``), the report's runs and the
fork.
"""

import ast
import io
import tokenize
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from atelier.errors import DeclarationError, Problem, QuestionError, UnknownNameError
from atelier.language import LANGUAGES, Text

if TYPE_CHECKING:
    # Loading it takes longer than all the rest of a plan.
    from nbformat import NotebookNode

TAG = "parameters"
Plain = str | int | float | bool
Value = Plain | tuple[str, ...]
TYPES: Mapping[str, type[Value]] = {"str": str, "int": int, "float": float, "bool": bool, "list": tuple}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
MAX_LENGTH = 200
MAX_CODES = 12
"""Most codes a list may hold: an address stays short, a figure readable."""


@dataclass(frozen=True)
class Parameter:
    """One thing a reader may choose.

    Attributes:
        name: Name in the cell, in addresses and in ``papermill``.
        type: ``str``, ``int``, ``float``, ``bool`` or ``list`` (codes, each once, in the order chosen).
        default: Value in the notebook.
        help: The comment of the line, in both languages.
    """

    name: str
    type: str
    default: Value
    help: Text

    def read(self, value: object) -> Value:
        """Return ``value`` in the parameter's type; QuestionError says what is expected."""
        if self.type == "list":
            return self._read_list(value)
        text = str(value)
        if len(text) > MAX_LENGTH:
            raise QuestionError(f"parameter {self.name!r} is longer than {MAX_LENGTH} characters: shorten it.")
        try:
            return _BOOLEANS[text.lower()] if self.type == "bool" else TYPES[self.type](text)
        except (KeyError, ValueError) as error:
            raise QuestionError(f"parameter {self.name!r} is {text!r}: write a value of type {self.type}.") from error

    def _read_list(self, value: object) -> tuple[str, ...]:
        given = value if isinstance(value, (list, tuple)) else [value]
        codes = tuple(dict.fromkeys(str(code) for code in given if code != ""))
        if len(codes) > MAX_CODES:
            raise QuestionError(f"parameter {self.name!r} holds {len(codes)} codes: keep {MAX_CODES} at most.")
        if any(len(code) > MAX_LENGTH for code in codes):
            raise QuestionError(f"parameter {self.name!r} has a code longer than {MAX_LENGTH} characters: shorten it.")
        return codes


@dataclass(frozen=True)
class Parameters:
    """What a notebook lets one choose.

    Attributes:
        declared: The parameters, in the order of the cell.
        cell: Index of the cell.
    """

    declared: tuple[Parameter, ...]
    cell: int

    @property
    def defaults(self) -> dict[str, Value]:
        """The values written in the notebook."""
        return {parameter.name: parameter.default for parameter in self.declared}

    def read(self, values: Mapping[str, object], codes: Mapping[str, Iterable[str]] | None = None) -> dict[str, Value]:
        """Return every parameter's value: the ones given, checked, and the defaults.

        Args:
            values: Values by parameter name.
            codes: Allowed codes by parameter name, for those that are dimensions; an empty value is always allowed
                where the default is empty.

        Raises:
            UnknownNameError: A name that is not declared, or a code that does not exist; the allowed ones are named.
            QuestionError: A value of another type.
        """
        known = {parameter.name: parameter for parameter in self.declared}
        read = self.defaults
        for name, value in values.items():
            if name not in known:
                raise UnknownNameError("parameter", name, list(known))
            read[name] = known[name].read(value)
            if name == "lang" and read[name] not in LANGUAGES:
                raise UnknownNameError("lang", str(read[name]), LANGUAGES)
            allowed = [str(code) for code in (codes or {}).get(name, ())]
            one = read[name]
            empty = one == "" and known[name].default == ""
            for code in one if isinstance(one, tuple) else () if empty else (str(one),):
                if allowed and code not in allowed:
                    raise UnknownNameError(name, code, allowed)
        return read

    def split_query(self, query: str) -> dict[str, object]:
        """Return what an address's query asks for, by name, as text; a list of texts for a parameter that is a list."""
        asked: dict[str, object] = {}
        lists = {parameter.name for parameter in self.declared if parameter.type == "list"}
        for name, text in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
            before = asked.get(name, [])
            asked[name] = [*before, text] if name in lists and isinstance(before, list) else text
        return asked

    def read_query(self, query: str, codes: Mapping[str, Iterable[str]] | None = None) -> dict[str, Value]:
        """Return the values that an address's query asks for; errors are those of ``read``."""
        return self.read(self.split_query(query), codes)

    def query(self, values: Mapping[str, Value]) -> str:
        """Return the canonical query of a selection: declared order, values equal to their default left out."""
        defaults = self.defaults
        kept = {name: values[name] for name in defaults if name in values and values[name] != defaults[name]}
        return urlencode(kept, doseq=True)

    def with_values(self, notebook: "NotebookNode", values: Mapping[str, object]) -> "NotebookNode":
        """Return a copy of the notebook whose parameters cell holds these values; errors are those of ``read``."""
        read = self.read(values)
        copy = deepcopy(notebook)
        lines = [
            f"{parameter.name}: {parameter.type} = {_written(read[parameter.name])}"
            f"  # {parameter.help.fr} | {parameter.help.en}"
            for parameter in self.declared
        ]
        copy.cells[self.cell].source = "\n".join(lines)
        return copy


def read_parameters(notebook: "NotebookNode", file: str = "notebook") -> Parameters:
    """Return what a notebook's cell tagged ``parameters`` declares; nothing when there is no such cell.

    Args:
        notebook: The notebook.
        file: Its name, for messages.

    Raises:
        DeclarationError: Lines that are not ``name: type = default  # Libellé | Label``; all are listed.
    """
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and TAG in cell.metadata.get("tags", []):
            return Parameters(_read_cell(cell.source, file), index)
    return Parameters((), 0)


def _read_cell(source: str, file: str) -> tuple[Parameter, ...]:
    problems: list[Problem] = []
    declared: list[Parameter] = []
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    for statement in ast.parse(source).body:
        parameter = _read_line(statement, comments.get(statement.lineno, ""))
        if isinstance(parameter, str):
            problems.append(Problem(file, f"parameters, line {statement.lineno}", parameter))
        else:
            declared.append(parameter)
    if problems:
        raise DeclarationError(file, problems)
    return tuple(declared)


def _read_line(statement: ast.stmt, comment: str) -> Parameter | str:
    form = "write name: type = default  # Libellé | Label"
    if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value):
        return f"not a parameter: {form}."
    name, kind = statement.target.id, ast.unparse(statement.annotation)
    if kind not in TYPES:
        return f"{name} has type {kind!r}: choose among {', '.join(TYPES)}."
    try:
        default: Any = ast.literal_eval(statement.value)
    except ValueError:
        return f"{name} has a computed default: write a plain value."
    if kind == "list" and isinstance(default, list) and all(isinstance(code, str) for code in default):
        default = tuple(default)
    if type(default) is not TYPES[kind]:
        return f"{name} is declared {kind} and is {default!r}: make them agree."
    french, bar, english = (part.strip() for part in comment.partition("|"))
    if not (french and bar and english):
        return f"{name} has no words in both languages: {form}."
    return Parameter(name, kind, default, Text(fr=french, en=english))


def _written(value: Value) -> str:
    return repr(list(value) if isinstance(value, tuple) else value)

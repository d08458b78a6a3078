"""One parameter schema: read from the notebook's cell, checked wherever a value comes from."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from atelier.errors import AtelierError, DeclarationError, QuestionError, UnknownNameError
from atelier.parameters import Parameters, read_parameters

CELL = """
year: int = 2022  # Rentrée | Autumn
region: str = ""  # Région | Region
detailed: bool = False  # Détaillé | Detailed
lang: str = "fr"  # Langue | Language
"""
CODES = {"year": ["2021", "2022"], "region": ["53", "84"]}


def notebook_with(source: str) -> object:
    """Return a notebook whose second cell declares parameters."""
    cell = new_code_cell(source, metadata={"tags": ["parameters"]})
    return new_notebook(cells=[new_code_cell("import atelier"), cell])


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    """The parameters of a small dashboard."""
    return read_parameters(notebook_with(CELL))  # type: ignore[arg-type]


def test_the_cell_declares_names_types_defaults_and_words(parameters: Parameters) -> None:
    """Everything about a parameter stands on its line."""
    region = parameters.declared[1]
    assert (region.name, region.type, region.default, region.help.en) == ("region", "str", "", "Region")
    assert parameters.cell == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("year = 2022  # Rentrée | Autumn", "not a parameter"),
        ("year: date = 2022  # Rentrée | Autumn", "has type 'date'"),
        ("year: int = max(1, 2)  # Rentrée | Autumn", "computed default"),
        ("year: int = '2022'  # Rentrée | Autumn", "make them agree"),
        ("year: int = 2022  # Rentrée", "no words in both languages"),
        ("import os", "not a parameter"),
    ],
)
def test_a_line_of_another_form_is_refused(line: str, message: str) -> None:
    """The message tells the line and the form expected."""
    with pytest.raises(DeclarationError, match=message):
        read_parameters(notebook_with(line))  # type: ignore[arg-type]


def test_a_query_is_read_and_written_back(parameters: Parameters) -> None:
    """Only what differs from the notebook's own values stands in the address."""
    values = parameters.read_query("?region=53&year=2022", CODES)
    assert values == {"year": 2022, "region": "53", "detailed": False, "lang": "fr"}
    assert parameters.query(values) == "region=53"


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("regon=53", UnknownNameError, "Did you mean 'region'"),
        ("region=99", UnknownNameError, "Allowed: 53, 84"),
        ("year=1999", UnknownNameError, "Allowed: 2021, 2022"),
        ("year=soon", QuestionError, "of type int"),
        ("detailed=perhaps", QuestionError, "of type bool"),
        ("lang=de", UnknownNameError, "Allowed: fr, en"),
        ("region=" + "5" * 300, QuestionError, "longer than 200"),
        ("__import__=os", UnknownNameError, "unknown parameter"),
    ],
)
def test_what_is_not_allowed_is_refused(parameters: Parameters, query: str, error: type, message: str) -> None:
    """The message names what is allowed."""
    with pytest.raises(error, match=message):
        parameters.read_query(query, CODES)


@given(
    values=st.fixed_dictionaries({"year": st.sampled_from([2021, 2022]), "region": st.sampled_from(["", "53", "84"])})
)
def test_any_selection_survives_its_address(parameters: Parameters, values: dict[str, object]) -> None:
    """Parameters round-trip."""
    read = parameters.read(values, CODES)
    assert parameters.read_query(parameters.query(read), CODES) == read


@given(name=st.text(), value=st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.integers())))
def test_an_injected_cell_holds_literal_assignments_only(parameters: Parameters, name: str, value: object) -> None:
    """S17: whatever is given, the cell is plain assignments to declared names, or the value is refused."""
    notebook = notebook_with(CELL)
    for chosen in (name, "region"):
        try:
            copy = parameters.with_values(notebook, {chosen: value})  # type: ignore[arg-type]
        except AtelierError:
            continue
        body = ast.parse(copy.cells[1].source).body
        assert [statement.target.id for statement in body] == ["year", "region", "detailed", "lang"]  # type: ignore[attr-defined]
        assert all(isinstance(statement.value, ast.Constant) for statement in body)  # type: ignore[attr-defined]


def test_a_copy_leaves_the_notebook_alone(parameters: Parameters) -> None:
    """The fork gets the reader's selection; the dashboard keeps its own."""
    notebook = notebook_with(CELL)
    copy = parameters.with_values(notebook, {"region": "53"})  # type: ignore[arg-type]
    assert "region: str = '53'  # Région | Region" in copy.cells[1].source
    assert notebook.cells[1].source == CELL  # type: ignore[attr-defined]
    assert read_parameters(copy).defaults["region"] == "53"


SEVERAL = """
year: int = 2022  # Rentrée | Autumn
compare: list = []  # Comparer | Compare
"""


def test_a_list_repeats_its_key_in_the_address() -> None:
    """Codes in the order chosen, each once, empty ones left out; a plain parameter keeps its last value."""
    several = read_parameters(notebook_with(SEVERAL))  # type: ignore[arg-type]
    values = several.read_query("compare=b&year=2020&compare=a&compare=b&compare=&year=2021")
    assert values == {"year": 2021, "compare": ("b", "a")}
    assert several.query(values) == "year=2021&compare=b&compare=a"
    assert several.read_query(several.query(values)) == values


def test_a_list_is_written_back_as_python_reads_it() -> None:
    """A fork and a run find a list in the cell."""
    notebook = notebook_with(SEVERAL)
    several = read_parameters(notebook)  # type: ignore[arg-type]
    filled = several.with_values(notebook, {"compare": ["a", "b"]})  # type: ignore[arg-type]
    assert "compare: list = ['a', 'b']" in filled.cells[1].source
    assert read_parameters(filled).defaults["compare"] == ("a", "b")


def test_each_code_of_a_list_is_checked() -> None:
    """One that does not exist, or too many of them, is refused."""
    several = read_parameters(notebook_with(SEVERAL))  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="zz"):
        several.read({"compare": ["a", "zz"]}, {"compare": ["a", "b"]})
    with pytest.raises(QuestionError, match="12 at most"):
        several.read({"compare": [str(code) for code in range(13)]})
    with pytest.raises(DeclarationError, match="make them agree"):
        read_parameters(notebook_with("compare: list = [1]  # Comparer | Compare"))  # type: ignore[arg-type]

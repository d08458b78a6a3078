"""A report runs with checked parameters, on a copy, and says where it failed."""

import ast
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.errors import DeclarationError, QuestionError, ReportError, UnknownNameError
from atelier.reports.production import Edition, produce, read_choices
from atelier.reports.report import Report, read_report, read_values
from atelier.reports.run import Shell, execute
from atelier.settings import Settings
from atelier.workbench import Workbench

from .conftest import COVER, PARAMETERS, PROFILE, write_report


@pytest.fixture(scope="module")
def institution(home: Path) -> Report:
    """The institution's profile."""
    return read_report(home, "esr", "institution")


def test_an_unknown_report_is_told_with_those_that_exist(home: Path) -> None:
    """The reader is not left to guess."""
    with pytest.raises(UnknownNameError, match=r"unknown report 'institutions'.*'institution'"):
        read_report(home, "esr", "institutions")


def test_a_report_without_title_in_both_languages_is_refused(workshop: Settings) -> None:
    """With the file and the key."""
    path = workshop.home / "notebooks" / "esr" / "reports" / "bare.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with pytest.raises(DeclarationError, match=r"bare\.ipynb: metadata\.atelier"):
        read_report(workshop.home, "esr", "bare")


def test_values_are_typed_and_defaults_filled(institution: Report, esr: Workbench) -> None:
    """What the command line sends as text becomes what the cell declares."""
    assert read_values(institution, esr.engine, {"year": "2019"}) == {
        "institution": "4k25D",
        "year": 2019,
        "lang": "fr",
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"institution": "zzzzz"}, "unknown institution 'zzzzz'"),
        ({"institution": "Strasbourg"}, r"(?i)allowed: \S+ \([^)]*strasbourg"),
        ({"institution": "RFgtd"}, "is part of '4k25D' .Université de Strasbourg. today: ask for '4k25D'"),
        ({"region": "44"}, "unknown parameter 'region'"),
        ({"yaer": 2022}, "Did you mean 'year'"),
        ({"year": "soon"}, "write a value of type int"),
        ({"year": 1066}, "unknown year '1066'"),
        ({"lang": "de"}, "unknown lang 'de'"),
    ],
)
def test_a_bad_value_gives_one_clear_message(
    institution: Report, esr: Workbench, values: dict[str, object], message: str
) -> None:
    """It names what is wrong and what is allowed, before anything runs."""
    with pytest.raises((UnknownNameError, QuestionError), match=message):
        read_values(institution, esr.engine, values)


@given(name=st.text(min_size=1), value=st.text())
def test_no_name_reaches_papermill_undeclared(name: str, value: str) -> None:
    """Papermill writes names into code: only those of the cell may pass."""
    parameters = read_report(Path(__file__).parents[2], "esr", "institution").parameters
    if name not in parameters.defaults:
        with pytest.raises(UnknownNameError):
            parameters.read({name: value})


def test_the_injected_cell_holds_literal_assignments_only(workshop: Settings, tmp_path: Path) -> None:
    """A value is data, whatever it looks like; and the notebook of the project is not touched."""
    write_report(workshop, parameters='name: str = "x"  # Nom | Name\nfine: bool = True  # Bien | Fine')
    report = read_report(workshop.home, "esr", "trial")
    before = (workshop.home / report.path).read_bytes()
    values = {"name": "'); import os; os.system('false') #\n\\\"", "fine": False}
    executed, _failure = execute(report, values, Shell(tmp_path))
    (cell,) = [cell for cell in executed.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    assigned = {}
    for statement in ast.parse(cell.source).body:
        assert isinstance(statement, ast.Assign)
        assigned[statement.targets[0].id] = ast.literal_eval(statement.value)
    assert assigned == values
    assert (workshop.home / report.path).read_bytes() == before


def test_a_failing_cell_is_told_with_notebook_section_and_error_and_the_edition_stays(workshop: Settings) -> None:
    """One line, the last edition in place, nothing half-written beside it."""
    write_report(workshop, PROFILE, COVER)
    edition = produce(workshop, "esr", "trial", {}, formats=["html"])
    before = tree(workshop.editions)
    write_report(workshop, PROFILE, COVER, "## Les étudiants", "1 / 0")
    with pytest.raises(ReportError) as caught:
        produce(workshop, "esr", "trial", {}, formats=["html"])
    expected = "notebooks/esr/reports/trial.ipynb, section 'Les étudiants': ZeroDivisionError: division by zero"
    assert str(caught.value) == expected
    assert tree(workshop.editions) == before
    assert edition.files[0].is_file()


def test_a_kernel_that_dies_is_one_clear_message(workshop: Settings) -> None:
    """A notebook killed half-way is not an edition."""
    write_report(workshop, "import os\nos._exit(1)")
    with pytest.raises(ReportError, match=r"trial\.ipynb.*could not be run to its end"):
        produce(workshop, "esr", "trial", {}, formats=["html"])
    assert not workshop.editions.exists()


def test_an_unknown_format_is_refused_before_anything_runs(workshop: Settings) -> None:
    """The formats that exist are named."""
    with pytest.raises(UnknownNameError, match=r"unknown format 'docx'.*html, pdf"):
        produce(workshop, "esr", "trial", {}, formats=["docx"])


def test_typed_choices_become_parameters(workshop: Settings) -> None:
    """``--for`` is the first parameter, ``--set`` any other, the language comes from settings."""
    write_report(workshop, parameters=PARAMETERS)
    assert read_choices(workshop, "esr", "trial", "U8a0v", []) == {"institution": "U8a0v", "lang": "fr"}
    assert read_choices(workshop, "esr", "trial", None, ["lang=en"]) == {"lang": "en"}
    with pytest.raises(QuestionError, match="is not NAME=VALUE"):
        read_choices(workshop, "esr", "trial", None, ["year"])


def test_the_sidecar_tells_all_it_takes_to_make_the_edition_again(strasbourg: Edition, institution: Report) -> None:
    """Parameters, notebook, data and the hash of each file."""
    record = json.loads((strasbourg.folder / "provenance.json").read_text("utf-8"))
    assert record["parameters"] == {"institution": "4k25D", "year": 2022, "lang": "fr"}
    assert record["notebook"] == {"path": institution.path, "sha256": institution.sha256}
    assert record["datasets"]["enrolment"]["snapshots"]["datasets/enrolment"]
    answers = json.loads((strasbourg.folder / "answers.json").read_text("utf-8"))["answers"]
    assert len(answers) > len(record["figures"]) > 3
    for name, sha256 in record["files"].items():
        assert hashlib.sha256((strasbourg.folder / name).read_bytes()).hexdigest() == sha256


def tree(folder: Path) -> dict[Path, bytes]:
    """Return every file below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

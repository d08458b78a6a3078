"""A code list whose codes, dates and successions cannot all be true is told, each fault by the name of its check."""

import pytest

from atelier.datasets import build_tables
from atelier.datasets.build import BuildReport
from atelier.errors import DataError, DeclarationError
from atelier.settings import Settings
from atelier.theme import read_theme
from tests.conftest import edit
from tests.references.conftest import ROWS, write_libraries


def build(settings: Settings) -> BuildReport:
    """Build the small theme."""
    return build_tables(read_theme(settings), settings)


def one_row_per_version(settings: Settings) -> None:
    """Let a code stand on several rows, kept apart by their dates."""
    path = settings.home / "themes" / "loans" / "references" / "libraries.toml"
    edit(path, 'key = ["code"]', 'key = ["code", "label"]')
    edit(path, "constraints = { required = true, unique = true }", "constraints = { required = true }")


def test_a_sound_list_has_no_problem(dated: Settings) -> None:
    """The fixture the others spoil."""
    assert build(dated).warnings == []


@pytest.mark.parametrize(
    ("before", "after", "check", "told"),
    [
        ("D;Dauphine;right;;2010", "B;Bastille bis;right;;2000", "duplicated-code", "code B, opened 2000"),
        (
            "A;Austerlitz;left;;1990;;",
            "A;Austerlitz;left;;1990;1980;",
            "inverted-dates",
            "code A, opened 1990, closed 1980",
        ),
        (
            "D;Dauphine;right;;2010",
            "B;Bastille bis;right;;2010",
            "overlapping-dates",
            "code B, begins 2000, ends None, next 2010",
        ),
        ("C;Charonne;left;B;", "C;Charonne;left;Z;", "orphan-successor", "code C, successor Z"),
        ("X;Austerlitz bis;left;;;;;A;", "X;Austerlitz bis;left;;;;;Q;", "orphan-successor", "code X, same_as Q"),
        ("B;Bastille;right;;2000;;;", "B;Bastille;right;C;2000;;;", "cyclic-successors", "B → C → B"),
        ("A;Austerlitz;left;;1990;;;", "A;Austerlitz;left;A;1990;;;", "cyclic-successors", "A → A"),
    ],
)
def test_a_fault_fails_its_check_and_no_other(dated: Settings, before: str, after: str, check: str, told: str) -> None:
    """The build stops; the message names the check and the codes at fault."""
    one_row_per_version(dated)
    assert before in ROWS
    write_libraries(dated, ROWS.replace(before, after))
    with pytest.raises(DataError) as caught:
        build(dated)
    (problem,) = caught.value.problems
    assert problem.message.endswith(f"[{check}]")
    assert told in problem.message


@pytest.mark.parametrize("wrong", ["2021", "1999"])
def test_a_succession_before_the_code_ends_or_its_successor_begins_is_a_warning(dated: Settings, wrong: str) -> None:
    """It is told, and the figures are published."""
    write_libraries(dated, ROWS.replace("1980;2021;2022", f"1980;{min('2021', wrong)};{wrong}"))
    warned = [problem.message for problem in build(dated).warnings]
    assert [message for message in warned if "code C, " in message and message.endswith("[early-successor]")]


def test_without_dated_successions_the_successor_itself_must_begin_later(dated: Settings) -> None:
    """Bastille opened before Charonne closed: without the year it took over, that may be a mistake."""
    edit(dated.home / "themes/loans/references/libraries.toml", 'succeeded_in = "succeeded_in"\n', "")
    (warning,) = build(dated).warnings
    assert warning.message.endswith("[early-successor]")


def test_versions_that_follow_one_another_are_accepted(dated: Settings) -> None:
    """A code may change its name: one row per version, each ending before the next begins."""
    one_row_per_version(dated)
    write_libraries(
        dated,
        ROWS.replace("D;Dauphine;right;;2010;", "D;Dauphine;right;;1990;2009").replace("2009;;;", "2009;;;")
        + "D;Dauphine nouvelle;right;;2010;;;;\n",
    )
    assert build(dated).warnings == []


def test_a_name_the_build_keeps_for_itself_is_refused(loans: Settings) -> None:
    """A further source cannot be called as the relations of the build."""
    path = loans.home / "themes" / "loans" / "references" / "libraries.toml"
    source = path.read_text("utf-8").split("[source]")[1].split("[[")[0]
    path.write_text(path.read_text("utf-8") + "\n[sources.figures]" + source, "utf-8")
    with pytest.raises(DeclarationError, match=r"libraries\.toml: sources: .*keeps the name 'figures'"):
        read_theme(loans)

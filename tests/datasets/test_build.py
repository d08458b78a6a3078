"""From raw table to figures: checked whole, published at once, nothing lost on an error."""

from hashlib import sha256
from pathlib import Path

import pytest

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.datasets.figures import Figures
from atelier.errors import DataError
from atelier.settings import Settings
from atelier.snapshots import SnapshotStore
from atelier.theme import read_theme
from tests.conftest import edit


def build(settings: Settings) -> object:
    """Build the small theme."""
    return build_tables(read_theme(settings), settings)


def state_of(folder: Path) -> dict[str, tuple[str, int]]:
    """Return the hash and the time of last change of each file."""
    return {path.name: (sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_a_build_compiles_references_then_datasets(loans: Settings) -> None:
    """Provenance tells where each table comes from."""
    report = build(loans)
    assert report.built == ["references/libraries", "datasets/loans"]  # type: ignore[attr-defined]
    figures = Figures(loans.home / "themes" / "loans" / "figures")
    entry = figures.provenance()["datasets/loans"]
    assert entry.rows == 50
    assert entry.sources[0].sha256 == sha256((loans.raw_data / "loans.csv").read_bytes()).hexdigest()
    assert figures.verify() == []
    assert {snapshot.table for snapshot in SnapshotStore(loans.state / "snapshots").list()} == {
        "references/libraries",
        "datasets/loans",
    }


def test_a_second_build_writes_nothing(loans: Settings) -> None:
    """R09: same raw tables, same SQL, same files."""
    build(loans)
    folder = loans.home / "themes" / "loans" / "figures"
    before = state_of(folder)
    report = build(loans)
    assert report.built == []  # type: ignore[attr-defined]
    assert state_of(folder) == before


def test_other_files_of_the_folder_stay(loans: Settings) -> None:
    """What the pipeline did not make, it does not remove."""
    build(loans)
    folder = loans.home / "themes" / "loans" / "figures"
    (folder / "shapes.json").write_text("{}", "utf-8")
    edit(loans.raw_data / "loans.csv", "2021;A;_T;_T;1000", "2021;A;_T;_T;1000")
    with (loans.raw_data / "libraries.csv").open("a", encoding="utf-8") as file:
        file.write("E;Étoile;right;\n")
    build(loans)
    assert (folder / "shapes.json").exists()


@pytest.mark.parametrize(
    ("file", "before", "after", "expected"),
    [
        ("raw/loans.csv", "Année;", "Annee;", 'Referenced column "Année" not found'),
        (
            "raw/loans.csv",
            "2021;A;_T;_T;1000",
            "2021;A;_T;_T;a lot",
            "1 value(s) of loans are not of type integer, such as loans a lot",
        ),
        ("raw/loans.csv", "2021;A;_T;_T;1000", "2021;A;_T;_T;-3", "1 value(s) of loans < 0"),
        ("raw/loans.csv", "2021;A;_T;_T;1000", "1921;A;_T;_T;1000", "1 value(s) of year < 2000"),
        ("raw/loans.csv", "2021;A;_T;_T;1000", "2021;;_T;_T;1000", "no value of library in 1 row(s)"),
        (
            "raw/loans.csv",
            "2021;A;book;_T;800",
            "2021;A;tape;_T;800",
            "1 unknown code(s) in support, such as support tape",
        ),
        ("raw/loans.csv", "2021;A;book;_T;800", "2021;A;disc;_T;800", "1 key(s) stand on several rows"),
        ("raw/loans.csv", "2021;A;book;_T;800", "2021;A;book;_T;801", "checks.supports-add-up"),
        ("themes/loans/datasets/loans.sql", "FROM raw", "FROM row", "datasets/loans.sql: Catalog Error"),
        ("themes/loans/datasets/loans.sql", "SELECT", "SELEKT", "datasets/loans.sql: Parser Error"),
        ("themes/loans/datasets/loans.sql", "FROM raw", "FROM raw WHERE false", "the SQL returns no row"),
        ("themes/loans/datasets/loans.toml", "FROM figures WHERE", "FROM figs WHERE", "its SQL fails"),
    ],
)
def test_a_fault_blocks_the_build_and_keeps_the_figures(
    loans: Settings, file: str, before: str, after: str, expected: str
) -> None:
    """R13: the message names the fault, and the last good figures stay as they were."""
    build(loans)
    folder = loans.home / "themes" / "loans" / "figures"
    good = state_of(folder)
    edit(loans.home / file, before, after)
    with pytest.raises(DataError) as caught:
        build(loans)
    assert expected in str(caught.value)
    assert state_of(folder) == good


def test_a_missing_raw_table_says_where_it_was_looked_for(loans: Settings) -> None:
    """The message tells the folders, the setting and the page where the table is published."""
    (loans.raw_data / "loans.csv").unlink()
    with pytest.raises(DataError, match=r"loans\.csv: not found in .*ATELIER_RAW_DATA.*example\.org"):
        build(loans)


def test_a_warning_does_not_block(loans: Settings) -> None:
    """A check of severity ``warning`` is reported and the figures are published."""
    for line, busy in (("A;_T;_T;1000", "6000"), ("A;book;_T;800", "5800"), ("A;_T;adult;700", "5700")):
        edit(loans.raw_data / "loans.csv", f"2021;{line}", f"2021;{line.rsplit(';', 1)[0]};{busy}")
    report = build(loans)
    assert [problem.key for problem in report.warnings] == ["checks.busy-library"]  # type: ignore[attr-defined]


def test_a_check_may_read_the_tables_compiled_before(loans: Settings) -> None:
    """References, then datasets in the order of their names, by their identifiers."""
    check = """

[[checks]]
name = "libraries-lend"
message = { fr = "Une bibliothèque ne prête rien.", en = "A library lends nothing." }
sql = "SELECT code FROM libraries WHERE code NOT IN (SELECT library FROM figures)"
"""
    path = loans.home / "themes" / "loans" / "datasets" / "loans.toml"
    path.write_text(path.read_text("utf-8") + check, "utf-8")
    build(loans)
    with (loans.raw_data / "libraries.csv").open("a", encoding="utf-8") as file:
        file.write("E;Étoile;right;\n")
    with pytest.raises(DataError, match=r"checks\.libraries-lend: .*, such as code E\."):
        build(loans)


def test_a_code_no_reference_knows_is_told_with_its_weight_and_kept(loans: Settings) -> None:
    """Nothing is dropped in silence: the rows stay, counted as not matched, and the warning says what they weigh."""
    with (loans.raw_data / "loans.csv").open("a", encoding="utf-8") as file:
        for rest in ("_T;_T;40", "book;_T;40", "disc;_T;0", "_T;child;0", "_T;adult;40"):
            file.write(f"2021;Z;{rest}\n")
    report = build(loans)
    assert [problem.key for problem in report.warnings] == ["library"]  # type: ignore[attr-defined]
    assert "5 rows, loans 40" in report.warnings[0].message  # type: ignore[attr-defined]
    table = open_theme("loans", home=loans.home).indicator("loans").by("library").where(year=2021).table()
    assert table.cells.set_index("library")["value"]["_U"] == 40
    assert any(note.kind == "unmatched" and "40" in note.text.en for note in table.notes)


def test_all_the_raw_tables_that_are_missing_are_told(loans: Settings) -> None:
    """A table may come from several: each that is not there is named at once."""
    path = loans.home / "themes" / "loans" / "references" / "libraries.toml"
    source = path.read_text("utf-8").split("[source]")[1].split("[[")[0]
    edit(path, "[[dimensions]]", f"[sources.towns]{source.replace('libraries.csv', 'towns.csv')}[[dimensions]]")
    (loans.raw_data / "libraries.csv").unlink()
    with pytest.raises(DataError, match=r"libraries\.csv: not found .*towns\.csv: not found"):
        build(loans)


def test_the_columns_of_each_raw_table_are_followed(loans: Settings) -> None:
    """A column that a further source gains is told with the name of its relation."""
    path = loans.home / "themes" / "loans" / "references" / "libraries.toml"
    source = path.read_text("utf-8").split("[source]")[1].split("[[")[0]
    edit(path, "[[dimensions]]", f"[sources.towns]{source.replace('libraries.csv', 'towns.csv')}[[dimensions]]")
    towns = loans.raw_data / "towns.csv"
    towns.write_text("code;town\nA;Paris\n", "utf-8")
    build(loans)
    towns.write_text("code;town;area\nA;Paris;75\n", "utf-8")
    report = build(loans)
    assert [problem.message for problem in report.warnings if "+ towns.area" in problem.message]  # type: ignore[attr-defined]


def test_a_raw_table_that_cannot_be_read_is_told(loans: Settings) -> None:
    """A file that is not what its name says stops the build with a message, not with a trace."""
    edit(loans.home / "themes" / "loans" / "datasets" / "loans.toml", '"loans.csv"', '"loans.parquet"')
    (loans.raw_data / "loans.parquet").write_text("Année;Code", "utf-8")
    with pytest.raises(DataError, match=r"datasets/loans\.sql: .*loans\.parquet"):
        build(loans)


def test_figures_whose_bytes_changed_are_told(loans: Settings) -> None:
    """The embedded figures are those that were built, or the verification says so."""
    build(loans)
    figures = Figures(loans.home / "themes" / "loans" / "figures")
    path = figures.path("datasets/loans")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert [problem.file for problem in figures.verify()] == ["loans.parquet"]
    build(loans)
    assert figures.verify() == []


def test_the_embedded_figures_are_those_built(esr: object) -> None:
    """What is committed is what the pipeline made."""
    assert esr.engine.figures.verify() == []  # type: ignore[attr-defined]


@pytest.mark.long
def test_the_embedded_figures_come_from_the_raw_tables(esr: object, raw_data: Path, tmp_path: Path) -> None:
    """Building from the ministry's tables again gives the same rows."""
    from atelier.settings import load_settings

    settings = load_settings({}, home=esr.settings.home, state=tmp_path, raw_data=raw_data)  # type: ignore[attr-defined]
    if not (settings.home / "node_modules" / "@etalab").is_dir():
        pytest.skip("the codes of regions come from npm: run 'npm ci'")
    report = build_tables(read_theme(settings, "esr"), settings)
    assert report.built == []

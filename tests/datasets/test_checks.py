"""Named checks: one failing fixture each, which fails that check and no other; verdicts, adjustments, reports."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.datasets import build_tables, check_figures, rehearse
from atelier.datasets.checks import (
    CATALOGUE,
    CheckReport,
    Subject,
    render_catalogue,
    render_html,
    render_json,
    render_lines,
    run_checks,
)
from atelier.datasets.figures import Figures
from atelier.declarations import Dataset
from atelier.errors import DataError
from atelier.language import LANGUAGES
from atelier.settings import Settings
from atelier.theme import read_theme
from tests.conftest import edit

Mutation = Callable[[Settings], None]


def raw(*changes: tuple[str, str]) -> Mutation:
    """Change the raw table of loans."""
    return lambda settings: [edit(settings.raw_data / "loans.csv", *change) for change in changes] and None


def libraries(before: str, after: str) -> Mutation:
    """Change the raw table of libraries."""
    return lambda settings: edit(settings.raw_data / "libraries.csv", before, after)


def theme(file: str, before: str, after: str) -> Mutation:
    """Change a file of the theme."""
    return lambda settings: edit(settings.home / "themes" / "loans" / file, before, after)


def drop(*lines: str) -> Mutation:
    """Remove the lines of the raw table of loans that start so."""

    def mutate(settings: Settings) -> None:
        path = settings.raw_data / "loans.csv"
        kept = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(lines)]
        path.write_text("\n".join(kept) + "\n", "utf-8")

    return mutate


def add(*lines: str) -> Mutation:
    """Add lines to the raw table of loans."""

    def mutate(settings: Settings) -> None:
        with (settings.raw_data / "loans.csv").open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))

    return mutate


def both(*mutations: Mutation) -> Mutation:
    """Do one change after another."""

    def mutate(settings: Settings) -> None:
        for mutation in mutations:
            mutation(settings)

    return mutate


def publish(settings: Settings) -> None:
    """Build and publish, so that what follows is another vintage."""
    build_tables(read_theme(settings), settings)


def lose_source(settings: Settings) -> None:
    """Remove a raw table."""
    (settings.raw_data / "loans.csv").unlink()


def widen_source(settings: Settings) -> None:
    """Add a column that the SQL does not read."""
    path = settings.raw_data / "libraries.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{lines[0]};area", *(f"{line};90" for line in lines[1:])]) + "\n", "utf-8")


def copy_year(settings: Settings) -> None:
    """Add the year 2025, the same as 2023."""
    path = settings.raw_data / "loans.csv"
    text = path.read_text("utf-8")
    added = [line.replace("2023", "2025", 1) for line in text.splitlines() if line.startswith("2023")]
    path.write_text(text + "\n".join(added) + "\n", "utf-8")


EXTRA_FIELD = """[[fields]]
name = "{name}"
type = "{type}"
role = "{role}"
title = {{ fr = "Autre", en = "Other" }}

[[fields]]"""


def extra_field(table: str, name: str, sql: str, role: str = "attribute", type_: str = "string") -> Mutation:
    """Give a table one more column."""
    field = EXTRA_FIELD.format(name=name, type=type_, role=role)

    def mutate(settings: Settings) -> None:
        folder = settings.home / "themes" / "loans"
        path = folder / f"{table}.toml"
        path.write_text(path.read_text("utf-8").replace("[[fields]]", field, 1), "utf-8")
        query = folder / f"{table}.sql"
        query.write_text(query.read_text("utf-8").replace("FROM raw", f", {sql} AS {name} FROM raw"), "utf-8")

    return mutate


def lose_column(settings: Settings) -> None:
    """Publish a column, then declare it no more."""
    folder = settings.home / "themes" / "loans" / "references"
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    extra_field("references/libraries", "town", "'Paris'")(settings)
    publish(settings)
    for path, content in kept.items():
        path.write_bytes(content)


def column(name: str, sql: str, type_: str, key: str) -> Mutation:
    """Give libraries a column, and say what it is for, or which reference it points to."""
    file = "references/libraries.toml"
    if key == "reference":
        told = theme(file, f'name = "{name}"\n', f'name = "{name}"\nreference = "libraries"\n')
    else:
        told = theme(file, 'successor = "successor"\n', f'successor = "successor"\n{key} = "{name}"\n')
    return both(extra_field("references/libraries", name, sql, type_=type_), told)


def dates(opened: str, closed: str) -> Mutation:
    """Date libraries."""
    return both(
        column("opened", f"CASE label {opened} END", "integer", "valid_from"),
        column("closed", f"CASE label {closed} END", "integer", "valid_to"),
    )


one_row_per_version = both(
    theme("references/libraries.toml", 'key = ["code"]', 'key = ["code", "label"]'),
    theme("references/libraries.toml", "constraints = { required = true, unique = true }", ""),
)


FIXTURES: dict[str, Mutation] = {
    "source-found": lose_source,
    "sql-runs": theme("datasets/loans.sql", "FROM raw", "FROM row"),
    "source-columns": both(publish, widen_source),
    "columns": theme("datasets/loans.sql", "age, ", ""),
    "undeclared-columns": theme("datasets/loans.sql", "SELECT", "SELECT 1 AS extra,"),
    "types": raw(("2021;D;_T;_T;10", "2021;D;_T;_T;10.5")),
    "not-empty": theme("datasets/loans.sql", "FROM raw", "FROM raw WHERE false"),
    "key-unique": add("2023;D;_T;_T;0"),
    "required": libraries("D;Dauphine;", "D;;"),
    "unique": both(
        libraries("C;Charonne;", "C;Bastille;"),
        theme(
            "references/libraries.toml",
            'title = { fr = "Nom", en = "Name" }',
            'title = { fr = "Nom", en = "Name" }\nconstraints = { unique = true }',
        ),
    ),
    "range": theme("datasets/loans.toml", "{ minimum = 0 }", "{ minimum = 0, maximum = 1100 }"),
    "pattern": theme(
        "datasets/loans.toml",
        'reference = "libraries"\nconstraints = { required = true }',
        'reference = "libraries"\nconstraints = { required = true, pattern = "[A-C]" }',
    ),
    "negative-counts": both(
        theme("datasets/loans.toml", "constraints = { minimum = 0 }", ""),
        raw(("2021;D;book;_T;6", "2021;D;book;_T;11"), ("2021;D;disc;_T;4", "2021;D;disc;_T;-1")),
    ),
    "labels-unique": libraries("D;Dauphine;", "D;Bastille;"),
    "text-spaces": libraries("D;Dauphine;", "D;Dauphine ;"),
    "text-encoding": libraries("D;Dauphine;", "D;DauphinÃ©;"),
    "member-codes": raw(("2021;D;disc;_T;4", "2021;D;tape;_T;4")),
    "undeclared-totals": add(
        *(f"2021;_T;{rest}" for rest in ("_T;_T;10", "book;_T;5", "disc;_T;5", "_T;child;5", "_T;adult;5"))
    ),
    "linked-codes": column("near", "'Z'", "string", "reference"),
    "matched-codes": raw(("2021;D;", "2021;Z;")),
    "dated-codes": column("closed", "CASE code WHEN 'D' THEN 2022 END", "integer", "valid_to"),
    "duplicated-code": both(one_row_per_version, libraries("D;Dauphine;right;", "D;Dauphine;right;\nD;Dauphin;right;")),
    "inverted-dates": both(
        libraries("D;Dauphine;right;", "D;Dauphine;right;\nE;Opéra;right;"),
        dates("WHEN 'Opéra' THEN 2010", "WHEN 'Opéra' THEN 2000"),
    ),
    "overlapping-dates": both(
        one_row_per_version,
        libraries("D;Dauphine;right;", "D;Dauphine;right;\nE;Opéra;right;\nE;Garnier;right;"),
        dates("WHEN 'Opéra' THEN 1990 WHEN 'Garnier' THEN 2000", "WHEN 'Opéra' THEN 2000"),
    ),
    "orphan-successor": libraries("C;Charonne;left;B", "C;Charonne;left;Z"),
    "cyclic-successors": libraries("B;Bastille;right;", "B;Bastille;right;C"),
    "early-successor": dates("WHEN 'Bastille' THEN 2000", "WHEN 'Charonne' THEN 2021"),
    "status-codes": extra_field("datasets/loans", "status", "'Z'", role="status"),
    "blanks-have-status": raw(("2023;D;_T;child;0", "2023;D;_T;child;")),
    "totals-equal-parts": raw(("2021;D;_T;child;3", "2021;D;_T;child;4")),
    "parts-within-total": both(
        theme("datasets/loans.toml", "ordered = true", "ordered = true\npartition = false"),
        raw(("2021;D;_T;child;3", "2021;D;_T;child;13")),
    ),
    "total-rows": drop("2021;D;_T;_T"),
    "missing-margins": drop("2021;D;_T;child", "2021;D;_T;adult"),
    "years-contiguous": copy_year,
    "series-contiguous": drop("2022;D"),
    "abrupt-total": raw(
        ("2023;A;_T;_T;1100", "2023;A;_T;_T;1700"),
        ("2023;A;book;_T;850", "2023;A;book;_T;1450"),
        ("2023;A;_T;adult;750", "2023;A;_T;adult;1350"),
    ),
    "abrupt-change": both(
        drop("2023;B"),
        add(*(f"2023;B;{rest}" for rest in ("_T;_T;20", "book;_T;10", "disc;_T;10", "_T;child;10", "_T;adult;10"))),
        raw(
            ("2023;A;_T;_T;1100", "2023;A;_T;_T;1700"),
            ("2023;A;book;_T;850", "2023;A;book;_T;1450"),
            ("2023;A;_T;adult;750", "2023;A;_T;adult;1350"),
        ),
    ),
    "provisional-years": theme("datasets/loans.toml", "provisional = [2023]", "provisional = [2024]"),
    "breaks-in-span": theme("datasets/loans.toml", "year = 2022", "year = 2021"),
    "metadata": theme("datasets/loans.toml", 'vintage = "2024"', 'vintage = "latest"'),
    "formula-sums": theme("indicators/child-share.toml", "age = 'child'", "age = 'child' and support = 'book'"),
    "vintage-columns": lose_column,
    "vintage-codes": both(publish, drop("2021;D", "2022;D", "2023;D")),
    "vintage-rows": both(publish, drop("2021;D")),
    "vintage-totals": both(
        publish,
        raw(
            ("2021;A;_T;_T;1000", "2021;A;_T;_T;1100"),
            ("2021;A;book;_T;800", "2021;A;book;_T;900"),
            ("2021;A;_T;adult;700", "2021;A;_T;adult;800"),
        ),
    ),
    "vintage-values": both(
        publish,
        raw(
            ("2021;D;_T;_T;10", "2021;D;_T;_T;11"),
            ("2021;D;book;_T;6", "2021;D;book;_T;7"),
            ("2021;D;_T;adult;7", "2021;D;_T;adult;8"),
        ),
    ),
}


def found(report: CheckReport) -> dict[str, str]:
    """Return the verdict of each check that found something."""
    return {outcome.check: outcome.verdict for outcome in report.outcomes if outcome.faults}


def adjust(settings: Settings, text: str) -> None:
    """Adjust a check of the loans dataset."""
    path = settings.home / "themes" / "loans" / "datasets" / "loans.toml"
    reason = 'reason = { fr = "Vu avec la ville.", en = "Seen with the city." }'
    path.write_text(f"{path.read_text('utf-8')}\n[[adjustments]]\n{text}\n{reason}\n", "utf-8")


def test_each_check_has_its_fixture() -> None:
    """Q02: no check is in the catalogue without a fixture that fails it."""
    assert set(FIXTURES) == set(CATALOGUE)


@pytest.mark.parametrize("check", CATALOGUE)
def test_a_fixture_fails_exactly_its_check(loans: Settings, check: str) -> None:
    """Q02: the mutated theme fails this check, with its severity, a sentence, and no other check."""
    FIXTURES[check](loans)
    report = rehearse(read_theme(loans), loans)
    severity = "warning" if check == "blanks-have-status" else CATALOGUE[check].severity
    assert found(report) == {check: severity}
    fault = next(outcome.faults[0] for outcome in report.outcomes if outcome.faults)
    for language in LANGUAGES:
        assert "{" not in fault.message[language]
        assert "{" not in CATALOGUE[check].advice[language]


def test_the_clean_theme_passes_all_checks(loans: Settings) -> None:
    """Nothing is found where nothing is wrong, at the first publication, at the second and in the figures in place."""
    publish(loans)
    declared = read_theme(loans)
    assert found(rehearse(declared, loans)) == {}
    assert found(check_figures(declared)) == {}


def test_an_error_blocks_and_the_report_says_so(loans: Settings) -> None:
    """The last good figures stay, and the report of what blocked them is kept for the reader."""
    publish(loans)
    folder = loans.home / "themes" / "loans" / "figures"
    good = {path.name: path.read_bytes() for path in folder.iterdir()}
    FIXTURES["totals-equal-parts"](loans)
    with pytest.raises(DataError, match="figures not replaced"):
        publish(loans)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == good
    told = json.loads((loans.state / "checks" / "loans.json").read_text("utf-8"))
    assert told["publishable"] is False
    assert "bloquée" in (loans.state / "checks" / "loans.fr.html").read_text("utf-8")
    assert "blocked" in (loans.state / "checks" / "loans.en.html").read_text("utf-8")


def test_a_warning_publishes_and_is_kept_beside_the_figures(loans: Settings) -> None:
    """``checks.json`` tells, for those who cite the figures, which checks passed and which warned."""
    FIXTURES["missing-margins"](loans)
    publish(loans)
    standing = Figures(loans.home / "themes" / "loans" / "figures").standing()
    assert standing["datasets/loans"]["missing-margins"] == "warning"
    assert standing["datasets/loans"]["totals-equal-parts"] == "pass"
    assert not any(check.startswith("vintage") for check in standing["datasets/loans"])


@pytest.mark.parametrize(
    ("check", "adjustment", "verdict"),
    [
        ("totals-equal-parts", 'check = "totals-equal-parts"\nseverity = "warning"', "warning"),
        ("totals-equal-parts", 'check = "totals-equal-parts"\nfields = ["age"]\nseverity = "warning"', "warning"),
        ("totals-equal-parts", 'check = "totals-equal-parts"\nfields = ["support"]\nseverity = "off"', "error"),
        ("totals-equal-parts", 'check = "totals-equal-parts"\ntolerance = 0.2', None),
        ("missing-margins", 'check = "missing-margins"\nseverity = "error"', "error"),
        ("missing-margins", 'check = "missing-margins"\nseverity = "off"', "off"),
        ("missing-margins", 'check = "missing-margins"\ntolerance = 0.15', None),
        ("vintage-codes", 'check = "vintage-codes"\ntolerance = 0.3', "warning"),
        ("abrupt-total", 'check = "abrupt-total"\ntolerance = 0.5', None),
    ],
)
def test_a_theme_adjusts_a_check_with_a_reason(
    loans: Settings, check: str, adjustment: str, verdict: str | None
) -> None:
    """A severity goes up or down, a tolerance is set, for some columns or all; the reason is in the report."""
    FIXTURES[check](loans)
    adjust(loans, adjustment)
    report = rehearse(read_theme(loans), loans)
    assert found(report) == ({check: verdict} if verdict else {})
    if verdict == "off":
        assert "Vu avec la ville." in render_html(report, "fr")


def test_a_check_of_the_theme_takes_the_place_of_its_namesake(loans: Settings) -> None:
    """A theme that knows better what an abrupt change is says so in SQL."""
    FIXTURES["abrupt-change"](loans)
    path = loans.home / "themes" / "loans" / "datasets" / "loans.toml"
    own = 'name = "abrupt-change"\nmessage = { fr = "Bond.", en = "Leap." }\nsql = "FROM figures WHERE false"'
    path.write_text(f"{path.read_text('utf-8')}\n[[checks]]\n{own}\n", "utf-8")
    report = rehearse(read_theme(loans), loans)
    assert found(report) == {}
    (outcome,) = [one for one in report.outcomes if one.table == "datasets/loans" and one.check == "abrupt-change"]
    assert outcome.own


def test_what_vanished_may_be_accepted_by_hand(loans: Settings) -> None:
    """Q15: a vintage that loses codes is reviewed, then published on purpose, and the report says by hand."""
    FIXTURES["vintage-codes"](loans)
    declared = read_theme(loans)
    with pytest.raises(DataError, match=r"1 published code\(s\) of library disappear, out of 4, such as library D"):
        build_tables(declared, loans)
    report = build_tables(declared, loans, accepted=["vintage-codes"])
    assert [problem.key for problem in report.warnings] == ["library"]
    assert "by hand" in render_html(report.checks, "en")


def test_a_changed_raw_table_is_told_by_its_columns(loans: Settings) -> None:
    """R13: when the SQL fails on a raw table of another shape, the report names the columns gone and new."""
    publish(loans)
    edit(loans.raw_data / "loans.csv", "Année;", "Annee;")
    report = rehearse(read_theme(loans), loans)
    assert found(report) == {"sql-runs": "error", "source-columns": "warning"}
    columns = next(outcome for outcome in report.outcomes if outcome.check == "source-columns" and outcome.faults)
    assert columns.faults[0].examples == ("− Année", "+ Annee")


def test_blanks_that_deny_their_status_are_errors(loans: Settings) -> None:
    """Q04: where a measure has statuses, a blank said to be normal blocks; one said to be missing passes."""
    FIXTURES["blanks-have-status"](loans)
    extra_field("datasets/loans", "status", "CASE WHEN \"Prêts\" IS NULL THEN 'A' ELSE 'A' END", role="status")(loans)
    assert found(rehearse(read_theme(loans), loans)) == {"blanks-have-status": "warning"}
    edit(
        loans.home / "themes" / "loans" / "datasets" / "loans.toml", 'role = "status"', 'role = "status"\nof = "loans"'
    )
    assert found(rehearse(read_theme(loans), loans)) == {"blanks-have-status": "error"}
    edit(loans.home / "themes" / "loans" / "datasets" / "loans.sql", "THEN 'A'", "THEN 'O'")
    assert found(rehearse(read_theme(loans), loans)) == {}


def test_a_mistake_in_a_reference_does_not_hide_those_of_datasets(loans: Settings) -> None:
    """Tables are checked one by one: all that can be told is told at once."""
    FIXTURES["linked-codes"](loans)
    FIXTURES["member-codes"](loans)
    FIXTURES["metadata"](loans)
    assert found(rehearse(read_theme(loans), loans)).keys() == {"linked-codes", "member-codes", "metadata"}


@settings(deadline=None, max_examples=30)
@given(rows=st.lists(st.tuples(st.integers(2001, 2003), st.sampled_from("ABC")), min_size=1, max_size=12))
def test_every_doubled_key_is_found(rows: list[tuple[int, str]]) -> None:
    """Q03: whatever the rows, the check counts the keys that stand on several of them."""
    text = {"fr": "Essai 2001", "en": "Trial 2001"}
    column = {"title": text, "constraints": {"minimum": 0}}
    table = Dataset.model_validate(
        {
            **dict.fromkeys(("title", "description", "producer", "scope"), text),
            "vintage": "2001",
            "licence": {"name": "Libre", "url": "https://example.org"},
            "source": {"connector": "file", "path": "a.csv", "dataset_id": "a", "page": "https://example.org"},
            "key": ["year", "place"],
            "fields": [
                {"name": "year", "type": "integer", "role": "time", **column},
                {"name": "place", "type": "string", "role": "attribute", "title": text},
            ],
        }
    )
    declared = read_theme(Settings(home=Path(__file__).parents[2], state=Path(), raw_data=Path()), "esr")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE compiled (year VARCHAR, place VARCHAR)")
        connection.executemany("INSERT INTO compiled VALUES (?, ?)", rows)
        outcomes = run_checks(Subject("datasets/trial", table, declared, connection))
    doubled = {row for row in rows if rows.count(row) > 1}
    (outcome,) = [outcome for outcome in outcomes if outcome.check == "key-unique"]
    assert [fault.count for fault in outcome.faults] == ([len(doubled)] if doubled else [])


def test_the_report_reads_in_french_and_in_english(loans: Settings) -> None:
    """Lines for a terminal say dataset, check, verdict, count, example and what to do."""
    FIXTURES["abrupt-total"](loans)
    report = rehearse(read_theme(loans), loans)
    french, english = ("\n".join(render_lines(report, language)) for language in LANGUAGES)
    assert "alerte" in french
    assert "1 année(s) où le total de loans change de plus de 20" in french
    assert "year 2023, before 2004, total 2600" in english
    assert "declare a break" in english
    assert "Nothing stands in the way" in english
    assert "pass" in "\n".join(render_lines(report, "en", every=True))
    told = json.loads(render_json(report))
    (outcome,) = [one for one in told["outcomes"] if one["faults"]]
    assert outcome["faults"][0]["count"] == 1
    assert outcome["faults"][0]["message"]["en"].startswith("1 year(s)")


def test_examples_of_rows_cannot_break_the_page(loans: Settings) -> None:
    """What a table holds is shown as text."""
    edit(loans.raw_data / "libraries.csv", "D;Dauphine;", "D;<script>alert(1)</script> ;")
    page = render_html(rehearse(read_theme(loans), loans), "fr")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_catalogue_is_documented(home: Path) -> None:
    """``docs/checks.md`` is the catalogue, no more, no less."""
    assert (home / "docs" / "checks.md").read_text("utf-8") == render_catalogue()

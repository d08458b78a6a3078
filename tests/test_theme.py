"""A theme is checked whole: every mistake is reported at once, with file and key."""

import pytest

from atelier import open_theme
from atelier.errors import DeclarationError, UnknownNameError
from atelier.settings import Settings
from atelier.theme import read_theme
from tests.conftest import edit


def open_loans(settings: Settings) -> object:
    """Open the small theme as a user would."""
    return open_theme("loans", home=settings.home, state=settings.state, raw_data=settings.raw_data)


@pytest.mark.parametrize(
    ("file", "before", "after", "expected"),
    [
        ("theme.toml", 'contact = "', 'contract = "', "theme.toml: contract: unknown key: did you mean 'contact'?"),
        ("theme.toml", 'contact = "mailto:tests@example.org"', "", "theme.toml: contact: missing"),
        (
            "theme.toml",
            "decimals = 1",
            'decimals = "one"',
            "theme.toml: units.percent.decimals: 'one' is of the wrong type",
        ),
        ("theme.toml", "[units.loans]", "[units.loans", "theme.toml: not valid TOML"),
        (
            "datasets/loans.toml",
            'role = "time"',
            'role = "tyme"',
            "datasets/loans.toml: fields.year.role: 'tyme' is not allowed",
        ),
        ("datasets/loans.toml", 'reference = "libraries"', 'reference = "library"', "Did you mean 'libraries'"),
        ("datasets/loans.toml", 'key = ["year", ', 'key = ["yeer", ', "datasets/loans.toml: key: unknown name 'yeer'"),
        ("datasets/loans.toml", 'indicators = ["loans"]', 'indicators = ["loan"]', "breaks.0.indicators"),
        ("references/libraries.toml", 'label = "label"', 'label = "lable"', "references/libraries.toml: label"),
        ("references/libraries.toml", 'code = "code"', 'code = "code"\nvalid_to = "closed"', "valid_to: unknown name"),
        ("references/libraries.toml", 'code = "code"', 'code = "code"\nsearched = ["nick"]', "searched: unknown name"),
        ("references/libraries.toml", 'code = "code"', 'code = "code"\nvalid_form = "a"', "did you mean 'valid_from'"),
        ("indicators/loans.toml", 'dataset = "loans"', 'dataset = "lones"', "indicators/loans.toml: dataset"),
        ("indicators/loans.toml", 'unit = "loans"', 'unit = "lones"', "indicators/loans.toml: unit"),
        ("indicators/loans.toml", "sum(loans)", "sum(lones)", "numerator: unknown measure 'lones'"),
        ("indicators/loans.toml", "sum(loans)", "avg(loans)", "a rate is never averaged"),
        ("indicators/loans.toml", "sum(loans)", "sum(loans", "cannot be parsed"),
        ("indicators/loans.toml", "sum(loans)", "sum(loans) / 2", "a rate is never averaged nor divided"),
        ("indicators/loans.toml", "sum(loans)", "(select 1)", "is not a sum"),
        ("indicators/loans.toml", "sum(loans)", "sum(avg(loans))", "cannot stand inside sum()"),
        ("indicators/loans.toml", "sum(loans)", "sum(loans) filter (where age = 'old')", "unknown age 'old'"),
        ("indicators/loans.toml", "sum(loans)", "sum(loans) filter (where aje = 'child')", "unknown column 'aje'"),
        ("indicators/child-share.toml", 'denominator = "sum(loans)"\n', "", "a share is the ratio of two sums"),
        ("indicators/loans.toml", "unit =", 'denominator = "sum(loans)"\nunit =', "a count has no denominator"),
        ("datasets/loans.toml", "scope = {", 'respondent = "support"\nscope = {', "respondent: unknown name 'support'"),
        ("datasets/loans.toml", "scope = {", 'respondent = "library"\nscope = {', "share_of: each library answers for"),
        (
            "datasets/loans.toml",
            "scope = {",
            'respondent = "library"\nscope = {',
            "base_year: each library answers for",
        ),
        ("indicators/child-share.toml", "unit =", 'denominator_dataset = "loans"\nunit =', "names no respondent"),
        (
            "indicators/child-share.toml",
            "unit =",
            'thresholds = [{ value = 83, kind = "ceiling", label = { fr = "S", en = "T" } }]\nunit =',
            "thresholds: 83 is not a share: write 0.83",
        ),
        (
            "indicators/child-share.toml",
            "unit =",
            'thresholds = [{ value = 0.8, kind = "roof", label = { fr = "S", en = "T" } }]\nunit =',
            "thresholds.0.kind: 'roof' is not allowed: write",
        ),
        ("indicators/support-share.toml", '["support"]', '["suport"]', "share_of: unknown dimension 'suport'"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(
    loans: Settings, file: str, before: str, after: str, expected: str
) -> None:
    """Each mistake an author makes has its own message."""
    edit(loans.home / "themes" / "loans" / file, before, after)
    with pytest.raises(DeclarationError) as caught:
        open_loans(loans)
    assert expected in str(caught.value)


def test_all_mistakes_are_told_at_once(loans: Settings) -> None:
    """Mistakes in several files are listed together."""
    theme = loans.home / "themes" / "loans"
    edit(theme / "theme.toml", "contact", "contract")
    edit(theme / "indicators" / "loans.toml", "unit", "units")
    edit(theme / "datasets" / "loans.toml", "vintage", "vintages")
    with pytest.raises(DeclarationError) as caught:
        read_theme(loans)
    assert {problem.file for problem in caught.value.problems} == {
        "theme.toml",
        "indicators/loans.toml",
        "datasets/loans.toml",
    }


def test_tables_share_the_sql_that_they_include(loans: Settings) -> None:
    """A line that includes a file stands for its text, in a build and in the hash that tells a table has changed."""
    folder = loans.home / "themes" / "loans"
    path = folder / "datasets" / "loans.sql"
    (folder / "shared").mkdir()
    (folder / "shared" / "rows.sql").write_text(path.read_text("utf-8"), "utf-8")
    plain = read_theme(loans).sql["datasets/loans"]
    path.write_text("SELECT * FROM (\n-- include shared/rows.sql\n)\n", "utf-8")
    assert read_theme(loans).sql["datasets/loans"] == f"SELECT * FROM (\n{plain.rstrip()}\n)\n"


def test_a_table_without_its_sql_is_told(loans: Settings) -> None:
    """Each dataset has its SQL beside it."""
    (loans.home / "themes" / "loans" / "datasets" / "loans.sql").unlink()
    with pytest.raises(DeclarationError, match=r"datasets/loans\.sql: missing"):
        read_theme(loans)


def test_an_unknown_theme_names_those_there_are(loans: Settings) -> None:
    """The message helps to find the right name."""
    with pytest.raises(UnknownNameError, match="Did you mean 'loans'"):
        read_theme(loans, "loan")


def test_references_come_before_the_tables_that_point_to_them(esr: object) -> None:
    """Regions are compiled before departments, departments before institutions, all before enrolment."""
    names = [name for name, _ in esr.theme.tables()]  # type: ignore[attr-defined]
    assert names.index("references/regions") < names.index("references/departments")
    assert names.index("references/departments") < names.index("references/institutions")
    assert names.index("references/institutions") < names.index("datasets/enrolment")

"""Every mistake a theme author makes is told with file, key and what to do; all of them are told at once."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from atelier import open_theme
from atelier.datasets.checks import CATALOGUE
from atelier.errors import DeclarationError, Problem
from atelier.settings import Settings
from atelier.workbench import check_theme
from tests.conftest import edit

Change = Callable[[Path], None]


@dataclass(frozen=True)
class Mistake:
    """A change to the theme of loans, and what must be told of it.

    Attributes:
        change: Makes the mistake, given the folder of the theme.
        file: File told.
        key: Key told.
        message: Part of what is told.
    """

    change: Change
    file: str
    key: str
    message: str


def editing(file: str, before: str, after: str) -> Change:
    """Change a text of a file."""
    return lambda folder: edit(folder / file, before, after)


def adding(file: str, text: str) -> Change:
    """Add a text to a file, which is made if need be."""

    def change(folder: Path) -> None:
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as opened:
            opened.write(f"\n{text}\n")

    return change


def copying(source: str, target: str, before: str = "", after: str = "") -> Change:
    """Make another file of the theme, with one change."""

    def change(folder: Path) -> None:
        text = (folder / source).read_text("utf-8")
        assert before in text
        (folder / target).write_text(text.replace(before, after, 1), "utf-8")

    return change


def several(*changes: Change) -> Change:
    """Make a mistake that takes several files."""

    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


def field(name: str, role: str, rest: str, type_: str = "string") -> Change:
    """Add a column to the dataset."""
    return adding(LOANS, f'[[fields]]\nname = "{name}"\ntype = "{type_}"\nrole = "{role}"\n{OTHER}\n{rest}')


def indicator(name: str, key: str, message: str, *, before: str = "", after: str = "", of: str = "loans") -> Mistake:
    """Make an indicator that is wrong."""
    file = f"indicators/{name}.toml"
    return Mistake(copying(f"indicators/{of}.toml", file, before, after), file, key, message)


def formula(name: str, text: str, message: str) -> Mistake:
    """Make an indicator whose formula is wrong."""
    return indicator(name, "numerator", message, before="sum(loans)", after=text)


MEMBER = '{ code = "a", label = { fr = "Étage", en = "Floor" } }'
OTHER = 'title = { fr = "Autre", en = "Other" }'
LOANS, LIBRARIES = "datasets/loans.toml", "references/libraries.toml"
CHECK = '[[checks]]\nname = "{}"\nmessage = {{ fr = "Faute.", en = "Mistake." }}\nsql = "{}"'
ADJUSTMENT = '[[adjustments]]\ncheck = "{}"\n{}\nreason = {{ fr = "Motif.", en = "Reason." }}'
TERM = 'term = {{ fr = "{0}", en = "{0}" }}\ndefinition = {{ fr = "{1}", en = "{1}" }}'
POINTER = (
    '[[fields]]\nname = "other"\ntype = "string"\nrole = "attribute"\n'
    'title = {{ fr = "A", en = "A" }}\nreference = "{}"'
)
UNIT = 'unit = "loans"'
SENTENCE = '[sentences.{}]\nindicators = ["{}"]\nbelow = 1\ntext = {{ fr = "{}", en = "Few." }}'


def circle(folder: Path) -> None:
    """Make two references that point to each other."""
    for name, other in (("rivers", "towns"), ("towns", "rivers")):
        shutil.copyfile(folder / "references" / "libraries.sql", folder / "references" / f"{name}.sql")
        copying(LIBRARIES, f"references/{name}.toml")(folder)
        adding(f"references/{name}.toml", POINTER.format(other))(folder)


MISTAKES: dict[str, Mistake] = {
    # Copies of whole files come first, before other mistakes are made in them
    "references in a circle": Mistake(
        circle,
        "references/rivers.toml",
        "fields.other.reference",
        "references turn in a circle (rivers → towns → rivers)",
    ),
    "bad name of a column": Mistake(
        several(
            copying("references/libraries.sql", "references/harbours.sql"),
            copying(LIBRARIES, "references/harbours.toml"),
            adding("references/harbours.toml", f'[[dimensions]]\ncolumn = "Bank-2"\n{OTHER}'),
        ),
        "references/harbours.toml",
        "dimensions.1.column",
        "bad identifier 'Bank-2': write it as 'bank_2'",
    ),
    # narrative.toml
    "words without a key": Mistake(
        adding("narrative.toml", '[words."verb.step.flew"]\nfr = "vole"\nen = "flew"'),
        "narrative.toml",
        "words.verb.step.flew",
        "no such words: see atelier/narrative/vocabulary.toml",
    ),
    "words with a brace too many": Mistake(
        adding("narrative.toml", '[words."change.more"]\nfr = "{colour} de plus"\nen = "{amount} more"'),
        "narrative.toml",
        "words.change.more.fr",
        "{colour} is not filled in here: those that are: {amount}",
    ),
    "words with a brace left open": Mistake(
        adding("narrative.toml", '[words."change.fewer"]\nfr = "{amount} de moins"\nen = "{amount fewer"'),
        "narrative.toml",
        "words.change.fewer.en",
        "braces do not match",
    ),
    "sentence about nothing": Mistake(
        adding("narrative.toml", SENTENCE.format("about-nothing", "lones", "Peu.")),
        "narrative.toml",
        "sentences.about-nothing.indicators",
        "'lones'",
    ),
    "sentence without an end": Mistake(
        adding("narrative.toml", SENTENCE.format("endless", "loans", "Peu")),
        "narrative.toml",
        "sentences.endless.text.fr",
        "a sentence ends with a full stop",
    ),
    # theme.toml
    "unknown key": Mistake(
        editing("theme.toml", "contact =", 'kontact = "x"\ncontact ='),
        "theme.toml",
        "kontact",
        "unknown key: did you mean 'contact'?",
    ),
    "missing language": Mistake(
        editing("theme.toml", '{ fr = "indice", en = "index" }', '{ fr = "indice" }'),
        "theme.toml",
        "units.index.label.en",
        "missing: write the English text",
    ),
    "wrong type": Mistake(
        editing("theme.toml", 'kind = "share"\ndecimals = 1', 'kind = "share"\ndecimals = "one"'),
        "theme.toml",
        "units.percent.decimals",
        "'one' is of the wrong type: write a whole number",
    ),
    "flag under hide": Mistake(
        adding("theme.toml", "[disclosure]\nhide_under = 20\nflag_under = 5"),
        "theme.toml",
        "disclosure.flag_under",
        "5 is under hide_under (20)",
    ),
    # Files
    "TOML syntax": Mistake(adding("glossary/broken.toml", "term = {"), "glossary/broken.toml", "", "not valid TOML"),
    "bad identifier": Mistake(
        copying("indicators/loans.toml", "indicators/Loans_2.toml"),
        "indicators/Loans_2.toml",
        "",
        "bad identifier: name the file with a to z",
    ),
    "same identifier but for case": Mistake(
        copying("indicators/loans.toml", "indicators/LOANS.toml"),
        "indicators/LOANS.toml",
        "",
        "same identifier as loans.toml but for case",
    ),
    "same identifier twice": Mistake(
        several(
            copying(LIBRARIES, "references/loans.toml"),
            copying("references/libraries.sql", "references/loans.sql"),
        ),
        LOANS,
        "",
        "references/loans.toml has the same identifier",
    ),
    "missing SQL": Mistake(
        copying(LIBRARIES, "references/branches.toml"), "references/branches.sql", "", "missing: write beside"
    ),
    "orphan SQL": Mistake(
        adding("datasets/ghost.sql", "SELECT 1"), "datasets/ghost.sql", "", "no declaration: write the TOML file"
    ),
    "SQL that includes a file that is not there": Mistake(
        several(
            copying(LIBRARIES, "references/wings.toml"),
            adding("references/wings.sql", "SELECT * FROM (\n-- include shared/ghost.sql\n)"),
        ),
        "references/wings.sql",
        "",
        "'shared/ghost.sql' cannot be read",
    ),
    "SQL that cannot be parsed": Mistake(
        editing("datasets/loans.sql", "SELECT", "SELEKT"), "datasets/loans.sql", "", "its SQL cannot be parsed"
    ),
    "SQL that is not one query": Mistake(
        adding("references/libraries.sql", "; DROP TABLE raw"), "references/libraries.sql", "", "write one query"
    ),
    # Datasets
    "unknown unit of a measure": Mistake(
        editing(LOANS, UNIT, 'unit = "lones"'), LOANS, "fields.loans.unit", "Did you mean 'loans'?"
    ),
    "measure without unit": Mistake(field("visits", "measure", "", "integer"), LOANS, "fields.visits.unit", "missing"),
    "duplicated field": Mistake(field("age", "attribute", ""), LOANS, "fields.age", "'age' is written 2 times"),
    "duplicated member": Mistake(
        editing(LOANS, '{ code = "adult"', '{ code = "child", label = { fr = "E", en = "C" } },\n  { code = "adult"'),
        LOANS,
        "fields.age.members.child",
        "'child' is written 2 times: keep one",
    ),
    "reserved code": Mistake(
        field("floor", "dimension", 'members = [{ code = "_T", label = { fr = "E", en = "F" } }]'),
        LOANS,
        "fields.floor.members._T",
        "code '_T' is kept for totals",
    ),
    "key column not declared": Mistake(
        editing(LOANS, '"support", "age"]', '"support", "age", "shelf"]'), LOANS, "key", "unknown name 'shelf'"
    ),
    "dimension without codes": Mistake(
        field("room", "dimension", ""), LOANS, "fields.room", "a dimension needs members or a reference"
    ),
    "dimension with codes twice": Mistake(
        field(
            "seat", "dimension", 'reference = "libraries"\nmembers = [{ code = "a", label = { fr = "a", en = "a" } }]'
        ),
        LOANS,
        "fields.seat.members",
        "its codes are those of 'libraries' already",
    ),
    "total of no dimension": Mistake(
        field("note", "attribute", "total = true"), LOANS, "fields.note.total", "only a dimension has rows of totals"
    ),
    "unknown reference": Mistake(
        field("city", "attribute", 'reference = "cities"'), LOANS, "fields.city.reference", "unknown name 'cities'"
    ),
    "status of no measure": Mistake(
        field("sign", "status", 'of = "lones"'), LOANS, "fields.sign.of", "Did you mean 'loans'?"
    ),
    "range upside down": Mistake(
        field("rank", "attribute", "constraints = { minimum = 5, maximum = 1 }", "integer"),
        LOANS,
        "fields.rank.constraints.maximum",
        "under the minimum",
    ),
    "pattern that is none": Mistake(
        field("mark", "attribute", 'constraints = { pattern = "[a" }'),
        LOANS,
        "fields.mark.constraints.pattern",
        "not a regular expression",
    ),
    "break outside the years": Mistake(
        adding(LOANS, '[[breaks]]\nyear = 1822\nnote = { fr = "Rupture.", en = "Break." }'),
        LOANS,
        "breaks.1.year",
        "year 1822 is outside 2000 to 2100",
    ),
    "break of an unknown indicator": Mistake(
        editing(LOANS, 'indicators = ["loans"]', 'indicators = ["lones"]'),
        LOANS,
        "breaks.0.indicators",
        "Did you mean 'loans'?",
    ),
    "provisional year malformed": Mistake(
        editing(LOANS, "provisional = [2023]", 'provisional = [2023, "2024p"]'),
        LOANS,
        "provisional.1",
        "'2024p' is of the wrong type: write a whole number",
    ),
    "source outside": Mistake(
        editing(LOANS, 'path = "loans.csv"', 'path = "../loans.csv"'), LOANS, "source.path", "leaves the folder"
    ),
    "page that is no address": Mistake(
        editing(LOANS, 'page = "https://example.org/loans"', 'page = "example.org/loans"'),
        LOANS,
        "source.page",
        "is no address",
    ),
    "check that cannot be parsed": Mistake(
        adding(LOANS, CHECK.format("odd", "FROM figures WHERE (")),
        LOANS,
        "checks.odd.sql",
        "its SQL cannot be parsed",
    ),
    "check of the name of a fixed one": Mistake(
        adding(LOANS, CHECK.format("types", "FROM figures")), LOANS, "checks.types", "that none may replace"
    ),
    "check named twice": Mistake(
        adding(LOANS, CHECK.format("busy-library", "FROM figures")), LOANS, "checks.busy-library", "written 2 times"
    ),
    "adjustment of an unknown check": Mistake(
        adding(LOANS, ADJUSTMENT.format("abrupt-chang", 'severity = "off"')),
        LOANS,
        "adjustments.0.check",
        "did you mean 'abrupt-change'?",
    ),
    "adjustment of a fixed check": Mistake(
        adding(LIBRARIES, ADJUSTMENT.format("key-unique", 'severity = "off"')),
        LIBRARIES,
        "adjustments.0.check",
        "cannot be adjusted",
    ),
    # References
    "successor that is no column": Mistake(
        editing(LIBRARIES, 'successor = "successor"', 'successor = "successeur"'),
        LIBRARIES,
        "successor",
        "Did you mean 'successor'?",
    ),
    # Glossary
    "term defined twice": Mistake(
        several(
            adding("glossary/loan.toml", TERM.format("Loan", "One.")),
            adding("glossary/pret.toml", TERM.format("loan", "Two.").replace('en = "loan"', 'en = "lending"')),
        ),
        "glossary/pret.toml",
        "term.fr",
        "'loan' is defined in glossary/loan.toml already",
    ),
    "blank text": Mistake(
        adding("glossary/shelf.toml", TERM.format("Shelf", " ").replace('en = " "', 'en = "Wood."')),
        "glossary/shelf.toml",
        "definition.fr",
        "blank: write the French text",
    ),
    "text in one language": Mistake(
        adding("glossary/card.toml", 'term = "Card"\ndefinition = { fr = "Carte.", en = "Card." }'),
        "glossary/card.toml",
        "term",
        "'Card' is in one language",
    ),
    # Indicators: the card
    "missing label": indicator("a1", "label", "missing: add it", before='label = { fr = "Prêts", en = "Loans" }'),
    "unknown unit": indicator("a2", "unit", "unknown name 'lones'", before=UNIT, after='unit = "lones"'),
    "unknown dataset": indicator(
        "a3", "dataset", "unknown name 'lones'", before='dataset = "loans"', after='dataset = "lones"'
    ),
    "related to nothing": indicator(
        "a4", "related", "Did you mean 'loans-index'?", before=UNIT, after=f'{UNIT}\nrelated = ["loans-indx"]'
    ),
    "related to itself": indicator(
        "a5", "related", "'a5' is related to itself", before=UNIT, after=f'{UNIT}\nrelated = ["a5"]'
    ),
    "related twice": indicator(
        "a6", "related.loans", "'loans' is written 2 times", before=UNIT, after=f'{UNIT}\nrelated = ["loans", "loans"]'
    ),
    "unknown dimension": indicator(
        "a7", "dimensions", "Did you mean 'support'?", before=UNIT, after=f'{UNIT}\ndimensions = ["suport"]'
    ),
    "share of a dimension not allowed": indicator(
        "a8",
        "share_of",
        "'support' is not among the indicator's dimensions",
        before="share_of",
        after='dimensions = ["year"]\nshare_of',
        of="support-share",
    ),
    "direction that is none": indicator(
        "a9",
        "direction",
        "'up' is not allowed: write 'better', 'worse' or 'neutral'",
        before=UNIT,
        after=f'{UNIT}\ndirection = "up"',
    ),
    "bad identifier in a list": indicator(
        "b1", "related.0", "write it as 'loans-index'", before=UNIT, after=f'{UNIT}\nrelated = ["Loans_Index"]'
    ),
    # Indicators: the formula
    "formula that cannot be parsed": formula("c1", "sum(loans", "cannot be parsed"),
    "formula with a quote left open": formula("c2", "sum(loans) filter (where age = 'child)", "cannot be parsed"),
    "formula naming no column": formula("c3", "sum(lones)", "unknown measure 'lones': choose among loans"),
    "filter naming no column": formula("c4", "sum(loans) filter (where aje = 'child')", "unknown column 'aje'"),
    "unknown member": formula("c5", "sum(loans) filter (where age = 'old')", "unknown age 'old': choose among child"),
    "mean of rates": formula("c6", "avg(loans)", "a rate is never averaged"),
    "division": formula("c7", "sum(loans) / sum(loans)", "never averaged nor divided"),
    "subquery": formula("c8", "(select 1)", "is not a sum: write sum(measure)"),
    "subquery in a filter": formula("c9", "sum(loans) filter (where age in (select 'a'))", "cannot stand in a filter"),
    "count with a denominator": indicator(
        "d1", "unit", "a count has no denominator", before=UNIT, after=f'{UNIT}\ndenominator = "sum(loans)"'
    ),
    "share without denominator": indicator(
        "d2", "denominator", "a share is the ratio of two sums", before='denominator = "sum(loans)"', of="child-share"
    ),
    "index of a count": indicator(
        "d3", "unit", "an index is no count", before='unit = "index"', after=UNIT, of="loans-index"
    ),
    "numerator and value": indicator(
        "d4", "value", "a numerator is given too", before=UNIT, after=f'{UNIT}\nvalue = "loans"'
    ),
    "neither numerator nor value": indicator("d5", "numerator", "missing", before='numerator = "sum(loans)"'),
    "value that is no measure": indicator(
        "d6", "value", "unknown measure 'age'", before='numerator = "sum(loans)"', after='value = "age"'
    ),
    "shift of no denominator": indicator(
        "d7", "denominator_shift", "there is no denominator", before=UNIT, after=f"{UNIT}\ndenominator_shift = -1"
    ),
}


def told(settings: Settings) -> list[Problem]:
    """Return what is told of the theme of loans."""
    return check_theme(settings)[1]


def test_the_clean_theme_holds_no_mistake(loans: Settings) -> None:
    """Nothing is told where nothing is wrong."""
    assert told(loans) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_once_with_file_and_key(loans: Settings, name: str) -> None:
    """One mistake gives one line: file, key, what is wrong and what to do; nothing follows from it."""
    mistake = MISTAKES[name]
    mistake.change(loans.home / "themes" / "loans")
    (problem,) = told(loans)
    assert (problem.file, problem.key) == (mistake.file, mistake.key)
    assert mistake.message in problem.message


def test_all_mistakes_are_told_at_once(loans: Settings) -> None:
    """A theme with all of these mistakes gets all of them listed, each with file and key, and none invented."""
    for mistake in MISTAKES.values():
        mistake.change(loans.home / "themes" / "loans")
    with pytest.raises(DeclarationError) as caught:
        open_theme("loans", home=loans.home)
    listed = {(problem.file, problem.key) for problem in caught.value.problems}
    assert listed == {(mistake.file, mistake.key) for mistake in MISTAKES.values()}
    assert len(caught.value.problems) == len(MISTAKES) > 60
    for mistake in MISTAKES.values():
        assert any(mistake.message in problem.message for problem in caught.value.problems), mistake.message


def test_several_faults_of_one_formula_are_told_together(loans: Settings) -> None:
    """An author corrects a formula once."""
    text = "sum(lones) filter (where age = 'old') + avg(loans)"
    edit(loans.home / "themes" / "loans" / "indicators" / "loans.toml", "sum(loans)", text)
    assert len(told(loans)) == 3


def test_related_indicators_may_point_to_each_other(loans: Settings) -> None:
    """Being related is mutual: two cards that point to each other are no circle."""
    for name, other in (("loans", "loans-index"), ("loans-index", "loans")):
        edit(
            loans.home / "themes" / "loans" / "indicators" / f"{name}.toml",
            'dataset = "loans"',
            f'dataset = "loans"\nrelated = ["{other}"]',
        )
    assert told(loans) == []


@pytest.mark.parametrize(
    "check", [check for check in CATALOGUE.values() if check.tolerance is None and not check.fixed]
)
def test_a_tolerance_needs_a_check_that_has_one(loans: Settings, check) -> None:
    """An adjustment that would do nothing is a mistake."""
    adding(LOANS, ADJUSTMENT.format(check.name, "tolerance = 1"))(loans.home / "themes" / "loans")
    assert [problem.key for problem in told(loans)] == ["adjustments.0.tolerance"]

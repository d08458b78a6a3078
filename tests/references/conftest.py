"""The small theme, its libraries dated."""

import pytest

from atelier.settings import Settings
from tests.conftest import edit

DATES = """
valid_from = "opened"
valid_to = "closed"
succeeded_in = "succeeded_in"
same_as = "same_as"
searched = ["nickname"]
"""
FIELDS = "".join(
    f"""
[[fields]]
name = "{name}"
type = "{kind}"
role = "attribute"
title = {{ fr = "{name}", en = "{name}" }}
"""
    for name, kind in (
        ("opened", "integer"),
        ("closed", "integer"),
        ("succeeded_in", "integer"),
        ("same_as", "string"),
        ("nickname", "string"),
    )
)
ROWS = """code;label;bank;successor;opened;closed;succeeded_in;same_as;nickname
A;Austerlitz;left;;1990;;;;La Gare
B;Bastille;right;;2000;;;;
C;Charonne;left;B;1980;2021;2022;;
D;Dauphine;right;;2010;;;;DPH
E;Élysée – Œuvre;right;;;;;;
X;Austerlitz bis;left;;;;;A;
"""


def write_libraries(settings: Settings, rows: str) -> None:
    """Replace the raw table of libraries."""
    (settings.raw_data / "libraries.csv").write_text(rows, "utf-8")


@pytest.fixture
def dated(loans: Settings) -> Settings:
    """The small theme with libraries that open, close, follow one another and have other numbers."""
    reference = loans.home / "themes" / "loans" / "references"
    columns = "opened, closed, succeeded_in, same_as, nickname"
    edit(reference / "libraries.sql", "successor FROM", f"successor, {columns} FROM")
    edit(reference / "libraries.toml", 'successor = "successor"\n', f'successor = "successor"\n{DATES}')
    path = reference / "libraries.toml"
    path.write_text(path.read_text("utf-8") + FIELDS, "utf-8")
    write_libraries(loans, ROWS)
    return loans

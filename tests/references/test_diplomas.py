"""The diplomas of the theme: every label of the sources has a code, and a name is continued where students say so."""

from pathlib import Path

import duckdb
import pytest

from atelier.references import CodeList
from atelier.workbench import Workbench

STUDENTS = "sise_effectifs-esr-public_2012-2024.parquet"
GRADUATES = "fr-esr-insertion_professionnelle-master_2010-2018.csv"


@pytest.fixture(scope="module")
def diplomas(esr: Workbench) -> CodeList:
    """The diplomas."""
    return esr.reference("diplomas")


def test_every_diploma_of_sise_has_a_code_of_its_own(diplomas: CodeList, raw_data: Path) -> None:
    """No label is left without a code, and the years are those of the table."""
    query = 'SELECT "Diplôme", min("Rentrée"), max("Rentrée") FROM read_parquet(?) GROUP BY ALL'
    raw = {label: years for label, *years in duckdb.sql(query, params=[str(raw_data / STUDENTS)]).fetchall()}
    kinds = diplomas.frame.query("kind == 'diploma'")
    assert {row.label: [row.first_year, row.last_year] for row in kinds.itertuples()} == raw
    assert kinds["code"].str.fullmatch("[a-z]+(-[a-z]+)*").all()
    assert (kinds["label"] != kinds["label_en"]).sum() >= 47


def test_every_field_of_the_master_stands_in_its_domain(diplomas: CodeList, raw_data: Path) -> None:
    """Codes are the ministry's; the rows that repeat a domain as a whole are not fields of it."""
    query = (
        "SELECT DISTINCT code_de_la_discipline, code_du_domaine FROM read_csv(?, all_varchar = true, delim = ';') "
        "WHERE discipline NOT LIKE 'Ensemble%'"
    )
    raw = dict(duckdb.sql(query, params=[str(raw_data / GRADUATES)]).fetchall())
    fields = diplomas.frame.query("kind == 'discipline'")
    parents = dict(zip(fields["source_code"], fields["parent"], strict=True))
    assert parents == {code: f"master-{domain.lower()}" for code, domain in raw.items()}
    assert set(parents.values()) <= set(diplomas.members)


@pytest.mark.parametrize("code", ["licence", "licence-professional", "master", "iep"])
def test_a_name_continues_another_where_students_do(diplomas: CodeList, raw_data: Path, code: str) -> None:
    """The last autumn of a name and the first of the one that continues it hold the same students, within 5 %."""
    query = 'SELECT sum(Etudiants) FROM read_parquet(?) WHERE "Diplôme" = ? AND "Rentrée" = ?'
    sums = []
    for one, year in ((code, 2016), (diplomas.today(code), 2017)):
        label = diplomas.attributes[one]["label"]
        sums += duckdb.sql(query, params=[str(raw_data / STUDENTS), label, year]).fetchall()[0]
    assert sums[1] == pytest.approx(sums[0], rel=0.05)


def test_a_diploma_is_found_by_its_name_or_the_code_of_its_source(diplomas: CodeList) -> None:
    """And dated: the DUT is not in the list of 2024. ``disc16`` is the ministry's code for computer science."""
    assert diplomas.search("disc16")["code"].iloc[0] == "master-disc16"
    assert diplomas.search("bachelor universitaire de technologie")["code"].iloc[0] == "but"
    assert "dut" in diplomas.members_at(2020)
    assert "dut" not in diplomas.members_at(2024)

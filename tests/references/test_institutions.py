"""The institutions of the theme: codes of every table of the ministry are known, and successions are what it says."""

from pathlib import Path

import duckdb
import pytest

from atelier.references import CodeList
from atelier.workbench import Workbench

ENROLMENT = "fr-esr-effectifs-etablissement-hcp_2006-2022.csv"
STUDENTS = "sise_effectifs-esr-public_2012-2024.parquet"
TABLES = {
    ENROLMENT: "Identifiant interne de l'établissement",
    STUDENTS: "pid",
    "fr-esr-operateurs-indicateurs-financiers_2010-2023.csv": "id - paysage",
    "fr-esr-insertion_professionnelle-master_2010-2018.csv": "id_paysage",
}
CATALOGUE = "fr-esr-principaux-etablissements-enseignement-superieur.csv"


@pytest.fixture(scope="module")
def institutions(esr: Workbench) -> CodeList:
    """The institutions."""
    return esr.reference("institutions")


def rows_of(path: Path, columns: str, rest: str = "") -> list[tuple[object, ...]]:
    """Read columns of a raw table."""
    read = "read_csv(?, all_varchar = true, delim = ';')" if path.suffix == ".csv" else "read_parquet(?)"
    return duckdb.sql(f"SELECT {columns} FROM {read} {rest}", params=[str(path)]).fetchall()


@pytest.mark.parametrize("table", TABLES)
def test_every_code_of_the_tables_is_known(institutions: CodeList, raw_data: Path, table: str) -> None:
    """No figure of enrolment, of students by discipline, of accounts or of graduates is left without an institution."""
    codes = {code for (code,) in rows_of(raw_data / table, f'DISTINCT "{TABLES[table]}"') if code}
    assert codes
    assert codes <= set(institutions.members)


def test_every_named_row_of_the_catalogue_is_there_with_its_identifiers(institutions: CodeList, raw_data: Path) -> None:
    """232 institutions with a name; the 18 rows without one say nothing."""
    columns = '"identifiant interne", "uai - identifiant", "Identifiant ROR", "Identifiant wikidata"'
    rows = rows_of(raw_data / CATALOGUE, columns, "WHERE libellé IS NOT NULL")
    assert len(rows) == 232
    for code, uai, ror, wikidata in rows:
        known = institutions.attributes[str(code)]
        assert uai is None or known["uai"] is not None
        assert ror is None or known["ror"] is not None
        assert wikidata is None or known["wikidata"] is not None


def test_strasbourg_was_born_of_three_universities(institutions: CodeList) -> None:
    """A merger, a training institute absorbed, and a school of education counted apart for four years."""
    years = {one.code: one.year for one in institutions.lineage("4k25D")}
    assert {years[code] for code in ("RFgtd", "1InvT", "Km9M7")} == {2008}
    assert years["X3ml2"] == 2017
    assert "RFgtd" in institutions.members_at(2007)
    assert "4k25D" not in institutions.members_at(2007)
    assert "4k25D" in institutions.members_at(2022)


def test_a_reissued_code_names_the_institution_with_the_same_students(institutions: CodeList, raw_data: Path) -> None:
    """From 2017 to 2022 both tables give the same count, to the student, for each code that has another number."""
    enrolled = {
        (str(code), int(str(year))): int(str(count))
        for code, year, count in rows_of(
            raw_data / ENROLMENT,
            """"Identifiant interne de l'établissement", rentree, """
            """"Nombre d'étudiants inscrits (inscriptions principales) hors doubles inscriptions CPGE" """,
        )
    }
    counted = {
        (str(code), int(str(year))): int(str(count))
        for code, year, count in rows_of(raw_data / STUDENTS, 'pid, "Rentrée", sum("Etudiants")', "GROUP BY ALL")
    }
    compared = 0
    for code, own in institutions.same.items():
        for year in range(2017, 2023):
            if (code, year) in counted:
                # Franche-Comté is filed with the community of universities it was part of.
                community = enrolled["8A0mg", year] if code == "6b2we" else 0
                assert counted[code, year] == enrolled[own, year] + community, (code, year)
                compared += 1
    assert compared == 54


def test_schools_of_education_are_counted_where_enrolment_counts_them(institutions: CodeList, raw_data: Path) -> None:
    """In 2015, for 23 of 32, the university's enrolment is that of the other table plus that of the school.

    The other nine follow the training institute (IUFM) of the same académie.
    """
    enrolled = {
        str(code): int(str(count))
        for code, count in rows_of(
            raw_data / ENROLMENT,
            """"Identifiant interne de l'établissement", """
            """"Nombre d'étudiants inscrits (inscriptions principales) hors doubles inscriptions CPGE" """,
            "WHERE rentree = '2015'",
        )
    }
    counted = {
        str(code): (int(str(count)), str(kind))
        for code, count, kind in rows_of(
            raw_data / STUDENTS,
            """pid, sum("Etudiants"), any_value("Type.d.établissement")""",
            'WHERE "Rentrée" = 2015 GROUP BY ALL',
        )
    }
    schools = {code: count for code, (count, kind) in counted.items() if "professorat" in kind}
    assert len(schools) == 32
    equal = set()
    for code, count in schools.items():
        today = institutions.today(code)
        assert today != code
        carriers = [one for one in enrolled if institutions.today(one) == today]
        if any(enrolled[one] == counted.get(one, (0, ""))[0] + count for one in carriers):
            equal.add(code)
    assert len(equal) == 23
    institutes = {
        institutions.today(code): member.label.fr
        for code, member in institutions.members.items()
        if member.label.fr.startswith("Institut universitaire de formation des maîtres")
    }
    assert {institutions.today(code) for code in set(schools) - equal} <= set(institutes)


def test_nothing_personal_is_kept(institutions: CodeList) -> None:
    """No telephone, no account: codes, names, identifiers, places and dates."""
    assert not {"phone", "telephone", "facebook", "twitter", "email"} & set(institutions.frame.columns)
    assert "+33" not in institutions.frame.astype(str).to_csv()


def test_a_place_is_in_its_department_its_region_and_its_academie(esr: Workbench) -> None:
    """Parents agree: the region of a department is that of its institutions, and so is that of an académie."""
    departments, academies = esr.reference("departments"), esr.reference("academies")
    for row in esr.reference("institutions").rows:
        assert departments.attributes[str(row["department"])]["region"] in (row["region"], "987", "988")
        assert academies.attributes[str(row["academy"])]["region"] == row["region"]

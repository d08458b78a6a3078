"""The ESR indicators computed a second time, another way: pandas on the raw file, nothing from ``atelier``.

Shares are ratios in 0..1, the index is times 100, counts have no denominator. No disclosure rule is applied. Codes are
the theme's own. A group of two dimensions joins their codes with a comma: kind ``region,discipline``, group
``53,health``.
"""

from pathlib import Path

import pandas as pd

PRINCIPAL = "Nombre d'étudiants inscrits (inscriptions principales) "
TOTAL = PRINCIPAL + "hors doubles inscriptions CPGE"
ORIGIN = "Attractivité départementale (département d'obtention du baccalauréat) : "
AGE = "Âge au baccalauréat : "
MEMBERS = {
    "sex": {"women": "Sexe : Femmes", "men": "Sexe : Hommes"},
    "level": {
        "bachelor": "Cycle universitaire (cursus LMD) : L (1er cycle)",
        "master": "Cycle universitaire (cursus LMD) : M (2ème cycle)",
        "doctorate": "Cycle universitaire (cursus LMD) : D (3ème cycle)",
    },
    "discipline": {
        "law-economics": "Grande discipline : Droit, sciences économiques, AES",
        "humanities": "Grande discipline : Lettres, langues et sciences humaines",
        "sciences": "Grande discipline : Sciences et sciences de l'ingénieur",
        "sports": "Grande discipline : STAPS",
        "health": "Grande discipline : Santé",
        "interdisciplinary": "Grande discipline : Interdisciplinaire",
    },
    "degree-year": {
        "below-bac": "Degré d’études : Inférieur ou égal au baccalauréat",
        **{str(n): f"Degré d’études : BAC + {n}" for n in range(1, 6)},
        "6-plus": "Degré d’études : BAC + 6 et plus",
        "unknown": "Degré d’études : Non connu",
    },
    "diploma-type": {
        "national": "Type de diplôme : Diplômes nationaux",
        "institution": "Type de diplôme : Diplômes d'établissement",
    },
    "bac": {
        "general": "Bac : Séries générales",
        "stmg": "Bac : Séries STMG",
        "other-technological": "Bac : Autres séries technologiques",
        "vocational": "Bac : Baccalauréat professionnel",
        "exempted": "Bac : Dispensés",
    },
    "bac-age": {
        "early": AGE + "En avance au bac d'un an ou plus",
        "on-time": AGE + "A l'heure",
        "late": AGE + "En retard au bac d'un an ou plus",
        "unknown": AGE + "Non renseigné ou non bachelier",
    },
}
M = MEMBERS
COUNTS = {
    "students": [TOTAL],
    "students-with-cpge": [PRINCIPAL + "y compris doubles inscriptions CPGE"],
    "enrolments": [
        "Nombre total d'étudiants inscrits (inscriptions principales et secondes) hors doubles inscriptions CPGE"
    ],
    "new-entrants": ["Nombre de nouveaux bacheliers inscrits hors doubles inscriptions CPGE"],
    "bachelor-students": [M["level"]["bachelor"]],
    "master-students": [M["level"]["master"]],
    "doctorate-students": [M["level"]["doctorate"]],
    "doctoral-candidates": ["Diplôme préparé : Doctorat"],
}
SHARES = {
    "bachelor-share": COUNTS["bachelor-students"],
    "master-share": COUNTS["master-students"],
    "doctorate-share": COUNTS["doctorate-students"],
    "women-share": [M["sex"]["women"]],
    "institution-diploma-share": [M["diploma-type"]["institution"]],
    "international-mobility-share": ["Etudiants en mobilité internationale"],
    "technological-vocational-share": [M["bac"][k] for k in ("stmg", "other-technological", "vocational")],
    "late-bac-share": [M["bac-age"]["late"]],
    "same-department-share": [ORIGIN + "Même département"],
}
DENOMINATOR = {"women-share": [M["sex"]["women"], M["sex"]["men"]]}
PARTS = {"discipline-share": "discipline", "degree-year-share": "degree-year"}
TYPES = {
    "Université": "university",
    "Grand établissement": "grand-etablissement",
    "École": "school",
    "Autre établissement": "other",
}
SPANS = [("national", None), ("region", [2022]), ("institution-type", [2022]), ("institution", [2010, 2022])]
COLUMNS = ["indicator", "year", "kind", "group", "numerator", "denominator", "value"]


def read_rows(raw: Path) -> pd.DataFrame:
    """Return the rows that count, with today's institution, region and type."""
    table = pd.read_csv(raw, sep=";", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    d = table[~table["Attention"].str.startswith("* Attention")].copy()
    listed = [*COUNTS.values(), *SHARES.values()]
    used = {column for columns in listed for column in columns} | {c for m in MEMBERS.values() for c in m.values()}
    for column in sorted(used):
        text = d[column].str.strip()
        assert text.str.fullmatch(r"\d*").all(), column
        d[column] = pd.to_numeric(text.where(text != "", "0")).astype("int64")
    d["year"] = d["rentree"].astype(int)
    d["own"], today = d["Identifiant interne de l'établissement"], d["etablissement_id_paysage_actuel"]
    d["institution"] = today.where((today != "") & ~today.str.contains(";"), d["own"])
    d["region"] = d["etablissement_id_region"].str.removeprefix("R")
    d["institution-type"] = d["Type d'établissement"].map(TYPES)
    d["national"] = "_T"
    # The latest row of today's institution or, if it is never counted by itself, of those it replaced.
    latest = d.assign(itself=d["own"] == d["institution"]).sort_values(["itself", "year"]).groupby("institution").last()
    for column in ("region", "institution-type"):
        d[column] = d["institution"].map(latest[column])
    return d


def recompute(raw: Path) -> pd.DataFrame:
    """Return one row per figure; see ``COLUMNS``."""
    d = read_rows(raw)
    rows: list[tuple[object, ...]] = []

    def sums(kind: str, columns: list[str]) -> pd.Series:
        return d.groupby(["year", kind])[columns].sum().sum(axis=1)

    def add(
        indicator: str, kind: str, years: list[int] | None, tops: pd.Series, bottoms: object, factor: int = 1
    ) -> None:
        for (year, group), top in tops.items():
            if years and year not in years:
                continue
            bottom = None if bottoms is None else bottoms.get((year, group))
            if indicator == "same-department-share" and year < 2008:
                top = None  # the origin is unknown: missing, not zero
            value = top if bottoms is None else (top * factor / bottom if top is not None and bottom else None)
            rows.append((indicator, year, kind, group, top, bottom, value))

    for kind, years in SPANS:
        whole = sums(kind, [TOTAL])
        for indicator, columns in COUNTS.items():
            add(indicator, kind, years, sums(kind, columns), None)
        for indicator, columns in SHARES.items():
            add(indicator, kind, years, sums(kind, columns), sums(kind, DENOMINATOR.get(indicator, [TOTAL])))
        base = {key: whole.get((2006, key[1])) for key in whole.index}
        add("students-index", kind, years, whole, {k: v for k, v in base.items() if v is not None}, factor=100)
        for indicator, dimension in PARTS.items():
            for member, column in MEMBERS[dimension].items():
                for (year, group), value in sums(kind, [column]).items():
                    if not years or year in years:
                        alone = kind == "national"
                        joined = (dimension, member) if alone else (f"{kind},{dimension}", f"{group},{member}")
                        rows.append((indicator, year, *joined, value, whole[year, group], value / whole[year, group]))
    for dimension, members in MEMBERS.items():
        for member, column in members.items():
            for year, value in d.groupby("year")[column].sum().items():
                rows.append(("students", year, dimension, member, value, None, value))
    return pd.DataFrame(rows, columns=COLUMNS)

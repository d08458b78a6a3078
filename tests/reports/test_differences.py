"""Two versions of an edition are compared number by number, and a version is verified from its sidecar alone."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from atelier.errors import StoreError
from atelier.indicators import Engine
from atelier.reports.differences import compare_versions, read_numbers
from atelier.reports.factory import build
from atelier.reports.plan import Plan, make_plan
from atelier.reports.production import Edition
from atelier.reports.verification import verify_edition
from atelier.settings import load_settings
from atelier.snapshots import hash_file
from atelier.theme import read_theme
from atelier.workbench import Workbench
from tests.indicators.oracle import recompute

FILE = "fr-esr-effectifs-etablissement-hcp_2006-2022.csv"
COLUMNS = ["year", "value", "status", "numerator", "denominator"]


def write(folder: Path, cells: list[list[Any]], **question: Any) -> Path:
    """Write the answers of a version."""
    folder.mkdir()
    asked = {"by": ["year"], "where": {"institution": ["4k25D"]}, **question}
    answer = {"indicator": "students", "unit": "count", "question": asked, "columns": COLUMNS, "cells": cells}
    (folder / "answers.json").write_text(json.dumps({"language": "fr", "answers": [answer]}))
    return folder


def test_revisions_come_first_then_what_is_new_then_what_is_gone(tmp_path: Path) -> None:
    """The largest revision opens the list; a status that changes is a revision too."""
    before = write(
        tmp_path / "before", [[2019, 7, "A", 7, None], [2020, 100, "A", 100, None], [2021, 50, "P", 50, None]]
    )
    after = write(
        tmp_path / "after", [[2020, 110, "A", 110, None], [2021, 50, "A", 50, None], [2022, 60, "A", 60, None]]
    )
    changes = compare_versions(before, after)
    assert [(one.kind, one.codes[-1]) for one in changes] == [
        ("revised", "year=2020"),
        ("revised", "year=2021"),
        ("added", "year=2022"),
        ("removed", "year=2019"),
    ]
    assert changes[0].relative == pytest.approx(0.1)


def test_a_number_is_known_by_what_it_measures(tmp_path: Path) -> None:
    """The same number found by another question has not changed."""
    before = write(tmp_path / "before", [[2022, 60, "A", 60, None]])
    after = write(tmp_path / "after", [[2022, 60, "A", 60, None]], where={"institution": ["4k25D"], "year": [2022]})
    assert compare_versions(before, after) == []


def test_a_version_without_answers_says_so(tmp_path: Path) -> None:
    """It is not taken for an empty one."""
    with pytest.raises(StoreError, match="verify the edition"):
        compare_versions(tmp_path, tmp_path)


@pytest.fixture
def copied(strasbourg: Edition, tmp_path: Path) -> Path:
    """A copy of a real edition, to damage."""
    return Path(shutil.copytree(strasbourg.folder, tmp_path / "edition"))


def test_the_numbers_of_an_edition_are_found_again_from_its_sidecar(strasbourg: Edition, esr: Workbench) -> None:
    """P05: questions and answers stand in the sidecar; most of the numbers it prints can be asked again."""
    found = verify_edition(strasbourg.folder, Engine(esr.theme), sample=60, seed=1)
    assert found.problems == ()
    assert found.checked == 60
    assert found.printed > 300


def test_a_sidecar_that_lies_is_found_out(copied: Path, esr: Workbench) -> None:
    """A number of the sidecar and the page that the data do not give, even with its hashes made right."""
    told = json.loads((copied / "answers.json").read_text())
    for answer in told["answers"]:
        for row in answer["cells"]:
            place = answer["columns"].index("value")
            row[place] = 50_833.0 if row[place] == 50_832.0 else row[place]
    (copied / "answers.json").write_text(json.dumps(told))
    page = (copied / "index.html").read_text("utf-8").replace("50\u202f832", "50\u202f833")
    (copied / "index.html").write_text(page, "utf-8")
    record = json.loads((copied / "provenance.json").read_text())
    for name in ("answers.json", "index.html"):
        record["files"][name] = hash_file(copied / name)
    (copied / "provenance.json").write_text(json.dumps(record))
    found = verify_edition(copied, Engine(esr.theme), sample=10_000, seed=1)
    assert found.problems
    assert all("50\u202f833, found 50\u202f832" in problem for problem in found.problems)


def test_changed_bytes_and_other_data_are_told(copied: Path, esr: Workbench) -> None:
    """R14: before any number is asked."""
    (copied / "index.html").write_text("odd")
    assert verify_edition(copied, Engine(esr.theme), sample=5, seed=1).problems == (
        "the bytes of index.html are not those published.",
    )


@pytest.fixture(scope="module")
def drawn(home: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Editions of three institutions drawn at random, the same ones each time, as one production makes them."""
    settings = load_settings({}, home=home, state=tmp_path_factory.mktemp("state"))
    plan = make_plan(settings, read_theme(settings, "esr"), only=["institution"], formats=["html"], languages=["en"])
    chosen = random.Random(2026).sample(plan.editions, 3)
    summary = build(settings, Plan(plan.theme, tuple(chosen), plan.formats, plan.folder), jobs=1)
    assert [one.error for one in summary.outcomes] == [""] * 3
    return [plan.folder / "institution" / one.key for one in chosen]


def test_the_numbers_of_editions_are_those_of_the_raw_table(
    strasbourg: Edition, drawn: list[Path], raw_data: Path
) -> None:
    """Each one that pandas also computes from the ministry's file, nothing from the engine, is the same."""
    rows = recompute(raw_data / FILE).itertuples()
    known = {(row.indicator, int(row.year), row.kind, row.group): row.value for row in rows}
    for folder in (strasbourg.folder, *drawn):
        compared = 0
        for (indicator, *codes), (value, _status) in read_numbers(folder).items():
            told = dict(code.split("=") for code in codes)
            told.pop("from", None)
            year, kinds = int(told.pop("year")), [name.replace("_", "-") for name in told]
            kind, group = ",".join(kinds) or "national", ",".join(told.values()) or "_T"
            expected = known.get((indicator, year, kind, group))
            if indicator != "students-index" and expected is not None:
                compared += 1
                assert (float("nan") if value is None else value) == pytest.approx(expected, rel=1e-12, nan_ok=True)
        assert compared > 50, folder

"""A plan says what will be made and why, and reads little."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from atelier.editions.dependencies import Dependencies, explain
from atelier.errors import QuestionError, UnknownNameError
from atelier.reports.plan import NEW, make_plan
from atelier.reports.report import MEDIUM, dashboard_address, read_report
from atelier.settings import Settings, load_settings
from atelier.theme import read_theme
from atelier.workbench import Workbench

HEAVY = ("papermill", "nbformat", "nbconvert", "nbclient", "ipykernel", "typst", "distributed", "bqplot")


@pytest.fixture(scope="module")
def empty(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The project, with nothing published."""
    return load_settings({}, home=home, state=tmp_path_factory.mktemp("state"))


def test_every_report_is_made_for_each_of_its_subjects_in_both_languages(empty: Settings, esr: Workbench) -> None:
    """Institutions and regions with figures, every indicator, every dataset, the country once."""
    plan = make_plan(empty, esr.theme)
    subjects = {report: {one.subject for one in plan.editions if one.report == report} for report in REPORTS}
    assert "4k25D" in subjects["institution"]
    assert "S8ntZ" not in subjects["institution"], "its figures stop in 2019"
    assert len(subjects["region"]) == 18
    assert subjects["indicator"] == set(esr.theme.indicators)
    assert subjects["dataset"] == set(esr.theme.datasets)
    assert subjects["overview"] == {""}
    assert len(plan.editions) == 2 * sum(map(len, subjects.values())) == len(plan.stale)
    assert {one.reasons for one in plan.stale} == {(NEW,)}
    assert all(len(work.runs) == 2 for work in plan.works())
    assert max(len(work.runs) for work in plan.works(8)) == 16


REPORTS = ("institution", "region", "indicator", "dataset", "overview")


def test_a_request_is_narrowed_by_report_subject_year_language_and_format(empty: Settings, esr: Workbench) -> None:
    """Each word of the command line."""
    plan = make_plan(
        empty, esr.theme, only=["institution"], subjects=["S8ntZ"], year=2019, formats=["pdf"], languages=["en"]
    )
    (edition,) = plan.editions
    assert edition.key == "S8ntZ-2019-en"
    assert edition.values == {"institution": "S8ntZ", "year": 2019, "lang": "en"}
    assert plan.works()[0].formats == ("pdf",)


def test_what_does_not_exist_is_refused_before_anything_runs(empty: Settings, esr: Workbench) -> None:
    """With the names that do."""
    with pytest.raises(UnknownNameError, match="unknown subject 'Lille'"):
        make_plan(empty, esr.theme, only=["institution"], subjects=["Lille"])
    with pytest.raises(UnknownNameError, match="Did you mean 'region'"):
        make_plan(empty, esr.theme, only=["regions"])
    with pytest.raises(UnknownNameError, match="unknown format 'docx'"):
        make_plan(empty, esr.theme, formats=["docx"])
    with pytest.raises(UnknownNameError, match="unknown lang"):
        make_plan(empty, esr.theme, languages=["de"])
    with pytest.raises((QuestionError, UnknownNameError)):
        make_plan(empty, esr.theme, only=["institution"], year=1066)


def test_planning_loads_nothing_that_only_making_needs(home: Path) -> None:
    """A plan with nothing to do answers at once."""
    code = f"import sys, atelier.cli.report; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_report_leads_to_its_dashboard_on_the_same_selection(home: Path) -> None:
    """Values that the dashboard has too, its defaults left out."""
    report = read_report(home, "esr", "institution")
    address = dashboard_address(home, report, {"institution": "U8a0v", "year": 2021, "lang": "en"})
    assert address == "dashboards/esr/students?year=2021&institution=U8a0v&lang=en"


def test_each_thing_that_changes_is_named(home: Path, tmp_path: Path) -> None:
    """Data, a declaration, the list of indicators, the notebook's template: and nothing else."""
    for name in ("themes", "templates", "notebooks"):
        shutil.copytree(home / name, tmp_path / name)
    settings = load_settings({}, home=tmp_path, state=tmp_path / "state")
    theme = read_theme(settings, "esr")
    report = read_report(tmp_path, "esr", "institution")
    reads = ("indicators/students", "indicators/*", "datasets/enrolment", "references/regions", "territories/region")
    before = Dependencies(settings, theme, MEDIUM).of(report, reads)

    def reasons() -> tuple[str, ...]:
        return explain(before, Dependencies(settings, theme, MEDIUM).now(report, before))

    assert reasons() == ()
    (theme.folder / "glossary" / "lmd.toml").write_text("")
    (theme.folder / "indicators" / "women-share.toml").write_text("")
    assert reasons() == ()
    (theme.folder / "indicators" / "another.toml").write_text("")
    assert reasons() == ("declaration changed: indicators/*",)
    (theme.folder / "figures" / "enrolment.parquet").write_bytes(b"")
    (theme.folder / "figures" / "territories.json").write_bytes(b"")
    (theme.folder / "references" / "regions.toml").write_text("")
    (tmp_path / "templates" / "typst" / "report.typ").write_text("")
    assert set(reasons()) == {
        "a template changed",
        "data changed: datasets/enrolment",
        "data changed: territories",
        "declaration changed: indicators/*",
        "declaration changed: references/regions",
    }

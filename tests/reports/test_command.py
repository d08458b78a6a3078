"""``atelier report``: progress for people, paths for programs, one message when it cannot."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from atelier.cli.report import report
from atelier.errors import UnknownNameError
from atelier.settings import Settings

from .conftest import COVER, PROFILE, write_report


@pytest.fixture
def runner(workshop: Settings, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A command line in a project of our own."""
    write_report(workshop, PROFILE, COVER)
    monkeypatch.chdir(workshop.home)
    monkeypatch.setenv("ATELIER_STATE", str(workshop.state))
    return CliRunner()


def test_paths_go_to_standard_output_and_progress_to_standard_error(runner: CliRunner, workshop: Settings) -> None:
    """A script can read the first and a person the second."""
    done = runner.invoke(report, ["trial", "--for", "U8a0v", "--to", "html", "--lang", "en"], catch_exceptions=False)
    folder = workshop.editions / "esr" / "trial" / "U8a0v-en"
    assert done.stdout.split() == [str(folder / name) for name in ("index.html", "answers.json", "provenance.json")]
    assert "running notebooks/esr/reports/trial.ipynb for institution = U8a0v, lang = en" in done.stderr


def test_an_edition_may_go_to_another_folder(runner: CliRunner, tmp_path: Path) -> None:
    """``--output`` names where."""
    runner.invoke(report, ["trial", "--to", "html", "--output", str(tmp_path / "out")], catch_exceptions=False)
    assert (tmp_path / "out" / "4k25D" / "index.html").is_file()


def test_an_unknown_institution_is_left_to_the_command_line_to_tell(runner: CliRunner, workshop: Settings) -> None:
    """Nothing is written."""
    done = runner.invoke(report, ["trial", "--for", "Lille"])
    assert isinstance(done.exception, UnknownNameError)
    assert not workshop.editions.exists()

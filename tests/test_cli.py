"""The command line: figures on standard output, one clear message and a non-zero exit on bad input."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pandas as pd
import pytest

from atelier.cli import main


def atelier(home: Path, *arguments: str, **environment: str) -> SimpleNamespace:
    """Run the command in this process, which has loaded everything already: its output, its errors, its exit code."""
    output, errors, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(home),
        patch.dict(os.environ, environment),
        patch.object(sys, "argv", ["atelier", *arguments]),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
    return SimpleNamespace(returncode=code, stdout=output.getvalue(), stderr=errors.getvalue())


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["indicator", "students", "--where", "year=2022", "--csv"], 0, ""),
        (["indicator", "studnets", "--by", "year"], 1, "Did you mean 'students'"),
    ],
)
def test_the_command_runs_as_a_user_runs_it(home: Path, arguments: list[str], code: int, told: str) -> None:
    """Installed in the environment, it leaves nothing on the error stream but its message."""
    command = [str(Path(sys.executable).with_name("atelier")), *arguments]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code
    assert told in done.stderr
    assert "leaked" not in done.stderr
    assert bool(done.stdout) is (code == 0)


def test_an_indicator_in_json(home: Path) -> None:
    """The command of the README gives the ministry's totals."""
    asked = ["students", "--theme", "esr", "--by", "year", "--where", "year=2019..2022", "--json"]
    done = atelier(home, "indicator", *asked)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert [(cell["year"], cell["value"]) for cell in answer["cells"]] == [
        (2019, 1_761_162),
        (2020, 1_783_362),
        (2021, 1_797_029),
        (2022, 1_739_352),
    ]
    assert answer["provenance"]["licence"] == "Licence Ouverte 2.0"


def test_an_indicator_as_a_table(home: Path) -> None:
    """Without option, a table that a person reads, in the language asked."""
    done = atelier(
        home, "indicator", "women-share", "--where", "year=2022,", "--where", "institution=4k25D", "--lang", "en"
    )
    assert done.returncode == 1
    done = atelier(
        home, "indicator", "women-share", "--where", "year=2022", "--where", "institution=4k25D", "--lang", "en"
    )
    assert "58.5%" in done.stdout


@pytest.mark.parametrize("ending", ["parquet", "xlsx", "csv", "json"])
def test_an_indicator_in_a_file(home: Path, tmp_path: Path, ending: str) -> None:
    """The ending of the file says how the same cells are written."""
    path = tmp_path / f"types.{ending}"
    asked = ["students", "--by", "institution-type", "--where", "year=2022", "--to", str(path)]
    done = atelier(home, "indicator", *asked)
    assert done.returncode == 0, done.stderr
    if ending == "json":
        read = pd.DataFrame(json.loads(path.read_text("utf-8"))["cells"])
    else:
        read = getattr(pd, {"xlsx": "read_excel"}.get(ending, f"read_{ending}"))(path)
    assert 1_593_641 in read["value"].astype("float64").tolist()
    assert set(read["status"]) == {"A"}


def test_a_file_of_another_kind_is_refused(home: Path, tmp_path: Path) -> None:
    """An ending that nothing writes is told before the question is asked."""
    done = atelier(home, "indicator", "students", "--by", "year", "--to", str(tmp_path / "students.ods"))
    assert done.returncode == 2
    assert ".csv, .xlsx, .parquet, .json" in done.stderr


def test_an_indicator_in_csv(home: Path) -> None:
    """CSV carries codes, labels, statuses."""
    done = atelier(home, "indicator", "students", "--by", "institution-type", "--where", "year=2022", "--csv")
    assert "university,Universités,2022,1593641,A" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["indicator", "studnets", "--by", "year"], "Did you mean 'students'"),
        (["indicator", "students", "--by", "yeer"], "Did you mean 'year'"),
        (["indicator", "students", "--where", "year=1890"], "unknown year '1890'"),
        (
            ["indicator", "students", "--where", "year=2022", "--where", "institution=xxxxx"],
            "unknown institution 'xxxxx'",
        ),
        (["indicator", "students", "--where", "year=2022", "--where", "region=99"], "unknown region '99'"),
        (["indicator", "students", "--where", "year"], "write dimension=code"),
        (["indicator", "students"], "never summed over several"),
        (["indicator", "students", "--theme", "ers", "--by", "year"], "Did you mean 'esr'"),
        (["indicators", "show", "woman-share"], "Did you mean 'women-share'"),
        (["references", "show", "institution"], "Did you mean 'institutions'"),
        (["references", "show", "institutions", "xxxxx"], "unknown institutions 'xxxxx'"),
        (["report", "institution", "--for", "xxxxx"], "unknown institution 'xxxxx'"),
        (["report", "institutions", "--for", "4k25D"], "institution"),
    ],
)
def test_bad_input_is_one_clear_message(home: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    """What, where and what to do; a non-zero exit; no traceback."""
    done = atelier(home, *arguments, ATELIER_STATE=str(tmp_path))
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_theme_is_checked_by_a_command(home: Path) -> None:
    """``atelier theme check`` counts what it checked."""
    done = atelier(home, "theme", "check", "esr")
    assert done.returncode == 0
    count = len(list((home / "themes" / "esr" / "indicators").glob("*.toml")))
    assert f"{count} indicators" in done.stdout


def test_the_embedded_figures_are_verified_by_a_command(home: Path) -> None:
    """``atelier datasets verify`` lists each table with its hashes."""
    done = atelier(home, "datasets", "verify")
    assert done.returncode == 0, done.stderr
    assert "datasets/enrolment" in done.stdout


def test_an_indicator_card_is_shown(home: Path) -> None:
    """``atelier indicators show`` gives the card and the dimensions."""
    done = atelier(home, "indicators", "show", "women-share", "--lang", "en")
    assert "Share of women" in done.stdout
    assert "institution-type" in done.stdout


def test_checks_of_the_figures_in_place_are_printed_by_a_command(home: Path, tmp_path: Path) -> None:
    """``atelier datasets check`` reads the embedded figures alone; the page it writes and its JSON say the same."""
    page = tmp_path / "checks.html"
    done = atelier(home, "datasets", "check", "--theme", "esr", "--lang", "en", "--json", "--html", str(page))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["publishable"] is True
    text = page.read_text("utf-8")
    assert "<h1>Checks of theme esr</h1>" in text
    assert "Nothing stands in the way of publication." in text
    assert "datasets/enrolment" in text


def test_the_catalogue_of_checks_is_printed_by_a_command(home: Path) -> None:
    """``docs/checks.md`` is what the command prints."""
    assert atelier(home, "datasets", "catalogue").stdout == (home / "docs" / "checks.md").read_text("utf-8")


def test_a_code_list_is_searched_shown_and_taken_away(home: Path, tmp_path: Path) -> None:
    """By a name without accents, by an old identifier; then as a Data Package."""
    found = atelier(home, "references", "search", "institutions", "universite", "de", "strasbourg")
    assert found.stdout.splitlines()[0].startswith("4k25D")
    assert (
        "RFgtd    Université Louis-Pasteur  → 4k25D"
        in atelier(home, "references", "search", "institutions", "0671712X").stdout
    )
    shown = atelier(home, "references", "show", "institutions", "RFgtd", "--lang", "en")
    assert "2008: Université Louis-Pasteur (RFgtd) → Université de Strasbourg (4k25D)" in shown.stdout
    listed = atelier(home, "references", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == [
        "academies",
        "departments",
        "diplomas",
        "disciplines",
        "institutions",
        "regions",
    ]
    done = atelier(home, "references", "export", "regions", "--to", "json", "--into", str(tmp_path / "regions"))
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "regions").iterdir()} == {"regions.json", "datapackage.json"}

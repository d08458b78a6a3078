"""What all tests share: the embedded theme, and a small theme on another subject made for the occasion."""

import os
import shutil
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import settings as hypothesis_settings

from atelier import open_theme
from atelier.settings import Settings, load_settings
from atelier.site import build_site
from atelier.workbench import Workbench

HOME = Path(__file__).resolve().parents[1]
LOANS = Path(__file__).parent / "themes" / "loans"

# A busy machine is slow: no property fails for that.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


def examples(count: int) -> int:
    """Return how many examples a property is tried on: fewer where a question takes a second, on Spark."""
    return count if os.environ.get("ATELIER_ENGINE", "duckdb") == "duckdb" else min(count, 4)


@pytest.fixture(scope="session")
def home() -> Path:
    """The project's folder."""
    return HOME


@pytest.fixture(scope="session")
def esr() -> Workbench:
    """The embedded theme, opened in French."""
    return open_theme("esr", home=HOME)


@pytest.fixture(scope="session")
def raw_data() -> Path:
    """The folder of the ministry's raw tables; tests that need it are skipped where it is absent."""
    folder = load_settings(home=HOME).raw_data
    if not folder.is_dir():
        pytest.skip(f"raw tables are not at {folder}: set ATELIER_RAW_DATA to run this test")
    return folder


@pytest.fixture
def loans(tmp_path: Path) -> Settings:
    """A project that holds one small theme about library loans, with its raw table, not built yet."""
    return lay_loans(tmp_path)


def lay_loans(folder: Path) -> Settings:
    """Lay the theme of loans and its raw tables in a folder."""
    shutil.copytree(LOANS, folder / "themes" / "loans")
    (folder / "raw").mkdir()
    for name in ("loans.csv", "libraries.csv"):
        shutil.move(folder / "themes" / "loans" / name, folder / "raw" / name)
    return loans_in(folder)


def loans_in(folder: Path) -> Settings:
    """Return the settings of a project that holds the theme of loans."""
    return load_settings({}, home=folder, state=folder / "state", raw_data=folder / "raw", theme="loans")


@pytest.fixture(scope="session")
def sample_project(tmp_path_factory) -> Path:
    """A project that holds one dashboard and one published report, its public pages built; ``state/`` is its state."""
    project = tmp_path_factory.mktemp("project")
    for name in ("templates", "node_modules", "hub_config"):
        (project / name).symlink_to(HOME / name)
    sample = Path(__file__).parent / "projects" / "demo"
    for file, target in (("theme.toml", "themes/demo"), ("counter.ipynb", "notebooks/demo/dashboards")):
        (project / target).mkdir(parents=True)
        shutil.copyfile(sample / file, project / target / file)
    edition = project / "state" / "editions" / "demo" / "letter" / "a"
    edition.mkdir(parents=True)
    (edition / "index.html").write_text("<!DOCTYPE html><title>A</title><script>document.title = 'B'</script>", "utf-8")
    (edition / "provenance.json").write_text('{"title": "Lettre A", "language": "fr"}', "utf-8")
    build_site(load_settings({}, home=project, state=project / "state"))
    return project


def edit(path: Path, before: str, after: str) -> None:
    """Replace a text that must be in a file."""
    text = path.read_text("utf-8")
    assert before in text, f"{before!r} is not in {path}"
    path.write_text(text.replace(before, dedent(after)), "utf-8")

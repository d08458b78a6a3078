"""A real edition, made once, and a project of our own to break."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from atelier.reports.production import Edition, produce
from atelier.settings import Settings, load_settings

PARAMETERS = 'institution: str = "4k25D"  # Établissement | Institution\nlang: str = "fr"  # Langue | Language'
PROFILE = (
    "from atelier import open_theme, reports\n"
    "esr = open_theme('esr', language=lang)\n"
    "profile = reports.open_profile(esr, 'students', group='institution-type', year=2022, institution=institution)"
)
COVER = "reports.cover(profile, 'Essai')"


@pytest.fixture(scope="session")
def strasbourg(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """The edition of Strasbourg in 2022, in French, made as the command line makes it."""
    settings = load_settings({}, home=home, state=tmp_path_factory.mktemp("state"))
    return produce(settings, "esr", "institution", {"institution": "4k25D", "year": 2022, "lang": "fr"})


@pytest.fixture
def workshop(home: Path, tmp_path: Path) -> Settings:
    """A project with the embedded theme and no notebook; see ``write_report``."""
    for name in ("themes", "templates", "node_modules"):
        (tmp_path / name).symlink_to(home / name)
    return load_settings({}, home=tmp_path, state=tmp_path / "state")


def build_notebook(*cells: str, parameters: str = PARAMETERS, editions: dict[str, str] | None = None) -> NotebookNode:
    """Return a report's notebook; a cell that starts with ``#`` is Markdown."""
    made = [new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    made += [new_markdown_cell(text) if text.startswith("#") else new_code_cell(text) for text in cells]
    both = {"fr": "Essai", "en": "Trial"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    told = {"title": both, "description": both, "editions": editions or {}}
    return new_notebook(cells=made, metadata={"kernelspec": kernel, "atelier": told})


def write_report(
    settings: Settings, *cells: str, parameters: str = PARAMETERS, editions: dict[str, str] | None = None
) -> None:
    """Write the report ``trial`` of the embedded theme."""
    path = settings.home / "notebooks" / "esr" / "reports" / "trial.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(build_notebook(*cells, parameters=parameters, editions=editions), path)

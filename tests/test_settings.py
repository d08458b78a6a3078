"""Settings: one test for each level of precedence."""

from pathlib import Path

import pytest

from atelier.errors import SettingsError
from atelier.settings import load_settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project whose file sets the theme."""
    (tmp_path / "themes").mkdir()
    (tmp_path / "atelier.toml").write_text('theme = "from-file"\n', "utf-8")
    return tmp_path


def test_defaults_apply_when_nothing_is_set(tmp_path: Path) -> None:
    """Without file nor environment, the language is French and the state is under the project."""
    settings = load_settings({}, home=tmp_path)
    assert settings.language == "fr"
    assert settings.state == tmp_path / ".atelier"


def test_the_file_wins_over_defaults(folder: Path) -> None:
    """``atelier.toml`` is read in the project's folder."""
    assert load_settings({}, home=folder).theme == "from-file"


def test_the_environment_wins_over_the_file(folder: Path) -> None:
    """``ATELIER_THEME`` is stronger than ``atelier.toml``."""
    assert load_settings({"ATELIER_THEME": "from-environment"}, home=folder).theme == "from-environment"


def test_arguments_win_over_the_environment(folder: Path) -> None:
    """What the caller says is strongest."""
    assert load_settings({"ATELIER_THEME": "from-environment"}, home=folder, theme="said").theme == "said"


def test_an_unknown_key_names_the_nearest(folder: Path) -> None:
    """A misspelt key is an error that helps."""
    (folder / "atelier.toml").write_text('langage = "fr"\n', "utf-8")
    with pytest.raises(SettingsError, match="did you mean 'language'"):
        load_settings({}, home=folder)


def test_a_wrong_type_says_so(folder: Path) -> None:
    """A number where text is expected is refused."""
    (folder / "atelier.toml").write_text("theme = 3\n", "utf-8")
    with pytest.raises(SettingsError, match="write it as text"):
        load_settings({}, home=folder)


def test_a_file_that_is_not_toml_says_where(folder: Path) -> None:
    """The path of the broken file is in the message."""
    (folder / "atelier.toml").write_text("theme = ", "utf-8")
    with pytest.raises(SettingsError, match=r"atelier\.toml"):
        load_settings({}, home=folder)


def test_an_unknown_language_is_refused(folder: Path) -> None:
    """Only French and English exist."""
    with pytest.raises(SettingsError, match="'fr' or 'en'"):
        load_settings({}, home=folder, language="de")


def test_an_unknown_engine_is_refused(folder: Path) -> None:
    """Queries run on DuckDB or on Spark."""
    with pytest.raises(SettingsError, match="'duckdb' or 'spark'"):
        load_settings({"ATELIER_ENGINE": "postgres"}, home=folder)

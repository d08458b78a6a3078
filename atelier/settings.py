"""One frozen Settings: defaults < ``atelier.toml`` < environment < arguments."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from atelier.errors import SettingsError

FILE_NAME = "atelier.toml"
ENVIRONMENT_PREFIX = "ATELIER_"
MAY_FORK = f"{ENVIRONMENT_PREFIX}MAY_FORK"
"""Variable of a process that forks while themes are open: their databases then have no threads, and forks share."""

CHOICES = {"language": ("fr", "en"), "engine": ("duckdb", "spark")}


@dataclass(frozen=True)
class Settings:
    """What may differ from one installation to another.

    Attributes:
        home: Folder that holds ``themes/``, ``notebooks/``, ``templates/`` and ``node_modules/``.
        state: Folder for what is made at run time: snapshots, editions, pages, logs.
        raw_data: Folder where raw tables delivered as files are looked for.
        theme: Theme used when none is named.
        language: Language used when none is named, ``fr`` or ``en``.
        engine: Where queries run: ``duckdb``, in the process that asks, or ``spark``.
        spark_master: Address of Spark's master, ``spark://10.0.0.1:7077``; by default, this machine's processors.
        address: Where readers find the public pages, printed on reports.
    """

    home: Path
    state: Path
    raw_data: Path
    theme: str = "esr"
    language: str = "fr"
    engine: str = "duckdb"
    spark_master: str = "local[*]"
    address: str = "http://127.0.0.1:8000/services/public/"

    @property
    def editions(self) -> Path:
        """Folder of published reports: ``<theme>/<report>/<name>.{html,pdf,json}``."""
        return self.state / "editions"


def find_home(start: Path | None = None) -> Path:
    """Return the project folder: the nearest parent of ``start`` that holds ``themes/``.

    Raises:
        SettingsError: No parent folder holds ``themes/``.
    """
    start = (start or Path.cwd()).resolve()
    beside_package = Path(__file__).resolve().parents[1]
    for folder in (start, *start.parents, beside_package):
        if (folder / "themes").is_dir():
            return folder
    raise SettingsError(
        f"no folder themes/ in {start} or above: run from the project's folder, or set {ENVIRONMENT_PREFIX}HOME."
    )


def load_settings(environment: Mapping[str, str] | None = None, **overrides: str | Path) -> Settings:
    """Return the settings in force.

    Args:
        environment: Variables to read, ``os.environ`` by default; ``ATELIER_HOME`` sets ``home``, and so on.
        **overrides: Values that win over file and environment.

    Raises:
        SettingsError: An unknown key, naming the nearest one, or a value of the wrong type.
    """
    environment = os.environ if environment is None else environment
    known = [field.name for field in fields(Settings)]
    from_environment = {
        name: environment[f"{ENVIRONMENT_PREFIX}{name.upper()}"]
        for name in known
        if f"{ENVIRONMENT_PREFIX}{name.upper()}" in environment
    }
    above = {**from_environment, **overrides}
    home = Path(above["home"]).resolve() if "home" in above else find_home()
    merged = {**_read_file(home / FILE_NAME), **above, "home": home}
    for name, value in merged.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" did you mean {near[0]!r}?" if near else f" known settings: {', '.join(known)}."
            raise SettingsError(f"unknown setting {name!r}:{hint}")
        if not isinstance(value, (str, Path)):
            raise SettingsError(f"setting {name!r} is {value!r}: write it as text.")
    values: dict[str, Any] = {
        "state": home / ".atelier",
        "raw_data": home.parent / "shared" / "data",
        **merged,
    }
    for name in ("state", "raw_data"):
        values[name] = (home / values[name]).resolve()
    for name, allowed in CHOICES.items():
        if values.get(name, allowed[0]) not in allowed:
            written = " or ".join(map(repr, allowed))
            raise SettingsError(f"setting {name!r} is {values[name]!r}: write {written}.")
    return Settings(**values)


def _read_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML ({error}).") from error

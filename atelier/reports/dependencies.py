"""What an edition depends on, and the hash of each thing: two hashes that differ are the reason to make it again."""

import hashlib
import platform
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

import atelier
from atelier.datasets.figures import Figures
from atelier.reports.report import Report
from atelier.settings import Settings
from atelier.snapshots import hash_file
from atelier.theme import Theme

TEMPLATES = ("templates/nbconvert/report", "templates/typst")
ROOMS_APART = {"live", "site", "api", "hub", "cli"}
"""Rooms of the engine that no report goes through."""

_WORDS = {
    "notebook": "the notebook changed",
    "parameters": "the parameters changed",
    "engine": "the engine changed",
    "template": "a template changed",
    "packages": "the locked packages changed",
    "address": "the public address changed",
    "theme": "theme.toml changed",
    "data": "data changed: {name}",
    "declaration": "declaration changed: {name}",
}


class Dependencies:
    """The hash of each thing that the editions of a theme may depend on, as it is now; each is computed once."""

    def __init__(self, settings: Settings, theme: Theme) -> None:
        self._settings, self._theme = settings, theme
        self._known: dict[str, str] = {}

    def of(self, report: Report, reads: Iterable[str]) -> dict[str, str]:
        """Return the hash of each thing an edition depends on, by name.

        Args:
            report: Its report.
            reads: Names of what it read of the theme; see ``atelier.reports.reads``.
        """
        hashes = {"notebook": report.sha256, "theme": self._hash_file("theme.toml"), **self.common}
        for name in reads:
            kind, _, entry = name.partition("/")
            if kind == "territories":
                hashes["data/territories"] = self._hash_file("figures/territories.json")
                hashes["data/tiles"] = self._hash_file("tiles.toml")
            elif entry == "*":
                hashes[f"declaration/{name}"] = _hash_names(path.stem for path in self._declarations(kind))
            else:
                hashes[f"declaration/{name}"] = self._hash_file(f"{name}.toml")
                if kind in ("datasets", "references"):
                    path = Figures(self._theme.folder / "figures").path(name).relative_to(self._theme.folder)
                    hashes[f"data/{name}"] = self._hash_file(path.as_posix())
        return hashes

    def now(self, report: Report, names: Iterable[str]) -> dict[str, str]:
        """Return the hashes of today for the names that ``of`` returned when an edition was made."""
        reads = [name.removeprefix("declaration/") for name in names if name.startswith("declaration/")]
        return self.of(report, [*reads, *(["territories/all"] if "data/territories" in names else [])])

    @cached_property
    def stamp(self) -> str:
        """A hash of all that a process keeps in memory of the theme and of the engine: another one, another process."""
        return _hash_files(self._theme.folder, self._theme.folder.rglob("*")) + self.common["engine"]

    @cached_property
    def common(self) -> dict[str, str]:
        """The hashes that all editions share: engine, templates, packages, address."""
        home, package = self._settings.home, Path(atelier.__file__).parent
        engine = (path for path in package.rglob("*") if path.relative_to(package).parts[0] not in ROOMS_APART)
        templates = (path for folder in TEMPLATES for path in (home / folder).rglob("*"))
        lock = home / "requirements.lock"
        packages = f"{hash_file(lock) if lock.is_file() else ''} {platform.python_version()}"
        return {
            "engine": _hash_files(package, (path for path in engine if path.suffix in (".py", ".toml"))),
            "template": _hash_files(home, templates),
            "packages": hashlib.sha256(packages.encode()).hexdigest(),
            "address": hashlib.sha256(self._settings.address.encode()).hexdigest(),
        }

    def _declarations(self, kind: str) -> Iterable[Path]:
        return (self._theme.folder / kind).glob("*.toml")

    def _hash_file(self, path: str) -> str:
        if path not in self._known:
            full = self._theme.folder / path
            self._known[path] = hash_file(full) if full.is_file() else "gone"
        return self._known[path]


def explain(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return in words what differs between the hashes an edition was made from and those of today."""
    changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    reasons = []
    for name in changed:
        kind, _, rest = name.partition("/")
        reasons.append(_WORDS[kind].format(name=rest))
    return tuple(dict.fromkeys(reasons))


def _hash_names(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def _hash_files(root: Path, paths: Iterable[Path]) -> str:
    content = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        content.update(f"{path.relative_to(root).as_posix()}\0{hash_file(path)}\0".encode())
    return content.hexdigest()

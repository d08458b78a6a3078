"""What an edition depends on, and the hash of each thing: two hashes that differ are the reason to make it again."""

import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from atelier.datasets.figures import Figures
from atelier.declarations import Correction
from atelier.settings import Settings
from atelier.snapshots import hash_file
from atelier.theme import Theme


@dataclass(frozen=True)
class Medium:
    """What every edition of a kind goes through, besides its notebook and its theme.

    Attributes:
        templates: Folders and files of the project, from its folder.
        rooms_apart: Rooms of the engine that no edition of this kind goes through.
        packages: Packages whose code makes it.
    """

    templates: tuple[str, ...]
    rooms_apart: frozenset[str]
    packages: tuple[str, ...] = ("atelier",)


class Stored(Protocol):
    """A notebook as it is stored."""

    @property
    def sha256(self) -> str:
        """Hash of its file."""


_WORDS = {
    "notebook": "the notebook changed",
    "parameters": "the parameters changed",
    "engine": "the engine changed",
    "template": "a template changed",
    "packages": "the locked packages changed",
    "address": "the public address changed",
    "theme": "theme.toml changed",
    "narrative": "narrative.toml changed",
    "corrections": "a correction was declared",
    "data": "data changed: {name}",
    "declaration": "declaration changed: {name}",
}


class Dependencies:
    """The hash of each thing that the editions of a theme may depend on, as it is now; each is computed once."""

    def __init__(self, settings: Settings, theme: Theme, medium: Medium) -> None:
        self._settings, self._theme, self._medium = settings, theme, medium
        self._known: dict[str, str] = {}

    def of(self, notebook: Stored, reads: Iterable[str]) -> dict[str, str]:
        """Return the hash of each thing an edition depends on, by name.

        Args:
            notebook: Its notebook.
            reads: Names of what it read of the theme; see ``atelier.editions.reads``.
        """
        hashes = {"notebook": notebook.sha256, "theme": self._hash_file("theme.toml"), **self.common}
        if (self._theme.folder / "narrative.toml").is_file():
            hashes["narrative"] = self._hash_file("narrative.toml")
        reads = tuple(reads)
        corrections = self.corrections(reads)
        if corrections:
            files = (self._hash_file(f"corrections/{name}.toml") for name in corrections)
            hashes["corrections"] = _hash_names(files)
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

    def now(self, notebook: Stored, names: Iterable[str]) -> dict[str, str]:
        """Return the hashes of today for the names that ``of`` returned when an edition was made."""
        reads = [name.removeprefix("declaration/") for name in names if name.startswith("declaration/")]
        return self.of(notebook, [*reads, *(["territories/all"] if "data/territories" in names else [])])

    def corrections(self, reads: Iterable[str]) -> dict[str, Correction]:
        """Return the corrections that touch an indicator among the names read, by identifier."""
        read = {name.removeprefix("indicators/") for name in reads if name.startswith("indicators/")}
        return {name: one for name, one in self._theme.corrections.items() if read & {*one.indicators}}

    @cached_property
    def stamp(self) -> str:
        """A hash of all that a process keeps in memory of the theme and of the engine: another one, another process."""
        return _hash_files(self._theme.folder, self._theme.folder.rglob("*")) + self.common["engine"]

    @cached_property
    def common(self) -> dict[str, str]:
        """The hashes that all editions share: engine, templates, packages, address."""
        home = self._settings.home
        engine = [_hash_files(folder, self._code(folder)) for folder in map(_folder_of, self._medium.packages)]
        templates = [path for name in self._medium.templates for path in _below(home / name)]
        lock = home / "requirements.lock"
        packages = f"{hash_file(lock) if lock.is_file() else ''} {platform.python_version()}"
        return {
            "engine": engine[0] if len(engine) == 1 else hashlib.sha256("".join(engine).encode()).hexdigest(),
            "template": _hash_files(home, templates),
            "packages": hashlib.sha256(packages.encode()).hexdigest(),
            "address": hashlib.sha256(self._settings.address.encode()).hexdigest(),
        }

    def _code(self, package: Path) -> Iterable[Path]:
        files = (path for path in package.rglob("*") if path.suffix in (".py", ".toml"))
        return (path for path in files if path.relative_to(package).parts[0] not in self._medium.rooms_apart)

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


def _folder_of(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(package)
    return Path(found.origin).parent


def _below(path: Path) -> Iterable[Path]:
    return [path] if path.is_file() else path.rglob("*")


def _hash_names(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def _hash_files(root: Path, paths: Iterable[Path]) -> str:
    content = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        content.update(f"{path.relative_to(root).as_posix()}\0{hash_file(path)}\0".encode())
    return content.hexdigest()

"""The only files that leave the machine: each address is listed at start, so a path cannot wander.

An address is a key of a dictionary, never a path to join: encoded, doubled or absolute, a path that is not a key is
not found. Texts are compressed once and kept in memory; the bundle of widgets is compressed when it is built.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from atelier.errors import ServiceError

BUNDLE = "live.js"
"""The widgets, and what connects them to a kernel: built by ``make install`` from ``templates/voila/atelier/live``."""

_COMPRESSED = {".css", ".html", ".js", ".json", ".svg", ".txt", ".xml", ".ttf", ".eot"}
_SERVED = _COMPRESSED | {".png", ".ico", ".woff", ".woff2", ".csv", ".xlsx", ".pdf", ".webmanifest"}


@dataclass(frozen=True)
class Asset:
    """The bytes of one file, ready to send.

    Attributes:
        body: The bytes.
        packed: The same compressed, by the name of the way, best first; empty for what does not get smaller.
        etag: Tag of the content.
        media_type: Its type.
    """

    body: bytes
    packed: Mapping[str, bytes]
    etag: str
    media_type: str


def list_folder(folder: Path, prefix: str = "") -> dict[str, Path]:
    """Return ``{address: file}`` for the regular files below ``folder``, symbolic links and hidden files left out."""
    return {f"{prefix}{path.relative_to(folder).as_posix()}": path for path in _files(folder)}


class SiteListing:
    """The site's files by address; listed again when the site has been built again."""

    def __init__(self, folder: Path) -> None:
        """Take the site's folder."""
        self.folder = folder
        self.built = -1
        self.files: dict[str, Path] = {}

    def __call__(self) -> dict[str, Path]:
        """Return ``{address: file}``; ``about/`` stands for ``about/index.html``."""
        built = self.folder.stat().st_ino if self.folder.is_dir() else 0
        if built != self.built:
            files = list_folder(self.folder) if built else {}
            pages = {
                name.removesuffix("index.html"): path for name, path in files.items() if name.endswith("index.html")
            }
            self.files, self.built = files | pages, built
        return self.files


def list_page(template: Path) -> dict[str, Path]:
    """Return ``{address: file}`` for what a dashboard's page loads.

    Args:
        template: Folder of our template of dashboards.

    Raises:
        ServiceError: The bundle of widgets has not been built.
    """
    files = list_folder(template / "build", "build/")
    if f"build/{BUNDLE}" not in files:
        raise ServiceError(f"{template / 'build' / BUNDLE} is missing: build it (make install).")
    return files | list_folder(template / "static", "template/")


def digest(files: Mapping[str, Path]) -> str:
    """Return a short hash of names and contents: the same on every machine, a new one when any file changes."""
    state = [(name, hashlib.sha256(path.read_bytes()).hexdigest()) for name, path in sorted(files.items())]
    return hashlib.sha256(repr(state).encode()).hexdigest()[:12]


def load_asset(path: Path) -> Asset:
    """Return a file's bytes, from memory when the file has not changed since they were read."""
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _load(path: Path, _changed: int) -> Asset:
    body = path.read_bytes()
    packed = {name: file.read_bytes() for name, file in _built(path) if file.is_file()}
    if path.suffix in _COMPRESSED and not packed:
        packed = {"gzip": gzip.compress(body, 6, mtime=0)}
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type.startswith("text/") or path.suffix in {".js", ".json", ".svg"}:
        media_type += "; charset=utf-8"
    return Asset(body, packed, f'"{hashlib.sha256(body).hexdigest()[:20]}"', media_type)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in _SERVED and not hidden and not path.is_symlink() and path.is_file():
            yield path


def _built(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield what a build compressed beside a file, by the name of the way."""
    for name, suffix in (("br", ".br"), ("gzip", ".gz")):
        yield name, path.with_name(path.name + suffix)

"""The only files that leave the machine: each address is listed at start, so a path cannot wander.

An address is a key of a dictionary, never a path to join: encoded, doubled or absolute, a path that is not a key is
not found. Texts are compressed once and kept in memory (about 2 MB for all of Voilà).
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from atelier.errors import ServiceError

EXTENSIONS = (
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "bqplot",
    "bqscales",
)
"""The only browser extensions a dashboard loads; Voilà's own widgets manager must be among them."""

_COMPRESSED = {".css", ".html", ".js", ".json", ".svg", ".txt", ".xml", ".ttf", ".eot"}
_SERVED = _COMPRESSED | {".png", ".ico", ".woff", ".woff2", ".csv", ".xlsx", ".pdf", ".webmanifest"}


@dataclass(frozen=True)
class Asset:
    """The bytes of one file, ready to send."""

    body: bytes
    packed: bytes | None
    etag: str
    media_type: str


def list_folder(folder: Path, prefix: str = "") -> dict[str, Path]:
    """Return ``{address: file}`` for the regular files below ``folder``, symbolic links and hidden files left out."""
    return {f"{prefix}{path.relative_to(folder).as_posix()}": path for path in _files(folder)}


def list_voila(prefix: Path, template: Path) -> dict[str, Path]:
    """Return ``{address: file}`` for what a dashboard's page loads.

    Args:
        prefix: Where Python's packages are installed (``sys.prefix``).
        template: Folder of our Voilà template.

    Raises:
        ServiceError: A browser extension a dashboard needs is not installed.
    """
    share = prefix / "share" / "jupyter"
    files = list_folder(share / "voila" / "templates" / "base" / "static", "static/")
    lab = share / "nbconvert" / "templates" / "lab" / "static"
    files |= {f"lab/{name}": lab / name for name in ("index.css", "theme-light.css")}
    files |= list_folder(template / "static", "template/")
    for name in EXTENSIONS:
        home = next((root / name for root in _extension_roots(share) if (root / name).is_dir()), None)
        if home is None:
            raise ServiceError(
                f"browser extension {name} is not below {share}: install the project again (make install)."
            )
        files |= list_folder(home / "static", f"labextensions/{name}/static/")
    return files


def digest(files: Mapping[str, Path]) -> str:
    """Return a short hash of names, sizes and dates: a new one when any file changes."""
    state = [(name, path.stat().st_size, path.stat().st_mtime_ns) for name, path in sorted(files.items())]
    return hashlib.sha256(repr(state).encode()).hexdigest()[:12]


def load_asset(path: Path) -> Asset:
    """Return a file's bytes, from memory when the file has not changed since they were read."""
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _load(path: Path, _changed: int) -> Asset:
    body = path.read_bytes()
    packed = gzip.compress(body, 6, mtime=0) if path.suffix in _COMPRESSED else None
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type.startswith("text/") or path.suffix in {".js", ".json", ".svg"}:
        media_type += "; charset=utf-8"
    return Asset(body, packed, f'"{hashlib.sha256(body).hexdigest()[:20]}"', media_type)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in _SERVED and not hidden and not path.is_symlink() and path.is_file():
            yield path


def _extension_roots(share: Path) -> tuple[Path, ...]:
    return share / "labextensions", share / "voila" / "labextensions"

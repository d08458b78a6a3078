"""A content-addressed store of raw tables: immutable, verified, listable, written whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from atelier.errors import StoreError


@dataclass(frozen=True)
class Snapshot:
    """A raw table as it was at one moment.

    Attributes:
        sha256: Hash of its bytes, which is also its name.
        table: What it feeds, ``datasets/enrolment``.
        file: Name it was delivered under.
        size: Bytes.
        taken: When it was first stored, ISO 8601 in UTC.
    """

    sha256: str
    table: str
    file: str
    size: int
    taken: str


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to, then put it in place of ``path`` at once; on any error ``path`` is untouched.

    Args:
        path: File or folder to replace. What is written must be of the same kind.

    Raises:
        StoreError: The disk refused (full, read-only, forbidden).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
            aside = Path(folder) / path.name
            yield aside
            for file in [aside] if aside.is_file() else aside.rglob("*"):
                if file.is_file():
                    with file.open("rb") as written:
                        os.fsync(written.fileno())
            if path.is_dir():
                path.rename(Path(folder) / "old")
            aside.replace(path)
            entry = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(entry)
            finally:
                os.close(entry)
    except OSError as error:
        raise StoreError(
            f"{path} could not be written ({error.strerror or error}): the version in place is kept. "
            "Free some space or check the rights, then run again."
        ) from error


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SnapshotStore:
    """Snapshots under one folder: ``<sha256>/<file name>`` and ``<sha256>/snapshot.json``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, raw: Path, table: str) -> Snapshot:
        """Store a raw file and return its snapshot; a file already there is not written again.

        Raises:
            StoreError: The file cannot be read or the store cannot be written.
        """
        try:
            sha256 = hash_file(raw)
        except OSError as error:
            raise StoreError(f"{raw} cannot be read ({error.strerror}).") from error
        known = self._read(self.folder / sha256)
        if known:
            return known
        taken = datetime.now(UTC).isoformat(timespec="seconds")
        snapshot = Snapshot(sha256, table, raw.name, raw.stat().st_size, taken)
        with replacing(self.folder / sha256) as folder:
            folder.mkdir()
            shutil.copyfile(raw, folder / raw.name)
            (folder / "snapshot.json").write_text(json.dumps(asdict(snapshot), indent=1), "utf-8")
        return snapshot

    def path(self, snapshot: Snapshot) -> Path:
        """Return the path of a snapshot's raw file, verified against its hash.

        Raises:
            StoreError: The file is gone or its bytes have changed.
        """
        path = self.folder / snapshot.sha256 / snapshot.file
        if not path.is_file() or hash_file(path) != snapshot.sha256:
            raise StoreError(f"snapshot {snapshot.sha256[:12]} is damaged: remove {path.parent} and build again.")
        return path

    def list(self) -> list[Snapshot]:
        """Return all snapshots, oldest first."""
        if not self.folder.is_dir():
            return []
        found = (self._read(folder) for folder in self.folder.iterdir())
        return sorted((snapshot for snapshot in found if snapshot), key=lambda one: (one.taken, one.sha256))

    def _read(self, folder: Path) -> Snapshot | None:
        path = folder / "snapshot.json"
        return Snapshot(**json.loads(path.read_text("utf-8"))) if path.is_file() else None

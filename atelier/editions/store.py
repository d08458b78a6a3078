"""Editions: what is published, replaced whole by one rename, with its history.

An edition is a folder of files kept under ``.kept/<key>-<version>``, where the version is a hash of what readers get;
its address ``<key>`` is a link to it. Publishing writes a new folder and then moves the link, so a reader sees the old
edition or the new one, and a failure at any step leaves the old one in place. Beside it, ``.kept/<key>.json`` tells
what the edition was made from and which versions there were; it is written last: a crash makes the edition again.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from atelier.errors import StoreError, UnknownNameError
from atelier.snapshots import hash_file, replacing

KEPT = ".kept"
KEPT_VERSIONS = 5
PROVENANCE, ANSWERS = "provenance.json", "answers.json"
_SHORT_HASH = 16


@dataclass(frozen=True)
class Version:
    """One published state of an edition.

    Attributes:
        version: Hash of its files.
        published: When, ISO 8601 in UTC.
        reasons: Why it was made.
        warnings: What the publication gate let through with a warning.
        written: Size of each file, and when it was written in nanoseconds, by name.
    """

    version: str
    published: str
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    written: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """What is remembered of an edition.

    Attributes:
        parameters: Values it was made with.
        inputs: Hash of each thing it was made from, by name; see ``atelier.editions.dependencies``.
        files: Size of each file, by name.
        seconds: Time that each stage of making it took.
        versions: Its versions still kept, the oldest first.
    """

    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    files: Mapping[str, int]
    seconds: Mapping[str, float]
    versions: tuple[Version, ...] = field(default=())


def publish(folder: Path, key: str, files: Mapping[str, bytes], beside: Mapping[str, bytes] | None = None) -> str:
    """Publish files as the edition ``key`` and return its version; the same files again change nothing.

    Args:
        folder: Folder of the report's editions.
        key: Name of the edition.
        files: Content by file name.
        beside: Files written with them that are not part of what makes a version: they tell when, and how.

    Raises:
        StoreError: The disk refused; the edition in place is untouched.
    """
    content = hashlib.sha256()
    for name, data in sorted(files.items()):
        content.update(f"{name}\0{len(data)}\0".encode() + data)
    version = content.hexdigest()[:_SHORT_HASH]
    kept = version_folder(folder, key, version)
    if not _holds(kept, files):
        with replacing(kept) as aside:
            aside.mkdir()
            for name, data in {**files, **(beside or {})}.items():
                (aside / name).write_bytes(data)
        _sync(kept.parent)
    _point(folder, key, version)
    return version


def current_version(folder: Path, key: str) -> str | None:
    """Return the version readers get, None when the edition is not published."""
    edition = folder / key
    return edition.readlink().name.rpartition("-")[2] if edition.is_symlink() and edition.is_dir() else None


def version_folder(folder: Path, key: str, version: str) -> Path:
    """Return where a version is kept."""
    return folder / KEPT / f"{key}-{version}"


def read_record(folder: Path, key: str) -> Record | None:
    """Return what is remembered of an edition, None when nothing is or it cannot be read."""
    try:
        data = json.loads((folder / KEPT / f"{key}.json").read_bytes())
        versions = tuple(
            Version(one["version"], one["published"], tuple(one["reasons"]), tuple(one["warnings"]), one["written"])
            for one in data["versions"]
        )
        return Record(data["parameters"], data["inputs"], data["files"], data["seconds"], versions)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(folder: Path, key: str, made: Record, version: Version) -> None:
    """Write down what an edition was made from, and drop the oldest versions past ``KEPT_VERSIONS``.

    Raises:
        StoreError: The disk refused; the edition is published, and will be made again.
    """
    before = read_record(folder, key)
    versions = [one for one in before.versions if one.version != version.version] if before else []
    same = [one for one in before.versions if one.version == version.version] if before else []
    last = replace(same[0], warnings=version.warnings) if same else version
    versions.append(replace(last, written=_written(version_folder(folder, key, version.version), made.files)))
    kept = [one for one in versions if version_folder(folder, key, one.version).is_dir()][-KEPT_VERSIONS:]
    data = json.dumps(asdict(replace(made, versions=tuple(kept))), ensure_ascii=False)
    with replacing(folder / KEPT / f"{key}.json") as aside:
        aside.write_text(data, "utf-8")
    names = {f"{key}-{one.version}" for one in kept}
    for other in (folder / KEPT).glob(f"{key}-{'?' * _SHORT_HASH}"):
        if other.name not in names and other.resolve() != (folder / key).resolve():
            shutil.rmtree(other, ignore_errors=True)


def is_damaged(folder: Path, key: str, version: Version) -> bool:
    """Return whether a file that readers get is gone or is not the one published.

    Sizes and times are looked at first, as thousands of editions are; the bytes of a file are read only when its time
    is not the one remembered.
    """
    kept = version_folder(folder, key, version.version)
    try:
        found = _written(kept, version.written)
    except OSError:
        return True
    if found == {name: tuple(told) for name, told in version.written.items()}:
        return False
    return bool(check_files(kept))


def list_versions(folder: Path, key: str) -> list[Version]:
    """Return the versions of an edition that can be read or put back, the oldest first.

    Raises:
        UnknownNameError: No such edition; the message names those there are.
    """
    record = read_record(folder, key)
    if record is None or current_version(folder, key) is None:
        raise UnknownNameError("edition", key, edition_keys(folder))
    return [one for one in record.versions if version_folder(folder, key, one.version).is_dir()]


def roll_back(folder: Path, key: str, version: str | None = None) -> Version:
    """Put an earlier version of an edition back in place, until something it depends on changes.

    Args:
        folder: Folder of the report's editions.
        key: Name of the edition.
        version: Beginning of the version's hash; the one before the current one by default.

    Raises:
        UnknownNameError: No such edition or version.
        StoreError: There is no earlier version, or the disk refused.
    """
    versions = list_versions(folder, key)
    names = [one.version for one in versions]
    current = names.index(str(current_version(folder, key)))
    if version is None:
        if current == 0:
            raise StoreError(f"edition {key!r}: no earlier version is kept: there is nothing to go back to.")
        chosen = versions[current - 1]
    else:
        found = [one for one in versions if one.version.startswith(version)]
        if len(found) != 1:
            raise UnknownNameError("version", version, names)
        chosen = found[0]
    damaged = check_files(version_folder(folder, key, chosen.version))
    if damaged:
        raise StoreError(f"edition {key!r}, version {chosen.version}: {damaged[0]} Choose another.")
    _point(folder, key, chosen.version)
    return chosen


def edition_keys(folder: Path) -> list[str]:
    """Return the names of the editions published in a report's folder."""
    return sorted(path.name for path in folder.iterdir() if path.is_symlink()) if folder.is_dir() else []


def check_files(kept: Path) -> list[str]:
    """Return a sentence for each file of a version that is gone or whose bytes changed since it was published."""
    try:
        hashes = json.loads((kept / PROVENANCE).read_bytes())["files"]
    except (OSError, ValueError, KeyError):
        return [f"{PROVENANCE} is gone or damaged."]
    problems = []
    for name, sha256 in hashes.items():
        path = kept / name
        if not path.is_file():
            problems.append(f"{name} is gone.")
        elif hash_file(path) != sha256:
            problems.append(f"the bytes of {name} are not those published.")
    return problems


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a folder of editions for one production at a time.

    Raises:
        StoreError: Another production holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".production.lock").open("w") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"{folder}: another production is under way: wait for it, or stop it.") from error
        yield


def _point(folder: Path, key: str, version: str) -> None:
    """Move the link of an edition to one of its versions, in one step."""
    edition, kept = folder / key, version_folder(folder, key, version)
    if edition.is_symlink() and edition.resolve() == kept.resolve():
        return
    try:
        with TemporaryDirectory(prefix=f".{key}-", dir=folder) as aside_folder:
            link = Path(aside_folder) / key
            link.symlink_to(kept.relative_to(folder), target_is_directory=True)
            link.replace(edition)
        _sync(folder)
    except OSError as error:
        raise StoreError(
            f"{edition} could not be published ({error.strerror or error}): the edition in place is kept. "
            "Free some space or check the rights, then run again."
        ) from error


def _written(kept: Path, names: Iterable[str]) -> dict[str, tuple[int, int]]:
    return {name: (told.st_size, told.st_mtime_ns) for name in names for told in [(kept / name).stat()]}


def _holds(kept: Path, files: Mapping[str, bytes]) -> bool:
    with suppress(OSError):
        return all((kept / name).read_bytes() == data for name, data in files.items())
    return False


def _sync(folder: Path) -> None:
    """Make the names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Editions: what is published, replaced whole by one rename.

An edition is a folder of files kept under ``.kept/<key>-<hash>``; its address ``<key>`` is a link to it. Publishing
writes a new folder and then moves the link, so a reader sees the old edition or the new one, and a failure at any step
leaves the old one in place. The folder before is kept, so that the last publication can be undone.
"""

import hashlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from atelier.errors import ReportError, StoreError
from atelier.parameters import Value
from atelier.snapshots import replacing

KEPT = ".kept"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SHORT_HASH = 16


def edition_key(values: Mapping[str, Value], defaults: Mapping[str, Value]) -> str:
    """Return the name of an edition: its first parameter, then those that differ from the notebook's defaults.

    Args:
        values: Parameters of the edition, in the notebook's order.
        defaults: Values written in the notebook.

    Raises:
        ReportError: A value that cannot be part of an address.
    """
    first, *others = values
    key = "-".join([str(values[first]), *(str(values[name]) for name in others if values[name] != defaults[name])])
    if not _KEY.fullmatch(key):
        raise ReportError(f"an edition cannot be named {key!r}: use values made of letters, digits, - and _.")
    return key


def publish(folder: Path, key: str, files: Mapping[str, bytes]) -> Path:
    """Publish files as the edition ``key`` and return its folder; the same files again change nothing.

    Args:
        folder: Folder of the report's editions.
        key: Name of the edition.
        files: Content by file name.

    Raises:
        StoreError: The disk refused; the edition in place is untouched.
    """
    edition, content = folder / key, hashlib.sha256()
    for name, data in sorted(files.items()):
        content.update(f"{name}\0{len(data)}\0".encode() + data)
    kept = folder / KEPT / f"{key}-{content.hexdigest()[:_SHORT_HASH]}"
    if not kept.is_dir():
        with replacing(kept) as aside:
            aside.mkdir()
            for name, data in files.items():
                (aside / name).write_bytes(data)
    try:
        before = edition.resolve() if edition.is_symlink() else None
        if before != kept.resolve():
            with TemporaryDirectory(prefix=f".{key}-", dir=folder) as aside_folder:
                link = Path(aside_folder) / key
                link.symlink_to(kept.relative_to(folder), target_is_directory=True)
                link.replace(edition)
            for other in (folder / KEPT).glob(f"{key}-{'?' * _SHORT_HASH}"):
                if other.resolve() not in (kept.resolve(), before):
                    shutil.rmtree(other, ignore_errors=True)
    except OSError as error:
        raise StoreError(
            f"{edition} could not be published ({error.strerror or error}): the edition in place is kept. "
            "Free some space or check the rights, then run again."
        ) from error
    return edition

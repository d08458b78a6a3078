"""Where the static editions of a dashboard are kept: pages behind one link each, files under a hash of their content.

    <state>/dashboards/<theme>/<name>/region-53-fr -> .kept/region-53-fr-<version>/   index.html  index.html.gz
    <state>/dashboards/<theme>/<name>/files/<hash>/trend.csv

Views share most of their files, and a file is never changed: it may be kept by browsers for ever.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from atelier.editions.store import KEPT, Record, Version, edition_keys, publish, read_record, remember
from atelier.errors import StoreError
from atelier.notebooks import Dashboard
from atelier.settings import Settings

FILES, PAGE, PACKED, CODES = "files", "index.html", "index.html.gz", "codes.json"
NOTICE = "<!--notice-->"
"""Where a page sent in the place of another says so."""

EDITIONS = "static"
"""Part of the address of a static edition, between its dashboard's and its name."""

HASH = 16
Codes = Mapping[str, Sequence[tuple[str, str]]]
"""The codes of each parameter, each with its words."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MENTIONED = re.compile(rf"/{FILES}/([0-9a-f]{{{HASH}}})/([A-Za-z0-9._-]+)")


class Shelf:
    """The static editions of one dashboard.

    Args:
        settings: Where the project's state is.
        dashboard: The dashboard.

    Attributes:
        folder: Where they are.
    """

    def __init__(self, settings: Settings, dashboard: Dashboard) -> None:
        self.dashboard = dashboard
        self.folder = settings.state / "dashboards" / dashboard.theme / dashboard.name

    def page(self, key: str) -> Path | None:
        """Return the page of an edition, None when it is not published."""
        path = self.folder / key / PAGE
        try:
            return path if path.is_file() else None
        except OSError:
            return None  # a name too long for the disk is the name of nothing

    def holds(self, key: str, sizes: Mapping[str, int]) -> bool:
        """Return whether the files of an edition, and those its page hands out, are there whole."""
        try:
            is_whole = all((self.folder / key / name).stat().st_size == size for name, size in sizes.items())
            text = (self.folder / key / PAGE).read_text("utf-8")
        except OSError:
            return False
        return is_whole and all((self.folder / FILES / one / name).is_file() for one, name in _MENTIONED.findall(text))

    def codes(self, language: str) -> dict[str, list[tuple[str, str]]]:
        """Return the codes that have a view, with their words, as the notebook last told them."""
        try:
            known = json.loads((self.folder / language / CODES).read_bytes())
        except (OSError, ValueError):
            return {}
        return {name: [(code, words) for code, words in pairs] for name, pairs in known.items()}

    def publish(self, key: str, page: str, made: Record, version: Version, codes: Codes | None = None) -> bool:
        """Publish the page of an edition; return whether its content is new.

        Args:
            key: Its name.
            page: The page.
            made: What it was made from; the sizes of its files are added here.
            version: When and why; its hash is added here.
            codes: What ``codes`` will read, for the notebook's own selection.

        Raises:
            StoreError: The disk refused; the edition in place is kept.
        """
        before = read_record(self.folder, key)
        body = page.encode("utf-8")
        files = {PAGE: body, PACKED: gzip.compress(body, 9, mtime=0)}
        if codes is not None:
            files[CODES] = json.dumps(codes, ensure_ascii=False).encode("utf-8")
        name = publish(self.folder, key, files)
        sizes = {file: len(content) for file, content in files.items()}
        record = Record(made.parameters, made.inputs, sizes, made.seconds)
        remember(self.folder, key, record, Version(name, version.published, version.reasons))
        return before is None or all(one.version != name for one in before.versions)

    def has(self, digest: str, name: str) -> bool:
        """Return whether a file to hand out is there."""
        return (self.folder / FILES / digest / name).is_file()

    def put(self, digest: str, name: str, content: bytes) -> None:
        """Keep a file to hand out, unless it is there.

        Raises:
            StoreError: The disk refused.
        """
        if self.has(digest, name):
            return
        target = self.folder / FILES / digest / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as aside:
                aside.write(content)
                aside.flush()
                os.fsync(aside.fileno())
                # A temporary file is its owner's alone; a web server of another user may hand these out.
                os.fchmod(aside.fileno(), 0o644)
            Path(aside.name).replace(target)
        except OSError as error:
            raise StoreError(f"{target} could not be written ({error.strerror}): make room, run again.") from error

    def withdraw(self, kept: set[str]) -> list[str]:
        """Take away the editions whose names are not in ``kept``; return the names of those taken away."""
        gone = [key for key in edition_keys(self.folder) if key not in kept]
        for key in gone:
            (self.folder / key).unlink()
            (self.folder / KEPT / f"{key}.json").unlink(missing_ok=True)
            for version in (self.folder / KEPT).glob(f"{key}-{'?' * HASH}"):
                shutil.rmtree(version, ignore_errors=True)
        return gone

    def sweep(self) -> None:
        """Remove the files that no page kept hands out."""
        wanted = {
            digest
            for page in (self.folder / KEPT).glob(f"*/{PAGE}")
            for digest, _name in _MENTIONED.findall(page.read_text("utf-8"))
        }
        for found in (self.folder / FILES).glob("*"):
            if found.name not in wanted:
                with suppress(OSError):
                    shutil.rmtree(found)


def hash_of(content: bytes) -> str:
    """Return the hash under which a file is kept."""
    return hashlib.sha256(content).hexdigest()[:HASH]


def key_of(chosen: Mapping[str, str], language: str) -> str:
    """Return the name of an edition: ``fr``, ``region-53-en``."""
    return "-".join([*(f"{name}-{code}" for name, code in chosen.items()), language])


def is_code(text: str) -> bool:
    """Return whether a text from an address can be a code at all."""
    return _CODE.fullmatch(text) is not None

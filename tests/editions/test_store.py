"""An edition is replaced whole or not at all; its history can be read and put back."""

import errno
import hashlib
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from atelier.editions.store import (
    Record,
    Version,
    check_files,
    current_version,
    edition_keys,
    list_versions,
    only_one,
    publish,
    read_record,
    remember,
    roll_back,
)
from atelier.errors import ReportError, StoreError, UnknownNameError
from atelier.reports.report import edition_key

OLD, NEW = {"index.html": b"old", "a.pdf": b"old"}, {"index.html": b"new", "a.pdf": b"new"}


def put(folder: Path, files: dict[str, bytes], key: str = "key") -> Path:
    """Publish files with their sidecar and return the edition's folder."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    sidecar = {"provenance.json": json.dumps({"files": hashes}).encode()}
    version = publish(folder, key, {**files, **sidecar})
    sizes = {name: len(content) for name, content in files.items()}
    remember(
        folder, key, Record({}, {"notebook": "1"}, sizes, {}), Version(version, "2026-01-01T00:00:00+00:00", ("new",))
    )
    return folder / key


def read(edition: Path) -> dict[str, bytes]:
    """Return the files a reader gets."""
    return {file.name: file.read_bytes() for file in edition.iterdir() if file.name != "provenance.json"}


def tree(folder: Path) -> dict[Path, int]:
    """Return when each file was last written."""
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


def test_a_key_tells_the_subject_and_what_differs_from_the_defaults() -> None:
    """The address of the usual edition is the shortest."""
    defaults = {"institution": "4k25D", "year": 2022, "lang": "fr"}
    assert edition_key(defaults, defaults) == "4k25D"
    assert edition_key({"institution": "U8a0v", "year": 2019, "lang": "en"}, defaults) == "U8a0v-2019-en"


@pytest.mark.parametrize("code", ["../x", "a/b", "", ".kept", "é", "a b"])
def test_a_value_that_cannot_be_an_address_is_refused(code: str) -> None:
    """No value of a parameter can write outside its folder."""
    with pytest.raises(ReportError):
        edition_key({"institution": code}, {"institution": "4k25D"})


def test_publishing_again_replaces_every_file_and_drops_those_that_went(tmp_path: Path) -> None:
    """An edition is what was asked last."""
    put(tmp_path, OLD)
    assert read(put(tmp_path, {"index.html": b"new"})) == {"index.html": b"new"}


def test_publishing_the_same_files_writes_nothing_readers_get(tmp_path: Path) -> None:
    """A second run is idempotent, and adds nothing to the history."""
    put(tmp_path, OLD)
    before = tree(tmp_path)
    put(tmp_path, OLD)
    after = tree(tmp_path)
    assert {path for path in after if after[path] != before.get(path)} == {tmp_path / ".kept" / "key.json"}
    assert len(list_versions(tmp_path, "key")) == 1


def test_a_few_earlier_versions_are_kept_and_older_ones_go(tmp_path: Path) -> None:
    """Publications can be undone; disks do not fill."""
    for number in range(8):
        put(tmp_path, {"index.html": str(number).encode()})
        put(tmp_path, {"index.html": b"other"}, "key-en")
    kept = {(folder / "index.html").read_bytes() for folder in (tmp_path / ".kept").glob("key-*") if folder.is_dir()}
    assert kept == {b"3", b"4", b"5", b"6", b"7", b"other"}
    assert edition_keys(tmp_path) == ["key", "key-en"]


def test_an_earlier_version_can_be_put_back(tmp_path: Path) -> None:
    """The one before by default, any other by the beginning of its hash."""
    put(tmp_path, {"index.html": b"0"})
    first = str(current_version(tmp_path, "key"))
    put(tmp_path, OLD)
    put(tmp_path, NEW)
    roll_back(tmp_path, "key")
    assert read(tmp_path / "key") == OLD
    assert roll_back(tmp_path, "key", first[:6]).version == first
    assert read(tmp_path / "key") == {"index.html": b"0"}
    with pytest.raises(StoreError, match="no earlier version"):
        roll_back(tmp_path, "key")
    with pytest.raises(UnknownNameError, match="unknown version"):
        roll_back(tmp_path, "key", "zz")
    with pytest.raises(UnknownNameError, match="Allowed: key"):
        roll_back(tmp_path, "kye")


def test_a_damaged_version_is_told_and_never_put_back(tmp_path: Path) -> None:
    """Publishing the same content again mends it."""
    put(tmp_path, OLD)
    damaged = (tmp_path / "key").resolve()
    put(tmp_path, NEW)
    (damaged / "a.pdf").write_bytes(b"odd")
    assert check_files(damaged) == ["the bytes of a.pdf are not those published."]
    with pytest.raises(StoreError, match="Choose another"):
        roll_back(tmp_path, "key")
    assert read(tmp_path / "key") == NEW
    put(tmp_path, OLD)
    assert check_files(damaged) == []
    assert read(tmp_path / "key") == OLD


@pytest.mark.parametrize("method", ["write_bytes", "symlink_to", "replace", "mkdir"])
def test_a_full_disk_at_any_step_leaves_the_edition_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The message says so, and nothing half-written stays behind."""
    edition = put(tmp_path, OLD)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Path, method, refuse)
        with pytest.raises(StoreError, match="No space left"):
            put(tmp_path, NEW)
    assert read(edition) == OLD
    assert not [path for path in tmp_path.iterdir() if path.name not in ("key", ".kept")]
    assert read(put(tmp_path, NEW)) == NEW


FAULTS = [
    (Path, "mkdir"),
    (Path, "write_bytes"),
    (os, "fsync"),
    (Path, "replace"),
    (Path, "symlink_to"),
    (Path, "write_text"),
]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[1])
def test_a_kill_at_any_step_leaves_an_edition_whole_and_the_next_run_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: tuple[object, str], count: int, moment: str
) -> None:
    """R08: SIGKILL before or after the first, second and third call of each step of a publication."""
    edition, (owner, name) = put(tmp_path, OLD), fault
    genuine, calls = getattr(owner, name), []

    def deadly(*arguments: object, **options: object) -> object:
        calls.append(name)
        if len(calls) == count and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = genuine(*arguments, **options)
        if len(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(owner, name, deadly)
        put(tmp_path, NEW)
        os._exit(0)
    os.waitpid(child, 0)
    assert read(edition) in (OLD, NEW)
    assert check_files(edition.resolve()) == []
    assert read_record(tmp_path, "key") is not None
    assert read(put(tmp_path, NEW)) == NEW
    assert len(list_versions(tmp_path, "key")) == 2


def test_a_folder_already_at_the_address_is_told_not_destroyed(tmp_path: Path) -> None:
    """Files put there by hand are not ours to remove."""
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="could not be published"):
        put(tmp_path, NEW)
    assert (tmp_path / "key" / "mine.txt").read_text() == "mine"


def test_two_productions_do_not_run_at_once(tmp_path: Path) -> None:
    """R10: the first one wins, the second one is told; the lock goes with its holder."""
    with only_one(tmp_path), pytest.raises(StoreError, match="another production"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        assert tmp_path.is_dir()


def test_a_reader_never_sees_a_mixture(tmp_path: Path) -> None:
    """R07: while editions follow one another, each folder read is one of them, whole."""
    edition, stop, seen = put(tmp_path, OLD), threading.Event(), []

    def reader() -> None:
        while not stop.is_set():
            folder = edition.resolve(strict=True)
            seen.append(read(folder))

    thread = threading.Thread(target=reader)
    thread.start()
    for number in range(100):
        put(tmp_path, NEW if number % 2 else OLD)
    stop.set()
    thread.join()
    assert seen
    assert all(files in (OLD, NEW) for files in seen)

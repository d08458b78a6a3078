"""An edition is replaced whole or not at all."""

import errno
import threading
from pathlib import Path

import pytest

from atelier.errors import ReportError, StoreError
from atelier.reports.editions import edition_key, publish

OLD, NEW = {"index.html": b"old", "a.pdf": b"old"}, {"index.html": b"new", "a.pdf": b"new"}


def read(edition: Path) -> dict[str, bytes]:
    """Return the files a reader gets."""
    return {file.name: file.read_bytes() for file in edition.iterdir()}


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
    publish(tmp_path, "key", OLD)
    edition = publish(tmp_path, "key", {"index.html": b"new"})
    assert read(edition) == {"index.html": b"new"}


def test_publishing_the_same_files_writes_nothing(tmp_path: Path) -> None:
    """A second run is idempotent."""
    edition = publish(tmp_path, "key", OLD)
    before = {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert publish(tmp_path, "key", OLD) == edition
    assert {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_one_earlier_edition_is_kept_and_older_ones_go(tmp_path: Path) -> None:
    """The last publication can be undone; disks do not fill."""
    for number in range(4):
        publish(tmp_path, "key", {"index.html": str(number).encode()})
        publish(tmp_path, "key-en", {"index.html": b"other"})
    kept = {(folder / "index.html").read_bytes() for folder in (tmp_path / ".kept").glob("key-*")}
    assert kept == {b"2", b"3", b"other"}


@pytest.mark.parametrize("method", ["write_bytes", "symlink_to", "replace", "mkdir"])
def test_a_full_disk_at_any_step_leaves_the_edition_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The message says so, and nothing half-written stays behind."""
    edition = publish(tmp_path, "key", OLD)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Path, method, refuse)
        with pytest.raises(StoreError, match="No space left"):
            publish(tmp_path, "key", NEW)
    assert read(edition) == OLD
    assert not [path for path in tmp_path.iterdir() if path.name not in ("key", ".kept")]
    assert read(publish(tmp_path, "key", NEW)) == NEW


def test_a_folder_already_at_the_address_is_told_not_destroyed(tmp_path: Path) -> None:
    """Files put there by hand are not ours to remove."""
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="could not be published"):
        publish(tmp_path, "key", NEW)
    assert (tmp_path / "key" / "mine.txt").read_text() == "mine"


def test_a_reader_never_sees_a_mixture(tmp_path: Path) -> None:
    """While editions follow one another, each folder read is one of them, whole."""
    edition, stop, seen = publish(tmp_path, "key", OLD), threading.Event(), []

    def reader() -> None:
        while not stop.is_set():
            folder = edition.resolve(strict=True)
            try:
                seen.append(read(folder))
            except FileNotFoundError:
                # Two publications passed between resolving and reading: the reader asks again.
                continue

    thread = threading.Thread(target=reader)
    thread.start()
    for number in range(100):
        publish(tmp_path, "key", NEW if number % 2 else OLD)
    stop.set()
    thread.join()
    assert seen
    assert all(files in (OLD, NEW) for files in seen)

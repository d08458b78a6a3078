"""The store of raw tables: content-addressed, verified, atomic."""

import errno
import resource
import signal
import threading
from pathlib import Path

import pytest

from atelier.errors import StoreError
from atelier.snapshots import SnapshotStore, hash_file, replacing


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    """A second delivery of the same file is the first snapshot."""
    raw = tmp_path / "raw.csv"
    raw.write_text("a;b\n1;2\n", "utf-8")
    store = SnapshotStore(tmp_path / "store")
    first = store.add(raw, "datasets/loans")
    assert store.add(raw, "datasets/loans") == first
    assert store.list() == [first]
    assert store.path(first).read_text("utf-8") == "a;b\n1;2\n"


def test_a_snapshot_whose_bytes_changed_is_refused(tmp_path: Path) -> None:
    """R14: a flipped byte is detected by the hash."""
    raw = tmp_path / "raw.csv"
    raw.write_text("a;b\n1;2\n", "utf-8")
    store = SnapshotStore(tmp_path / "store")
    snapshot = store.add(raw, "datasets/loans")
    (tmp_path / "store" / snapshot.sha256 / "raw.csv").write_text("a;b\n1;3\n", "utf-8")
    with pytest.raises(StoreError, match="is damaged"):
        store.path(snapshot)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """An error while writing leaves the former file, and no debris."""
    path = tmp_path / "page.html"
    path.write_text("old", "utf-8")

    def write_half() -> None:
        with replacing(path) as aside:
            aside.write_text("half", "utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    """The files of the former folder are gone, those of the new one are there."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "old.html").write_text("old", "utf-8")
    with replacing(folder) as aside:
        aside.mkdir()
        (aside / "new.html").write_text("new", "utf-8")
    assert [path.name for path in folder.iterdir()] == ["new.html"]


def test_a_full_disk_keeps_the_version_in_place(tmp_path: Path) -> None:
    """R06: the system refuses to write any more bytes; the message says so and the former file stands."""
    path = tmp_path / "figures.bin"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        with pytest.raises(StoreError, match="the version in place is kept"), replacing(path) as aside:
            aside.write_bytes(b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, former)
    assert path.read_bytes() == b"old"


def test_an_error_from_the_disk_is_ours(tmp_path: Path) -> None:
    """The system's error is the cause, the message says what to do."""
    with pytest.raises(StoreError, match="Free some space") as caught, replacing(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert isinstance(caught.value.__cause__, OSError)


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """R07: while a file is published again and again, every read is one of the versions."""
    path = tmp_path / "edition.bin"
    versions = [bytes([number]) * 50_000 for number in range(8)]
    path.write_bytes(versions[0])
    done = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        with replacing(path) as aside:
            aside.write_bytes(versions[number % len(versions)])
    done.set()
    reader.join()
    assert seen <= set(versions)


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    """sha256 of the empty file is known to all."""
    (tmp_path / "empty").write_bytes(b"")
    assert hash_file(tmp_path / "empty").startswith("e3b0c442")

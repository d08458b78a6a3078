"""Mass production: the same numbers as the call, made again only if due, and whole whatever happens."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.errors import DeclarationError, QuestionError, StoreError, UnknownNameError
from atelier.indicators.production import (
    MANIFEST,
    METADATA,
    ProductionReport,
    breakdowns,
    produce_indicators,
    read_breakdown_cells,
    read_manifest,
)
from atelier.settings import Settings
from atelier.theme import read_theme
from tests.conftest import edit, lay_loans, loans_in

HOME = Path(__file__).resolve().parents[2]
ALL = ["child-share", "loans", "loans-index", "support-share"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small theme and a second dataset, visits, built and produced once: what each test gets a copy of."""
    home = tmp_path_factory.mktemp("city")
    settings = lay_loans(home)
    folder = home / "themes" / "loans"
    for name in ("datasets/loans.toml", "datasets/loans.sql", "indicators/loans.toml"):
        shutil.copyfile(folder / name, folder / name.replace("/loans", "/visits"))
    shutil.copyfile(home / "raw" / "loans.csv", home / "raw" / "visits.csv")
    edit(folder / "datasets" / "visits.toml", 'path = "loans.csv"', 'path = "visits.csv"')
    edit(folder / "indicators" / "visits.toml", 'dataset = "loans"', 'dataset = "visits"')
    build_tables(read_theme(settings), settings)
    produce(settings)
    return home


@pytest.fixture
def city(made: Path, tmp_path: Path) -> Settings:
    """The small theme, with a second dataset, its production in force."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return loans_in(tmp_path)


@pytest.fixture
def new_city(city: Settings) -> Settings:
    """The same, nothing produced yet."""
    shutil.rmtree(city.state / "indicators")
    return city


def produce(settings: Settings, **options: object) -> ProductionReport:
    """Produce in this process, in the default folder."""
    return produce_indicators(read_theme(settings), settings, **{"jobs": 1, **options})  # type: ignore[arg-type]


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return the files in force: inode and bytes by name."""
    files = [MANIFEST, *(entry.file for entry in read_manifest(folder).values())]
    return {name: ((folder / name).stat().st_ino, (folder / name).read_bytes()) for name in files}


def test_breakdowns_come_from_the_declarations(city: Settings) -> None:
    """Time always, then nothing, each dimension, each pair; the dimension of a share in all."""
    theme = read_theme(city)
    assert breakdowns(theme, "child-share") == [
        ("year",),
        ("year", "library"),
        ("year", "bank"),
        ("year", "library", "bank"),
    ]
    assert len(breakdowns(theme, "loans")) == 1 + 4 + 6
    assert breakdowns(theme, "support-share") == [
        ("year", "support"),
        ("year", "library", "support"),
        ("year", "bank", "support"),
        ("year", "support", "age"),
    ]


def test_a_published_value_is_given_by_its_whole_key(city: Settings) -> None:
    """A median is never merged: only the grain of its source is sure to answer."""
    theme = read_theme(city)
    median = theme.indicators["loans"].model_copy(update={"numerator": None, "value": "loans"})
    theme = replace(theme, indicators={**theme.indicators, "median": median})
    assert breakdowns(theme, "median")[-1] == ("year", "library", "support", "age")


def test_every_breakdown_equals_the_call(city: Settings) -> None:
    """Values, statuses, order and types are those of the question asked in Python."""
    folder = produce(city).folder
    opened = open_theme("loans", home=city.home, engine="duckdb")
    compared = 0
    for name, entry in read_manifest(folder).items():
        for breakdown in entry.breakdowns:
            named, _, perimeter = breakdown.partition("@")
            by = named.split("+")
            question = opened.indicator(name).by(*by)
            expected = (question.as_it_was() if perimeter else question).table().cells
            cells = read_breakdown_cells(folder, name, by, perimeter="as-it-was" if perimeter else None)
            pd.testing.assert_frame_equal(cells, expected, check_dtype=False)
            compared += 1
    assert compared == 2 * (4 + 10 + 4 + 3 + 10)


def test_libraries_are_counted_as_they_are_and_as_they_were(city: Settings) -> None:
    """A library that another replaced has its own rows only in the breakdowns that say so; totals agree."""
    folder = produce(city, only=["loans"]).folder
    now, then = (
        read_breakdown_cells(folder, "loans", ["year", "library"], perimeter=perimeter)
        for perimeter in ("as-it-is", "as-it-was")
    )
    assert set(then["library"]) > set(now["library"])
    pd.testing.assert_series_equal(then.groupby("year")["value"].sum(), now.groupby("year")["value"].sum())


def test_hidden_cells_stay_hidden_in_the_files(city: Settings) -> None:
    """Disclosure comes before writing: no file holds a number that the call hides."""
    edit(
        city.home / "themes" / "loans" / "theme.toml",
        "[units.loans]",
        "[disclosure]\nhide_under = 700\nflag_under = 800\n\n[units.loans]",
    )
    folder = produce(city).folder
    frame = pd.concat(pd.read_parquet(folder / entry.file) for entry in read_manifest(folder).values())
    hidden = frame[frame["status"] == "Q"]
    assert len(hidden) > 10
    assert hidden[["value", "numerator", "denominator"]].isna().all(axis=None)


def test_what_cannot_be_answered_is_told(city: Settings) -> None:
    """The manifest and the reader say why a breakdown is not there."""
    folder = produce(city).folder
    refused = read_manifest(folder)["loans"].refused
    assert list(refused) == ["year+support+age", "year+support+age@as-it-was"]
    with pytest.raises(QuestionError, match="does not cross age and support"):
        read_breakdown_cells(folder, "loans", ["year", "support", "age"])
    with pytest.raises(QuestionError, match="not produced"):
        read_breakdown_cells(folder, "loans", ["library"])


def test_a_file_tells_where_its_numbers_come_from(city: Settings) -> None:
    """Card, licence, raw tables and the SQL of each breakdown are in the Parquet metadata; the hash in the manifest."""
    folder = produce(city).folder
    entry = read_manifest(folder)["child-share"]
    told = json.loads(pq.read_metadata(folder / entry.file).metadata[METADATA.encode()])
    assert told["key"] == entry.key
    assert told["provenance"]["licence"] == "Licence Ouverte 2.0"
    assert set(told["provenance"]["snapshots"]) == {"datasets/loans", "references/libraries"}
    assert told["card"]["label"]["fr"] == "Part des enfants"
    assert "GROUP BY year, bank" in told["breakdowns"]["year+bank"]["sql"]
    assert len(entry.sha256) == 64


def test_nothing_due_writes_nothing(city: Settings) -> None:
    """The same files, not the same bytes written again."""
    first = produce(city)
    before = state_of(first.folder)
    second = produce(city)
    assert (second.built, sorted(second.unchanged)) == ([], sorted([*ALL, "visits"]))
    assert state_of(first.folder) == before


def test_a_changed_dataset_makes_only_what_depends_on_it(city: Settings) -> None:
    """New loans leave visits alone, and the former files are gone."""
    folder = produce(city).folder
    raw = city.raw_data / "loans.csv"
    edit(raw, "2021;A;_T;child;300\n2021;A;_T;adult;700", "2021;A;_T;child;301\n2021;A;_T;adult;699")
    build_tables(read_theme(city), city)
    report = produce(city)
    assert (sorted(report.built), report.unchanged) == (ALL, ["visits"])
    assert sorted(path.name for path in folder.glob("*.parquet")) == sorted(
        entry.file for entry in read_manifest(folder).values()
    )


@pytest.mark.parametrize(
    ("file", "before", "after", "built"),
    [
        ("indicators/child-share.toml", "age = 'child'", "age = 'adult'", ["child-share"]),
        ("theme.toml", "[units.loans]", "[disclosure]\nhide_under = 9\n\n[units.loans]", [*ALL, "visits"]),
        ("datasets/visits.toml", "provisional = [2023]", "provisional = [2022, 2023]", ["visits"]),
        ("references/libraries.toml", "Bibliothèques", "Médiathèques", [*ALL, "visits"]),
    ],
)
def test_a_changed_declaration_makes_what_depends_on_it(
    city: Settings, file: str, before: str, after: str, built: list[str]
) -> None:
    """A formula, the disclosure rule, a dataset's notes, a code list: each is part of the key."""
    produce(city)
    path = city.home / "themes" / "loans" / file
    assert before in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")
    assert sorted(produce(city).built) == built


def test_a_mistake_in_a_formula_stops_before_anything_is_made(city: Settings) -> None:
    """The production in force stays."""
    before = state_of(produce(city).folder)
    edit(city.home / "themes" / "loans" / "indicators" / "loans.toml", "sum(loans)", "sum(lones)")
    with pytest.raises(DeclarationError, match="unknown measure 'lones'"):
        produce(city)
    assert state_of(city.state / "indicators" / "loans") == before


def test_an_indicator_gone_from_the_theme_is_removed(city: Settings) -> None:
    """Neither its file nor its line in the manifest stays."""
    folder = produce(city).folder
    (city.home / "themes" / "loans" / "indicators" / "visits.toml").unlink()
    assert produce(city).removed == ["visits"]
    assert not list(folder.glob("visits-*"))
    assert "visits" not in read_manifest(folder)


def test_only_some_may_be_produced(new_city: Settings) -> None:
    """The others stay as they were; a name that does not exist helps."""
    assert produce(new_city, only=["loans"]).built == ["loans"]
    assert produce(new_city, only=["visits"]).built == ["visits"]
    with pytest.raises(UnknownNameError, match="Did you mean 'loans'"):
        produce(new_city, only=["loan"])


def test_a_damaged_file_is_made_again(city: Settings) -> None:
    """A changed byte does not pass for the production."""
    folder = produce(city).folder
    before = state_of(folder)
    path = folder / read_manifest(folder)["loans"].file
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    assert produce(city).built == ["loans"]
    assert {name: content for name, (_, content) in state_of(folder).items()} == {
        name: content for name, (_, content) in before.items()
    }


@pytest.mark.long
def test_processes_give_the_same_bytes_as_one(city: Settings, tmp_path: Path) -> None:
    """In parallel, with progress told; two productions are the same file for file."""
    seen: list[tuple[int, int]] = []
    asked = {"only": ["child-share", "loans-index", "support-share"]}
    seeing = {"progress": lambda done, total: seen.append((done, total))}
    several = produce(city, jobs=2, folder=tmp_path / "a", **asked, **seeing)
    one = produce(city, folder=tmp_path / "b", **asked)
    assert seen == [(done, 3) for done in range(1, 4)]
    assert read_manifest(several.folder) == read_manifest(one.folder)


KILLED = """
import os, signal
from pathlib import Path
from atelier.indicators.production import produce_indicators
from atelier.settings import load_settings
from atelier.theme import read_theme
home = Path({home!r})
settings = load_settings({{}}, home=home, state=home / "state", raw_data=home / "raw", theme="loans")
def stop(done, total):
    if done == 2:
        {what}
produce_indicators(read_theme(settings), settings, jobs=1, progress=stop)
"""


def run(settings: Settings, what: str) -> subprocess.CompletedProcess[str]:
    """Produce in another process, where something happens once two indicators are done."""
    code = KILLED.format(home=str(settings.home), what=what)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True)


def change_all(settings: Settings) -> None:
    """Make every indicator due."""
    edit(
        settings.home / "themes" / "loans" / "theme.toml",
        "[units.loans]",
        "[disclosure]\nhide_under = 9\n\n[units.loans]",
    )


@pytest.mark.long
def test_a_process_killed_leaves_the_production_whole(city: Settings) -> None:
    """After kill -9 the former files are in force; the next run keeps what was finished and clears the rest."""
    folder = produce(city).folder
    before = state_of(folder)
    change_all(city)
    done = run(city, "os.kill(os.getpid(), signal.SIGKILL)")
    assert done.returncode == -signal.SIGKILL
    assert state_of(folder) == before
    finished = {path.name: path.stat().st_ino for path in folder.glob("*.parquet") if path.name not in before}
    assert len(finished) == 2
    (folder / ".loans-0123456789abcdef.parquet-x1y2").mkdir()
    assert len(produce(city).built) == 5
    after = state_of(folder)
    assert {name: after[name][0] for name in finished} == finished
    assert {path.name for path in folder.iterdir()} == {*after, ".lock"}


@pytest.mark.long
def test_a_full_disk_leaves_the_production_whole(city: Settings) -> None:
    """What cannot be written changes nothing, and the message says so."""
    folder = produce(city).folder
    before = state_of(folder)
    change_all(city)
    done = run(city, "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))")
    assert "StoreError" in done.stderr
    assert "is kept" in done.stderr
    assert state_of(folder) == before
    assert len(produce(city).built) == 5


def test_one_production_at_a_time(new_city: Settings) -> None:
    """A second one in the same folder says why it does not start."""
    with pytest.raises(StoreError, match="another production is at work"):
        produce(new_city, progress=lambda _done, _total: produce(new_city))


def test_files_of_others_are_left_alone(city: Settings, tmp_path: Path) -> None:
    """A folder given by the user may hold other things."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "mine.parquet").write_bytes(b"mine")
    produce(city, folder=folder)
    assert (folder / "mine.parquet").read_bytes() == b"mine"


@pytest.mark.long
def test_the_command_produces_and_tells(new_city: Settings) -> None:
    """``atelier indicators build`` says what was made; run again, that nothing was due."""
    environment = {
        **os.environ,
        "ATELIER_HOME": str(new_city.home),
        "ATELIER_STATE": str(new_city.state),
        "ATELIER_THEME": "loans",
        "ATELIER_ENGINE": "duckdb",
    }
    command = [str(Path(sys.executable).with_name("atelier")), "indicators", "build"]
    first, second = (
        subprocess.run(command, cwd=HOME, env=environment, check=True, capture_output=True, text=True) for _ in range(2)
    )
    assert "child-share: built" in first.stdout
    assert first.stdout.splitlines()[-1] == f"0 unchanged, 5 built: {new_city.state / 'indicators' / 'loans'}"
    assert second.stdout == f"5 unchanged, 0 built: {new_city.state / 'indicators' / 'loans'}\n"

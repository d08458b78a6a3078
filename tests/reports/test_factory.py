"""A production makes what is stale, once, whatever fails on the way."""

import errno
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import distributed
import pytest
from click.testing import CliRunner

from atelier.cli.editions import editions
from atelier.cli.report import reports
from atelier.editions.store import current_version, edition_keys, roll_back
from atelier.errors import ReportError
from atelier.reports.factory import Progress, build, workers_that_fit
from atelier.reports.job import Job
from atelier.reports.plan import Plan, make_plan
from atelier.reports.press import Press
from atelier.settings import Settings, load_settings
from atelier.theme import read_theme

from .conftest import COVER, PROFILE, write_report

COVER_ALONE = (
    "from atelier.reports.blocks import Cover\nfrom atelier import reports\n"
    "reports.show(Cover(language=lang, title='Nom', kicker='Essai'))"
)
EACH = {"each": "institution", "with": "students"}
SUBJECTS = ["4k25D", "U8a0v", "t6Cq5"]


@pytest.fixture
def works(home: Path, tmp_path: Path) -> Settings:
    """A project of our own whose theme may be changed, with one small report."""
    for name in ("templates", "node_modules"):
        (tmp_path / name).symlink_to(home / name)
    shutil.copytree(home / "themes", tmp_path / "themes")
    settings = load_settings({}, home=tmp_path, state=tmp_path / "state")
    write_report(settings, PROFILE, COVER, "reports.history(profile, 'students', title='Essai')", editions=EACH)
    return settings


def plan(settings: Settings, *subjects: str) -> Plan:
    """Return the plan for a few subjects, as HTML."""
    theme = read_theme(settings, "esr")
    return make_plan(settings, theme, subjects=subjects or SUBJECTS, formats=["html"])


def test_a_second_run_does_nothing_and_a_change_redoes_what_it_touched(works: Settings) -> None:
    """Data, notebook, a file that went: each is a reason; another indicator is none."""
    summary = build(works, plan(works), jobs=1)
    assert [one.error for one in summary.outcomes] == [""] * 6
    assert all(one.is_new for one in summary.made)
    assert plan(works).stale == ()
    themes = works.home / "themes" / "esr"
    other = themes / "indicators" / "late-bac-share.toml"
    other.write_text(other.read_text("utf-8") + "\n# a comment\n", "utf-8")
    assert plan(works).stale == ()
    (works.editions / "esr" / "trial" / "U8a0v" / "index.html").write_text("odd")
    assert [(one.key, one.reasons) for one in plan(works).stale] == [("U8a0v", ("a file is gone or damaged",))]
    build(works, plan(works), jobs=1)
    assert "Lille" in (works.editions / "esr" / "trial" / "U8a0v" / "index.html").read_text("utf-8")
    mine = themes / "indicators" / "students.toml"
    mine.write_text(mine.read_text("utf-8") + "\n# a comment\n", "utf-8")
    assert {one.reasons for one in plan(works).stale} == {("declaration changed: indicators/students",)}
    version = current_version(works.editions / "esr" / "trial", "4k25D")
    again = build(works, plan(works, "4k25D"), jobs=1)
    assert not again.failed
    assert current_version(works.editions / "esr" / "trial", "4k25D") != version, "its sidecar tells another input"


def test_a_run_that_fails_is_tried_twice_told_and_stops_nothing(works: Settings) -> None:
    """The others are published; the edition in place stays; the message tells notebook, section and error."""
    build(works, plan(works), jobs=1)
    before = current_version(works.editions / "esr" / "trial", "U8a0v")
    count = works.state / "count.txt"
    fault = (
        f"with open({str(count)!r}, 'a') as tally:\n    tally.write('.')\nassert institution != 'U8a0v', 'no such luck'"
    )
    write_report(works, PROFILE, COVER, "## Partie", fault, "reports.rank_sentence(profile, 'students')", editions=EACH)
    told: list[Progress] = []
    summary = build(works, plan(works), jobs=1, tell=told.append)
    assert {one.key for one in summary.failed} == {"U8a0v", "U8a0v-en"}
    assert len(summary.made) == 4
    assert count.read_text() == "." * 8
    assert [one.done for one in told] == list(range(1, 7))
    assert told[-1].seconds_left == 0
    error = summary.failed[0]
    assert error.error == "notebooks/esr/reports/trial.ipynb, section 'Partie': AssertionError: no such luck"
    assert any("assert institution" in line for line in error.lines)
    assert current_version(works.editions / "esr" / "trial", "U8a0v") == before


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("while True: pass", "it took more than 3 s"),
        ("held = [bytearray(50_000_000) for _ in range(100)]", "MemoryError"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV"),
        ("raise SystemExit(3)", "SystemExit"),
        ("import os; os._exit(0)", "ended with code 0"),
    ],
    ids=["loop", "memory", "crash", "exit", "silent"],
)
def test_a_run_is_bounded_and_the_press_goes_on(works: Settings, cell: str, message: str) -> None:
    """Whatever a notebook does, the press answers, and the next run is as good as new."""
    seconds = 3 if cell.startswith("while") else 120
    write_report(works, COVER_ALONE, f"if institution == 'U8a0v':\n    {cell}")
    with Press(works, "esr") as press:

        def run(institution: str) -> str:
            values = {"institution": institution, "lang": "fr"}
            (done,) = press.run(Job("trial", (values,), seconds=seconds, memory=600_000_000))
            return str(done.failure or "")

        assert message in run("U8a0v")
        assert run("4k25D") == ""


def test_one_run_leaves_no_name_to_the_next(works: Settings) -> None:
    """Two languages share a process, not a namespace."""
    write_report(works, PROFILE, COVER, "assert 'left' not in globals()\nleft = 1")
    values = {"institution": "4k25D", "lang": "fr"}
    with Press(works, "esr") as press:
        assert [one.failure for one in press.run(Job("trial", (values, values)))] == [None, None]


def test_a_press_that_is_gone_says_so(works: Settings) -> None:
    """A worker then makes another."""
    with Press(works, "esr") as press:
        press.close()
        with pytest.raises(ReportError, match="press is gone"):
            press.run(Job("trial", ({"institution": "4k25D", "lang": "fr"},)))


@pytest.mark.long
def test_workers_share_the_work_and_the_loss_of_one_loses_nothing(works: Settings) -> None:
    """On a scheduler by its address, one of two workers is killed after the first edition; all are made."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        victims = [worker.process.pid for worker in cluster.workers.values()][:1]

        def kill(_progress: Progress) -> None:
            while victims:
                os.kill(victims.pop(), signal.SIGKILL)

        subjects = [*SUBJECTS, "13fXQ", "59da6"]
        summary = build(works, plan(works, *subjects), scheduler=cluster.scheduler_address, tell=kill)
    assert [one.error for one in summary.outcomes] == [""] * 10
    assert len({(one.report, one.key) for one in summary.outcomes}) == 10
    assert len(edition_keys(works.editions / "esr" / "trial")) == 10
    assert plan(works, *subjects).stale == ()


@pytest.mark.long
def test_the_number_of_workers_changes_no_byte(works: Settings) -> None:
    """One or three: pages, PDF, answers and sidecars are the same files."""
    versions = []
    for jobs in (1, 3):
        settings = replace(works, state=works.home / f"state-{jobs}")
        asked = make_plan(settings, read_theme(settings, "esr"), subjects=[*SUBJECTS, "13fXQ"], languages=["fr"])
        assert [one.error for one in build(settings, asked, jobs=jobs).outcomes] == [""] * 4
        folder = settings.editions / "esr" / "trial"
        versions.append({key: current_version(folder, key) for key in edition_keys(folder)})
    assert len(versions[0]) == 4
    assert versions[0] == versions[1]


@pytest.mark.long
def test_a_full_disk_in_the_middle_keeps_what_was_there_and_the_next_run_heals(
    works: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edition that could not be written is told, the one in place stays; a damaged one is mended."""
    folder, write = works.editions / "esr" / "trial", Path.write_bytes
    build(works, plan(works), jobs=1)
    before = {key: current_version(folder, key) for key in edition_keys(folder)}
    write_report(works, PROFILE, COVER, "reports.history(profile, 'women-share', title='Essai')", editions=EACH)

    def refuse(path: Path, data: bytes) -> int:
        if "U8a0v" in path.parent.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", refuse)
        summary = build(works, plan(works), jobs=1)
    assert {one.key for one in summary.failed} == {"U8a0v", "U8a0v-en"}
    assert all("No space left on device" in one.error for one in summary.failed)
    after = {key: current_version(folder, key) for key in edition_keys(folder)}
    assert {key for key in before if before[key] == after[key]} == {"U8a0v", "U8a0v-en"}
    page = folder / "4k25D" / "index.html"
    page.write_bytes(bytes([page.read_bytes()[0] ^ 1]) + page.read_bytes()[1:])
    assert {one.key: one.reasons for one in plan(works).stale} == {
        "U8a0v": ("the notebook changed",),
        "U8a0v-en": ("the notebook changed",),
        "4k25D": ("a file is gone or damaged",),
    }
    assert [one.error for one in build(works, plan(works), jobs=1).outcomes] == [""] * 3
    assert plan(works).stale == ()
    roll_back(folder, "4k25D")
    assert plan(works).stale == ()


def test_there_is_always_room_for_one_worker() -> None:
    """And never more than cores."""
    assert 1 <= workers_that_fit() <= len(os.sched_getaffinity(0))


def test_the_command_tells_plan_progress_and_failures(works: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 when an edition could not be made; then the history is told, compared and put back."""
    monkeypatch.chdir(works.home)
    monkeypatch.setenv("ATELIER_STATE", str(works.state))
    runner = CliRunner()
    request = ["build", "--for", "4k25D", "--lang", "fr", "--to", "html", "--jobs", "1"]
    dry = runner.invoke(reports, [*request, "--dry-run", "--explain"], catch_exceptions=False)
    assert dry.stdout.splitlines() == ["1 editions: 1 to make, 0 up to date.", "  1: new", "trial/4k25D: new"]
    assert not works.editions.exists()
    done = runner.invoke(reports, request, catch_exceptions=False)
    assert "1/1 trial 4k25D, 0 s left" in done.stderr
    assert "1 published in" in done.stderr
    assert "Strasbourg" in (works.state / "site" / "reports" / "index.html").read_text("utf-8")
    write_report(works, PROFILE, COVER, "1 / 0", editions=EACH)
    failed = runner.invoke(reports, request)
    assert isinstance(failed.exception, ReportError)
    assert "trial, institution = 4k25D, lang = fr: notebooks/esr/reports/trial.ipynb, cell 4: ZeroDivisionError" in str(
        failed.exception
    )
    write_report(works, PROFILE, COVER, "reports.history(profile, 'women-share', title='Essai')", editions=EACH)
    runner.invoke(reports, request, catch_exceptions=False)
    assert "trial/4k25D" in runner.invoke(editions, ["list"], catch_exceptions=False).stdout
    shown = runner.invoke(editions, ["show", "trial", "4k25D"], catch_exceptions=False).stdout
    assert "institution = 4k25D" in shown
    assert "the notebook changed" in shown
    compared = runner.invoke(editions, ["diff", "trial", "4k25D"], catch_exceptions=False).stdout
    assert "17 numbers added" in compared
    assert "is back at" in runner.invoke(editions, ["rollback", "trial", "4k25D"], catch_exceptions=False).stdout
    verified = runner.invoke(editions, ["verify", "trial"], catch_exceptions=False).stdout
    assert verified == "1 editions, 17 printed numbers asked again.\n"

"""What readers see when the machine or the theme is in trouble; the proxy's end is tried in ``tests/browser``."""

import itertools
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.conftest import PublicService, kernel_of, lay_project, start_service, wait_until

pytestmark = pytest.mark.long

PAGE = "dashboards/demo/steps"
SAMPLES = Path(__file__).parents[1] / "projects" / "demo"


@pytest.fixture(scope="module")
def project(sample_project, tmp_path_factory) -> Path:
    """A project whose only notebook opens its theme before anything else."""
    folder = tmp_path_factory.mktemp("failures")
    dashboards = lay_project(sample_project, folder)
    notebook = json.loads((SAMPLES / "steps.ipynb").read_text("utf-8"))
    opens = "from atelier.settings import load_settings\nfrom atelier.theme import read_theme\n\n"
    opens += "read_theme(load_settings(theme='demo'))"
    cell = {"cell_type": "code", "execution_count": None, "id": "theme", "metadata": {}, "outputs": [], "source": opens}
    notebook["cells"].insert(0, cell)
    (dashboards / "steps.ipynb").write_text(json.dumps(notebook), "utf-8")
    return folder


@pytest.fixture(scope="module")
def small_disk() -> Iterator[Path | None]:
    """A disk of one megabyte, for the server's temporary files; None where nobody may mount one."""
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    yield folder if is_mounted else None
    if is_mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture(scope="module")
def service(project, small_disk, tmp_path_factory) -> Iterator[PublicService]:
    """A public server on that disk, its only dashboard ready."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(small_disk or tempfile.gettempdir()))
        running = start_service(project, tmp_path_factory.mktemp("log") / "live.log")
    wait_until(lambda: running.ask(f"{running.prefix}ready").status == 200, 90)
    yield running
    running.process.terminate()
    running.process.wait(30)


def fill(folder: Path) -> Path:
    """Fill a disk to the last byte; return the file that does."""
    path = folder / "full"
    with path.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        file.writelines(itertools.repeat(bytes(4096)))
    return path


def test_a_full_disk_leaves_a_page_to_read_and_is_got_over(service, small_disk):
    """No kernel can be had: the asked selection can be read, and is told so; with room again, pages live again."""
    if small_disk is None:
        pytest.skip("this machine lets nobody mount a disk")
    full = fill(small_disk)
    for query in ("", "?step=4", "?step=4"):
        answer = service.ask(f"{service.prefix}{PAGE}{query}")
        assert answer.status == 200
        assert "Les choix ne répondent pas pour le moment" in answer.text
        assert f"font <b>{8 if query else 4}</b>" in answer.text
    assert service.kernels == 0
    full.unlink()
    page = service.ask(f"{service.prefix}{PAGE}?step=4").text
    assert "Les choix ne répondent pas" not in page
    assert service.leave(kernel_of(page)).status == 204


def test_a_corrupted_theme_changes_nothing_for_readers(service, project):
    """The parent that runs goes on, live pages too; the log says why; a good file brings a new parent."""
    theme = project / "themes/demo/theme.toml"
    former = theme.read_text("utf-8")
    before = kernel_of(service.ask(f"{service.prefix}{PAGE}").text)
    theme.write_bytes(b"\x00\xff title = [")
    wait_until(lambda: "the one before goes on" in service.log.read_text("utf-8"), 60)
    page = service.ask(f"{service.prefix}{PAGE}?step=3")
    assert page.status == 200
    assert "font <b>6</b>" in page.text
    assert service.kernels == 2
    for kernel in (before, kernel_of(page.text)):
        assert service.leave(kernel).status == 204
    ready = service.log.read_text("utf-8").count("parent of steps.ipynb ready")
    theme.write_text(former, "utf-8")
    wait_until(lambda: service.log.read_text("utf-8").count("parent of steps.ipynb ready") > ready, 60)
    assert kernel_of(service.ask(f"{service.prefix}{PAGE}").text)

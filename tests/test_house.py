"""The rules of the house, held by reading its files."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

HOME = Path(__file__).resolve().parents[1]

# Each room imports only rooms listed above it; rooms of one line never import each other.
FLOORS = (
    ("deferred",),
    ("errors",),
    ("settings",),
    ("language",),
    ("words",),
    ("logs",),
    ("declarations",),
    ("telling",),
    ("reading",),
    ("theme",),
    ("parameters",),
    ("notebooks",),
    ("snapshots",),
    ("sources",),
    ("datasets",),
    ("references",),
    ("indicators",),
    ("figures",),
    ("narrative",),
    ("workbench",),
    ("editions",),
    ("reports", "live", "site", "api", "hub"),
    ("cli",),
)
HOMES = {
    "duckdb": {"datasets", "indicators"},
    "sqlglot": {"indicators"},
    "papermill": {"reports"},
    "nbconvert": {"reports"},
    "typst": {"reports", "figures"},
    "distributed": {"reports"},
    "ipywidgets": {"atelier_widgets"},
    "bqplot": {"atelier_widgets"},
    "voila": {"live"},
    "jupyterhub": {"hub"},
}


def modules() -> list[Path]:
    """Return every module of both packages."""
    return sorted([*(HOME / "atelier").rglob("*.py"), *(HOME / "widgets" / "atelier_widgets").rglob("*.py")])


def room_of(path: Path) -> str:
    """Return the room a module stands in."""
    if "atelier_widgets" in path.parts:
        return "atelier_widgets"
    return path.relative_to(HOME / "atelier").parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    """Yield the dotted names a module imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(HOME).as_posix())
def test_a_room_imports_only_rooms_above_it(path: Path) -> None:
    """The data flows one way, so do imports."""
    floor_of = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    room = room_of(path)
    if room in ("__init__", "atelier_widgets"):
        return
    assert room in floor_of, f"{room} is a new room: give it its place in FLOORS and in the design"
    for name in imports_of(path):
        if name.startswith("atelier."):
            imported = name.split(".")[1]
            beside = imported != room and floor_of[imported] == floor_of[room]
            assert floor_of[imported] <= floor_of[room], f"{room} is above {imported}"
            assert not beside, f"{room} and {imported} stand side by side"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(HOME).as_posix())
def test_each_heavy_library_has_one_home(path: Path) -> None:
    """A library that may have to be replaced is known in one place."""
    for name in imports_of(path):
        homes = HOMES.get(name.split(".")[0])
        assert homes is None or room_of(path) in homes, f"{name} is at home in {homes}"


def notebooks() -> list[Path]:
    """Return every notebook of the project."""
    return sorted((HOME / "notebooks").rglob("*.ipynb"))


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs(path: Path) -> None:
    """Neither outputs, nor counts, nor widget state, nor pasted images are stored."""
    notebook = json.loads(path.read_text("utf-8"))
    assert "widgets" not in notebook["metadata"]
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")
        assert not cell.get("attachments")


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_notebooks_import_only_the_two_packages_and_define_short_functions(path: Path) -> None:
    """A notebook is read by people who do not program for a living."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= {"atelier", "atelier_widgets"}
        elif isinstance(node, ast.ImportFrom):
            assert node.module in ("atelier", "atelier_widgets")
        elif isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 5


def test_the_conda_environment_asks_for_the_same_packages() -> None:
    """``environment.yml`` is the conda face of ``pyproject.toml``."""
    conda_names = {
        "python-duckdb": "duckdb",
        "jupyter_server": "jupyter-server",
        "prometheus_client": "prometheus-client",
    }
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    listed = yaml.safe_load((HOME / "environment.yml").read_text("utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    plain = [entry for entry in listed if isinstance(entry, str)]
    assert f"python{project['requires-python']}" in plain
    ours = [entry for entry in plain if re.split("[<>=]", entry)[0] not in ("python", "nodejs", "pip")]
    for conda, name in conda_names.items():
        ours = [name + entry.removeprefix(conda) if entry.startswith(conda) else entry for entry in ours]
    assert sorted(ours + [entry for entry in pip if not entry.startswith("--")]) == sorted(project["dependencies"])


def test_the_lock_holds_a_hash_for_every_package_and_names_no_host() -> None:
    """S29: what is installed is what was locked."""
    lock = (HOME / "requirements.lock").read_text("utf-8")
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    locked = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", lock, re.MULTILINE))
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert {re.split("[<>=]", entry)[0] for entry in wanted} <= set(locked)
    assert len(re.findall(r"^[a-z0-9.-]+==", lock, re.MULTILINE)) <= lock.count("--hash=sha256:")
    assert "://" not in lock


def test_the_embedded_figures_stay_compact() -> None:
    """The whole theme weighs under 3 MB."""
    assert sum(path.stat().st_size for path in (HOME / "themes" / "esr").rglob("*") if path.is_file()) < 3_000_000


def test_no_file_asks_another_host_at_run_time() -> None:
    """Templates load nothing from elsewhere."""
    loads = re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+\.(?:js|css|woff2?|png|svg)""")
    for path in (HOME / "templates").rglob("*"):
        if path.suffix in (".html", ".j2", ".css", ".js"):
            text = path.read_text("utf-8")
            assert not loads.search(text), path
            assert "@import url(http" not in text, path

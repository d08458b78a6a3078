"""Measures how the report factory grows: more workers on the same editions, and nothing to do on a thousand.

    python benchmarks/reports/scale.py [--subjects 20] [--editions 1000]

The same editions are made from nothing by one, two and four workers, each time in a store of its own; the bytes
published must be the same. Then a project whose report notebooks are there several times over, so that it plans a
thousand editions, is made once (HTML) and asked again. Raw figures go to ``benchmarks/results/reports_scale.json``.
"""

import argparse
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from measure import HOME, REPORT, RESULT, describe_machine, measure, ours, read_subjects

WORKERS = (1, 2, 4)


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=20, help="institutions made by each number of workers")
    parser.add_argument("--editions", type=int, default=1000, help="least number of editions with nothing to do")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"machine": describe_machine(), "workers": {}}
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        work = Path(folder)
        chosen = ["--only", REPORT, "--for", ",".join(read_subjects()[: arguments.subjects])]
        digests = set()
        for count in WORKERS:
            state = work / f"workers-{count}"
            result["workers"][count] = measure(lambda state=state, count=count: ours(state, count, chosen))
            digests.add(digest_of(state))
        result["bytes_are_equal"] = len(digests) == 1
        slow = result["workers"][1]["seconds"]
        result["speed_up"] = {count: round(slow / one["seconds"], 2) for count, one in result["workers"].items()}
        state, os.environ["ATELIER_HOME"] = work / "thousand", str(lay_project(work / "project"))
        options, jobs = ["--to", "html"], result["machine"]["cores"]
        while ours(state, 1, [*options, "--dry-run"])["planned"] < arguments.editions:
            multiply(work / "project")
        result["thousand"] = measure(lambda: ours(state, jobs, options))
        result["thousand_nothing_to_do"] = [measure(lambda: ours(state, jobs, options)) for _ in range(3)]
    result["nothing_to_do_seconds"] = min(one["seconds"] for one in result["thousand_nothing_to_do"])
    result["nothing_to_do_editions"] = result["thousand_nothing_to_do"][0]["planned"]
    result["load_after"] = os.getloadavg()
    RESULT.with_name("reports_scale.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))


def lay_project(folder: Path) -> Path:
    """Return a project that shares all of ours but its report notebooks, which are copies."""
    (folder / "notebooks" / "esr").mkdir(parents=True)
    for name in ("templates", "themes", "node_modules", "hub_config", "requirements.lock", "pyproject.toml"):
        (folder / name).symlink_to(HOME / name)
    (folder / "notebooks" / "esr" / "dashboards").symlink_to(HOME / "notebooks" / "esr" / "dashboards")
    shutil.copytree(HOME / "notebooks" / "esr" / "reports", folder / "notebooks" / "esr" / "reports")
    return folder


def multiply(project: Path) -> None:
    """Add one more copy of the report that has most editions."""
    reports = project / "notebooks" / "esr" / "reports"
    copies = len(list(reports.glob(f"{REPORT}*.ipynb")))
    shutil.copyfile(reports / f"{REPORT}.ipynb", reports / f"{REPORT}-{copies}.ipynb")


def digest_of(state: Path) -> str:
    """Return a digest of all that is published in a store: the pages and the printed documents."""
    digest = hashlib.sha256()
    for path in sorted((state / "editions").glob("*/*/*")):
        for file in sorted(path.glob("index.html")) + sorted(path.glob("*.pdf")):
            digest.update(f"{path.name}/{file.name}".encode() + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()

"""A process that forks while a theme is open: its children find the figures in memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from atelier.settings import MAY_FORK

ASK = """
import json, os
from atelier import open_theme

esr = open_theme("esr", home={home!r})
ask = lambda: float(esr.indicator("students").where(year=2022).table().cells["value"][0])
told = [ask()]
for _ in range(2):
    esr.engine.prepare_fork()
    told.append(len(esr.engine._relations) > 0)
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.write(theirs, json.dumps(ask()).encode())
        os._exit(0)
    told.append(json.loads(os.read(ours, 100)))
    os.wait()
told.append(ask())
print(json.dumps(told))
"""
TOTAL = 1_739_352.0


@pytest.mark.parametrize("is_shared", [True, False])
def test_forks_answer_as_their_parent_does(home: Path, is_shared: bool) -> None:
    """With the variable, figures stay open for them; without, each reads them again rather than waits for ever."""
    environment = {name: value for name, value in os.environ.items() if name != MAY_FORK}
    environment |= {"ATELIER_ENGINE": "duckdb"} | ({MAY_FORK: "1"} if is_shared else {})
    command = [sys.executable, "-c", ASK.format(home=str(home))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [TOTAL, is_shared, TOTAL, is_shared, TOTAL, TOTAL]

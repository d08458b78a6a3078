"""What is put off at import is there when it is needed."""

import subprocess
import sys

ASK = """
import sys
import atelier
from jsonschema import Draft202012Validator
assert "lark" not in sys.modules
validator = Draft202012Validator({"format": "iri"}, format_checker=Draft202012Validator.FORMAT_CHECKER)
print([validator.is_valid(text) for text in ("https://exemple.fr/é", "pas une adresse", 1)])
assert "lark" in sys.modules
"""


def run(*arguments: str) -> str:
    """Return what a Python of its own prints; fail when it fails."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_iri_is_checked_all_the_same():
    """The grammar loads when jsonschema first checks an IRI, and its answer is the same as ever."""
    assert run("-c", ASK) == "[True, False, True]"


def test_nothing_of_ours_loads_the_grammar():
    """It would cost each command, each parent and each worker two seconds."""
    modules = "atelier, atelier.cli.serve, atelier.live.parked, atelier.reports.press, atelier_widgets"
    assert run("-c", f"import {modules}, sys; print('lark' in sys.modules)") == "False"


def test_any_other_name_is_the_modules_own():
    """Whoever else uses the module finds it whole."""
    code = "import atelier, rfc3987_syntax as one; print(one.is_valid_syntax_iri.__module__.split('.')[0])"
    assert run("-c", code) == "rfc3987_syntax"


def test_a_program_runs_as_python_runs_it():
    """JupyterHub and users' servers are started so: their arguments and their name are theirs; nothing is warned of."""
    program = ("-W", "error::RuntimeWarning", "-m", "atelier.hub.program")
    assert run(*program, "json.tool", "--help").startswith("usage: ")
    assert run(*program, "jupyterhub", "--version").split(".")[0].isdigit()

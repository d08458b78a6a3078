"""A dependency of a dependency that takes two seconds to load, put off until somebody needs it.

``jsonschema``, which notebooks, Jupyter's events and its servers import, loads ``rfc3987_syntax`` for one check of one
kind of string (an IRI). That module compiles a whole grammar as it is imported: two seconds and a half of each command,
each kernel's parent, each worker. Importing ``atelier`` puts something in its place that loads it when its function is
called; ``python -m atelier.deferred MODULE ...`` runs another program so.
"""

import runpy
import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

NAME = "rfc3987_syntax"


def put_off() -> None:
    """Let ``rfc3987_syntax`` load at its first use; do nothing where it is loaded already, or not installed."""
    if NAME not in sys.modules and find_spec(NAME) is not None:
        stand_in = ModuleType(NAME, "Loads the module of this name when its function is called.")
        stand_in.is_valid_syntax = _is_valid_syntax  # type: ignore[attr-defined]
        sys.modules[NAME] = stand_in


def _is_valid_syntax(term: str, value: str) -> bool:
    if getattr(sys.modules.get(NAME), "is_valid_syntax", None) is _is_valid_syntax:
        del sys.modules[NAME]
    return bool(import_module(NAME).is_valid_syntax(term, value))


if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)

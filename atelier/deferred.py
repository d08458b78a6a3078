"""A dependency of a dependency that takes two seconds to load, put off until somebody needs it.

``jsonschema``, which notebooks, Jupyter's events and its servers import, loads ``rfc3987_syntax`` for one check of one
kind of string (an IRI). That module compiles a whole grammar as it is imported: two seconds and a half of each command,
each kernel's parent, each worker. Importing ``atelier`` puts something in its place that loads it when any of its names
is first used.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

NAME = "rfc3987_syntax"


def put_off() -> None:
    """Let ``rfc3987_syntax`` load at its first use; do nothing where it is loaded already, or not installed."""
    if NAME not in sys.modules and find_spec(NAME) is not None:
        stand_in = ModuleType(NAME, "Loads the module of this name when it is used.")
        # jsonschema takes this one by name as it is imported; whatever else is asked for is the real module's.
        stand_in.is_valid_syntax = lambda *given: _load(stand_in).is_valid_syntax(*given)  # type: ignore[attr-defined]

        def find(name: str) -> Any:
            if name.startswith("__"):  # Python itself asks, as it imports
                raise AttributeError(name)
            return getattr(_load(stand_in), name)

        stand_in.__getattr__ = find  # type: ignore[method-assign]
        sys.modules[NAME] = stand_in


def _load(stand_in: ModuleType) -> ModuleType:
    if sys.modules.get(NAME) is stand_in:
        del sys.modules[NAME]
    return import_module(NAME)
